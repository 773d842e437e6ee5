import type { ItemRef } from '../contracts/item.js';
import type { ItemRecord, Ledger, Verdict, Viewer } from '../contracts/ledger.js';
import type { Session } from '../contracts/listener.js';
import { reason, type Reason } from '../reasons.js';
import type { Circuits } from './circuits.js';
import type { Settings } from './options.js';
import { reasonOfVerdict } from './verdict-reasons.js';
import { jobsByName, whyLeft } from './wants.js';

const BATCH = 500;
const DAY_MS = 86_400_000;

export interface PollContext {
  readonly settings: Settings;
  readonly viewer: Viewer;
  readonly ledger: Ledger;
  readonly circuits: Circuits;
  /** The source holds this. */
  listed(ref: ItemRef): void;
  /** It is not to be worked on now. */
  left(ref: ItemRef, why: Reason): void;
  /** It was settled long ago, and is kept there. Of these there may be very many: `why` is said only to who asks. */
  done(ref: ItemRef, why: () => Reason): void;
}

/** An item that is to be worked on, and when: fresh ones first, then those that failed before, suspects last and alone. */
export interface Due {
  readonly ref: ItemRef;
  readonly turn: 'fresh' | 'again' | 'suspect';
}

/**
 * One look at a source: what is to be worked on, as the listing goes on. What is left, and why, is told on the way.
 * Once the listing is complete, also what was unfinished before it began and is no longer there.
 */
