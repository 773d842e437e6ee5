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

/** An invoice or a credit note of UBL 2 (EN 16931; `BT-…` are its business terms). */
export function ublInvoice(root: XmlElement, checks: Checks): FoundInvoice {
  const totals = child(root, 'LegalMonetaryTotal');
  const allMeans = childrenOf(root, 'PaymentMeans');
  const [means] = allMeans;
  const currency = textOf(root, 'DocumentCurrencyCode');
  const tax = totalIn(currency, childrenOf(root, 'TaxTotal'));
  const customer = child(root, 'AccountingCustomerParty');
  const debtor = partyOf(child(customer, 'Party'));
  // BT-10: where Chorus Pro's service code goes; before EN 16931 it was the buyer's contact.
  const service = textOf(root, 'BuyerReference') ?? textOf(customer, 'AccountingContact', 'ID');
  const serviceName = textOf(customer, 'AccountingContact', 'Name');
  const iban = firstText(allMeans, 'PayeeFinancialAccount', 'ID');
  const supplier = partyOf(child(root, 'AccountingSupplierParty', 'Party'));
  const invoice = present<FoundInvoice['invoice']>({
    number: textOf(root, 'ID'),
    chorusId: undefined,
    type: textOf(root, 'InvoiceTypeCode') ?? textOf(root, 'CreditNoteTypeCode'),
    frame: textOf(root, 'ProfileID'),
    originalNumber: textOf(root, 'BillingReference', 'InvoiceDocumentReference', 'ID'),
    issueDate: textOf(root, 'IssueDate'),
    receptionDate: undefined,
    deliveryDate: textOf(root, 'Delivery', 'ActualDeliveryDate'),
    dueDate: textOf(root, 'DueDate') ?? firstText(allMeans, 'PaymentDueDate'),
    paymentMode: textOf(means, 'PaymentMeansCode'),
    paymentModeLabel: attributeOf(child(means, 'PaymentMeansCode'), 'name'),
    currency,
    amountExclTax: textOf(totals, 'TaxExclusiveAmount'),
    taxAmount: textOf(tax, 'TaxAmount'),
    amountInclTax: textOf(totals, 'TaxInclusiveAmount'),
    amountPayable: textOf(totals, 'PayableAmount'),
    taxes: childrenOf(tax, 'TaxSubtotal').map(taxOf),
    contractNumber: textOf(root, 'ContractDocumentReference', 'ID'),
    commitmentNumber: textOf(root, 'OrderReference', 'ID'),
    supplier: iban === undefined ? supplier : { ...supplier, iban },
    debtor: {
      ...debtor,
      ...(service !== undefined && { service }),
      ...(serviceName !== undefined && { serviceName }),
    },
    validator: undefined,
    lines: root.children.filter((c) => c.name === 'InvoiceLine' || c.name === 'CreditNoteLine').map(lineOf),
    history: [],
  });
  checks.required('ID', invoice.number);
  checks.required('IssueDate', invoice.issueDate);
  checks.date('IssueDate', invoice.issueDate);
  checks.date('DueDate', invoice.dueDate);
  checks.required('PayableAmount', invoice.amountPayable);
  checks.amount('PayableAmount', invoice.amountPayable);
  checks.amount('TaxInclusiveAmount', invoice.amountInclTax);
  // BG-24 is AdditionalDocumentReference; UBL itself lets any reference carry its document, also those of a line.
  return {
    invoice,
    found: descendants(root, (inner) => child(inner, 'Attachment') !== undefined).flatMap(attachmentOf),
  };
}

/** Of the currency of the invoice: a second one may be told in that of the tax (BT-111). */
function totalIn(currency: string | undefined, totals: readonly XmlElement[]): XmlElement | undefined {
  const own = totals.find((total) => attributeOf(child(total, 'TaxAmount'), 'currencyID') === currency);
  return own ?? totals[0];
}

/** The scheme that tells most: a SIRET rather than a SIREN or a VAT number. ISO 6523: 0009 SIRET, 0002 SIREN. */
const SCHEMES = ['SIRET', '0009', 'SIREN', '0002'];

function partyOf(element: XmlElement | undefined): Party {
  const ids = [
    ...childrenOf(element, 'PartyIdentification').map((one) => child(one, 'ID')),
    child(element, 'PartyLegalEntity', 'CompanyID'),
    child(element, 'PartyTaxScheme', 'CompanyID'),
  ].flatMap((id) => {
    const text = textOf(id);
    return text === undefined
      ? []
      : [{ text, scheme: attributeOf(id, 'schemeID') ?? attributeOf(id, 'schemeName') }];
  });
  const best = SCHEMES.flatMap((scheme) => ids.filter((id) => id.scheme === scheme)).at(0) ?? ids.at(0);
  return present<Party>({
    idType: best?.scheme,
    id: best?.text,
    siren: sirenIn(best?.text) ?? ids.map(({ text }) => sirenIn(text) ?? sirenInVat(text)).find(isThere),
    name: textOf(element, 'PartyLegalEntity', 'RegistrationName') ?? textOf(element, 'PartyName', 'Name'),
    country: textOf(element, 'PostalAddress', 'Country', 'IdentificationCode'),
    service: undefined,
    serviceName: undefined,
    iban: undefined,
  });
}

function taxOf(element: XmlElement): Tax {
  return present<Tax>({
    rate: textOf(element, 'TaxCategory', 'Percent') ?? textOf(element, 'Percent'),
    base: textOf(element, 'TaxableAmount'),
    amount: textOf(element, 'TaxAmount'),
  });
}

function lineOf(element: XmlElement): InvoiceLine {
  const item = child(element, 'Item');
  return present<InvoiceLine>({
    product:
      textOf(item, 'SellersItemIdentification', 'ID') ?? textOf(item, 'StandardItemIdentification', 'ID'),
    description: textOf(item, 'Name') ?? textOf(item, 'Description'),
    unitPrice: textOf(element, 'Price', 'PriceAmount'),
    quantity: textOf(element, 'InvoicedQuantity') ?? textOf(element, 'CreditedQuantity'),
    amountExclTax: textOf(element, 'LineExtensionAmount'),
    taxRate: textOf(item, 'ClassifiedTaxCategory', 'Percent'),
  });
}

/** BG-24. One that only points elsewhere (`ExternalReference`) is none. */
function attachmentOf(element: XmlElement): readonly FoundAttachment[] {
  const object = child(element, 'Attachment', 'EmbeddedDocumentBinaryObject');
  if (object === undefined) return [];
  const attachment = present<FoundAttachment['attachment']>({
    name: attributeOf(object, 'filename') ?? textOf(element, 'ID'),
    type: undefined,
    mediaType: attributeOf(object, 'mimeCode'),
    category: textOf(element, 'DocumentType') ?? textOf(element, 'DocumentDescription'),
  });
  return [{ attachment, number: textOf(object) }];
}
