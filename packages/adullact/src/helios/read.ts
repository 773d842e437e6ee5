import { issue } from '../issues.js';
import type { DecodedHelios, XmlDocument } from '../xml-file.js';
import { Checks } from '../xml/checks.js';
import { documentsOf, type Place } from '../xml/documents.js';
import { attributeOf, child, childrenOf, present, textOf, type XmlElement } from '../xml/element.js';
import type { ReadXml } from '../xml/read.js';
import { acquitElementOf } from './acquit.js';
import { attributesOf } from './attributes.js';
import { billRunOf } from './bills.js';
import { bordereauOf } from './bordereau.js';
import { contractsIn } from './contracts.js';
import { ensuOf } from './ensu.js';
import { fctvaOf } from './fctva.js';
import type { AttachmentReference, HeliosFields, HeliosKind, PesAller, PesAttachment } from './fields.js';
import { headerOf } from './header.js';
import { linksOf } from './links.js';
import { outstandingOf } from './outstanding.js';
import { censusOf, publishedOf } from './published.js';
import { referenceOf, value } from './values.js';

interface Read<K extends HeliosKind> {
  readonly fields: HeliosFields[K];
  readonly documents?: readonly XmlDocument[];
}

type Readers = { readonly [K in HeliosKind]: (read: ReadXml, checks: Checks) => Read<K> };

const READERS: Readers = {
  PES_Aller: aller,
  PES_ACQUIT: ({ root }, checks) => {
    const elements = childrenOf(child(root, 'ACQUIT'), 'ElementACQUIT').map((e) =>
      acquitElementOf(e, checks),
    );
    checks.required('ACQUIT/ElementACQUIT', elements[0]?.domain);
    // Where nothing is said, nothing was accepted.
    const accepted = elements.length > 0 && elements.every((element) => element.accepted);
    return { fields: { ...headerOf(root, checks), accepted, elements } };
  },
  PES_Retour: ({ root }, checks) => {
    const flows = [child(root, 'PES_DepenseRetour'), child(root, 'PES_RecetteRetour')];
    const heads = [child(flows[0], 'EnTeteDepense'), child(flows[1], 'EnTeteRecette')];
    const [head] = heads.filter((h) => h !== undefined);
    return {
      fields: present({
        ...headerOf(root, checks),
        restitution: value(head, 'TypRestit'),
        information: value(head, 'NatInf'),
        bordereaux: [
          ...childrenOf(flows[0], 'Bordereau').map((b) =>
            bordereauOf(b, { flow: 'depense', way: 'retour' }, checks),
          ),
          ...childrenOf(flows[1], 'Bordereau').map((b) =>
            bordereauOf(b, { flow: 'recette', way: 'retour' }, checks),
          ),
        ],
        clients: childrenOf(child(root, 'PES_ClientRetour'), 'Client').map((client) =>
          present({
            reference: value(client, 'RefTiers'),
            outstanding: childrenOf(client, 'ResteARecouvrer').map((rest) =>
              present({
                product: value(rest, 'CodProdLoc'),
                amount: value(rest, 'Rar'),
                fees: value(rest, 'RarFrais'),
              }),
            ),
          }),
        ),
      }),
    };
  },
  PES_ACQUIT_RETOUR: ({ root }, checks) => ({
    fields: {
      ...headerOf(root, checks),
      files: childrenOf(child(root, 'ACQUIT_RETOUR'), 'ElementACQUIT_RETOUR').map((file) =>
        present({
          name: value(file, 'NomFichierRetour'),
          domain: value(file, 'DomaineAckRetour'),
          restitution: value(file, 'TypRestit'),
          date: value(file, 'DateAcquit'),
        }),
      ),
    },
  }),
  ENSUDocuments: ensuOf,
  liensPj: ({ root }, checks) => ({ fields: linksOf(root, checks) }),
  FCTVA: ({ root }, checks) => ({ fields: fctvaOf(root, checks) }),
  PosteComptable: ({ root }, checks) => ({ fields: outstandingOf(root, checks) }),
  marches: ({ root }, checks) => ({ fields: publishedOf(root, checks) }),
  fiches: ({ root }, checks) => ({ fields: censusOf(root, checks) }),
};

