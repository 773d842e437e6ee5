import type { Reason } from '../reasons.js';
import type { OpenCircuit } from './circuits.js';
import type { RunReport } from './report.js';

/** How a launcher is, from memory: asking costs nothing and touches no source or target. */
export interface Health {
  readonly state: 'idle' | 'running';
  /** The source or a target has stopped answering in the middle of a call. */
  readonly stalled: boolean;
  /** When the last poll began; absent before the first. Milliseconds since 1970. */
  readonly lastPollAt?: number;
  /** When the last poll that went well ended. */
  readonly lastSuccessAt?: number;
  /** Polls that have failed since then. */
  readonly consecutiveFailures: number;
  /** Why the last poll failed, if it did. */
  readonly lastFailure?: Reason;
  readonly source?: Reason;
  readonly target?: Reason;
  /** Jobs that do not answer. */
  readonly circuits: readonly OpenCircuit[];
  /** Of the last poll that ended, well or not. */
  readonly lastReport?: RunReport;
}

/** What the launcher notes about its polls. */
export class Pulse {
  #lastPollAt: number | undefined;
  #lastSuccessAt: number | undefined;
  #failures = 0;
  #lastFailure: Reason | undefined;
  #lastReport: RunReport | undefined;

  began(at: number): void {
    this.#lastPollAt = at;
  }

  ended(at: number, failure: Reason | undefined, report?: RunReport): void {
    if (report !== undefined) this.#lastReport = report;
    this.#lastFailure = failure;
    // One that was stopped tells nothing either way.
    if (report?.stopped === true && failure === undefined) return;
    if (failure === undefined) {
      this.#failures = 0;
      this.#lastSuccessAt = at;
    } else {
      this.#failures++;
    }
  }

  health(now: {
    readonly running: boolean;
    readonly source: Reason | undefined;
    readonly target: Reason | undefined;
    readonly circuits: readonly OpenCircuit[];
  }): Health {
    const { running, source, target, circuits } = now;
    return {
      state: running ? 'running' : 'idle',
      stalled: source?.code === 'SOURCE_STALLED' || target?.code === 'TARGET_STALLED',
      ...(this.#lastPollAt !== undefined && { lastPollAt: this.#lastPollAt }),
      ...(this.#lastSuccessAt !== undefined && { lastSuccessAt: this.#lastSuccessAt }),
      consecutiveFailures: this.#failures,
      ...(this.#lastFailure && { lastFailure: this.#lastFailure }),
      ...(source && { source }),
      ...(target && { target }),
      circuits,
      ...(this.#lastReport && { lastReport: this.#lastReport }),
    };
  }
}
