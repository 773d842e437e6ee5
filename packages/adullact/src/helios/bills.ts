import { child, childrenOf, present, type XmlElement } from '../xml/element.js';
import type { Bill, BillRun } from './fields.js';
import { thirdPartyOf, value } from './values.js';

/** `PES_Facture`. */
export function billRunOf(element: XmlElement): BillRun {
  return present<BillRun>({
    year: value(element, 'Annee'),
    sequence: value(element, 'NumSequence'),
    type: value(element, 'TypeFact'),
    date: value(element, 'Date'),
    bills: childrenOf(element, 'FactureIndiv').map(billOf),
  });
}

function billOf(element: XmlElement): Bill {
  const debtor = child(element, 'Debiteur');
  const total = child(element, 'TotalAPayer');
  return present<Bill>({
    number: value(element, 'NumeroFacture'),
    date: value(element, 'DateEmission'),
    subject: value(element, 'Objet'),
    debtor: debtor === undefined ? undefined : thirdPartyOf(debtor),
    amountExclTax: value(total, 'MtTotalHT'),
    taxAmount: value(total, 'MtTotalTVA'),
    amountInclTax: value(total, 'MtTotalTTC'),
  });
}
