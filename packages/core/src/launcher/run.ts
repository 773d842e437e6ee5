import type { ItemRef } from '../contracts/item.js';
import { LanceurError } from '../errors.js';
import { reason, type Reason } from '../reasons.js';
import { Places } from './gate.js';
import type { Settings } from './options.js';
import type { Due, Poll } from './poll.js';
import { Reporter, type RunReport } from './report.js';
import type { Worked } from './work.js';

interface Stop {
  readonly signal?: AbortSignal;
  readonly kill?: AbortSignal;
}

type Begin = (due: Due) => Promise<Worked>;

/** Drives the items of one poll: as many at once as allowed, fresh ones before those that failed, suspects last. */
export class Run {
  readonly #settings: Settings;
  readonly #reporter: Reporter;
  readonly #places: Places;
  readonly #underWay = new Set<Promise<void>>();
  readonly #settling: Promise<void>[] = [];
  #poll: Poll | undefined;
  #begun = 0;
  #stopped = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(settings: Settings, startedAt: number) {
    this.#settings = settings;
    this.#reporter = new Reporter(startedAt, settings.reportLimit);
    this.#places = new Places(settings.concurrency);
  }

  listed(_ref: ItemRef): void {
    this.#reporter.listed++;
  }

  left(ref: ItemRef, why: Reason): void {
    this.#reporter.left(ref, why);
  }

  leftDone(): void {
    this.#reporter.count('DONE');
  }

  /** Until the listing has ended and nothing is under way. @throws what ended the run, once that is so. */
  async take(
    dues: AsyncIterable<Due>,
    poll: Poll,
    begin: Begin,
    stop: Stop,
    release: () => Promise<void>,
  ): Promise<void> {
    this.#poll = poll;
    const later: Due[] = [];
    let unlisted: { readonly error: unknown } | undefined;
    try {
      for await (const due of dues) {
        if (this.#over(stop)) break;
        if (due.turn === 'fresh') await this.#start(due, begin, stop);
        else later.push(due);
      }
    } catch (error) {
      unlisted = { error };
      // Of a source that has failed in part the rest goes on; one that has failed as a whole shows with the next item.
      if (!LanceurError.is(error) || error.scope !== 'source') this.#failure ??= unlisted;
    }
    for (const turn of ['again', 'suspect'] as const) {
      if (turn === 'suspect') await Promise.all(this.#underWay);
      for (const due of later) if (due.turn === turn) await this.#start(due, begin, stop);
    }
    this.#failure ??= unlisted;
    if (!poll.complete) this.#over(stop);
    await Promise.all(this.#underWay);
    await release();
    await Promise.all(this.#settling);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Why the last item that its source could not settle was not. */
  get lastNotSettled(): Reason | undefined {
    return this.#reporter.lastNotSettled;
  }

  report(endedAt: number): RunReport {
    return this.#reporter.report({
      endedAt,
      complete: this.#poll?.complete ?? false,
      stopped: this.#stopped,
    });
  }

  async #start(due: Due, begin: Begin, stop: Stop): Promise<void> {
    await this.#places.enter();
    if (this.#over(stop)) {
      this.#places.leave();
      this.left(due.ref, reason('STOPPED'));
      return;
    }
    if (this.#begun >= this.#settings.limits.deliveriesPerRun) {
      this.#places.leave();
      this.left(due.ref, reason('LIMIT_REACHED', { limit: this.#settings.limits.deliveriesPerRun }));
      return;
    }
    this.#begun++;
    const work = this.#work(due, begin).finally(() => {
      this.#places.leave();
      this.#underWay.delete(work);
    });
    this.#underWay.add(work);
  }

  /** Never rejects: what ends the run is kept until the rest is finished. */
  async #work(due: Due, begin: Begin): Promise<void> {
    try {
      const worked = await begin(due);
      if (worked.is === 'left') {
        this.#reporter.add(worked.outcome);
      } else if (worked.is === 'ended') {
        const settled = this.#settle(worked);
        // Where settling ends the session it waits for the end of the run, and must not hold a place until then.
        if (this.#settings.listener.traits.settleEndsSession) this.#settling.push(settled);
        else await settled;
      }
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  async #settle(worked: Extract<Worked, { is: 'ended' }>): Promise<void> {
    try {
      this.#reporter.add(await worked.settle());
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  #over(stop: Stop): boolean {
    if (stop.signal?.aborted === true || stop.kill?.aborted === true) this.#stopped = true;
    return this.#stopped || this.#failure !== undefined;
  }
}
