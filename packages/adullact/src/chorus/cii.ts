import { isThere, sirenIn, sirenInVat } from '../values.js';
import type { Checks } from '../xml/checks.js';
import {
  attributeOf,
  child,
  childrenOf,
  descendants,
  firstText,
  present,
  textOf,
  type XmlElement,
} from '../xml/element.js';
import type { InvoiceLine, Party, Tax } from './fields.js';
import type { FoundAttachment, FoundInvoice } from './read.js';

/**
 * An invoice of UN/CEFACT CII D16B (EN 16931), as Factur-X carries it in a PDF, or of the editions before it
 * (`CrossIndustryDocument` of ZUGFeRD 1, CII 2 and 3), in which some elements had other names. Dates stand as `20190321`.
 */
export function ciiInvoice(root: XmlElement, checks: Checks): FoundInvoice {
  const document = either(root, 'ExchangedDocument', 'HeaderExchangedDocument');
  const trade = either(root, 'SupplyChainTradeTransaction', 'SpecifiedSupplyChainTradeTransaction');
  const agreement = either(trade, 'ApplicableHeaderTradeAgreement', 'ApplicableSupplyChainTradeAgreement');
  const delivery = either(trade, 'ApplicableHeaderTradeDelivery', 'ApplicableSupplyChainTradeDelivery');
  const settlement = either(trade, 'ApplicableHeaderTradeSettlement', 'ApplicableSupplyChainTradeSettlement');
  const totals = either(
    settlement,
    'SpecifiedTradeSettlementHeaderMonetarySummation',
    'SpecifiedTradeSettlementMonetarySummation',
  );
  const allMeans = childrenOf(settlement, 'SpecifiedTradeSettlementPaymentMeans');
  const [means] = allMeans;
  const currency = textOf(settlement, 'InvoiceCurrencyCode');
  const supplier = partyOf(child(agreement, 'SellerTradeParty'));
  const debtor = partyOf(child(agreement, 'BuyerTradeParty'));
  const iban = firstText(allMeans, 'PayeePartyCreditorFinancialAccount', 'IBANID');
  const service = textOf(agreement, 'BuyerReference');
  const context = either(root, 'ExchangedDocumentContext', 'SpecifiedExchangedDocumentContext');
  const invoice = present<FoundInvoice['invoice']>({
    number: textOf(document, 'ID'),
    chorusId: undefined,
    type: textOf(document, 'TypeCode'),
    frame: textOf(context, 'BusinessProcessSpecifiedDocumentContextParameter', 'ID'),
    originalNumber: referred(child(settlement, 'InvoiceReferencedDocument')),
    issueDate: textOf(document, 'IssueDateTime', 'DateTimeString'),
    receptionDate: undefined,
    deliveryDate: textOf(delivery, 'ActualDeliverySupplyChainEvent', 'OccurrenceDateTime', 'DateTimeString'),
    dueDate: firstText(
      childrenOf(settlement, 'SpecifiedTradePaymentTerms'),
      'DueDateDateTime',
      'DateTimeString',
    ),
    paymentMode: textOf(means, 'TypeCode'),
    paymentModeLabel: textOf(means, 'Information'),
    currency,
    amountExclTax: textOf(totals, 'TaxBasisTotalAmount'),
    taxAmount: textOf(amountIn(currency, childrenOf(totals, 'TaxTotalAmount'))),
    amountInclTax: textOf(totals, 'GrandTotalAmount'),
    amountPayable: textOf(totals, 'DuePayableAmount'),
    taxes: childrenOf(settlement, 'ApplicableTradeTax').map(taxOf),
    contractNumber: referred(child(agreement, 'ContractReferencedDocument')),
    commitmentNumber: referred(child(agreement, 'BuyerOrderReferencedDocument')),
    supplier: iban === undefined ? supplier : { ...supplier, iban },
    debtor: service === undefined ? debtor : { ...debtor, service },
    validator: undefined,
    lines: childrenOf(trade, 'IncludedSupplyChainTradeLineItem').map(lineOf),
    history: [],
  });
  checks.required('ExchangedDocument/ID', invoice.number);
  checks.required('IssueDateTime', invoice.issueDate);
  checks.date('IssueDateTime', invoice.issueDate);
  checks.date('DueDateDateTime', invoice.dueDate);
  checks.required('DuePayableAmount', invoice.amountPayable);
  checks.amount('DuePayableAmount', invoice.amountPayable);
  checks.amount('GrandTotalAmount', invoice.amountInclTax);
  // BG-24 is of the whole invoice; those of a line may carry a document as well (Factur-X EXTENDED).
  const references = descendants(root, ({ name }) => name === 'AdditionalReferencedDocument');
  return { invoice, found: references.flatMap(attachmentOf) };
}

