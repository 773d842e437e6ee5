import type { ChorusKind } from '@lanceur/adullact';
import { zipOf } from '../zip.js';
import type { Draw } from './draw.js';
import type { Generated } from './generated.js';
import { tag, text, type Content } from './markup.js';

export const CHORUS_KINDS: readonly ChorusKind[] = [
  'CPPFacturePivot',
  'CPPFactureMixte',
  'CPPStatut',
  'UBLInvoice',
  'UBLCreditNote',
  'CrossIndustryInvoice',
  'CrossIndustryDocument',
];

/** A message of Chorus Pro that fits its schema, or an invoice of one of the standards. */
export function chorus(kind: ChorusKind, draw: Draw): Generated {
  switch (kind) {
    case 'CPPFacturePivot':
    case 'CPPFactureMixte':
      return pivot(kind, draw);
    case 'CPPStatut':
      return statut(draw);
    case 'UBLInvoice':
    case 'UBLCreditNote':
      return ubl(kind, draw);
    case 'CrossIndustryInvoice':
      return cii(draw);
    case 'CrossIndustryDocument':
      return ciiAsItWas(draw);
  }
}

function envelope(draw: Draw) {
  const flow = {
    id: draw.letters(25),
    date: draw.date(),
    sender: 'CPP001',
    senderName: draw.text(20),
    recipient: draw.letters(8),
  };
  const parameter = (i: number, code: string, value: string) =>
    tag(
      'ParametreIndiv',
      { NumOrdre: `000${String(i)}` },
      text('Code', code),
      text('Valeurparametre', value),
    );
  const content = tag(
    'Enveloppe',
    {},
    tag(
      'EnveloppeUnitaire',
      { NumOrdre: '1' },
      tag('Parametres', {}, parameter(1, 'DtPrd', flow.date), parameter(2, 'IdFlx', flow.id)),
      tag(
        'Partenaires',
        {},
        tag('Recepteur', {}, text('Id', flow.recipient)),
        tag('Emetteur', {}, text('Id', flow.sender), text('Libelle', flow.senderName)),
      ),
    ),
  );
  return { content, fields: { ...flow, parameters: { DtPrd: flow.date, IdFlx: flow.id } } };
}

function supplierOf(draw: Draw) {
  return { idType: '1', id: draw.digits(14), name: draw.text(60), country: 'FR' };
}

function debtorOf(draw: Draw) {
  return {
    idType: '1',
    id: draw.digits(14),
    name: draw.text(60),
    service: draw.letters(10),
    serviceName: draw.text(30),
  };
}

type Supplier = ReturnType<typeof supplierOf>;
type Debtor = ReturnType<typeof debtorOf>;

function party(name: string, p: Supplier | Debtor, ...more: Content[]): string {
  return tag(
    name,
    {},
    text('TypeIdentifiant', p.idType),
    text('Identifiant', p.id),
    'country' in p
      ? [text('RaisonSociale', p.name), text('CodePays', p.country)]
      : [text('Nom', p.name), text('CodeService', p.service), text('NomService', p.serviceName)],
    ...more,
  );
}

function pivot(kind: 'CPPFacturePivot' | 'CPPFactureMixte', draw: Draw): Generated {
  const mixte = kind === 'CPPFactureMixte';
  const version = draw.pick(['V1_20', 'V1_21', 'V1_22', 'V2_02']);
  const flow = envelope(draw);
  const used = new Set<string>();
  const units = draw.list(1, 3, (i) => unit(draw, { i, mixte, newer: version === 'V2_02', used }));
  const attributes = mixte
    ? { xmlns: 'http://chorus-factures.budget.gouv.fr/facture', Version: '1' }
    : { Version: version };
  return {
    name: `${draw.letters(8)}.xml`,
    kind,
    xml: tag(
      kind,
      attributes,
      flow.content,
      tag(
        'CPPFactures',
        { Compteur: String(units.length) },
        units.map((u) => u.content),
      ),
    ),
    fields: { flow: flow.fields, invoices: units.map((u) => u.fields), statuses: [] },
    files: units.flatMap((u) => u.files),
    schema: mixte
      ? 'helios/xsd_v5.12/PES_V2/RETOUR/NS_FactureCPP/r0/CPPFactureMixte.xsd'
      : `chorus/pastell/CPPFacturePivot_${version}.xsd`,
  };
}

