import type { Reason } from '../reasons.js';
import type { DocumentInfo } from './item.js';

export type Decision = { readonly accepted: true } | { readonly accepted: false; readonly reason: Reason };

/** Accepts or refuses a document by what is known before it is opened ("filtre"). Pure, and quick. */
export interface Filter {
  /**
   * Changes with the filter's behaviour: what was skipped under another fingerprint is looked at again. Without one,
   * skips last as long as the process.
   */
  readonly fingerprint?: string;
  /** @throws LanceurError `PATTERN_TOO_SLOW` rather than hang. */
  decide(document: DocumentInfo): Decision;
  /** What an administrator should know about it: a pattern that lets pass what it seems to exclude. */
  readonly advice?: readonly string[];
}
