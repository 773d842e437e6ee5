// Invoices as other programs write them: other prefixes, another order, CDATA, optional parts that are missing, several of
// what is mostly one, elements that no schema knows.
import { buffer } from 'node:stream/consumers';
import type { Envelope } from '@lanceur/adullact';
import { describe, expect, test } from 'vitest';
import { codes, decoder } from '../support/envelope.js';
import { PDF } from '../support/samples.js';
import { zipOf } from '../support/zip.js';

const decode = decoder();

async function decodeInvoice(content: string | Buffer): Promise<Extract<Envelope, { type: 'chorus_fact' }>> {
  const envelope = await decode({ name: 'facture.xml', content });
  if (envelope.type !== 'chorus_fact') throw new Error(envelope.type);
  return envelope;
}

async function contentsOf({ documents }: Envelope): Promise<Readonly<Record<string, string>>> {
  const contents: Record<string, string> = {};
  for (const { name, open, role } of documents) {
    if (role !== 'invoice-data') contents[name] = (await buffer(open())).toString('latin1');
  }
  return contents;
}

const base64 = (text: string) => PDF(text).toString('base64');
const zipped = (name: string, text: string) => zipOf([{ name, content: PDF(text) }]).toString('base64');
const pdf = (text: string) => PDF(text).toString('latin1');