interface Unit {
  readonly i: number;
  readonly mixte: boolean;
  readonly newer: boolean;
  /** Names of attachments, in lower case: those of several invoices go into one delivery. */
  readonly used: Set<string>;
}

function unit(draw: Draw, { i, mixte, newer, used }: Unit) {
  const supplier = supplierOf(draw);
  const debtor = debtorOf(draw);
  const invoice = {
    number: draw.letters(20),
    type: draw.pick(['380', '381']),
    frame: draw.pick(['A1', 'A2', 'A9']),
    issueDate: draw.date(),
    paymentMode: draw.pick(['10', '31', '42']),
    currency: 'EUR',
    amountExclTax: draw.amount(),
    amountInclTax: draw.amount(),
    amountPayable: draw.amount(),
    taxes: draw.list(1, 3, () => ({ rate: '20.0', base: draw.amount(), amount: draw.amount() })),
    contractNumber: draw.text(50),
    commitmentNumber: draw.text(50),
    lines: draw.list(0, 4, () => ({
      product: draw.letters(8),
      unitPrice: draw.amount(),
      quantity: '2',
      amountExclTax: draw.amount(),
      taxRate: '20',
    })),
  };
  const receptionDate = draw.date();
  const history = mixte
    ? []
    : draw.list(0, 2, () => ({
        at: draw.date(),
        code: draw.code(1, 20),
        label: draw.text(20),
        producer: draw.text(20),
      }));
  const attachments = draw.list(1, 3, (n) => {
    let name = draw.fileName();
    while (used.has(name.toLowerCase())) name = `${draw.letters(4)}${name}`;
    used.add(name.toLowerCase());
    return {
      name,
      type: n === 0 ? '01' : '02',
      mediaType: 'application/pdf',
      bytes: draw.bytes(2000),
      packed: draw.chance(80),
    };
  });
  const lines = invoice.lines.map((l, n) =>
    tag(
      'Ligne',
      { NumOrdre: String(n + 1) },
      text('ReferenceProduit', l.product),
      text('PrixUnitaire', l.unitPrice),
      text('Quantite', l.quantity),
      text('MontantHT', l.amountExclTax),
      text('TauxTVA', l.taxRate),
    ),
  );
  const data = tag(
    'DonneesFacture',
    {},
    text('Id', invoice.number),
    newer ? text('IdCPRO', '123456') : undefined,
    text('Type', invoice.type),
    text('Cadre', invoice.frame),
    text('DateEmissionFacture', invoice.issueDate),
    tag('ModePaiement', {}, text('Code', invoice.paymentMode)),
    mixte ? undefined : text('DateReception', receptionDate),
    text('Devise', invoice.currency),
    tag(
      'Montants',
      {},
      text('MontantHT', invoice.amountExclTax),
      text('MontantTTC', invoice.amountInclTax),
      text('MontantNetAPayer', invoice.amountPayable),
    ),
    tag(
      mixte ? 'TVAS' : 'TVAs',
      {},
      invoice.taxes.map((t) =>
        tag('TVA', {}, text('Taux', t.rate), text('BaseHt', t.base), text('MontantTVA', t.amount)),
      ),
    ),
    tag(
      'Engagement',
      {},
      text('NumeroMarche', invoice.contractNumber),
      text('NumeroEngagement', invoice.commitmentNumber),
    ),
    tag('Lignes', {}, lines),
  );
  const pjs = attachments.map(({ name, type, mediaType, bytes, packed }, n) => {
    const content = packed ? zipOf([{ name, content: bytes }]) : bytes;
    return tag(
      'PJ',
      { NumOrdre: String(n + 1) },
      text('Contenu', content.toString('base64')),
      text('NomPJ', name.slice(0, 50)),
      text('TypePJ', type),
      text('MimeTypePJ', mediaType),
    );
  });
  const cycle =
    history.length > 0
      ? tag(
          'CycleDeValidation',
          {},
          history.map((h) =>
            tag(
              'ValidationUnitaire',
              {},
              text('DateStatut', h.at),
              text('CodeStatut', h.code),
              text('ComplementStatut', h.label),
              tag(
                'ProducteurStatut',
                {},
                text('TypeIdentifiant', '1'),
                text('Id', '11002001300097'),
                text('RaisonSociale', h.producer),
                text('CodePays', 'FR'),
              ),
            ),
          ),
        )
      : undefined;
  const content = tag(
    `CPPFacture${mixte ? 'Mixte' : 'Pivot'}Unitaire`,
    { NumOrdre: String(i + 1) },
    party('Fournisseur', supplier, mixte ? undefined : text('ModeEmission', 'flux')),
    party('Debiteur', debtor),
    data,
    pjs,
    cycle,
  );
  return {
    content,
    fields: {
      ...invoice,
      ...(newer && { chorusId: '123456' }),
      ...(!mixte && { receptionDate }),
      supplier: { ...supplier, siren: supplier.id.slice(0, 9) },
      debtor: { ...debtor, siren: debtor.id.slice(0, 9) },
      history: history.map((h) => ({ ...h, errors: [] })),
      attachments: attachments.map(({ name, type, mediaType }) => ({
        name: name.slice(0, 50),
        type,
        mediaType,
        document: name,
      })),
    },
    files: attachments.map(({ name, bytes }) => ({ name, bytes })),
  };
}