export class Poll {
  readonly #context: PollContext;
  /** Unfinished before the listing began, and not listed so far. */
  readonly #missing = new Map<string, ItemRef>();
  /** Of items with a `same`: those listed so far, and those whose memory may lie under another id. */
  readonly #marked = new Set<string>();
  readonly #renumbered: {
    readonly ref: ItemRef;
    readonly known: readonly { readonly id: string; readonly version: string }[];
  }[] = [];
  /** Whether the source was listed to its end. */
  complete = false;

  constructor(context: PollContext) {
    this.#context = context;
  }

  async *due(session: Session, signal?: AbortSignal): AsyncGenerator<Due> {
    const { settings, viewer, ledger } = this.#context;
    const startedAt = settings.clock.now();
    for await (const record of ledger.unfinished(viewer.source)) {
      // What another launcher has begun is not this one's to end: it may not even want it.
      if (record.launcher === viewer.launcher) this.#missing.set(keyOf(record), refOf(record));
    }

    for await (const batch of batches(session.list(), BATCH)) {
      if (signal?.aborted === true) return;
      yield* this.#classified(batch);
    }
    this.complete = true;
    yield* this.#classified(await this.#carryOver());
    for (const ref of this.#missing.values()) yield { ref, turn: 'again' };
    await ledger.prune(viewer.source, {
      changedBefore: startedAt - settings.rememberDays * DAY_MS,
      listedBefore: startedAt - 2 * DAY_MS,
    });
  }

  async *#classified(refs: readonly ItemRef[]): AsyncGenerator<Due> {
    if (refs.length === 0) return;
    const { ledger, viewer, settings } = this.#context;
    const verdicts = await ledger.classify(viewer, refs);
    const aDayAgo = settings.clock.now() - DAY_MS;
    const remembered: ItemRef[] = [];
    for (const [index, ref] of refs.entries()) {
      const verdict = verdicts[index] ?? { is: 'new' };
      if (this.#missing.size > 0) this.#missing.delete(keyOf(ref));
      if (ref.same !== undefined) this.#marked.add(keyOf(ref));
      if (verdict.is === 'new' && verdict.known !== undefined && verdict.known.length > 0 && !this.complete) {
        this.#renumbered.push({ ref, known: verdict.known });
        continue;
      }
      this.#context.listed(ref);
      if (this.#isBusyElsewhere(verdict)) {
        this.#leave(ref, reasonOfVerdict(verdict, settings.clock.now()));
        continue;
      }
      if ('listedAt' in verdict && verdict.listedAt < aDayAgo) remembered.push(ref);
      const due = this.#judge(ref, verdict);
      if (due !== undefined) yield due;
    }
    if (remembered.length > 0) await ledger.listed(viewer.source, remembered);
  }

  /**
   * Whether its memory still lies under an id that is no longer listed, because a process that holds the item, or died
   * with it, could not be relieved of it yet. Begun anew, it would be sent twice.
   */
  #isBusyElsewhere(verdict: Verdict): boolean {
    return verdict.is === 'new' && verdict.known?.some((k) => !this.#marked.has(keyOf(k))) === true;
  }

  #judge(ref: ItemRef, verdict: Verdict): Due | undefined {
    const { settings, circuits } = this.#context;
    if (verdict.is === 'done') {
      this.#context.done(ref, () => reasonOfVerdict(verdict, settings.clock.now()));
      return undefined;
    }
    if (verdict.is !== 'new' && verdict.is !== 'retry' && verdict.is !== 'settleOnly') {
      return this.#leave(ref, reasonOfVerdict(verdict, settings.clock.now()));
    }
    if (verdict.is === 'settleOnly') return { ref, turn: 'again' };
    // What was begun may be in doubt, and that can be resolved although the item is not to be opened.
    const begun = verdict.is === 'retry' && verdict.jobs !== undefined;
    const why = begun ? undefined : whyLeft(ref, settings);
    if (why !== undefined) return this.#leave(ref, why);
    const jobs =
      verdict.is === 'retry' && verdict.jobs !== undefined ? verdict.jobs : jobsByName(ref, settings);
    const blocked = jobs?.map((job) => circuits.blocked(job));
    const [first] = blocked ?? [];
    if (first !== undefined && blocked?.every((b) => b !== undefined) === true) {
      return this.#leave(
        ref,
        reason('CIRCUIT_OPEN', { job: first.job, until: new Date(first.until).toISOString() }),
      );
    }
    if (verdict.is === 'new') return { ref, turn: 'fresh' };
    return { ref, turn: verdict.suspect ? 'suspect' : 'again' };
  }

  #leave(ref: ItemRef, why: Reason): Due | undefined {
    this.#context.left(ref, why);
    return undefined;
  }

  /** Gives the memory of items that are no longer listed to those that bear the same mark; the refs that waited for it. */
  async #carryOver(): Promise<readonly ItemRef[]> {
    const { ledger, viewer } = this.#context;
    const taken = new Set<string>();
    const pairs = this.#renumbered.flatMap(({ ref, known }) => {
      const from = known.find((k) => !this.#marked.has(keyOf(k)) && !taken.has(keyOf(k)));
      if (from === undefined) return [];
      taken.add(keyOf(from));
      this.#missing.delete(keyOf(from));
      return [{ to: ref, from }];
    });
    if (pairs.length > 0) await ledger.carry(viewer.source, pairs);
    return this.#renumbered.map(({ ref }) => ref);
  }
}

/** The ref of an item that is known only from the ledger. */
export function refOf(record: ItemRecord): ItemRef {
  const { id, version, name, size, same } = record;
  return { id, version, name, ...(size !== undefined && { size }), ...(same !== undefined && { same }) };
}

function keyOf(item: { readonly id: string; readonly version: string }): string {
  return `${item.version}\n${item.id}`;
}

/** In batches, the next of which is being gathered while one is worked on. */
async function* batches<T>(from: AsyncIterable<T>, size: number): AsyncGenerator<readonly T[]> {
  const gathered = gather(from, size);
  let next = gathered.next();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done === true) return;
      next = gathered.next();
      // Heard when its turn comes; until then it must not count as unhandled.
      next.catch(() => undefined);
      yield value;
    }
  } finally {
    await next.catch(() => undefined);
    await gathered.return(undefined);
  }
}

async function* gather<T>(
  from: AsyncIterable<T>,
  size: number,
): AsyncGenerator<readonly T[], undefined, undefined> {
  let batch: T[] = [];
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const one of from) {
      batch.push(one);
      if (batch.length < size) continue;
      yield batch;
      batch = [];
    }
  } catch (error) {
    // What has been listed is there all the same: one sub-folder that cannot be read must not hold up the others.
    failure = { error };
  }
  if (batch.length > 0) yield batch;
  if (failure !== undefined) throw failure.error;
}