describe('a pivot of another program', () => {
  const content = `<?xml version='1.0' encoding='ISO-8859-1'?>
<!-- export du <CPPFacturePivot> -->
<?xml-stylesheet href='pivot.xsl'?>
<c:CPPFacturePivot xmlns:c='urn:aife' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:noNamespaceSchemaLocation='CPPFacturePivot_V2_02.xsd' Version='V2_02'>
 <c:CPPFactures Compteur='1'><c:CPPFacturePivotUnitaire NumOrdre='1'>
  <c:PJ NumOrdre='1'><c:TypePJ>01</c:TypePJ><c:NomPJ>Facture été.pdf</c:NomPJ><c:MimeTypePJ>application/pdf</c:MimeTypePJ>
   <c:Contenu><![CDATA[${zipped('Facture été.pdf', 'un').replace(/(.{60})/gu, '$1\r\n')}]]></c:Contenu></c:PJ>
  <c:PJ NumOrdre='2'><c:Contenu>${base64('deux')}</c:Contenu><c:TypePJ>02</c:TypePJ><c:NomPJ>devis.pdf</c:NomPJ><c:CategoriePJ>Devis</c:CategoriePJ><c:MimeTypePJ>application/pdf</c:MimeTypePJ></c:PJ>
  <c:PJ NumOrdre='3'><c:IdUnique>991</c:IdUnique><c:NomPJ>ailleurs.pdf</c:NomPJ><c:TypePJ>02</c:TypePJ><c:MimeTypePJ>application/pdf</c:MimeTypePJ></c:PJ>
  <c:DonneesFacture>
   <c:Nouveau><c:Id>pas le numéro</c:Id></c:Nouveau>
   <c:Engagement><c:NumeroEngagement>ENG-7</c:NumeroEngagement><c:NumeroMarche>M-1</c:NumeroMarche></c:Engagement>
   <c:TVAs><c:TVA><c:Taux>20.0</c:Taux><c:BaseHt>100.0</c:BaseHt><c:MontantTVA>20.0</c:MontantTVA></c:TVA></c:TVAs>
   <c:Montants><c:MontantTTC> 120.00 </c:MontantTTC><c:MontantHT>100.00</c:MontantHT><c:MontantNetAPayer>0</c:MontantNetAPayer></c:Montants>
   <c:Devise>EUR</c:Devise><c:DateReception>2026-02-01</c:DateReception><c:DateEmissionFacture>2026-01-31</c:DateEmissionFacture>
   <c:ModePaiement><c:Code>30</c:Code></c:ModePaiement><c:Cadre>A2</c:Cadre><c:Type>381</c:Type>
   <c:IdFactureOrigine>FA&#45;0</c:IdFactureOrigine><c:IdCPRO>0042</c:IdCPRO><c:Id><![CDATA[FA<1>]]></c:Id>
  </c:DonneesFacture>
  <c:Debiteur><c:Nom>COMMUNE DE <![CDATA[L'ÎLE & CIE]]></c:Nom><c:Identifiant>21340172201787</c:Identifiant><c:TypeIdentifiant>1</c:TypeIdentifiant><c:CodeService>FIN</c:CodeService></c:Debiteur>
  <c:Fournisseur><c:CodePays>BE</c:CodePays><c:RaisonSociale>SOCIÉTÉ</c:RaisonSociale><c:Identifiant>BE0123456789</c:Identifiant><c:TypeIdentifiant>2</c:TypeIdentifiant></c:Fournisseur>
 </c:CPPFacturePivotUnitaire></c:CPPFactures>
 <c:Enveloppe><c:EnveloppeUnitaire><c:Partenaires><c:Emetteur><c:Id>CPP</c:Id></c:Emetteur><c:Recepteur><c:Id>VILLE</c:Id></c:Recepteur></c:Partenaires>
  <c:Parametres><c:ParametreIndiv><c:Valeurparametre>2026-02-02</c:Valeurparametre><c:Code>DtPrd</c:Code></c:ParametreIndiv><c:ParametreIndiv><c:Code>IdFlx</c:Code><c:Valeurparametre>FLX1</c:Valeurparametre></c:ParametreIndiv></c:Parametres></c:EnveloppeUnitaire></c:Enveloppe>
</c:CPPFacturePivot>`;

  test('says what it says', async () => {
    const envelope = await decodeInvoice(Buffer.from(content, 'latin1'));
    expect([envelope.kind, codes(envelope)]).toEqual(['CPPFacturePivot', []]);
    expect(envelope.fields).toEqual({
      flow: {
        id: 'FLX1',
        date: '2026-02-02',
        parameters: { DtPrd: '2026-02-02', IdFlx: 'FLX1' },
        sender: 'CPP',
        recipient: 'VILLE',
      },
      invoices: [
        {
          number: 'FA<1>',
          chorusId: '0042',
          originalNumber: 'FA-0',
          type: '381',
          frame: 'A2',
          issueDate: '2026-01-31',
          receptionDate: '2026-02-01',
          paymentMode: '30',
          currency: 'EUR',
          amountExclTax: '100.00',
          amountInclTax: '120.00',
          amountPayable: '0',
          taxes: [{ rate: '20.0', base: '100.0', amount: '20.0' }],
          contractNumber: 'M-1',
          commitmentNumber: 'ENG-7',
          supplier: { idType: '2', id: 'BE0123456789', name: 'SOCIÉTÉ', country: 'BE' },
          debtor: {
            idType: '1',
            id: '21340172201787',
            siren: '213401722',
            name: "COMMUNE DE L'ÎLE & CIE",
            service: 'FIN',
          },
          lines: [],
          attachments: [
            {
              name: 'Facture été.pdf',
              type: '01',
              mediaType: 'application/pdf',
              document: 'Facture été.pdf',
            },
            {
              name: 'devis.pdf',
              type: '02',
              mediaType: 'application/pdf',
              category: 'Devis',
              document: 'devis.pdf',
            },
            { name: 'ailleurs.pdf', type: '02', mediaType: 'application/pdf' },
          ],
          history: [],
        },
      ],
      statuses: [],
    });
    expect(await contentsOf(envelope)).toEqual({ 'Facture été.pdf': pdf('un'), 'devis.pdf': pdf('deux') });
  });

  test('hands over an attachment that stands where its schema has none, and says so', async () => {
    const stray = content.replace(
      '<c:Nouveau>',
      `<c:Nouveau><c:PJ><c:Contenu>${base64('trois')}</c:Contenu></c:PJ>`,
    );
    const envelope = await decodeInvoice(Buffer.from(stray, 'latin1'));
    expect(codes(envelope)).toEqual(['ATTACHMENT_STRAY']);
    expect(await contentsOf(envelope)).toEqual({
      'Facture été.pdf': pdf('un'),
      'devis.pdf': pdf('deux'),
      'PJ 1': pdf('trois'),
    });
  });
});

