import type { Reason } from '../reasons.js';
import type { Delivery } from './item.js';

export interface ExpandOptions {
  readonly signal?: AbortSignal;
  /** A private folder for what has to be unpacked; emptied by the launcher after the delivery. */
  readonly folder?: string;
  /** Called for what stays as it is, with the reason: what an operator is told if nothing else wants it. */
  readonly leftAsItIs?: (why: Reason) => void;
}

/** Turns a delivery into the documents that it packs: an envelope, an archive. */
export interface Expander {
  /** As for a filter. */
  readonly fingerprint?: string;
  /**
   * The delivery itself where there is nothing to expand. The result's disposal disposes of the original.
   * @throws LanceurError of scope `document`, such as `EXPAND_FAILED`.
   */
  expand(delivery: Delivery, options?: ExpandOptions): Promise<Delivery>;
}
