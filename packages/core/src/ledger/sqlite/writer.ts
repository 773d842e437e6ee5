import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { ItemRecord } from '../../contracts/ledger.js';
import { LanceurError, messageOf } from '../../errors.js';
import type { Connection } from './driver.js';
import { isBusy, ledgerError } from './failure.js';
import type { Place } from './place.js';
import { valuesOf } from './rows.js';
import type { ItemKey, ItemStore } from './store.js';

/** What a step makes of an item: the record to keep, or none to leave it as it is; and the caller's answer. */
export interface Outcome<T> {
  readonly record?: ItemRecord;
  readonly answer: T;
}

interface Waiting {
  readonly since: number;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

interface Step extends Waiting {
  readonly key: ItemKey;
  step(known: ItemRecord | undefined): Outcome<unknown>;
}

interface Work extends Waiting {
  work(): unknown;
}

/** One transaction to be: `run` does what it holds, and returns what tells the callers once it is committed. */
interface Batch {
  readonly tasks: readonly Waiting[];
  run(): () => void;
}

/** Bounds how long one transaction holds the event loop. */
const STEPS_AT_ONCE = 128;
const LONGEST_PAUSE_MS = 50;
/** About what a sync costs: it is not worth waiting longer to share one. */
const LONGEST_GATHERING_MS = 5;

/**
 * The only one that writes. What many callers ask for at about the same time becomes one transaction, since the sync at
 * its end is what costs; each caller has its own answer or error. Steps are computed first and written after, so that one
 * that throws leaves the others alone.
 */
export class Writer {
  readonly #connection: Connection;
  readonly #place: Place;
  readonly #store: ItemStore;
  readonly #busyMs: number;
  readonly #queue: (Step | Work)[] = [];
  #draining: Promise<void> | undefined;

  constructor(connection: Connection, place: Place, store: ItemStore, busyMs: number) {
    this.#connection = connection;
    this.#place = place;
    this.#store = store;
    this.#busyMs = busyMs;
  }

  /** One step of one item. */
  step<T>(key: ItemKey, step: (known: ItemRecord | undefined) => Outcome<T>): Promise<T> {
    return this.#enqueue<T>((waiting) => ({ ...waiting, key, step }));
  }

  /** Work that is a transaction of its own. */
  alone<T>(work: () => T): Promise<T> {
    return this.#enqueue<T>((waiting) => ({ ...waiting, work }));
  }

  /** Reads outside of any transaction. */
  async read<T>(read: () => T): Promise<T> {
    try {
      this.#place.verify();
      return await this.#patiently(performance.now(), read);
    } catch (error) {
      throw ledgerError(error, this.#place.path);
    }
  }

  /** Resolves when all that was asked for has been answered. */
  async idle(): Promise<void> {
    await this.#draining;
  }

  #enqueue<T>(task: (waiting: Waiting) => Step | Work): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push(task({ since: performance.now(), resolve, reject }));
      this.#draining ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    for (;;) {
      await this.#gathered();
      const batch = this.#take();
      if (batch === undefined) break;
      await this.#settle(batch);
    }
    this.#draining = undefined;
  }

  /**
   * Waits for what else is about to be written: turn by turn, as long as each brings something. A sync is shared by all
   * of it, and who writes alone waits one turn.
   */
  async #gathered(): Promise<void> {
    const until = performance.now() + LONGEST_GATHERING_MS;
    for (let there = 0; there < STEPS_AT_ONCE;) {
      there = this.#queue.length;
      await nextTurn();
      if (this.#queue.length === there || performance.now() > until) return;
    }
  }

  async #settle({ tasks, run }: Batch): Promise<void> {
    try {
      this.#place.verify();
      await this.#patiently(tasks[0]?.since ?? 0, () => {
        this.#connection.exec('BEGIN IMMEDIATE');
      });
      const tellCallers = this.#commit(run);
      // A commit to a file that has just lost its name is lost with it.
      this.#place.verify();
      tellCallers();
    } catch (error) {
      for (const task of tasks) task.reject(ledgerError(error, this.#place.path));
    }
  }

  #commit(run: () => () => void): () => void {
    try {
      const tellCallers = run();
      this.#connection.exec('COMMIT');
      return tellCallers;
    } catch (error) {
      this.#connection.rollback();
      throw error;
    }
  }

  /** The work at the head of the queue, or the steps that are there. */
  #take(): Batch | undefined {
    const [first] = this.#queue;
    if (first === undefined) return undefined;
    if ('work' in first) {
      this.#queue.shift();
      return { tasks: [first], run: () => doWork(first) };
    }
    const steps: Step[] = [];
    for (const task of this.#queue) {
      if ('work' in task || steps.length === STEPS_AT_ONCE) break;
      steps.push(task);
    }
    this.#queue.splice(0, steps.length);
    return { tasks: steps, run: () => this.#doSteps(steps) };
  }

  #doSteps(steps: readonly Step[]): () => void {
    const before = new Map(this.#store.read(steps.map((s) => s.key)).map((s) => [nameOf(s.record), s]));
    const after = new Map<string, Written>();
    const answers = steps.map((step) => {
      const name = nameOf(step.key);
      try {
        const { record, answer } = step.step(after.get(name)?.record ?? before.get(name)?.record);
        if (record !== undefined) after.set(name, { record, values: valuesOf(record) });
        return () => {
          step.resolve(answer);
        };
      } catch (error) {
        return () => {
          step.reject(callersError(error));
        };
      }
    });
    for (const [name, { record, values }] of after) this.#store.write(before.get(name), record, values);
    return () => {
      for (const tell of answers) tell();
    };
  }

  /**
   * Tries until no other connection is in the way. SQLite's own waiting would hold the event loop, so it is short and
   * the rest is waited here, unevenly, or processes would keep meeting.
   */
  async #patiently<T>(since: number, attempt: () => T): Promise<T> {
    for (let pause = 2; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        return attempt();
      } catch (cause) {
        if (!isBusy(cause)) throw cause;
        const waited = performance.now() - since;
        if (waited >= this.#busyMs) {
          const data = { path: this.#place.path, seconds: Math.ceil(waited / 1000) };
          throw new LanceurError('LEDGER_BUSY', data, { cause });
        }
        await sleep(pause * (0.5 + Math.random()));
      }
    }
  }
}

interface Written {
  readonly record: ItemRecord;
  readonly values: ReturnType<typeof valuesOf>;
}

function doWork(task: Work): () => void {
  const answer = task.work();
  return () => {
    task.resolve(answer);
  };
}

function nameOf({ source, id, version }: ItemKey): string {
  return JSON.stringify([source, id, version]);
}

/** What a caller handed in cannot be kept: its own mistake, not the ledger's. */
function callersError(error: unknown): LanceurError {
  return LanceurError.is(error)
    ? error
    : new LanceurError('INTERNAL', { why: messageOf(error) }, { cause: error });
}