test('a CPPFactureMixte with neither country, currency nor frame says who validated it', async () => {
  const envelope = await decodeInvoice(`<CPPFactureMixte Version="V1_16">
<Enveloppe><EnveloppeUnitaire><Parametres><ParametreIndiv><Code>IdFlx</Code><Valeurparametre>F2</Valeurparametre></ParametreIndiv><ParametreIndiv><Code>DtPrd</Code><Valeurparametre>2026-02-02</Valeurparametre></ParametreIndiv></Parametres></EnveloppeUnitaire></Enveloppe>
<CPPFactures Compteur="2"><CPPFactureMixteUnitaire NumOrdre="1">
<Fournisseur><TypeIdentifiant>1</TypeIdentifiant><Identifiant>00552013500012</Identifiant><RaisonSociale>F</RaisonSociale></Fournisseur>
<Valideur><TypeIdentifiant>1</TypeIdentifiant><Identifiant>21930053000017</Identifiant><RaisonSociale>V</RaisonSociale><CodePays>FR</CodePays></Valideur>
<Debiteur><Identifiant>21340172201787</Identifiant></Debiteur>
<DonneesFacture><Id>F-2</Id><Type>380</Type><DateEmissionFacture>2026-01-31+01:00</DateEmissionFacture><ModePaiement><Code>42</Code></ModePaiement><Montants><MontantHT>1</MontantHT><MontantTTC>1.2</MontantTTC><MontantNetAPayer>1.2</MontantNetAPayer></Montants>
<TVAS><TVA><Taux>20</Taux><BaseHt>1</BaseHt><MontantTVA>.2</MontantTVA></TVA></TVAS>
<Lignes><Ligne NumOrdre="1"><Description>Sable</Description><PrixUnitaire>1</PrixUnitaire><Quantite>1</Quantite><MontantHT>1</MontantHT></Ligne></Lignes></DonneesFacture>
</CPPFactureMixteUnitaire></CPPFactures></CPPFactureMixte>`);
  expect([envelope.kind, codes(envelope)]).toEqual(['CPPFactureMixte', ['COUNT_ODD']]);
  expect(envelope.fields.invoices).toEqual([
    {
      number: 'F-2',
      type: '380',
      issueDate: '2026-01-31+01:00',
      paymentMode: '42',
      amountExclTax: '1',
      amountInclTax: '1.2',
      amountPayable: '1.2',
      taxes: [{ rate: '20', base: '1', amount: '.2' }],
      supplier: { idType: '1', id: '00552013500012', siren: '005520135', name: 'F' },
      debtor: { id: '21340172201787', siren: '213401722' },
      validator: { idType: '1', id: '21930053000017', siren: '219300530', name: 'V', country: 'FR' },
      lines: [{ description: 'Sable', unitPrice: '1', quantity: '1', amountExclTax: '1' }],
      attachments: [],
      history: [],
    },
  ]);
});