/** A file of Helios, or another one that the DGFiP gives back. */
export function readHelios(read: ReadXml): DecodedHelios {
  const kind = read.kind as HeliosKind;
  const checks = new Checks();
  const { fields, documents = [] } = READERS[kind](read, checks);
  return {
    type: 'helios',
    kind,
    fields,
    attributes: attributesOf(kind, fields),
    documents,
    lists: [],
    issues: [...read.issues, ...checks.issues],
    raw: read.root,
    // Each kind has its own reader: the table above says that they fit.
  } as unknown as DecodedHelios;
}

function aller(read: ReadXml, checks: Checks): Read<'PES_Aller'> {
  const { root } = read;
  const elements = childrenOf(child(root, 'PES_PJ'), 'PJ');
  const { documents, names, issues } = documentsOf(read.attachments, elements.map(placeOf));
  for (const found of issues) checks.note(found.code, found);
  const attachments = elements.map((element, i) => attachmentOf(element, names[i], checks));
  const references = referencesIn(root);
  compare(references, attachments, checks);
  const depense = childrenOf(child(root, 'PES_DepenseAller'), 'Bordereau');
  const recette = childrenOf(child(root, 'PES_RecetteAller'), 'Bordereau');
  const bordereaux = [
    ...depense.map((b) => bordereauOf(b, { flow: 'depense', way: 'aller' }, checks)),
    ...recette.map((b) => bordereauOf(b, { flow: 'recette', way: 'aller' }, checks)),
  ];
  const fields: PesAller = {
    ...headerOf(root, checks),
    bordereaux,
    bills: childrenOf(root, 'PES_Facture').map(billRunOf),
    contracts: contractsIn(child(root, 'PES_Marche'), checks),
    attachments,
    references,
    signed: child(root, 'Signature') !== undefined || bordereaux.some((b) => b.signed),
  };
  return { fields, documents };
}

function placeOf(element: XmlElement, i: number): Place {
  const file = child(element, 'Contenu', 'Fichier');
  return {
    number: textOf(file),
    name: value(element, 'NomPJ'),
    otherwise: value(element, 'IdUnique') ?? `PJ ${String(i + 1)}`,
    mediaType: attributeOf(file, 'MIMEType'),
    role: 'piece_jointe',
  };
}

function attachmentOf(element: XmlElement, document: string | undefined, checks: Checks): PesAttachment {
  const attachment = present<PesAttachment>({
    id: value(element, 'IdUnique'),
    name: value(element, 'NomPJ'),
    type: value(element, 'TypePJ'),
    description: value(element, 'Description'),
    mediaType: attributeOf(child(element, 'Contenu', 'Fichier'), 'MIMEType'),
    document,
  });
  checks.required('PJ/IdUnique', attachment.id);
  checks.required('PJ/NomPJ', attachment.name);
  checks.like('PJ/TypePJ', attachment.type, /^(?:0(?:0[1-9]|1[0-3]))$/u);
  return attachment;
}

/** All of them, wherever they stand: of pieces, of their lines, of contracts. */
function referencesIn(root: XmlElement): readonly AttachmentReference[] {
  const found: AttachmentReference[] = [];
  const walk = (element: XmlElement): void => {
    for (const inner of element.children) {
      if (inner.name === 'PJRef') found.push(referenceOf(inner));
      else walk(inner);
    }
  };
  walk(root);
  return found;
}

/** Support 01: electronic. What is on paper or on a disc is not in the file, and need not be. */
const ELECTRONIC = '01';

function compare(
  references: readonly AttachmentReference[],
  attachments: readonly PesAttachment[],
  checks: Checks,
): void {
  const ids = new Set<string>();
  for (const { id } of attachments) {
    if (id === undefined) continue;
    if (ids.has(id)) checks.note('repeated', issue('ATTACHMENT_REPEATED', { id }));
    ids.add(id);
  }
  const told = new Set<string>();
  for (const { id, medium } of references) {
    if (id === undefined || ids.has(id) || told.has(id) || (medium ?? ELECTRONIC) !== ELECTRONIC) continue;
    told.add(id);
    checks.note('reference', issue('REFERENCE_WITHOUT_ATTACHMENT', { id }));
  }
}
