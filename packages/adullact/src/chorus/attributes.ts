import { flat } from '../xml/flat.js';
import type { ChorusFields, ChorusKind } from './fields.js';

/**
 * The fields as flat text: of one invoice by the names that they have in `fields`, of several the values of all,
 * one after the other.
 */
export function attributesOf(
  kind: ChorusKind,
  { flow, invoices, statuses }: ChorusFields,
): Readonly<Record<string, string>> {
  const suppliers = [...invoices, ...statuses].map((one) => one.supplier);
  const debtors = [...invoices, ...statuses].map((one) => one.debtor);
  const history = invoices.flatMap((invoice) => invoice.history.at(-1) ?? []);
  const last = [...statuses, ...history];
  return flat({
    kind,
    flowId: flow?.id ?? statuses.find((status) => status.flowId !== undefined)?.flowId,
    flowDate: flow?.date,
    invoices: invoices.length > 0 ? invoices.length : undefined,
    number: [...invoices.map((i) => i.number), ...statuses.map((s) => s.invoiceNumber)],
    chorusId: invoices.map((i) => i.chorusId),
    originalNumber: invoices.map((i) => i.originalNumber),
    invoiceType: invoices.map((i) => i.type),
    frame: invoices.map((i) => i.frame),
    date: [...invoices.map((i) => i.issueDate), ...statuses.map((s) => s.invoiceDate)],
    receptionDate: invoices.map((i) => i.receptionDate),
    dueDate: invoices.map((i) => i.dueDate),
    currency: invoices.map((i) => i.currency),
    amountExclTax: invoices.map((i) => i.amountExclTax),
    taxAmount: invoices.map((i) => i.taxAmount),
    amountInclTax: invoices.map((i) => i.amountInclTax),
    amountPayable: invoices.map((i) => i.amountPayable),
    contractNumber: invoices.map((i) => i.contractNumber),
    commitmentNumber: invoices.map((i) => i.commitmentNumber),
    supplierId: suppliers.map((party) => party?.id),
    supplierName: suppliers.map((party) => party?.name),
    debtorId: debtors.map((party) => party?.id),
    debtorName: debtors.map((party) => party?.name),
    service: debtors.map((party) => party?.service),
    serviceName: debtors.map((party) => party?.serviceName),
    status: last.map((status) => status.code),
    statusLabel: last.map((status) => status.label),
    statusDate: last.map((status) => status.at),
  });
}