test('a CPPStatut tells of flows and of invoices, with what was wrong', async () => {
  const envelope = await decodeInvoice(`<s:CPPStatut xmlns:s="urn:aife">
<s:Enveloppe><s:EnveloppeUnitaire><s:Parametres><s:ParametreIndiv><s:Code>IdFlx</s:Code><s:Valeurparametre>F3</s:Valeurparametre></s:ParametreIndiv><s:ParametreIndiv><s:Code>DtPrd</s:Code><s:Valeurparametre>2026-02-02</s:Valeurparametre></s:ParametreIndiv></s:Parametres></s:EnveloppeUnitaire></s:Enveloppe>
<s:CPPFluxStatuts compteur="1"><s:CPPFluxStatutUnitaire NumOrdre="1"><s:DonneesStatut><s:Horodatage>2026-02-02T10:00:00.000+01:00</s:Horodatage><s:IdStatut>02</s:IdStatut><s:IdProducteur>CPP00001</s:IdProducteur><s:IdFlux>FLX9</s:IdFlux>
<s:Details NbLignesErreur="1"><s:LigneErreurDetail><s:LibelleErreur>SIRET inconnu</s:LibelleErreur><s:CodeErreur>E7</s:CodeErreur><s:NatureErreur>Bloquante</s:NatureErreur></s:LigneErreurDetail></s:Details></s:DonneesStatut></s:CPPFluxStatutUnitaire></s:CPPFluxStatuts>
</s:CPPStatut>`);
  expect([envelope.kind, codes(envelope)]).toEqual(['CPPStatut', []]);
  expect(envelope.fields.statuses).toEqual([
    {
      code: '02',
      at: '2026-02-02T10:00:00.000+01:00',
      flowId: 'FLX9',
      producer: 'CPP00001',
      errors: [{ code: 'E7', nature: 'Bloquante', message: 'SIRET inconnu' }],
    },
  ]);
  expect(envelope.attributes).toMatchObject({ status: '02', flowId: 'F3' });
});

/** What the examples of UBL and of CII say alike. */
const COMMON = {
  number: 'FA-1',
  frame: 'A1',
  originalNumber: 'FA-0',
  paymentMode: '30',
  currency: 'EUR',
  amountExclTax: '100.00',
  taxAmount: '20.00',
  amountInclTax: '120.00',
  amountPayable: '120.00',
  taxes: [{ rate: '20', base: '100.00', amount: '20.00' }],
  contractNumber: 'MAR-1',
  commitmentNumber: 'ENG-1',
  history: [],
};

