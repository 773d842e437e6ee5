import type { Reason } from '../reasons.js';

/** One thing that `doctor()` tried, or noticed. */
export interface Check {
  /** What was tried: `source F:\depots can be listed`. */
  readonly name: string;
  /** `warning`: it works, and there is something to know. */
  readonly result: 'ok' | 'warning' | 'failed';
  /** What was found, for a person; always there unless `ok`. */
  readonly message?: string;
  readonly reason?: Reason;
}
