import type { Delivery, DocumentInfo, SourceDocument } from './item.js';

/** Documents that go to one job together. */
export interface DocumentGroup {
  /** Unique in its delivery, and the same whenever the same delivery is grouped. */
  readonly key: string;
  /** The COLD job ("travail de référence") that takes it: `87`. */
  readonly job: string;
  readonly documents: readonly SourceDocument[];
}

/** Says which COLD job takes which documents of a delivery ("regroupement"). */
export interface Grouper {
  /** As for a filter. */
  readonly fingerprint?: string;
  /** All the jobs that it can name, where they are known, so that one without target is refused when a launcher is built. */
  readonly jobs?: readonly string[];
  /** Which job would take a document of this name, before anything is opened; `undefined` = none. */
  jobFor(document: DocumentInfo): string | undefined;
  /** A pure function of one delivery. A document in no group is unwanted. */
  group(delivery: Delivery): readonly DocumentGroup[];
}