describe('a UBL invoice of another program', () => {
  const ubl = (
    kind: 'Invoice' | 'CreditNote',
    { type = '', quantity = '' },
    supplierIds: string,
  ) => `<?xml version='1.0' encoding='UTF-8'?>
<!-- <Invoice xmlns="urn:autre"/> -->
<q:${kind} xmlns:q='urn:oasis:names:specification:ubl:schema:xsd:${kind}-2' xmlns:a='urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2' xmlns:b='urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2' xmlns:e='urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2'>
<e:UBLExtensions><e:UBLExtension><e:ExtensionContent><x:ID xmlns:x='urn:x'>pas le numéro</x:ID></e:ExtensionContent></e:UBLExtension></e:UBLExtensions>
<b:CustomizationID>urn:cen.eu:en16931:2017</b:CustomizationID><b:ProfileID>A1</b:ProfileID><b:ID><![CDATA[FA-1]]></b:ID><b:IssueDate>2026-01-31</b:IssueDate>${type}
<b:DocumentCurrencyCode>EUR</b:DocumentCurrencyCode><b:TaxCurrencyCode>USD</b:TaxCurrencyCode><b:BuyerReference>SERV</b:BuyerReference>
<a:OrderReference><b:ID>ENG-1</b:ID></a:OrderReference><a:BillingReference><a:InvoiceDocumentReference><b:ID>FA-0</b:ID></a:InvoiceDocumentReference></a:BillingReference><a:ContractDocumentReference><b:ID>MAR-1</b:ID></a:ContractDocumentReference>
<a:AdditionalDocumentReference><b:ID>ailleurs</b:ID><a:Attachment><a:ExternalReference><b:URI>https://example.org/</b:URI></a:ExternalReference></a:Attachment></a:AdditionalDocumentReference>
<a:AdditionalDocumentReference><b:ID>BL</b:ID><a:Attachment><b:EmbeddedDocumentBinaryObject mimeCode='application/pdf' filename='bl.pdf'>${base64('bl')}</b:EmbeddedDocumentBinaryObject></a:Attachment></a:AdditionalDocumentReference>
<a:AccountingSupplierParty><a:Party>${supplierIds}<a:PartyName><b:Name>Enseigne</b:Name></a:PartyName><a:PostalAddress><a:Country><b:IdentificationCode>FR</b:IdentificationCode></a:Country></a:PostalAddress><a:PartyLegalEntity><b:RegistrationName>SOCIÉTÉ</b:RegistrationName></a:PartyLegalEntity></a:Party></a:AccountingSupplierParty>
<a:AccountingCustomerParty><a:Party><a:PartyIdentification><b:ID schemeID='0009'>21340172201787</b:ID></a:PartyIdentification><a:PartyName><b:Name>VILLE</b:Name></a:PartyName></a:Party></a:AccountingCustomerParty>
<a:PaymentMeans><b:PaymentMeansCode>30</b:PaymentMeansCode></a:PaymentMeans><a:PaymentMeans><b:PaymentMeansCode>58</b:PaymentMeansCode><b:PaymentDueDate>2026-03-01</b:PaymentDueDate><a:PayeeFinancialAccount><b:ID>FR7612</b:ID></a:PayeeFinancialAccount></a:PaymentMeans>
<a:TaxTotal><b:TaxAmount currencyID='USD'>22</b:TaxAmount></a:TaxTotal>
<a:TaxTotal><b:TaxAmount currencyID='EUR'>20.00</b:TaxAmount><a:TaxSubtotal><b:TaxableAmount currencyID='EUR'>100.00</b:TaxableAmount><b:TaxAmount currencyID='EUR'>20.00</b:TaxAmount><a:TaxCategory><b:ID>S</b:ID><b:Percent>20</b:Percent></a:TaxCategory></a:TaxSubtotal></a:TaxTotal>
<a:LegalMonetaryTotal><b:PayableAmount currencyID='EUR'>120.00</b:PayableAmount><b:TaxInclusiveAmount currencyID='EUR'>120.00</b:TaxInclusiveAmount><b:TaxExclusiveAmount currencyID='EUR'>100.00</b:TaxExclusiveAmount></a:LegalMonetaryTotal>
<a:${kind}Line><b:ID>1</b:ID>${quantity}<b:LineExtensionAmount currencyID='EUR'>100.00</b:LineExtensionAmount><a:DocumentReference><b:ID>plan.pdf</b:ID><a:Attachment><b:EmbeddedDocumentBinaryObject mimeCode='application/pdf'>${base64('plan')}</b:EmbeddedDocumentBinaryObject></a:Attachment></a:DocumentReference><a:Item><b:Name>Chaise</b:Name></a:Item><a:Price><b:PriceAmount currencyID='EUR'>50.00</b:PriceAmount></a:Price></a:${kind}Line></q:${kind}>`;

  const expected = {
    ...COMMON,
    issueDate: '2026-01-31',
    dueDate: '2026-03-01',
    debtor: { idType: '0009', id: '21340172201787', siren: '213401722', name: 'VILLE', service: 'SERV' },
    lines: [{ description: 'Chaise', unitPrice: '50.00', quantity: '2', amountExclTax: '100.00' }],
    attachments: [
      { name: 'bl.pdf', mediaType: 'application/pdf', document: 'bl.pdf' },
      { name: 'plan.pdf', mediaType: 'application/pdf', document: 'plan.pdf' },
    ],
  };

  test('says what it says, and hands over what its lines carry', async () => {
    const envelope = await decodeInvoice(
      ubl(
        'Invoice',
        {
          type: '<b:InvoiceTypeCode>380</b:InvoiceTypeCode>',
          quantity: "<b:InvoicedQuantity unitCode='C62'>2</b:InvoicedQuantity>",
        },
        "<a:PartyIdentification><b:ID schemeID='SEPA'>FR00</b:ID></a:PartyIdentification><a:PartyIdentification><b:ID schemeID='0009'>00552013500012</b:ID></a:PartyIdentification>",
      ),
    );
    expect([envelope.kind, codes(envelope)]).toEqual(['UBLInvoice', []]);
    const supplier = {
      idType: '0009',
      id: '00552013500012',
      siren: '005520135',
      name: 'SOCIÉTÉ',
      country: 'FR',
      iban: 'FR7612',
    };
    expect(envelope.fields.invoices).toEqual([{ ...expected, type: '380', supplier }]);
    expect(await contentsOf(envelope)).toEqual({ 'bl.pdf': pdf('bl'), 'plan.pdf': pdf('plan') });
  });

  test('or a credit note, whose supplier has no number but that of the VAT', async () => {
    const envelope = await decodeInvoice(
      ubl(
        'CreditNote',
        {
          type: '<b:CreditNoteTypeCode>381</b:CreditNoteTypeCode>',
          quantity: "<b:CreditedQuantity unitCode='C62'>2</b:CreditedQuantity>",
        },
        '<a:PartyTaxScheme><b:CompanyID>FR12005520135</b:CompanyID></a:PartyTaxScheme>',
      ),
    );
    expect([envelope.kind, codes(envelope)]).toEqual(['UBLCreditNote', []]);
    const supplier = {
      id: 'FR12005520135',
      siren: '005520135',
      name: 'SOCIÉTÉ',
      country: 'FR',
      iban: 'FR7612',
    };
    expect(envelope.fields.invoices).toEqual([{ ...expected, type: '381', supplier }]);
  });
});

