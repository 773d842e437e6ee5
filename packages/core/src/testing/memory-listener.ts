import type { Delivery, ItemRef, SourceDocument } from '../contracts/item.js';
import type { Listener, ListenerTraits, Session, Settled, Settlement, Wants } from '../contracts/listener.js';
import { LanceurError } from '../errors.js';
import { streamOf } from './documents.js';
import { Faults, type FaultTiming } from './faults.js';
import {
  containsWhatWasSent,
  isSame,
  MemorySource,
  namesIn,
  type HeldItem,
  type LeftItem,
  type MemoryContent,
  type MemoryItem,
} from './memory-source.js';
import type { Step } from './step.js';

/** What a memory listener does at its source, each with a step on either side; `read` once a chunk. */
export type ListenerEffect = 'connect' | 'list' | 'open' | 'read' | 'settle' | 'restore';

export interface MemoryListenerOptions {
  /** Default `memory`. */
  readonly source?: string;
  /** Default `memory`. */
  readonly address?: string;
  readonly items?: readonly MemoryItem[];
  /** Default true. If false, a second session is refused with `SOURCE_FAILED` while one is open. */
  readonly concurrentSessions?: boolean;
  /** Default false. If true, a batch is settled in one effect, all of it or nothing, and the session is over. */
  readonly settleEndsSession?: boolean;
  /**
   * What accepting does: `remove` (the default) loses the item, `move` takes it out of the listing and keeps it,
   * `keep` leaves it listed. `traits.keeps` follows from it.
   */
  readonly after?: 'remove' | 'move' | 'keep';
  /** What rejecting does: `quarantine` (the default) takes the item out of the listing, `keep` leaves it listed. */
  readonly rejects?: 'quarantine' | 'keep';
  /** Whether a listing says which documents are in an item, so that `wants` can be asked early. Default true. */
  readonly listsDocuments?: boolean;
  /** How many bytes are read in one effect. Default 65536. */
  readonly chunkBytes?: number;
  readonly step?: Step;
  /**
   * What protects against a writer that does not wait. Each is true by default; a simulation breaks one to see that
   * some history comes to harm.
   */
  readonly guards?: {
    /** A stream compares the item's version at its end. */
    readonly streamEnd?: boolean;
    /** Accepting compares the content with what was handed over, not the version alone. */
    readonly content?: boolean;
  };
}

/** A listener whose source is in memory and does what a test says. */
export interface MemoryListener extends Listener {
  /** What is in the source, listed or not yet ready. */
  readonly items: readonly HeldItem[];
  /** What was settled out of the listing, in order, with its end. */
  readonly left: readonly LeftItem[];
  /** Those of `left` that were rejected. */
  readonly quarantine: readonly LeftItem[];
  /** @throws RangeError if the source holds an item of this id. */
  put(item: MemoryItem): HeldItem;
  /**
   * Rewrites an item in place, also under a stream that reads it. It is ready from then on.
   *
   * @param options - `unnoticed`: under the same version, as where the clock is coarse.
   */
  change(
    id: string,
    to: string | Uint8Array | readonly MemoryContent[],
    options?: { readonly unnoticed?: boolean },
  ): HeldItem;
  /** An item that was not ready is so now, under the same version. */
  makeReady(id: string): HeldItem;
  /** Somebody else takes the item away. */
  remove(id: string): void;
  /** Gives all items new ids, as a mailbox does whose UIDVALIDITY has changed. `same` stays. */
  renumber(to: (id: string) => string): void;
  /** Somebody puts an item that has left back where it was, unchanged; or under another id. */
  putBack(id: string, options?: { readonly as?: string }): HeldItem;
  /** The next effect of this kind fails with `error` (default: `SOURCE_FAILED`). */
  failNext(effect: ListenerEffect, error?: Error, timing?: FaultTiming): void;
  /** The same source as another process sees it, with steps of its own. */
  seenBy(step?: Step): MemoryListener;
  /** Ends all sessions of this listener at once, as the death of its process does. */
  cut(): void;
}