/** A second amount may be told in the currency of the tax (BT-111). */
function amountIn(currency: string | undefined, amounts: readonly XmlElement[]): XmlElement | undefined {
  return amounts.find((amount) => attributeOf(amount, 'currencyID') === currency) ?? amounts[0];
}

/** A child by its name of today, or the one that it had. */
function either(element: XmlElement | undefined, name: string, before: string): XmlElement | undefined {
  return child(element, name) ?? child(element, before);
}

function referred(element: XmlElement | undefined): string | undefined {
  return textOf(element, 'IssuerAssignedID') ?? textOf(element, 'ID');
}

/** The scheme that tells most (ISO 6523): 0009 SIRET, 0002 SIREN. */
const SCHEMES = ['0009', '0002'];

function partyOf(element: XmlElement | undefined): Party {
  const ids = [
    ...childrenOf(element, 'GlobalID'),
    ...childrenOf(child(element, 'SpecifiedLegalOrganization'), 'ID'),
    ...childrenOf(element, 'ID'),
    ...childrenOf(element, 'SpecifiedTaxRegistration').flatMap((one) => childrenOf(one, 'ID')),
  ].filter((id) => textOf(id) !== undefined);
  const best =
    SCHEMES.flatMap((scheme) => ids.filter((id) => attributeOf(id, 'schemeID') === scheme)).at(0) ??
    ids.at(0);
  return present<Party>({
    idType: attributeOf(best, 'schemeID'),
    id: textOf(best),
    siren:
      sirenIn(textOf(best)) ?? ids.map((id) => sirenIn(textOf(id)) ?? sirenInVat(textOf(id))).find(isThere),
    name: textOf(element, 'Name'),
    country: textOf(element, 'PostalTradeAddress', 'CountryID'),
    service: undefined,
    serviceName: undefined,
    iban: undefined,
  });
}

function taxOf(element: XmlElement): Tax {
  return present<Tax>({
    rate: rateOf(element),
    base: textOf(element, 'BasisAmount'),
    amount: textOf(element, 'CalculatedAmount'),
  });
}

function rateOf(tax: XmlElement | undefined): string | undefined {
  return textOf(tax, 'RateApplicablePercent') ?? textOf(tax, 'ApplicablePercent');
}

function lineOf(element: XmlElement): InvoiceLine {
  const product = child(element, 'SpecifiedTradeProduct');
  const agreement = either(element, 'SpecifiedLineTradeAgreement', 'SpecifiedSupplyChainTradeAgreement');
  const delivery = either(element, 'SpecifiedLineTradeDelivery', 'SpecifiedSupplyChainTradeDelivery');
  const settlement = either(element, 'SpecifiedLineTradeSettlement', 'SpecifiedSupplyChainTradeSettlement');
  const total = either(
    settlement,
    'SpecifiedTradeSettlementLineMonetarySummation',
    'SpecifiedTradeSettlementMonetarySummation',
  );
  return present<InvoiceLine>({
    product: textOf(product, 'SellerAssignedID') ?? textOf(product, 'GlobalID'),
    description: textOf(product, 'Name'),
    unitPrice: textOf(agreement, 'NetPriceProductTradePrice', 'ChargeAmount'),
    quantity: textOf(delivery, 'BilledQuantity'),
    amountExclTax: textOf(total, 'LineTotalAmount'),
    taxRate: rateOf(child(settlement, 'ApplicableTradeTax')),
  });
}

/** BG-24. One that only points elsewhere (`URIID`) is none. */
function attachmentOf(element: XmlElement): readonly FoundAttachment[] {
  const object = child(element, 'AttachmentBinaryObject');
  if (object === undefined) return [];
  const attachment = present<FoundAttachment['attachment']>({
    name: attributeOf(object, 'filename') ?? textOf(element, 'Name') ?? textOf(element, 'IssuerAssignedID'),
    type: undefined,
    mediaType: attributeOf(object, 'mimeCode'),
    category: textOf(element, 'Name'),
  });
  return [{ attachment, number: textOf(object) }];
}