function statut(draw: Draw): Generated {
  const flow = envelope(draw);
  const ofFlows = draw.chance(40);
  const statuses = draw.list(1, 3, () => {
    const common = { label: draw.text(30), comment: draw.text(60), at: `${draw.date()}T10:11:12.000+01:00` };
    if (ofFlows) {
      const status = { code: draw.code(90, 96), ...common, flowId: draw.letters(10) };
      const errors = draw.list(1, 2, () => ({
        nature: draw.text(10),
        code: draw.letters(5),
        message: draw.text(40),
      }));
      return {
        content: tag(
          'CPPFluxStatutUnitaire',
          {},
          tag(
            'DonneesStatut',
            {},
            text('IdStatut', status.code),
            text('ComplementStatut', status.label),
            text('Commentaire', status.comment),
            text('Horodatage', status.at),
            text('IdFlux', status.flowId),
            tag(
              'Details',
              { NbLignesErreur: String(errors.length) },
              errors.map((e) =>
                tag(
                  'LigneErreurDetail',
                  {},
                  text('NatureErreur', e.nature),
                  text('CodeErreur', e.code),
                  text('LibelleErreur', e.message),
                ),
              ),
            ),
          ),
        ),
        fields: { ...status, errors },
      };
    }
    const supplier = supplierOf(draw);
    const debtor = debtorOf(draw);
    const status = {
      code: draw.code(1, 20),
      ...common,
      invoiceNumber: draw.letters(10),
      invoiceDate: draw.date(),
      paymentOrderId: draw.letters(8),
    };
    return {
      content: tag(
        'CPPFactureStatutUnitaire',
        {},
        party('Fournisseur', supplier),
        party('Debiteur', debtor),
        tag(
          'DonneesStatut',
          {},
          text('IdStatut', status.code),
          text('ComplementStatut', status.label),
          text('Commentaire', status.comment),
          text('Horodatage', status.at),
          text('IdFacture', status.invoiceNumber),
          text('DateFacture', status.invoiceDate),
          text('IdMandatDP', status.paymentOrderId),
        ),
      ),
      fields: { ...status, supplier, debtor },
    };
  });
  const all = tag(
    ofFlows ? 'CPPFluxStatuts' : 'CPPFactureStatuts',
    { compteur: String(statuses.length) },
    statuses.map((s) => s.content),
  );
  return {
    name: `${draw.letters(8)}.xml`,
    kind: 'CPPStatut',
    xml: tag('CPPStatut', {}, flow.content, all),
    fields: { flow: flow.fields, invoices: [], statuses: statuses.map((s) => s.fields) },
    files: [],
    schema: 'chorus/pastell/CPPStatutPivot_V1_19.xsd',
  };
}

