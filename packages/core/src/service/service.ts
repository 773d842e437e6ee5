import { systemClock, type Clock } from '../clock.js';
import type { SourceMemory } from '../contracts/ledger.js';
import { LanceurError } from '../errors.js';
import { Events } from '../events.js';
import { memoryLedger } from '../ledger/memory.js';
import { refuseUnknownOptions } from '../unknown-options.js';
import { checkEntry, type ServiceEntry } from './entry.js';
import type { ServiceEvent, ServiceEvents } from './events.js';
import { Served } from './served.js';
import type { LauncherState, RunSummary } from './state.js';
import { Ticker } from './ticker.js';

export interface ServiceOptions {
  /**
   * Where it keeps when each source was last heard, for the alarm to survive restarts: `ledger.memory('service')`.
   * Default: it is forgotten with the process.
   */
  readonly memory?: SourceMemory;
  /** How long a run that is to stop may finish what is under way, before it is cut off. Default 60,000 ms. */
  readonly softStopMs?: number;
  /** How long one that is cut off may take to end, before it counts as hung; and how long a launcher may take to close. Default 10,000 ms. */
  readonly hardStopMs?: number;
  /** A run in which no document has come further for so long is called stalled. Default 3,600,000 ms. */
  readonly stalledAfterMs?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
}

export interface ServiceStopOptions {
  /** Cut off what is under way, rather than finish it first: the next run takes it up. Default false. */
  readonly hard?: boolean;
}

/**
 * Runs many launchers, each by its schedule: each starts, stops and reloads by itself, and one that fails or hangs touches
 * no other. Never two runs of a launcher at once. What is due while the process is down is not made up for.
 *
 * ```ts
 * const service = new Service({ memory: ledger.memory('service') });
 * service.add({ launcher, schedule: schedule({ seconds: '*\/15' }, { timeZone: 'Europe/Paris' }), silentAfterDays: 3 });
 * service.startAll();
 * …
 * await service.close();
 * ```
 */
export class Service implements AsyncDisposable {
  readonly #launchers = new Map<string, Served>();
  readonly #events = new Events<ServiceEvents>();
  readonly #ticker: Ticker;
  readonly #around: ConstructorParameters<typeof Served>[1];
  #closing: Promise<readonly string[]> | undefined;

