import type { Code } from '../codes.js';
import type { NotSettled } from '../launcher/health.js';
import type { RunReport } from '../launcher/report.js';
import type { Reason } from '../reasons.js';

/** How a launcher of a service is. Plain data, from memory: asking costs nothing. Times are milliseconds since 1970. */
export interface LauncherState {
  readonly id: string;
  /**
   * - `stopped`: it does not run unless asked to.
   * - `waiting`: for its schedule.
   * - `running`.
   * - `stopping`: it has been told to end its run.
   * - `hung`: it was told so and has not done it in time. It does not run again before it has.
   */
  readonly is: 'stopped' | 'waiting' | 'running' | 'stopping' | 'hung';
  /** When it runs next; absent if it is stopped, or its schedule is over. While it runs: what is due after this run. */
  readonly nextRunAt?: number;
  readonly runningSince?: number;
  /** The last run that ended, well or not. */
  readonly lastRun?: RunSummary;
  /** When the last run that went well ended. */
  readonly lastSuccessAt?: number;
  /** Runs that have failed since then. */
  readonly consecutiveFailures: number;
  /** Its source or a target does not answer in the middle of a call, or its run does not get on. */
  readonly stalled?: Reason;
  /** What it has taken, rejected or put aside, and its source does not let go of. */
  readonly notSettled?: NotSettled;
  /** Its source, which usually brings something, has brought nothing for long. */
  readonly silent?: Reason;
  /** Why the last reload failed: the launcher from before goes on. */
  readonly reloadFailed?: Reason;
}

/** What a run did, in a few numbers. The whole {@link RunReport} comes with the event `runEnded`. */
export interface RunSummary {
  /** When it was due: the earliest of the times that it stands for. Absent if it was asked for. */
  readonly dueAt?: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Whether it was told to end before it was through. */
  readonly stopped: boolean;
  /** Why it failed, if it did. */
  readonly failure?: Reason;
  /** Items accepted, and put aside after a part of them was submitted. */
  readonly taken: number;
  readonly rejected: number;
  /** Items that have an end, and that their source could not settle: among `left`, and not among `taken` and `rejected`. */
  readonly notSettled: number;
  readonly documents: number;
  readonly bytes: number;
  /** Items that stay in the source, by why; the most frequent first. What was settled before and is kept there is not among them. */
  readonly left: readonly LeftSummary[];
}

export interface LeftSummary {
  readonly code: Code;
  readonly count: number;
  /** One of them. Absent if there were more than the report names (`reportLimit`). */
  readonly example?: { readonly name: string; readonly reason: Reason };
}

export interface EndedRun {
  readonly dueAt?: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly stopped: boolean;
  readonly failure?: Reason;
  readonly report?: RunReport;
}

export function summaryOf({ report, ...run }: EndedRun): RunSummary {
  const { accepted = 0, aside = 0, rejected = 0, notSettled = 0 } = report?.counts ?? {};
  const { documents = 0, bytes = 0 } = report?.counts ?? {};
  return { ...run, taken: accepted + aside, rejected, notSettled, documents, bytes, left: leftOf(report) };
}

function leftOf(report: RunReport | undefined): readonly LeftSummary[] {
  if (report === undefined) return [];
  return (Object.entries(report.counts.left) as readonly (readonly [Code, number])[])
    .filter(([code]) => code !== 'DONE')
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => {
      const one = report.left.find(({ reason }) => reason.code === code);
      return { code, count, ...(one && { example: { name: one.name, reason: one.reason } }) };
    });
}