const UBL = 'urn:oasis:names:specification:ubl:schema:xsd:';

function ubl(kind: 'UBLInvoice' | 'UBLCreditNote', draw: Draw): Generated {
  const credit = kind === 'UBLCreditNote';
  const root = credit ? 'CreditNote' : 'Invoice';
  const invoice = commonOf(draw);
  const [bytes, name] = [draw.bytes(3000), draw.fileName()];
  const b = (n: string, value: string | undefined, attributes = {}) =>
    value === undefined ? undefined : tag(`cbc:${n}`, attributes, text('x', value)?.slice(3, -4));
  const c = (n: string, ...content: Content[]) => tag(`cac:${n}`, {}, ...content);
  const xml = tag(
    root,
    {
      xmlns: `${UBL}${root}-2`,
      'xmlns:cac': `${UBL}CommonAggregateComponents-2`,
      'xmlns:cbc': `${UBL}CommonBasicComponents-2`,
    },
    b('ProfileID', invoice.frame),
    b('ID', invoice.number),
    b('IssueDate', invoice.issueDate),
    b(credit ? 'CreditNoteTypeCode' : 'InvoiceTypeCode', invoice.type),
    b('DocumentCurrencyCode', invoice.currency),
    b('BuyerReference', invoice.debtor.service),
    c('OrderReference', b('ID', invoice.commitmentNumber)),
    c('BillingReference', c('InvoiceDocumentReference', b('ID', invoice.originalNumber))),
    c('ContractDocumentReference', b('ID', invoice.contractNumber)),
    c(
      'AdditionalDocumentReference',
      b('ID', '1'),
      c(
        'Attachment',
        b('EmbeddedDocumentBinaryObject', bytes.toString('base64'), {
          mimeCode: 'application/pdf',
          filename: name,
        }),
      ),
    ),
    c(
      'AdditionalDocumentReference',
      b('ID', '2'),
      c('Attachment', c('ExternalReference', b('URI', 'https://example.fr'))),
    ),
    c(
      'AccountingSupplierParty',
      c(
        'Party',
        c('PartyIdentification', b('ID', 'X1')),
        c('PartyIdentification', b('ID', invoice.supplier.id, { schemeID: '0009' })),
        c('PostalAddress', c('Country', b('IdentificationCode', 'FR'))),
        c('PartyLegalEntity', b('RegistrationName', invoice.supplier.name)),
      ),
    ),
    c(
      'AccountingCustomerParty',
      c(
        'Party',
        c('PartyName', b('Name', invoice.debtor.name)),
        c('PartyLegalEntity', b('CompanyID', invoice.debtor.id, { schemeID: '0009' })),
      ),
    ),
    c(
      'PaymentMeans',
      b('PaymentMeansCode', invoice.paymentMode, { name: 'virement' }),
      c('PayeeFinancialAccount', b('ID', invoice.supplier.iban)),
    ),
    c(
      'TaxTotal',
      b('TaxAmount', invoice.taxAmount),
      invoice.taxes.map((t) =>
        c(
          'TaxSubtotal',
          b('TaxableAmount', t.base),
          b('TaxAmount', t.amount),
          c('TaxCategory', b('Percent', t.rate)),
        ),
      ),
    ),
    c(
      'LegalMonetaryTotal',
      b('TaxExclusiveAmount', invoice.amountExclTax),
      b('TaxInclusiveAmount', invoice.amountInclTax),
      b('PayableAmount', invoice.amountPayable),
    ),
    invoice.lines.map((l) =>
      c(
        credit ? 'CreditNoteLine' : 'InvoiceLine',
        b(credit ? 'CreditedQuantity' : 'InvoicedQuantity', l.quantity),
        b('LineExtensionAmount', l.amountExclTax),
        c(
          'Item',
          b('Name', l.description),
          c('SellersItemIdentification', b('ID', l.product)),
          c('ClassifiedTaxCategory', b('Percent', l.taxRate)),
        ),
        c('Price', b('PriceAmount', l.unitPrice)),
      ),
    ),
  );
  return {
    name: `${draw.letters(8)}.xml`,
    kind,
    xml,
    fields: {
      invoices: [
        {
          ...invoice,
          paymentModeLabel: 'virement',
          attachments: [{ name, mediaType: 'application/pdf', document: name }],
        },
      ],
    },
    files: [{ name, bytes }],
  };
}