test('a CII invoice with other prefixes, terms without a date, and an amount in another currency says what it says', async () => {
  const envelope = await decodeInvoice(`<?xml version="1.0" encoding="UTF-8"?>
<CrossIndustryInvoice xmlns="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100" xmlns:r="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100" xmlns:u="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<ExchangedDocumentContext><r:BusinessProcessSpecifiedDocumentContextParameter><r:ID>A1</r:ID></r:BusinessProcessSpecifiedDocumentContextParameter></ExchangedDocumentContext>
<ExchangedDocument><r:ID>FA-1</r:ID><r:TypeCode>380</r:TypeCode><r:IssueDateTime><u:DateTimeString format="102">20260131</u:DateTimeString></r:IssueDateTime></ExchangedDocument>
<SupplyChainTradeTransaction>
<r:IncludedSupplyChainTradeLineItem><r:SpecifiedTradeProduct><r:GlobalID>3</r:GlobalID><r:Name>Chaise</r:Name></r:SpecifiedTradeProduct><r:SpecifiedLineTradeAgreement><r:NetPriceProductTradePrice><r:ChargeAmount>50.00</r:ChargeAmount></r:NetPriceProductTradePrice></r:SpecifiedLineTradeAgreement><r:SpecifiedLineTradeDelivery><r:BilledQuantity unitCode="C62">2</r:BilledQuantity></r:SpecifiedLineTradeDelivery><r:SpecifiedLineTradeSettlement><r:ApplicableTradeTax><r:RateApplicablePercent>20</r:RateApplicablePercent></r:ApplicableTradeTax><r:SpecifiedTradeSettlementLineMonetarySummation><r:LineTotalAmount>100.00</r:LineTotalAmount></r:SpecifiedTradeSettlementLineMonetarySummation>
<r:AdditionalReferencedDocument><r:IssuerAssignedID>plan.pdf</r:IssuerAssignedID><r:AttachmentBinaryObject mimeCode="application/pdf">${base64('plan')}</r:AttachmentBinaryObject></r:AdditionalReferencedDocument></r:SpecifiedLineTradeSettlement></r:IncludedSupplyChainTradeLineItem>
<r:ApplicableHeaderTradeAgreement><r:BuyerReference>SERV</r:BuyerReference>
<r:SellerTradeParty><r:GlobalID schemeID="0088">123</r:GlobalID><r:Name>SOCIÉTÉ</r:Name><r:PostalTradeAddress><r:CountryID>FR</r:CountryID></r:PostalTradeAddress><r:SpecifiedTaxRegistration><r:ID schemeID="FC">7</r:ID></r:SpecifiedTaxRegistration><r:SpecifiedTaxRegistration><r:ID schemeID="VA">FR12005520135</r:ID></r:SpecifiedTaxRegistration></r:SellerTradeParty>
<r:BuyerTradeParty><r:ID>c1</r:ID><r:Name>VILLE</r:Name><r:SpecifiedLegalOrganization><r:ID schemeID="0009">21340172201787</r:ID></r:SpecifiedLegalOrganization></r:BuyerTradeParty>
<r:BuyerOrderReferencedDocument><r:IssuerAssignedID>ENG-1</r:IssuerAssignedID></r:BuyerOrderReferencedDocument><r:ContractReferencedDocument><r:IssuerAssignedID>MAR-1</r:IssuerAssignedID></r:ContractReferencedDocument>
<r:AdditionalReferencedDocument><r:IssuerAssignedID>A</r:IssuerAssignedID><r:Name>bon</r:Name><r:AttachmentBinaryObject mimeCode="application/pdf" filename="bl.pdf">${base64('bl')}</r:AttachmentBinaryObject></r:AdditionalReferencedDocument></r:ApplicableHeaderTradeAgreement>
<r:ApplicableHeaderTradeDelivery/>
<r:ApplicableHeaderTradeSettlement><r:InvoiceCurrencyCode>EUR</r:InvoiceCurrencyCode><r:SpecifiedTradeSettlementPaymentMeans><r:TypeCode>30</r:TypeCode></r:SpecifiedTradeSettlementPaymentMeans><r:SpecifiedTradeSettlementPaymentMeans><r:TypeCode>58</r:TypeCode><r:PayeePartyCreditorFinancialAccount><r:IBANID>FR7612</r:IBANID></r:PayeePartyCreditorFinancialAccount></r:SpecifiedTradeSettlementPaymentMeans>
<r:ApplicableTradeTax><r:CalculatedAmount>20.00</r:CalculatedAmount><r:BasisAmount>100.00</r:BasisAmount><r:RateApplicablePercent>20</r:RateApplicablePercent></r:ApplicableTradeTax>
<r:SpecifiedTradePaymentTerms><r:Description>30 jours</r:Description></r:SpecifiedTradePaymentTerms><r:SpecifiedTradePaymentTerms><r:DueDateDateTime><u:DateTimeString format="102">20260302</u:DateTimeString></r:DueDateDateTime></r:SpecifiedTradePaymentTerms>
<r:SpecifiedTradeSettlementHeaderMonetarySummation><r:TaxBasisTotalAmount>100.00</r:TaxBasisTotalAmount><r:TaxTotalAmount currencyID="USD">22</r:TaxTotalAmount><r:TaxTotalAmount currencyID="EUR">20.00</r:TaxTotalAmount><r:GrandTotalAmount>120.00</r:GrandTotalAmount><r:DuePayableAmount>120.00</r:DuePayableAmount></r:SpecifiedTradeSettlementHeaderMonetarySummation><r:InvoiceReferencedDocument><r:IssuerAssignedID>FA-0</r:IssuerAssignedID></r:InvoiceReferencedDocument></r:ApplicableHeaderTradeSettlement></SupplyChainTradeTransaction></CrossIndustryInvoice>`);
  expect([envelope.kind, codes(envelope)]).toEqual(['CrossIndustryInvoice', []]);
  expect(envelope.fields.invoices).toEqual([
    {
      ...COMMON,
      type: '380',
      issueDate: '20260131',
      dueDate: '20260302',
      supplier: {
        idType: '0088',
        id: '123',
        siren: '005520135',
        name: 'SOCIÉTÉ',
        country: 'FR',
        iban: 'FR7612',
      },
      debtor: { idType: '0009', id: '21340172201787', siren: '213401722', name: 'VILLE', service: 'SERV' },
      lines: [
        {
          product: '3',
          description: 'Chaise',
          unitPrice: '50.00',
          quantity: '2',
          amountExclTax: '100.00',
          taxRate: '20',
        },
      ],
      attachments: [
        { name: 'plan.pdf', mediaType: 'application/pdf', document: 'plan.pdf' },
        { name: 'bl.pdf', mediaType: 'application/pdf', category: 'bon', document: 'bl.pdf' },
      ],
    },
  ]);
  expect(await contentsOf(envelope)).toEqual({ 'bl.pdf': pdf('bl'), 'plan.pdf': pdf('plan') });
});
