import type { Code } from '../codes.js';
import type { ItemRef, Receipt } from '../contracts/item.js';
import type { End, How } from '../contracts/listener.js';
import type { Reason } from '../reasons.js';
import { printable } from '../text.js';

/** What `process` did with an item. */
export interface Outcome {
  readonly ref: ItemRef;
  /** Its end if it has one; `left` if it stays in its source, to be looked at again. */
  readonly is: End | 'left';
  /** Why it was left, rejected or put aside; with `how: 'failed'`, why its source could not do its part. */
  readonly reason?: Reason;
  /** The submissions of this call, in the order in which they were made. */
  readonly submissions: readonly Submission[];
  /** Names of its documents that nothing wants: not sent, and settled with the rest. */
  readonly unwanted?: readonly string[];
  /** What the source did, once it has an end. */
  readonly how?: How;
}

export interface Submission {
  readonly job: string;
  readonly receipt: Receipt;
}

export interface LeftItem {
  /** Fit for a log or a terminal. As the source has it: `ref.name`. */
  readonly name: string;
  readonly ref: ItemRef;
  readonly reason: Reason;
}

/** What a poll saw and did. Lists hold the first `reportLimit` entries each; the counts are of all. */
export interface RunReport {
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Whether the source was listed to its end. */
  readonly complete: boolean;
  /** Whether it was stopped on request. */
  readonly stopped: boolean;
  /**
   * Items that came to an end in this run. One whose source could not do its part (`how: 'failed'`) only in the run that
   * submitted something of it; it is in `left` of each run until its source has.
   */
  readonly ended: readonly Outcome[];
  /**
   * Items that stay in the source, and why: also what has an end that the source could not settle. Those that were settled
   * long ago and are kept there are only counted.
   */
  readonly left: readonly LeftItem[];
  readonly counts: {
    /** Items in the listing. */
    readonly listed: number;
    /** Items that came to this end, each in the run in which its source did its part. */
    readonly accepted: number;
    readonly aside: number;
    readonly rejected: number;
    /** Items that have an end, and that their source could not settle. Among `left`; asked again at each run. */
    readonly notSettled: number;
    /** Groups that reached their COLD. */
    readonly submissions: number;
    readonly documents: number;
    readonly bytes: number;
    readonly left: Readonly<Partial<Record<Code, number>>>;
  };
}

/** Gathers a run's report without growing with the run. */
export class Reporter {
  readonly #limit: number;
  readonly #startedAt: number;
  readonly #ended: Outcome[] = [];
  readonly #left: LeftItem[] = [];
  readonly #leftByCode = new Map<Code, number>();
  readonly #ends = { accept: 0, aside: 0, reject: 0 };
  #notSettled = 0;
  #lastNotSettled: Reason | undefined;
  #submissions = 0;
  #documents = 0;
  #bytes = 0;
  listed = 0;

  constructor(startedAt: number, limit: number) {
    this.#startedAt = startedAt;
    this.#limit = limit;
  }

  add(outcome: Outcome): void {
    for (const { receipt } of outcome.submissions) {
      this.#submissions++;
      this.#documents += receipt.documents.length;
      for (const document of receipt.documents) this.#bytes += document.size;
    }
    const { ref, is, how, reason: why } = outcome;
    if (is === 'left' || how === 'failed') {
      if (why !== undefined) this.left(ref, why);
    } else {
      this.#ends[is]++;
    }
    if (how === 'failed') {
      this.#notSettled++;
      this.#lastNotSettled = why;
    }
    const isNews = is !== 'left' && (how !== 'failed' || outcome.submissions.length > 0);
    if (isNews && this.#ended.length < this.#limit) this.#ended.push(outcome);
  }

  /** Why the last item that could not be settled was not. */
  get lastNotSettled(): Reason | undefined {
    return this.#lastNotSettled;
  }

  count(code: Code): void {
    this.#leftByCode.set(code, (this.#leftByCode.get(code) ?? 0) + 1);
  }

  left(ref: ItemRef, reason: Reason): void {
    this.count(reason.code);
    if (reason.code !== 'DONE' && this.#left.length < this.#limit)
      this.#left.push({ name: printable(ref.name), ref, reason });
  }

  report(end: {
    readonly endedAt: number;
    readonly complete: boolean;
    readonly stopped: boolean;
  }): RunReport {
    return {
      startedAt: this.#startedAt,
      ...end,
      ended: this.#ended,
      left: this.#left,
      counts: {
        listed: this.listed,
        accepted: this.#ends.accept,
        aside: this.#ends.aside,
        rejected: this.#ends.reject,
        notSettled: this.#notSettled,
        submissions: this.#submissions,
        documents: this.#documents,
        bytes: this.#bytes,
        left: Object.fromEntries(this.#leftByCode),
      },
    };
  }
}