function cii(draw: Draw): Generated {
  const invoice = commonOf(draw);
  const [bytes, name] = [draw.bytes(3000), draw.fileName()];
  const issueDate = invoice.issueDate.replaceAll('-', '');
  const r = (n: string, ...content: Content[]) => tag(`ram:${n}`, {}, ...content);
  const x = (n: string, value: string, attributes = {}) =>
    tag(`ram:${n}`, attributes, text('x', value)?.slice(3, -4));
  const on = (n: string, value: string) => r(n, tag('udt:DateTimeString', { format: '102' }, value));
  const xml = tag(
    'rsm:CrossIndustryInvoice',
    {
      'xmlns:rsm': 'urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100',
      'xmlns:ram': 'urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100',
      'xmlns:udt': 'urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100',
    },
    tag(
      'rsm:ExchangedDocumentContext',
      {},
      r('BusinessProcessSpecifiedDocumentContextParameter', x('ID', invoice.frame)),
    ),
    tag(
      'rsm:ExchangedDocument',
      {},
      x('ID', invoice.number),
      x('TypeCode', invoice.type),
      on('IssueDateTime', issueDate),
    ),
    tag(
      'rsm:SupplyChainTradeTransaction',
      {},
      invoice.lines.map((l) =>
        r(
          'IncludedSupplyChainTradeLineItem',
          r('SpecifiedTradeProduct', x('SellerAssignedID', l.product), x('Name', l.description)),
          r('SpecifiedLineTradeAgreement', r('NetPriceProductTradePrice', x('ChargeAmount', l.unitPrice))),
          r('SpecifiedLineTradeDelivery', x('BilledQuantity', l.quantity)),
          r(
            'SpecifiedLineTradeSettlement',
            r('ApplicableTradeTax', x('RateApplicablePercent', l.taxRate)),
            r('SpecifiedTradeSettlementLineMonetarySummation', x('LineTotalAmount', l.amountExclTax)),
          ),
        ),
      ),
      r(
        'ApplicableHeaderTradeAgreement',
        x('BuyerReference', invoice.debtor.service),
        r(
          'SellerTradeParty',
          x('ID', 'X1'),
          x('Name', invoice.supplier.name),
          r('SpecifiedLegalOrganization', x('ID', invoice.supplier.id, { schemeID: '0009' })),
          r('PostalTradeAddress', x('CountryID', 'FR')),
        ),
        r(
          'BuyerTradeParty',
          x('GlobalID', invoice.debtor.id, { schemeID: '0009' }),
          x('Name', invoice.debtor.name),
        ),
        r('BuyerOrderReferencedDocument', x('IssuerAssignedID', invoice.commitmentNumber)),
        r('ContractReferencedDocument', x('IssuerAssignedID', invoice.contractNumber)),
        r(
          'AdditionalReferencedDocument',
          x('IssuerAssignedID', '1'),
          x('AttachmentBinaryObject', bytes.toString('base64'), {
            mimeCode: 'application/pdf',
            filename: name,
          }),
        ),
        r('AdditionalReferencedDocument', x('IssuerAssignedID', '2'), x('URIID', 'https://example.fr')),
      ),
      r(
        'ApplicableHeaderTradeSettlement',
        x('InvoiceCurrencyCode', invoice.currency),
        r(
          'SpecifiedTradeSettlementPaymentMeans',
          x('TypeCode', invoice.paymentMode),
          r('PayeePartyCreditorFinancialAccount', x('IBANID', invoice.supplier.iban)),
        ),
        invoice.taxes.map((t) =>
          r(
            'ApplicableTradeTax',
            x('CalculatedAmount', t.amount),
            x('BasisAmount', t.base),
            x('RateApplicablePercent', t.rate),
          ),
        ),
        r(
          'SpecifiedTradeSettlementHeaderMonetarySummation',
          x('TaxBasisTotalAmount', invoice.amountExclTax),
          x('TaxTotalAmount', invoice.taxAmount),
          x('GrandTotalAmount', invoice.amountInclTax),
          x('DuePayableAmount', invoice.amountPayable),
        ),
        r('InvoiceReferencedDocument', x('IssuerAssignedID', invoice.originalNumber)),
      ),
    ),
  );
  return {
    name: `${draw.letters(8)}.xml`,
    kind: 'CrossIndustryInvoice',
    xml,
    fields: {
      invoices: [
        { ...invoice, issueDate, attachments: [{ name, mediaType: 'application/pdf', document: name }] },
      ],
    },
    files: [{ name, bytes }],
  };
}