  /** @throws LanceurError `INVALID_OPTION` or `UNKNOWN_OPTION`. */
  constructor(options: ServiceOptions = {}) {
    refuseUnknownOptions('Service', options, [
      'memory',
      'softStopMs',
      'hardStopMs',
      'stalledAfterMs',
      'clock',
    ]);
    const { clock = systemClock, memory = memoryLedger().memory('service') } = options;
    const { softStopMs = 60_000, hardStopMs = 10_000, stalledAfterMs = 3_600_000 } = options;
    for (const [option, value] of Object.entries({ softStopMs, hardStopMs, stalledAfterMs })) {
      if (!(value >= 0))
        throw new LanceurError('INVALID_OPTION', {
          option,
          expected: 'a number of milliseconds from 0 up',
          found: String(value),
        });
    }
    this.#ticker = new Ticker(clock, {
      next: () => this.#next(),
      tick: (now) => {
        for (const served of this.#launchers.values()) served.tick(now);
      },
    });
    this.#around = {
      clock,
      memory,
      events: this.#events,
      softStopMs,
      hardStopMs,
      stalledAfterMs,
      ask: (at) => {
        this.#ticker.ask(at);
      },
      gone: (served) => {
        this.#launchers.delete(served.id);
      },
    };
  }

  /** Takes a launcher in, stopped. @throws LanceurError `INVALID_OPTION` if there is one of its id; `CLOSED`. */
  add(entry: ServiceEntry): void {
    this.#refuseClosed();
    checkEntry(entry);
    const { id } = entry.launcher;
    if (this.#launchers.has(id)) {
      throw new LanceurError('INVALID_OPTION', {
        option: 'launcher.id',
        expected: 'an id that no other launcher of the service has',
        found: id,
      });
    }
    this.#launchers.set(id, new Served(entry, this.#around));
  }

  /** From now on it runs by its schedule. One that runs by it already goes on. @throws LanceurError `UNKNOWN_LAUNCHER`, `CLOSED`. */
  start(id: string): void {
    this.#get(id).start();
  }

  startAll(): void {
    this.#refuseClosed();
    for (const served of this.#launchers.values()) if (!served.isLeaving) served.start();
  }

  /**
   * It runs no more. What is under way is finished for at most `softStopMs`, then cut off; with `hard`, at once.
   *
   * @returns `hung` if its run has not ended by `hardStopMs` after that: nothing waits for it any longer.
   */
  async stop(id: string, options: ServiceStopOptions = {}): Promise<'stopped' | 'hung'> {
    const isOver = await this.#get(id).stop(isHard(options));
    return isOver ? 'stopped' : 'hung';
  }

  /** All of them, at once. @returns the ids of those that hang. */
  async stopAll(options: ServiceStopOptions = {}): Promise<readonly string[]> {
    const hard = isHard(options);
    const all = [...this.#launchers.values()];
    const stopped = await Promise.all(all.map(async (served) => await served.stop(hard)));
    return all.filter((_, n) => stopped[n] === false).map(({ id }) => id);
  }

  /**
   * Gives a launcher another self, or another schedule, while the others run. The new one is made first: if `make` throws,
   * the one from before goes on. Then its run is stopped, it is closed, and the new one begins, at once if a run was cut
   * short. If `make` gives the same launcher, its run goes on.
   *
   * @returns `waiting` if the run from before hangs: the new one takes over once it has ended.
   * @throws what `make` throws; `ABORTED` if a later reload has overtaken this one.
   */
  async reload(
    id: string,
    make: () => ServiceEntry | Promise<ServiceEntry>,
    options: ServiceStopOptions = {},
  ): Promise<'reloaded' | 'waiting'> {
    return await this.#get(id).replace(make, isHard(options));
  }

  /** Stops and closes it, and forgets it. @returns `hung`: it stays in `states()` until its run has ended. */
  async remove(id: string, options: ServiceStopOptions = {}): Promise<'removed' | 'hung'> {
    const served = this.#launchers.get(id);
    if (served === undefined) throw this.#unknown(id);
    const isGone = await served.remove(isHard(options));
    return isGone ? 'removed' : 'hung';
  }

  /**
   * One run, as soon as none is under way, whether it is started or not: what came of it. Never rejects because the run
   * failed.
   *
   * @throws LanceurError `ABORTED` if it is stopped before its turn, `LAUNCHER_HUNG` if it was stopped and hangs.
   */
  async runNow(id: string): Promise<RunSummary> {
    return await this.#get(id).runNow();
  }

  /** A hint that there may be something: a launcher that is started runs once more. From a source of the host's own; see also `watch` of its entry. Never throws. */
  wake(id: string): void {
    if (this.#closing === undefined) this.#launchers.get(id)?.wake();
  }

  state(id: string): LauncherState {
    const served = this.#launchers.get(id);
    if (served === undefined) throw this.#unknown(id);
    return served.state();
  }

  /** Of all, in the order in which they were added. */
  states(): readonly LauncherState[] {
    return [...this.#launchers.values()].map((served) => served.state());
  }

  on<E extends ServiceEvent>(event: E, handler: (event: ServiceEvents[E]) => unknown): this {
    this.#events.on(event, handler);
    return this;
  }

  once<E extends ServiceEvent>(event: E, handler: (event: ServiceEvents[E]) => unknown): this {
    this.#events.once(event, handler);
    return this;
  }

  off<E extends ServiceEvent>(event: E, handler: (event: ServiceEvents[E]) => unknown): this {
    this.#events.off(event, handler);
    return this;
  }

  /**
   * Stops all launchers and closes them. Idempotent; with `hard` it hurries a soft one up.
   * @returns the ids of those that hang: their calls go on, and may keep the process from ending by itself.
   */
  async close(options: ServiceStopOptions = {}): Promise<readonly string[]> {
    const hard = isHard(options);
    if (this.#closing !== undefined && hard) await this.stopAll({ hard });
    this.#closing ??= this.#close(hard);
    return await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(hard: boolean): Promise<readonly string[]> {
    const all = [...this.#launchers.values()];
    const gone = await Promise.all(all.map(async (served) => await served.remove(hard)));
    await this.#ticker.stop();
    return all.filter((_, n) => gone[n] === false).map(({ id }) => id);
  }

  #next(): number | undefined {
    let next: number | undefined;
    for (const served of this.#launchers.values()) {
      const due = served.due();
      if (due !== undefined && (next === undefined || due < next)) next = due;
    }
    return next;
  }

  #get(id: string): Served {
    this.#refuseClosed();
    const served = this.#launchers.get(id);
    if (served === undefined) throw this.#unknown(id);
    if (served.isLeaving) throw new LanceurError('CLOSED', { what: `launcher ${id}` });
    return served;
  }

  #unknown(launcher: string): LanceurError {
    return new LanceurError('UNKNOWN_LAUNCHER', {
      launcher,
      known: [...this.#launchers.keys()].join(', ') || 'none',
    });
  }

  #refuseClosed(): void {
    if (this.#closing !== undefined) throw new LanceurError('CLOSED', { what: 'the service' });
  }
}

function isHard(options: ServiceStopOptions): boolean {
  refuseUnknownOptions('stop', options, ['hard']);
  return options.hard === true;
}
