import type { XmlDocument } from '../xml-file.js';
import type { Checks } from '../xml/checks.js';
import { documentsOf, type Place } from '../xml/documents.js';
import { attributeOf, child, childrenOf, present, textOf, type XmlElement } from '../xml/element.js';
import type { ReadXml } from '../xml/read.js';
import type { EnsuDocuments, EnsuNotice } from './returned-fields.js';

const LINES = ['Ligne1', 'Ligne2', 'Ligne3', 'Ligne4', 'Ligne5', 'Ligne6'];

/** `ENSUDocuments`. */
export function ensuOf(
  { root, attachments }: ReadXml,
  checks: Checks,
): { readonly fields: EnsuDocuments; readonly documents: readonly XmlDocument[] } {
  const head = child(root, 'EnTete');
  const flow = child(root, 'ENSUDocument');
  const elements = childrenOf(flow, 'Document');
  const { documents, names, issues } = documentsOf(attachments, elements.map(placeOf));
  for (const found of issues) checks.note(found.code, found);
  const date = textOf(head, 'DateEmissionFlux');
  checks.date('EnTete/DateEmissionFlux', date);
  checks.count('ENSUDocument/Compteur', attributeOf(flow, 'Compteur'), elements.length);
  const fields = present<EnsuDocuments>({
    fileName: textOf(head, 'NomFlux'),
    date,
    origin: textOf(head, 'IdOrigine'),
    edition: textOf(head, 'CdDoc'),
    notices: elements.map((element, i) => noticeOf(element, names[i], checks)),
  });
  return { fields, documents };
}

function placeOf(element: XmlElement, i: number): Place {
  const content = child(element, 'PJ', 'Contenu');
  return {
    number: textOf(content),
    name: textOf(element, 'PJ', 'NomPJ'),
    otherwise: textOf(element, 'IdUnique') ?? `PJ ${String(i + 1)}`,
    mediaType: attributeOf(content, 'MIMEType'),
    role: 'piece_jointe',
  };
}

function noticeOf(element: XmlElement, document: string | undefined, checks: Checks): EnsuNotice {
  const print = child(element, 'Editique');
  const address = child(print, 'Adresse');
  const business = child(element, 'Metier');
  const notice = present<EnsuNotice>({
    id: textOf(element, 'IdUnique'),
    budgetId: textOf(element, 'IdentifiantNational'),
    pages: textOf(print, 'NbPages'),
    address: LINES.flatMap((line) => textOf(address, line) ?? []),
    country: textOf(address, 'Pays'),
    debtorTaxNumber: textOf(business, 'IdUsagerPart1'),
    debtorSiren: textOf(business, 'IdUsagerPro'),
    debtorNumber: textOf(business, 'IdDebiteur'),
    office: textOf(business, 'CdCodique'),
    businessId: textOf(business, 'IdMetier'),
    amount: textOf(business, 'Montant'),
    dueDate: textOf(business, 'DLP'),
    authorityName: textOf(business, 'LibColloc'),
    subject: textOf(business, 'LibObj'),
    name: textOf(element, 'PJ', 'NomPJ'),
    mediaType: attributeOf(child(element, 'PJ', 'Contenu'), 'MIMEType'),
    document,
  });
  checks.required('Document/IdUnique', notice.id);
  checks.amount('Metier/Montant', notice.amount);
  checks.date('Metier/DLP', notice.dueDate);
  return notice;
}