/**
 * A scripted source.
 *
 * ```ts
 * const listener = memoryListener({ items: [{ name: 'a.pdf', content: 'one' }] });
 * listener.failNext('settle', undefined, { done: true }); // it is done, and the answer is lost
 * ```
 */
export function memoryListener(options: MemoryListenerOptions = {}): MemoryListener {
  const source = new MemorySource();
  for (const item of options.items ?? []) source.put(item);
  const shared: Shared = { source, faults: new Faults(), sessions: new Set() };
  return view(shared, options);
}

interface Shared {
  readonly source: MemorySource;
  readonly faults: Faults<ListenerEffect>;
  /** The sessions that are open, of whichever view. */
  readonly sessions: Set<MemorySession>;
}

function view(shared: Shared, options: MemoryListenerOptions): MemoryListener {
  const { source, faults, sessions } = shared;
  const own = new Set<MemorySession>();
  const address = options.address ?? 'memory';
  const traits: ListenerTraits = {
    concurrentSessions: options.concurrentSessions ?? true,
    settleEndsSession: options.settleEndsSession ?? false,
    keeps: (options.after ?? 'remove') !== 'remove',
  };
  const failed = (why: string) => new LanceurError('SOURCE_FAILED', { path: address, why });

  return {
    source: options.source ?? 'memory',
    address,
    traits,
    async connect({ signal } = {}) {
      if (signal?.aborted === true) throw new LanceurError('ABORTED');
      const open = () => {
        if (!traits.concurrentSessions && sessions.size > 0) throw failed('another session is open');
        const session = new MemorySession(shared, options, traits, () => {
          sessions.delete(session);
          own.delete(session);
        });
        sessions.add(session);
        own.add(session);
        return session;
      };
      return faults.run('connect', options.step, open, () => failed('connect was to fail'));
    },
    watch(wake) {
      const stop = source.watch(wake);
      return {
        [Symbol.asyncDispose]() {
          stop();
          return Promise.resolve();
        },
      };
    },
    get items() {
      return source.items;
    },
    get left() {
      return source.left;
    },
    get quarantine() {
      return source.left.filter(({ end }) => end === 'reject');
    },
    put: (item) => source.put(item),
    change: (id, to, how) => source.change(id, to, how),
    makeReady: (id) => source.makeReady(id),
    remove: (id) => {
      source.remove(id);
    },
    renumber: (to) => {
      source.renumber(to);
    },
    putBack: (id, how) => source.putBack(id, how),
    failNext: (kind, error, timing) => {
      faults.order(kind, error, timing);
    },
    seenBy: (step) => {
      const { step: _own, ...rest } = options;
      return view(shared, step === undefined ? rest : { ...rest, step });
    },
    cut: () => {
      for (const session of [...own]) session.end();
    },
  };
}

class MemorySession implements Session {
  readonly #shared: Shared;
  readonly #options: MemoryListenerOptions;
  readonly #traits: ListenerTraits;
  readonly #onEnd: () => void;
  #ended = false;

  constructor(shared: Shared, options: MemoryListenerOptions, traits: ListenerTraits, onEnd: () => void) {
    this.#shared = shared;
    this.#options = options;
    this.#traits = traits;
    this.#onEnd = onEnd;
  }

  async *list(): AsyncGenerator<ItemRef, void, undefined> {
    this.#mustBeOpen();
    for (const item of this.#shared.source.items) {
      yield await this.#run('list', () => this.#refOf(item));
    }
    // One effect more than there are items, so that a listing can break before its end, and an empty one too.
    await this.#run('list', () => undefined);
  }

