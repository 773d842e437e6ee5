import type { Clock } from '../clock.js';
import type { SourceMemory } from '../contracts/ledger.js';
import { LanceurError, reasonOf } from '../errors.js';
import type { Events } from '../events.js';
import type { Reason } from '../reasons.js';
import { checkEntry, type ServedLauncher, type ServiceEntry } from './entry.js';
import type { ServiceEvents } from './events.js';
import { healthOf, ServedRun, stalledByHealth, type Bounds, type RunEnd } from './run.js';
import { Silence } from './silence.js';
import type { LauncherState, RunSummary } from './state.js';
import { Watching } from './watching.js';
import { within } from './within.js';

/** What all launchers of a service share. */
export interface Surroundings extends Bounds {
  readonly clock: Clock;
  readonly memory: SourceMemory;
  readonly events: Events<ServiceEvents>;
  readonly stalledAfterMs: number;
  /** There is something to do at this time. */
  readonly ask: (at: number) => void;
  /** It was to be removed, and is through. */
  readonly gone: (served: Served) => void;
}

interface Asked {
  readonly resolve: (run: RunSummary) => void;
  readonly reject: (error: LanceurError) => void;
}

/** One launcher of a service: at most one run at a time, whatever is asked of it, and whatever it does. */
export class Served {
  readonly id: string;
  readonly #around: Surroundings;
  readonly #silence: Silence;
  readonly #watching: Watching;
  #entry: ServiceEntry;
  #wanted = false;
  #run: ServedRun | undefined;
  /** Who waits for the run that is under way, and for the one after it. */
  #waiting: readonly Asked[] = [];
  #asked: readonly Asked[] = [];
  /** One run more is wanted, whatever the schedule says. */
  #woken = false;
  /** What was due up to here has had its run. */
  #after = 0;
  #nextAt: number | undefined;
  #lastRun: RunSummary | undefined;
  #lastSuccessAt: number | undefined;
  #failures = 0;
  /** Takes the place of `#entry` once no run of that is under way; none begins until then. */
  #successor: ServiceEntry | undefined;
  #installing: Promise<void> | undefined;
  #reloads = 0;
  #reloadFailed: Reason | undefined;
  #removed = false;