/** What is called otherwise in ZUGFeRD 1 (2014), which carries no attachment. */
const NAMES_BEFORE: readonly (readonly [RegExp, string])[] = [
  [
    /urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100/gu,
    'urn:ferd:CrossIndustryDocument:invoice:1p0',
  ],
  [/AggregateBusinessInformationEntity:100/gu, 'AggregateBusinessInformationEntity:12'],
  [/UnqualifiedDataType:100/gu, 'UnqualifiedDataType:15'],
  [/<ram:AdditionalReferencedDocument>.*?<\/ram:AdditionalReferencedDocument>/gsu, ''],
  [/rsm:CrossIndustryInvoice/gu, 'rsm:CrossIndustryDocument'],
  [/rsm:ExchangedDocumentContext/gu, 'rsm:SpecifiedExchangedDocumentContext'],
  [/rsm:ExchangedDocument(?=>)/gu, 'rsm:HeaderExchangedDocument'],
  [/rsm:SupplyChainTradeTransaction/gu, 'rsm:SpecifiedSupplyChainTradeTransaction'],
  [/ram:ApplicableHeaderTrade/gu, 'ram:ApplicableSupplyChainTrade'],
  [/ram:SpecifiedLineTrade/gu, 'ram:SpecifiedSupplyChainTrade'],
  [/ram:SpecifiedTradeSettlement(?:Header|Line)Monetary/gu, 'ram:SpecifiedTradeSettlementMonetary'],
  [/ram:RateApplicablePercent/gu, 'ram:ApplicablePercent'],
  [/ram:IssuerAssignedID/gu, 'ram:ID'],
];

function ciiAsItWas(draw: Draw): Generated {
  const { xml, fields, name } = cii(draw);
  const before = NAMES_BEFORE.reduce((text, [now, then]) => text.replace(now, then), xml);
  const { invoices } = fields as { readonly invoices: readonly object[] };
  return {
    name,
    kind: 'CrossIndustryDocument',
    xml: before,
    fields: { invoices: invoices.map((invoice) => ({ ...invoice, attachments: [] })) },
    files: [],
  };
}

function commonOf(draw: Draw) {
  const [supplierId, debtorId] = [draw.digits(14), draw.digits(14)];
  return {
    number: draw.letters(12),
    type: '380',
    frame: 'A1',
    originalNumber: draw.letters(10),
    issueDate: draw.date(),
    paymentMode: '30',
    currency: 'EUR',
    amountExclTax: draw.amount(),
    taxAmount: draw.amount(),
    amountInclTax: draw.amount(),
    amountPayable: draw.amount(),
    taxes: draw.list(1, 2, () => ({ rate: '20.00', base: draw.amount(), amount: draw.amount() })),
    contractNumber: draw.text(20),
    commitmentNumber: draw.text(20),
    supplier: {
      idType: '0009',
      id: supplierId,
      siren: supplierId.slice(0, 9),
      name: draw.text(30),
      country: 'FR',
      iban: `FR76${draw.digits(20)}`,
    },
    debtor: {
      idType: '0009',
      id: debtorId,
      siren: debtorId.slice(0, 9),
      name: draw.text(30),
      service: draw.letters(8),
    },
    lines: draw.list(1, 3, () => ({
      product: draw.letters(6),
      description: draw.text(20),
      unitPrice: draw.amount(),
      quantity: '3',
      amountExclTax: draw.amount(),
      taxRate: '20.00',
    })),
  };
}
