import { sirenIn } from '../values.js';
import type { Checks } from '../xml/checks.js';
import { attributeOf, child, childrenOf, present, textOf, type XmlElement } from '../xml/element.js';
import type { ChorusFlow, Invoice, InvoiceLine, Party, Status, Tax } from './fields.js';
import type { FoundAttachment, FoundInvoice } from './read.js';

/** `Enveloppe/EnveloppeUnitaire`: of the first, where there are several. */
export function flowOf(root: XmlElement, checks: Checks): ChorusFlow {
  const unit = child(root, 'Enveloppe', 'EnveloppeUnitaire');
  const parameters = Object.fromEntries(
    childrenOf(child(unit, 'Parametres'), 'ParametreIndiv').flatMap((parameter) => {
      const code = textOf(parameter, 'Code');
      return code === undefined ? [] : [[code, textOf(parameter, 'Valeurparametre') ?? '']];
    }),
  );
  const partners = child(unit, 'Partenaires');
  const flow = present<ChorusFlow>({
    id: parameters['IdFlx'],
    date: parameters['DtPrd'],
    parameters,
    sender: textOf(partners, 'Emetteur', 'Id'),
    senderName: textOf(partners, 'Emetteur', 'Libelle'),
    recipient: textOf(partners, 'Recepteur', 'Id'),
    recipientName: textOf(partners, 'Recepteur', 'Libelle'),
  });
  checks.required('IdFlx', flow.id);
  checks.required('DtPrd', flow.date);
  return flow;
}

/** The invoices of a CPPFacturePivot or a CPPFactureMixte. */
export function pivotInvoices(root: XmlElement, checks: Checks): readonly FoundInvoice[] {
  const all = child(root, 'CPPFactures');
  const units = (all?.children ?? []).filter((c) => /^CPPFacture(?:Pivot|Mixte)Unitaire$/u.test(c.name));
  checks.count('CPPFactures/Compteur', attributeOf(all, 'Compteur'), units.length);
  checks.required('CPPFactures', all === undefined ? undefined : 'there');
  return units.map((unit) => invoiceOf(unit, checks));
}

function invoiceOf(unit: XmlElement, checks: Checks): FoundInvoice {
  const data = child(unit, 'DonneesFacture');
  const amounts = child(data, 'Montants');
  const validator = child(unit, 'Valideur');
  const taxes = (child(data, 'TVAs') ?? child(data, 'TVAS'))?.children.map(taxOf) ?? [];
  const invoice = present<FoundInvoice['invoice']>({
    number: textOf(data, 'Id'),
    chorusId: textOf(data, 'IdCPRO'),
    originalNumber: textOf(data, 'IdFactureOrigine'),
    type: textOf(data, 'Type'),
    frame: textOf(data, 'Cadre'),
    issueDate: textOf(data, 'DateEmissionFacture'),
    receptionDate: textOf(data, 'DateReception'),
    deliveryDate: textOf(data, 'DateLivraison'),
    dueDate: undefined,
    paymentMode: textOf(data, 'ModePaiement', 'Code'),
    paymentModeLabel: textOf(data, 'ModePaiement', 'Libelle'),
    currency: textOf(data, 'Devise'),
    amountExclTax: textOf(amounts, 'MontantHT'),
    taxAmount: undefined,
    amountInclTax: textOf(amounts, 'MontantTTC'),
    amountPayable: textOf(amounts, 'MontantNetAPayer'),
    taxes,
    contractNumber: textOf(data, 'Engagement', 'NumeroMarche'),
    commitmentNumber: textOf(data, 'Engagement', 'NumeroEngagement'),
    supplier: partyOf(child(unit, 'Fournisseur')),
    debtor: partyOf(child(unit, 'Debiteur')),
    validator: validator === undefined ? undefined : partyOf(validator),
    lines: childrenOf(child(data, 'Lignes'), 'Ligne').map(lineOf),
    history: childrenOf(child(unit, 'CycleDeValidation'), 'ValidationUnitaire').map(validationOf),
  });
  check(invoice, checks);
  return { invoice, found: childrenOf(unit, 'PJ').map((pj) => attachmentOf(pj, checks)) };
}