  async open(
    ref: ItemRef,
    wants: Wants = () => true,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<Delivery> {
    if (signal?.aborted === true) throw new LanceurError('ABORTED');
    const item = await this.#run('open', () => this.#current(ref));
    if (item.notReady !== undefined) {
      throw new LanceurError('INTERNAL', { why: `${ref.name} was opened although it was not ready` });
    }
    let disposed = false;
    const names = namesIn(item);
    const wanted = item.documents.map(({ bytes: _bytes, ...info }) => wants(info));
    const documents = item.documents.map(({ bytes: _bytes, name, ...info }, i): SourceDocument => ({
      ...info,
      name: names[i] ?? name,
      open: () => streamOf(this.#read(ref, i, () => disposed)),
    }));
    return {
      ref,
      documents: documents.filter((_document, i) => wanted[i] === true),
      attributes: item.attributes,
      [Symbol.asyncDispose]() {
        disposed = true;
        return Promise.resolve();
      },
    };
  }

  async settle(batch: readonly Settlement[]): Promise<readonly Settled[]> {
    this.#mustBeOpen();
    if (this.#traits.settleEndsSession) {
      const settled = await this.#run('settle', () => batch.map((settlement) => this.#settle(settlement)));
      this.end();
      return settled;
    }
    const settled: Settled[] = [];
    for (const settlement of batch) {
      settled.push(await this.#run('settle', () => this.#settle(settlement)));
    }
    return settled;
  }

  async restore(refs: readonly ItemRef[]): Promise<readonly ItemRef[]> {
    const back: ItemRef[] = [];
    for (const ref of refs) {
      const item = await this.#run('restore', () => this.#shared.source.restore(ref));
      if (item !== undefined) back.push(this.#refOf(item));
    }
    return back;
  }

  close(): Promise<void> {
    this.end();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  end(): void {
    this.#ended = true;
    this.#onEnd();
  }

  #settle(settlement: Settlement): Settled {
    const { ref, end, sent } = settlement;
    const item = this.#shared.source.get(ref.id);
    if (item === undefined) return { ref, how: 'gone' };
    const compares = end === 'accept' && this.#options.guards?.content !== false;
    if (!isSame(item, ref) || (compares && !containsWhatWasSent(item, sent ?? [])))
      return { ref, how: 'changed' };
    const kept = end === 'reject' ? this.#options.rejects === 'keep' : this.#options.after === 'keep';
    if (kept) return { ref, how: 'kept' };
    this.#shared.source.takeOut(item, settlement);
    return { ref, how: 'removed' };
  }

  /** The bytes as they are at the moment of each read: a document that is rewritten under way comes out torn. */
  async *#read(
    ref: ItemRef,
    index: number,
    disposed: () => boolean,
  ): AsyncGenerator<Buffer, void, undefined> {
    const chunk = this.#options.chunkBytes ?? 65_536;
    for (let offset = 0; ; offset += chunk) {
      if (disposed()) throw new LanceurError('CLOSED', { what: `the delivery of ${ref.name}` });
      const bytes = await this.#run('read', () =>
        this.#present(ref).documents[index]?.bytes.subarray(offset, offset + chunk),
      );
      if (bytes === undefined || bytes.length === 0) break;
      yield bytes;
    }
    if (this.#options.guards?.streamEnd !== false) this.#current(ref);
  }

  #present(ref: ItemRef): HeldItem {
    const item = this.#shared.source.get(ref.id);
    if (item === undefined) throw new LanceurError('GONE', { name: ref.name });
    return item;
  }

  #current(ref: ItemRef): HeldItem {
    const item = this.#present(ref);
    if (!isSame(item, ref)) throw new LanceurError('CHANGED', { name: ref.name });
    return item;
  }

  #run<T>(kind: ListenerEffect, act: () => T): Promise<T> {
    const path = this.#options.address ?? 'memory';
    const inSession = () => {
      this.#mustBeOpen();
      return act();
    };
    const usual = () => new LanceurError('SOURCE_FAILED', { path, why: `${kind} was to fail` });
    return this.#shared.faults.run(kind, this.#options.step, inSession, usual);
  }

  #refOf(item: HeldItem): ItemRef {
    const { id, version, name, same, notReady, documents } = item;
    return {
      id,
      version,
      name,
      size: documents.reduce((sum, { size }) => sum + size, 0),
      ...(same === undefined ? {} : { same }),
      ...(notReady === undefined ? {} : { notReady }),
      ...(this.#options.listsDocuments === false
        ? {}
        : { documents: documents.map(({ bytes: _bytes, ...info }) => info) }),
    };
  }

  #mustBeOpen(): void {
    if (this.#ended)
      throw new LanceurError('CLOSED', { what: `the session with ${this.#options.address ?? 'memory'}` });
  }
}