  constructor(entry: ServiceEntry, around: Surroundings) {
    const { id } = entry.launcher;
    this.id = id;
    this.#around = around;
    this.#entry = entry;
    this.#silence = new Silence({ id, memory: around.memory, events: around.events });
    this.#watching = new Watching({
      clock: around.clock,
      hardStopMs: around.hardStopMs,
      wake: () => {
        this.wake();
      },
      fail: (error) => {
        this.#fail(error);
      },
    });
    this.#follow(entry.launcher);
  }

  /** It is to go, and goes once its run has ended. */
  get isLeaving(): boolean {
    return this.#removed;
  }

  hasStopped(): boolean {
    return this.#run === undefined && !this.#wanted;
  }

  state(): LauncherState {
    const run = this.#run;
    const { notSettled } = healthOf(this.#entry.launcher) ?? {};
    const stalled = run?.stalled ?? stalledByHealth(this.#entry.launcher);
    return {
      id: this.id,
      is: run?.is ?? (this.#wanted ? 'waiting' : 'stopped'),
      ...(this.#wanted && this.#nextAt !== undefined && { nextRunAt: this.#nextAt }),
      ...(run && { runningSince: run.since }),
      ...(this.#lastRun && { lastRun: this.#lastRun }),
      ...(this.#lastSuccessAt !== undefined && { lastSuccessAt: this.#lastSuccessAt }),
      consecutiveFailures: this.#failures,
      ...(stalled && { stalled }),
      ...(notSettled && { notSettled }),
      ...(this.#silence.reason && { silent: this.#silence.reason }),
      ...(this.#reloadFailed && { reloadFailed: this.#reloadFailed }),
    };
  }

  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#reckonFrom(this.#around.clock.now());
    this.#around.events.emit('started', {
      id: this.id,
      ...(this.#nextAt !== undefined && { nextRunAt: this.#nextAt }),
    });
    this.#watch();
  }

  /** One run more as soon as none is under way, if it has been started. */
  wake(): void {
    if (!this.#wanted) return;
    this.#woken = true;
    this.#askNext();
  }

  async runNow(): Promise<RunSummary> {
    return await new Promise((resolve, reject) => {
      this.#asked = [...this.#asked, { resolve, reject }];
      this.#askNext();
    });
  }

  /** Whether no run is under way afterwards. */
  async stop(hard: boolean): Promise<boolean> {
    const hadStopped = this.hasStopped();
    this.#wanted = false;
    this.#woken = false;
    const asked = this.#asked;
    this.#asked = [];
    for (const { reject } of asked) reject(new LanceurError('ABORTED'));
    const [isOver] = await Promise.all([this.#endRun(hard), this.#watching.end(this.#entry.launcher)]);
    if (isOver && !hadStopped && this.hasStopped()) this.#around.events.emit('stopped', { id: this.id });
    return isOver;
  }

  /** @throws whatever `make` throws; what was there goes on. `ABORTED` if a later reload, or its removal, came before. */
  async replace(
    make: () => ServiceEntry | Promise<ServiceEntry>,
    hard: boolean,
  ): Promise<'reloaded' | 'waiting'> {
    const turn = ++this.#reloads;
    const entry = await this.#made(make);
    if (turn !== this.#reloads) {
      await this.#discard(entry);
      throw new LanceurError('ABORTED');
    }
    this.#reloadFailed = undefined;
    const passedOver = this.#successor;
    this.#successor = entry;
    if (passedOver !== undefined) await this.#discard(passedOver);
    // Another schedule for the same launcher disturbs no run of it.
    if (entry.launcher !== this.#entry.launcher && this.#run !== undefined) {
      // What the run leaves is for the new one to take, at once.
      this.#woken = this.#wanted;
      if (!(await this.#endRun(hard))) return 'waiting';
    }
    await this.#install();
    return 'reloaded';
  }

  /** Whether it is gone; if not, it goes once its run has ended. */
  async remove(hard: boolean): Promise<boolean> {
    this.#removed = true;
    this.#reloads++;
    const isOver = await this.stop(hard);
    const successor = this.#successor;
    this.#successor = undefined;
    if (successor !== undefined) await this.#discard(successor);
    if (isOver) await this.#leave();
    return isOver;
  }

  /** When there is something to do; `undefined` as long as nothing may be begun. */
  due(): number | undefined {
    if (this.#run !== undefined || this.#successor !== undefined || this.#removed) return undefined;
    if (this.#asked.length > 0) return 0;
    if (!this.#wanted) return undefined;
    return this.#woken ? 0 : this.#nextAt;
  }

  tick(now: number): void {
    // A clock that was set back must not keep it waiting until it has caught up.
    if (this.#wanted && this.#after > now) this.#reckonFrom(now);
    const at = this.due();
    if (at !== undefined && at <= now) this.#begin(now);
    else if (this.#run !== undefined) this.#look(this.#run, now);
  }

  #begin(now: number): void {
    const { clock, events } = this.#around;
    const dueAt =
      this.#wanted && this.#nextAt !== undefined && this.#nextAt <= now ? this.#nextAt : undefined;
    this.#waiting = this.#asked;
    this.#asked = [];
    this.#woken = false;
    const run = new ServedRun(this.#entry.launcher, clock, dueAt);
    this.#run = run;
    if (this.#wanted) this.#reckonFrom(now);
    events.emit('runStarted', { id: this.id, at: run.since, ...(dueAt !== undefined && { dueAt }) });
    void run.ended.then((end) => {
      this.#ended(run, end);
    });
  }

  #ended(run: ServedRun, { summary, report }: RunEnd): void {
    const { events } = this.#around;
    this.#run = undefined;
    this.#lastRun = summary;
    if (summary.failure !== undefined) {
      this.#failures++;
    } else if (!summary.stopped) {
      this.#failures = 0;
      this.#lastSuccessAt = summary.endedAt;
    }
    if (run.stalled !== undefined) events.emit('recovered', { id: this.id });
    events.emit('runEnded', { id: this.id, run: summary, ...(report && { report }) });
    this.#silence.note(summary, this.#entry.silentAfterDays);
    for (const { resolve } of this.#waiting) resolve(summary);
    this.#waiting = [];
    if (this.#successor !== undefined) void this.#install();
    else if (this.#removed && run.is === 'hung') void this.#leave();
    else this.#askNext();
  }

  #look(run: ServedRun, now: number): void {
    const { events, stalledAfterMs } = this.#around;
    const change = run.look(now, stalledAfterMs);
    if (change === 'recovered') events.emit('recovered', { id: this.id });
    if (change === 'stalled' && run.stalled !== undefined)
      events.emit('stalled', { id: this.id, reason: run.stalled });
  }

  async #endRun(hard: boolean): Promise<boolean> {
    const run = this.#run;
    if (run === undefined) return true;
    const wasHung = run.is === 'hung';
    const hung = await run.end(hard, this.#around);
    if (hung === undefined || this.#run !== run) return true;
    if (!wasHung) {
      this.#around.events.emit('hung', { id: this.id, reason: hung });
      for (const { reject } of this.#waiting) reject(hungError(this.id, this.#around));
      this.#waiting = [];
    }
    return false;
  }

  async #made(make: () => ServiceEntry | Promise<ServiceEntry>): Promise<ServiceEntry> {
    try {
      const entry = await make();
      checkEntry(entry, this.id);
      return entry;
    } catch (error) {
      this.#reloadFailed = reasonOf(error);
      this.#around.events.emit('reloadFailed', { id: this.id, reason: this.#reloadFailed });
      throw error;
    }
  }

  /** Only when no run is under way. A later successor may come while the launcher from before is closed. */
  async #install(): Promise<void> {
    if (this.#successor === undefined) return;
    this.#installing ??= (async () => {
      const { launcher } = this.#entry;
      await this.#watching.end(launcher);
      if (this.#successor?.launcher !== launcher) await this.#close(launcher);
      this.#installing = undefined;
      this.#succeed(launcher);
    })();
    await this.#installing;
  }

  #succeed(before: ServedLauncher): void {
    if (this.#successor === undefined) return;
    this.#entry = this.#successor;
    this.#successor = undefined;
    if (this.#entry.launcher !== before) this.#follow(this.#entry.launcher);
    if (this.#wanted) this.#reckonFrom(this.#around.clock.now());
    this.#around.events.emit('reloaded', { id: this.id });
    this.#watch();
    this.#askNext();
  }

  /** Unless it is the launcher that is in use. */
  async #discard({ launcher }: ServiceEntry): Promise<void> {
    const isUsed = launcher === this.#entry.launcher || launcher === this.#successor?.launcher;
    if (!isUsed) await this.#close(launcher);
  }

  async #leave(): Promise<void> {
    const { clock, hardStopMs } = this.#around;
    await Promise.all([
      this.#close(this.#entry.launcher),
      within(clock, hardStopMs, this.#silence.settled()),
    ]);
    this.#around.gone(this);
  }

  /** One that cannot be closed, or not in time, is left behind. */
  async #close(launcher: ServedLauncher): Promise<void> {
    const { clock, hardStopMs } = this.#around;
    const closing = (async () => {
      await launcher.close();
    })();
    closing.catch((error: unknown) => {
      this.#fail(error);
    });
    if (!(await within(clock, hardStopMs, closing))) this.#fail(hungError(this.id, this.#around));
  }

  /** One that is about to be replaced is not watched anew. */
  #watch(): void {
    const { launcher, watch } = this.#entry;
    if (watch === true && this.#wanted && this.#successor === undefined) this.#watching.begin(launcher);
  }

  #follow(launcher: ServedLauncher): void {
    const moved = (): void => {
      if (this.#entry.launcher === launcher) this.#run?.moved();
    };
    for (const event of ['submitted', 'failed', 'ended'] as const) launcher.on?.(event, moved);
  }

  /** What is due after this moment is yet to be run. */
  #reckonFrom(moment: number): void {
    this.#after = moment;
    this.#nextAt = undefined;
    try {
      const next = this.#entry.schedule.next(moment);
      if (next !== undefined && !(next > moment)) {
        throw new LanceurError('INTERNAL', { why: 'a schedule gave a next run that is not later' });
      }
      this.#nextAt = next;
      if (next === undefined) this.#around.events.emit('over', { id: this.id });
    } catch (error) {
      this.#fail(error);
    }
    this.#askNext();
  }

  #askNext(): void {
    const at = this.due();
    if (at !== undefined) this.#around.ask(at);
  }

  #fail(error: unknown): void {
    this.#around.events.emit('error', { id: this.id, reason: reasonOf(error) });
  }
}

function hungError(launcher: string, { hardStopMs }: Bounds): LanceurError {
  return new LanceurError('LAUNCHER_HUNG', { launcher, seconds: Math.round(hardStopMs / 1000) });
}
