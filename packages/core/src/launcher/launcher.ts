import { randomUUID } from 'node:crypto';
import type { Check } from '../contracts/check.js';
import type { ItemRef } from '../contracts/item.js';
import type { ItemRecord, Query, Viewer } from '../contracts/ledger.js';
import type { UsedFolder } from '../contracts/listener.js';
import { LanceurError, messageOf } from '../errors.js';
import { Events, type LauncherEvent, type LauncherEvents } from '../events.js';
import { fingerprintOf } from '../fingerprint.js';
import type { Reason } from '../reasons.js';
import { openSpool, type Spool } from '../spool/index.js';
import { Circuits } from './circuits.js';
import { examine } from './doctor.js';
import { explain, type Explanation } from './explain.js';
import { Gate } from './gate.js';
import { Pulse, type Health } from './health.js';
import { Leases } from './lease.js';
import { settingsOf, type LauncherOptions, type Settings } from './options.js';
import { realFolders, refuseOverlaps } from './overlap.js';
import { Poll, refOf, type Due } from './poll.js';
import type { Outcome, RunReport } from './report.js';
import { Run } from './run.js';
import { Sessions } from './sessions.js';
import { Settler } from './settler.js';
import { workOn, type WorkContext, type Worked } from './work.js';

export interface StopOptions {
  /** Stops softly: nothing new is begun; what is under way is finished and settled. */
  readonly signal?: AbortSignal;
  /** Stops hard: what is under way is cut off too, and taken up at the next run. */
  readonly kill?: AbortSignal;
}

/**
 * Takes what a source holds to the COLD jobs that want it ("lanceur COLD").
 *
 * ```ts
 * const launcher = new Launcher({ id: '16', listener, filter, grouper, submitter, ledger });
 * for (const left of (await launcher.run()).left) console.log(left.name, left.reason.message);
 * ```
 *
 * Drive it by `run()`, again and again; or by `list()` and `process(ref)` from a queue of your own, from as many
 * processes as you like. Both may be repeated at any time: the ledger knows what is done.
 */
export class Launcher implements AsyncDisposable {
  readonly id: string;
  /**
   * Calls `wake` when the source may hold something, until it is disposed of. Absent where the source cannot tell. A hint:
   * polling is the truth.
   */
  readonly watch?: (wake: () => void) => AsyncDisposable;
  readonly #settings: Settings;
  readonly #viewer: Viewer;
  readonly #folders: readonly UsedFolder[];
  readonly #events = new Events();
  readonly #gate = new Gate();
  readonly #pulse = new Pulse();
  readonly #circuits: Circuits;
  readonly #sessions: Sessions;
  readonly #work: WorkContext;
  #running = false;
  #closed = false;
  #ready: Promise<void> | undefined;
  #spool: Promise<Spool> | undefined;

  /** @throws LanceurError `INVALID_OPTION`, `UNKNOWN_JOB` or `OVERLAP`, with what to do about it. */
  constructor(options: LauncherOptions) {
    const settings = settingsOf(options);
    const { listener, ledger, submitter, clock } = settings;
    this.id = settings.id;
    const watch = listener.watch?.bind(listener);
    if (watch !== undefined) this.watch = watch;
    this.#settings = settings;
    this.#viewer = { launcher: settings.id, source: listener.source, fingerprint: fingerprint(settings) };
    this.#folders = foldersOf(settings);
    refuseOverlaps(this.#folders);

    const now = (): number => clock.now();
    this.#circuits = new Circuits(now, settings.random);
    this.#sessions = new Sessions({
      listener,
      memory: ledger.memory(listener.source),
      clock,
      idleMs: settings.sessionIdleMs,
    });
    this.#work = {
      settings,
      viewer: this.#viewer,
      ledger,
      sessions: this.#sessions,
      settler: new Settler(this.#sessions, submitter, listener),
      circuits: this.#circuits,
      leases: new Leases(clock, settings.leaseMs),
      events: this.#events,
      spool: async () => await (this.#spool ??= openSpool(settings.spool ?? '')),
    };
  }

