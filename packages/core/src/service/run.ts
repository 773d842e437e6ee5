import type { Clock } from '../clock.js';
import { isAbort, LanceurError, messageOf, reasonOf } from '../errors.js';
import { isStall, type Health } from '../launcher/health.js';
import type { RunReport } from '../launcher/report.js';
import { reason, type Reason } from '../reasons.js';
import type { ServedLauncher } from './entry.js';
import { summaryOf, type RunSummary } from './state.js';
import { within } from './within.js';

export interface Bounds {
  readonly softStopMs: number;
  readonly hardStopMs: number;
}

/** What came of a run. */
export interface RunEnd {
  readonly summary: RunSummary;
  readonly report?: RunReport;
}

/** One run of a launcher, from its beginning to its end, which may never come. */
export class ServedRun {
  readonly since: number;
  /** Never rejects. */
  readonly ended: Promise<RunEnd>;
  readonly #launcher: ServedLauncher;
  readonly #clock: Clock;
  readonly #dueAt: number | undefined;
  readonly #soft = new AbortController();
  readonly #kill = new AbortController();
  #movedAt: number;
  #stalled: Reason | undefined;
  #hung: Reason | undefined;

  constructor(launcher: ServedLauncher, clock: Clock, dueAt: number | undefined) {
    this.#launcher = launcher;
    this.#clock = clock;
    this.#dueAt = dueAt;
    this.since = clock.now();
    this.#movedAt = this.since;
    this.ended = this.#drive();
  }

  get is(): 'running' | 'stopping' | 'hung' {
    if (this.#hung !== undefined) return 'hung';
    return this.#soft.signal.aborted ? 'stopping' : 'running';
  }

  /** Why it does not get on, as last looked at. */
  get stalled(): Reason | undefined {
    return this.#stalled;
  }

  /** A document of it has come further. */
  moved(): void {
    this.#movedAt = this.#clock.now();
  }

  /** Whether it gets on; what has changed since it was last looked at. */
  look(now: number, stalledAfterMs: number): 'stalled' | 'recovered' | undefined {
    // The clock may have been set back.
    this.#movedAt = Math.min(this.#movedAt, now);
    const still = now - this.#movedAt;
    const late =
      still < stalledAfterMs
        ? undefined
        : reason('RUN_STALLED', { launcher: this.#launcher.id, minutes: Math.floor(still / 60_000) });
    const before = this.#stalled;
    this.#stalled = stalledByHealth(this.#launcher) ?? late;
    if ((before === undefined) === (this.#stalled === undefined)) return undefined;
    return this.#stalled === undefined ? 'recovered' : 'stalled';
  }

  /** Tells it to end: softly first, hard if that takes too long or is asked for. Why it counts as hung, if it has not. */
  async end(hard: boolean, { softStopMs, hardStopMs }: Bounds): Promise<Reason | undefined> {
    this.#soft.abort();
    if (hard) this.#kill.abort();
    if (await within(this.#clock, softStopMs, this.ended, this.#kill.signal)) return undefined;
    this.#kill.abort();
    if (await within(this.#clock, hardStopMs, this.ended)) return undefined;
    this.#hung ??= reason('LAUNCHER_HUNG', {
      launcher: this.#launcher.id,
      seconds: Math.round(hardStopMs / 1000),
    });
    return this.#hung;
  }

  async #drive(): Promise<RunEnd> {
    // Whoever begins a run is through with it before anything of it happens.
    await Promise.resolve();
    const before = healthOf(this.#launcher)?.lastReport;
    try {
      const report = await this.#launcher.run({ signal: this.#soft.signal, kill: this.#kill.signal });
      return this.#end(report);
    } catch (error) {
      const after = healthOf(this.#launcher)?.lastReport;
      return this.#end(after === before ? undefined : after, error);
    }
  }

  #end(report: RunReport | undefined, error?: unknown): RunEnd {
    const wasKilled =
      this.#kill.signal.aborted && (isAbort(error) || LanceurError.is(error, 'ABORTED', 'STOPPED'));
    const summary = summaryOf({
      ...(this.#dueAt !== undefined && { dueAt: this.#dueAt }),
      startedAt: this.since,
      endedAt: this.#clock.now(),
      stopped: wasKilled || report?.stopped === true,
      ...(error !== undefined && !wasKilled && { failure: reasonOf(error) }),
      ...(report && { report }),
    });
    return { summary, ...(report && { report }) };
  }
}

/** The source or a target does not answer. */
export function stalledByHealth(launcher: ServedLauncher): Reason | undefined {
  const health = healthOf(launcher);
  if (health?.stalled !== true) return undefined;
  return isStall(health.source) ? health.source : health.target;
}

/** A launcher of somebody else's making must not take the service along. */
export function healthOf(launcher: ServedLauncher): Health | undefined {
  try {
    return launcher.health();
  } catch (error) {
    messageOf(error);
    return undefined;
  }
}
