import type { DecodedChorus, XmlDocument } from '../xml-file.js';
import { Checks } from '../xml/checks.js';
import { documentsOf, type Place } from '../xml/documents.js';
import type { XmlElement } from '../xml/element.js';
import type { ReadXml } from '../xml/read.js';
import { attributesOf } from './attributes.js';
import { ciiInvoice } from './cii.js';
import type { ChorusFields, ChorusKind, Invoice, InvoiceAttachment } from './fields.js';
import { flowOf, pivotInvoices } from './pivot.js';
import { statusesIn } from './status.js';
import { ublInvoice } from './ubl.js';

/** An attachment as the XML describes it, and where its content stood. */
export interface FoundAttachment {
  readonly attachment: Omit<InvoiceAttachment, 'document'>;
  /** What stands in place of its content. */
  readonly number: string | undefined;
  /** An attachment that is only named (`IdUnique`) has no content, and need not. */
  readonly mayBeEmpty?: boolean;
}

/** An invoice before it is known which document each attachment became. */
export interface FoundInvoice {
  readonly invoice: Omit<Invoice, 'attachments'>;
  readonly found: readonly FoundAttachment[];
}

/** An XML of Chorus Pro, or an invoice by one of the standards that it takes. */
export function readChorus(read: ReadXml): DecodedChorus {
  const kind = read.kind as ChorusKind;
  const checks = new Checks();
  const { invoices, documents } = withDocuments(invoicesIn(read.root, kind, checks), read, checks);
  const flow = kind.startsWith('CPP') ? flowOf(read.root, checks) : undefined;
  const fields: ChorusFields = {
    ...(flow !== undefined && { flow }),
    invoices,
    statuses: kind === 'CPPStatut' ? statusesIn(read.root, checks) : [],
  };
  return {
    type: 'chorus_fact',
    kind,
    fields,
    attributes: attributesOf(kind, fields),
    documents,
    lists: [],
    issues: [...read.issues, ...checks.issues],
    raw: read.root,
  };
}

function invoicesIn(root: XmlElement, kind: ChorusKind, checks: Checks): readonly FoundInvoice[] {
  switch (kind) {
    case 'CPPFacturePivot':
    case 'CPPFactureMixte':
      return pivotInvoices(root, checks);
    case 'CPPStatut':
      return [];
    case 'UBLInvoice':
    case 'UBLCreditNote':
      return [ublInvoice(root, checks)];
    case 'CrossIndustryInvoice':
    case 'CrossIndustryDocument':
      return [ciiInvoice(root, checks)];
  }
}

function withDocuments(
  found: readonly FoundInvoice[],
  { attachments }: ReadXml,
  checks: Checks,
): { readonly invoices: readonly Invoice[]; readonly documents: readonly XmlDocument[] } {
  const places = found.flatMap((one, invoice) =>
    one.found.map((attachment, i) => placeOf(attachment, { invoice, otherwise: nameFor(one, i) })),
  );
  const { documents, names, issues } = documentsOf(attachments, places);
  for (const one of issues) checks.note(one.code, one);
  let next = 0;
  const invoices = found.map((one) => ({
    ...one.invoice,
    attachments: one.found.map(({ attachment }) => {
      const document = names[next++];
      return document === undefined ? attachment : { ...attachment, document };
    }),
  }));
  return { invoices, documents };
}

function placeOf(
  { attachment, number, mayBeEmpty = false }: FoundAttachment,
  { invoice, otherwise }: { readonly invoice: number; readonly otherwise: string },
): Place {
  return {
    number,
    name: attachment.name,
    otherwise,
    mediaType: attachment.mediaType,
    // By the names that Pastell gives them in a deposit.
    role: attachment.type === '01' ? 'facture_pj_01' : 'facture_pj_02',
    invoice,
    mayBeEmpty,
  };
}

function nameFor({ invoice }: FoundInvoice, i: number): string {
  return `${invoice.number ?? 'facture'} PJ ${String(i + 1)}`;
}