  /**
   * One poll: lists the source, takes what is to be taken, settles, and reports.
   *
   * @throws LanceurError of scope `source` or `system`, which ends the run; what was under way is finished first. The
   *   report of what it did until then is in `health().lastReport`. `ALREADY_RUNNING` if a run of this launcher is
   *   under way.
   */
  async run(stop: StopOptions = {}): Promise<RunReport> {
    if (this.#running) throw new LanceurError('ALREADY_RUNNING', { launcher: this.id });
    const { clock } = this.#settings;
    this.#running = true;
    this.#pulse.began(clock.now());
    const run = new Run(this.#settings, clock.now());
    let failure: LanceurError | undefined;
    try {
      this.#events.emit('pollStarted', { at: clock.now() });
      await this.#prepare();
      const poll = this.#poll(
        (ref) => {
          run.listed(ref);
        },
        (ref, why) => {
          run.left(ref, why);
        },
        () => {
          run.leftDone();
        },
      );
      this.#work.settler.hold();
      await run.take(
        this.#sessions.listing((session) => poll.due(session, stop.signal), {
          signal: stop.kill,
          keep: true,
        }),
        poll,
        async (due) => await this.#begin(due.ref, due.turn === 'suspect', stop.kill),
        stop,
        async () => {
          await this.#work.settler.release();
        },
      );
    } catch (error) {
      failure = known(error);
    } finally {
      await this.#sessions.closeIfUnused();
      this.#running = false;
    }
    const report = run.report(clock.now());
    this.#pulse.ended(report.endedAt, failure?.reason, report);
    // A run that failed has not tried all of them.
    if (failure === undefined || run.lastNotSettled !== undefined)
      this.#pulse.settled(report, run.lastNotSettled);
    this.#events.emit('pollEnded', report);
    if (failure === undefined) return report;
    this.#events.emit('error', failure);
    throw failure;
  }

  /**
   * The items that are to be worked on, for `process`: fresh ones first, then those that failed before, suspects last.
   * Read it to its end: only then does it yield what was unfinished and has left the source. Where the source allows one
   * session only (POP3), it is read whole before the first item comes.
   *
   * @throws LanceurError of scope `source` or `system`.
   */
  async *list(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<ItemRef> {
    const { clock } = this.#settings;
    const later: Due[] = [];
    let failure: LanceurError | undefined;
    this.#pulse.began(clock.now());
    try {
      await this.#prepare();
      const poll = this.#poll();
      for await (const due of this.#sessions.listing(
        (session) => poll.due(session, options.signal),
        options,
      )) {
        if (due.turn === 'fresh') yield due.ref;
        else later.push(due);
      }
    } catch (error) {
      failure = known(error);
      this.#events.emit('error', failure);
    }
    this.#pulse.ended(clock.now(), failure?.reason);
    // As in a run: what has been listed of a source that has failed in part is to be worked on.
    if (failure === undefined || failure.scope === 'source') {
      for (const due of later) if (due.turn === 'again') yield due.ref;
      for (const due of later) if (due.turn === 'suspect') yield due.ref;
    }
    if (failure !== undefined) throw failure;
  }

  /**
   * Works on one item of `list()`, from whichever process: submits what is to be submitted and settles it. Calling it
   * again for the same item repeats nothing.
   *
   * @throws LanceurError of scope `source` or `system`.
   */
  async process(ref: ItemRef, stop: { readonly kill?: AbortSignal } = {}): Promise<Outcome> {
    try {
      await this.#prepare();
      const worked = await this.#begin(ref, false, stop.kill);
      if (worked.is === 'suspect')
        throw new LanceurError('INTERNAL', { why: 'the ledger refuses a suspect that runs alone' });
      return worked.is === 'left' ? worked.outcome : await worked.settle();
    } catch (error) {
      const failure = known(error);
      this.#events.emit('error', failure);
      throw failure;
    }
  }

  /** For each item of the source: who would take it, or why not. Changes nothing. @throws LanceurError of scope `source` or `system`. */
  async *explain(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<Explanation> {
    yield* explain(this.#settings, this.#viewer, options.signal);
  }

  /** Tries placement, rights, room and logins on the real source, target and ledger, and says what will not work. Never throws. */
  async doctor(): Promise<readonly Check[]> {
    return await examine(this.#settings, this.#folders);
  }

  /** How the launcher is, from memory. */
  health(): Health {
    const { listener, submitter } = this.#settings;
    return this.#pulse.health({
      running: this.#running,
      source: listener.health?.(),
      target: submitter.health?.(),
      circuits: this.#circuits.open(),
    });
  }

  /** What became of documents of this source, by their name or their SHA-256: `where({ name: 'a.pdf' })`. */
  where(which: Omit<Query, 'source'>): AsyncIterable<ItemRecord> {
    return this.#settings.ledger.find({ ...which, source: this.#viewer.source });
  }

  /**
   * Gives rejected items another chance: those that the source still has are put back there, and only what has no receipt
   * is sent. An item refused as `IN_DOUBT` is looked for once more, then sent: asking for it is the answer to the doubt.
   *
   * @returns how many items are open again, and how many of them the source has put back. The others wait until somebody
   *   puts them back.
   */
  async retryRejected(
    which: Omit<Query, 'source' | 'end' | 'state'> = {},
  ): Promise<{ readonly reopened: number; readonly restored: number }> {
    await this.#prepare();
    const query: Query = { ...which, source: this.#viewer.source, end: 'reject' };
    const refs: ItemRef[] = [];
    for await (const record of this.#settings.ledger.find(query)) {
      // What was gone when it was settled may have left in a settlement whose answer was lost.
      const left = record.how === 'removed' || record.how === 'gone';
      if (record.state === 'settled' && left) refs.push(refOf(record));
    }
    // Put back first: a crash in between leaves items that are listed again, and those are taken up by themselves.
    const restored =
      refs.length === 0
        ? []
        : await this.#sessions.use(async (session) => (await session.restore?.(refs)) ?? []);
    return { reopened: await this.#settings.ledger.replay(query, 'missing'), restored: restored.length };
  }

  /**
   * Opens items of this source once more, whatever their end: `missing` sends only what has no receipt, `everything`
   * sends all of it anew, as documents that the COLD has not seen. An item that is not in its source any more is sent
   * when it is back there.
   *
   * @returns how many items are open again.
   */
  async replay(which: Omit<Query, 'source'>, what: 'missing' | 'everything'): Promise<number> {
    await this.#prepare();
    return await this.#settings.ledger.replay({ ...which, source: this.#viewer.source }, what);
  }

  on<E extends LauncherEvent>(event: E, handler: (event: LauncherEvents[E]) => unknown): this {
    this.#events.on(event, handler);
    return this;
  }

  once<E extends LauncherEvent>(event: E, handler: (event: LauncherEvents[E]) => unknown): this {
    this.#events.once(event, handler);
    return this;
  }

  off<E extends LauncherEvent>(event: E, handler: (event: LauncherEvents[E]) => unknown): this {
    this.#events.off(event, handler);
    return this;
  }

  /** Ends its sessions and empties its spool. The ledger is its owner's to close. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#sessions.close();
    const spool = this.#spool;
    this.#spool = undefined;
    await spool
      ?.then(async (opened) => {
        await opened[Symbol.asyncDispose]();
      })
      .catch(messageOf);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** What can only be checked by asking: once, and again if it failed. */
  async #prepare(): Promise<void> {
    if (this.#closed) throw new LanceurError('CLOSED', { what: `launcher ${this.id}` });
    this.#ready ??= (async () => {
      const { ledger, listener, adopt } = this.#settings;
      refuseOverlaps(await realFolders(this.#folders));
      await ledger.bind(this.#viewer, listener.address, { adopt });
    })();
    try {
      await this.#ready;
    } catch (error) {
      this.#ready = undefined;
      throw error;
    }
  }

  #poll(
    listed: (ref: ItemRef) => void = () => undefined,
    left: (ref: ItemRef, why: Reason) => void = () => undefined,
    done: () => void = () => undefined,
  ): Poll {
    const { settings, viewer, ledger, circuits } = this.#work;
    return new Poll({
      settings,
      viewer,
      ledger,
      circuits,
      listed,
      left: (ref, why) => {
        left(ref, why);
        this.#events.emit('left', { ref, reason: why });
      },
      done: (ref, why) => {
        done();
        if (this.#events.isHeard('left')) this.#events.emit('left', { ref, reason: why() });
      },
    });
  }

  /** Beside other items; or alone, if it may be what ended a process. */
  async #begin(ref: ItemRef, suspect: boolean, kill: AbortSignal | undefined): Promise<Worked> {
    const options = kill === undefined ? {} : { kill };
    if (!suspect) {
      const worked = await this.#gate.shared(
        async () => await workOn(ref, this.#work, { alone: false, ...options }),
      );
      if (worked.is !== 'suspect') return worked;
    }
    return await this.#gate.alone(async () => await workOn(ref, this.#work, { alone: true, ...options }));
  }
}

function foldersOf({ listener, submitter, ledger, spool }: Settings): readonly UsedFolder[] {
  return [
    ...(listener.folders ?? []),
    ...(submitter.folders ?? []),
    ...(ledger.folders ?? []),
    ...(spool === undefined ? [] : [{ role: 'spool', path: spool }]),
  ];
}

/** Without the fingerprint of a part, what is skipped is skipped for as long as the process lives. */
function fingerprint({ filter, expand, grouper }: Settings): string {
  const parts = [filter.fingerprint, expand === undefined ? 'none' : expand.fingerprint, grouper.fingerprint];
  return parts.includes(undefined) ? `process-${randomUUID()}` : fingerprintOf(...parts);
}

function known(error: unknown): LanceurError {
  if (LanceurError.is(error)) return error;
  return new LanceurError('INTERNAL', { why: messageOf(error) }, { cause: error });
}
