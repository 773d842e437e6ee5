import type { Reason } from '../reasons.js';
import type { OpenCircuit } from './circuits.js';
import type { RunReport } from './report.js';

/** Items that have an end, and that their source could not settle. */
export interface NotSettled {
  /** In the last poll that had any. */
  readonly count: number;
  /** When the first poll in a row that had any ended. Milliseconds since 1970; reckoned from when the process began. */
  readonly since: number;
  /** Of the last of them. */
  readonly reason: Reason;
}

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
  /** What its polls have taken, rejected or put aside, and the source does not let go of; absent once it has. */
  readonly notSettled?: NotSettled;
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
  #notSettled: NotSettled | undefined;

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

  /** @param why - of the last item of the poll that could not be settled, if there is one. */
  settled(report: RunReport, why: Reason | undefined): void {
    const { complete, stopped, endedAt, counts } = report;
    if (why !== undefined) {
      this.#notSettled = {
        count: counts.notSettled,
        since: this.#notSettled?.since ?? endedAt,
        reason: why,
      };
    } else if (complete && !stopped) {
      this.#notSettled = undefined;
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
      stalled: isStall(source) || target?.code === 'TARGET_STALLED',
      ...(this.#lastPollAt !== undefined && { lastPollAt: this.#lastPollAt }),
      ...(this.#lastSuccessAt !== undefined && { lastSuccessAt: this.#lastSuccessAt }),
      consecutiveFailures: this.#failures,
      ...(this.#lastFailure && { lastFailure: this.#lastFailure }),
      ...(this.#notSettled && { notSettled: this.#notSettled }),
      ...(source && { source }),
      ...(target && { target }),
      circuits,
      ...(this.#lastReport && { lastReport: this.#lastReport }),
    };
  }
}

/** Whether a source does not answer. */
export function isStall(source: Reason | undefined): boolean {
  return source?.code === 'SOURCE_STALLED' || source?.code === 'MAILBOX_STALLED';
}