/** `Fournisseur`, `Debiteur`, `Valideur`, of invoices and of statuses. */
export function partyOf(element: XmlElement | undefined): Party {
  const idType = textOf(element, 'TypeIdentifiant');
  const id = textOf(element, 'Identifiant');
  return present<Party>({
    idType,
    id,
    siren: (idType ?? SIRET) === SIRET ? sirenIn(id) : undefined,
    name: textOf(element, 'RaisonSociale') ?? textOf(element, 'Nom'),
    country: textOf(element, 'CodePays'),
    service: textOf(element, 'CodeService'),
    serviceName: textOf(element, 'NomService'),
    iban: textOf(element, 'ReferenceBancaire', 'Compte'),
  });
}

const SIRET = '1';

function check(invoice: Omit<Invoice, 'attachments'>, checks: Checks): void {
  checks.required('DonneesFacture/Id', invoice.number);
  checks.like('DonneesFacture/Id', invoice.number, /^.{1,20}$/su);
  checks.like('DonneesFacture/Type', invoice.type, /^38[01]$/u);
  checks.like('DonneesFacture/Cadre', invoice.frame, /^A(?:[1-9]|1\d|2[0-5])$/u);
  checks.required('DateEmissionFacture', invoice.issueDate);
  checks.date('DateEmissionFacture', invoice.issueDate);
  checks.date('DateReception', invoice.receptionDate);
  checks.date('DateLivraison', invoice.deliveryDate);
  checks.like('Devise', invoice.currency, /^[A-Z]{3}$/u);
  checks.required('Montants/MontantHT', invoice.amountExclTax);
  checks.amount('Montants/MontantHT', invoice.amountExclTax);
  checks.required('Montants/MontantTTC', invoice.amountInclTax);
  checks.amount('Montants/MontantTTC', invoice.amountInclTax);
  checks.amount('Montants/MontantNetAPayer', invoice.amountPayable);
  checkParty('Fournisseur', invoice.supplier, checks);
  checkParty('Debiteur', invoice.debtor, checks);
}

/** Of a French party the identifier is a SIRET. */
export function checkParty(field: string, { idType, id }: Party, checks: Checks): void {
  checks.required(`${field}/Identifiant`, id);
  checks.like(`${field}/TypeIdentifiant`, idType, /^[1-7]$/u);
  if (idType === SIRET) checks.like(`${field}/Identifiant`, id, /^\d{14}$/u);
}

function taxOf(element: XmlElement): Tax {
  return present<Tax>({
    rate: textOf(element, 'Taux'),
    base: textOf(element, 'BaseHt'),
    amount: textOf(element, 'MontantTVA'),
  });
}

function lineOf(element: XmlElement): InvoiceLine {
  return present<InvoiceLine>({
    product: textOf(element, 'ReferenceProduit'),
    description: textOf(element, 'Description'),
    unitPrice: textOf(element, 'PrixUnitaire'),
    quantity: textOf(element, 'Quantite'),
    amountExclTax: textOf(element, 'MontantHT'),
    taxRate: textOf(element, 'TauxTVA'),
  });
}

function validationOf(element: XmlElement): Status {
  return present<Status>({
    code: textOf(element, 'CodeStatut'),
    label: textOf(element, 'ComplementStatut'),
    comment: textOf(element, 'Commentaire'),
    at: textOf(element, 'DateStatut'),
    invoiceNumber: undefined,
    invoiceDate: undefined,
    flowId: undefined,
    paymentOrderId: undefined,
    supplier: undefined,
    debtor: undefined,
    producer:
      textOf(element, 'ProducteurStatut', 'RaisonSociale') ?? textOf(element, 'ProducteurStatut', 'Id'),
    errors: [],
  });
}

function attachmentOf(element: XmlElement, checks: Checks): FoundAttachment {
  const attachment = present<FoundAttachment['attachment']>({
    // NomPJOrigine: what its sender called it, since V2_02.
    name: textOf(element, 'NomPJ') ?? textOf(element, 'NomPJOrigine'),
    type: textOf(element, 'TypePJ'),
    mediaType: textOf(element, 'MimeTypePJ'),
    category: textOf(element, 'CategoriePJ'),
  });
  checks.required('PJ/NomPJ', attachment.name);
  checks.like('PJ/TypePJ', attachment.type, /^0[12]$/u);
  return {
    attachment,
    number: textOf(element, 'Contenu'),
    mayBeEmpty: textOf(element, 'IdUnique') !== undefined,
  };
}
