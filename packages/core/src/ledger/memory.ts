import { systemClock, type Clock } from '../clock.js';
import type { ItemRef } from '../contracts/item.js';
import type {
  Change,
  Claim,
  ClaimOptions,
  ItemRecord,
  Ledger,
  Query,
  SourceMemory,
  Verdict,
  Viewer,
} from '../contracts/ledger.js';
import { LanceurError } from '../errors.js';
import {
  carried,
  claimed,
  isCarriable,
  isPrunable,
  isRecord,
  isReplayable,
  matches,
  reopened,
  verdictOf,
  written,
} from './transitions.js';

export interface MemoryLedgerOptions {
  /** Measures leases and dates records. Default: the system's. */
  readonly clock?: Clock;
}

/**
 * A ledger that forgets when the process ends: for tests and simulations, and for sources that keep nothing listed
 * which has been handed over. It behaves as the durable ones do; records are plain JSON, frozen, shared with nobody.
 */
export function memoryLedger(options: MemoryLedgerOptions = {}): Ledger {
  return new MemoryLedger(options.clock ?? systemClock);
}

class MemoryLedger implements Ledger {
  readonly #clock: Clock;
  /** In the order in which items became known, carried ones included: that of `find`. */
  readonly #items = new Map<number, ItemRecord>();
  /** Where in `#items` an item is. */
  readonly #places = new Map<string, number>();
  readonly #addresses = new Map<string, string>();
  readonly #memories = new Map<string, Map<string, string>>();
  #nextPlace = 1;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async classify(viewer: Viewer, refs: readonly ItemRef[]): Promise<readonly Verdict[]> {
    await this.#ready();
    const now = this.#clock.now();
    const marks = this.#marksOf(viewer.source, refs);
    return refs.map((ref) => {
      const item = this.#get(viewer.source, ref);
      const known = item === undefined && ref.same !== undefined ? marks.get(ref.same) : undefined;
      return known === undefined ? verdictOf(item, viewer, now) : { is: 'new', known };
    });
  }

  async claim(viewer: Viewer, ref: ItemRef, options: ClaimOptions): Promise<Claim | Verdict> {
    await this.#ready();
    const outcome = claimed(this.#get(viewer.source, ref), ref, viewer, options, this.#clock.now());
    if (!isRecord(outcome)) return outcome;
    const item = this.#put(outcome);
    return { item, viewer, fence: item.fence };
  }

  async write(claim: Claim, changes: readonly Change[], leaseMs: number): Promise<Claim> {
    await this.#ready();
    const known = this.#get(claim.item.source, claim.item);
    const item = this.#put(written(known, claim, changes, leaseMs, this.#clock.now()));
    return { item, viewer: claim.viewer, fence: claim.fence };
  }

  async *unfinished(source: string): AsyncIterable<ItemRecord> {
    for await (const item of this.find({ source })) {
      if (item.state === 'open' || item.state === 'ended') yield item;
    }
  }

  async *find(which: Query): AsyncIterable<ItemRecord> {
    await this.#ready();
    for (const place of [...this.#items.keys()]) {
      this.#refuseIfClosed();
      const item = this.#items.get(place);
      if (item !== undefined && matches(item, which)) yield item;
    }
  }

  async carry(
    source: string,
    pairs: readonly {
      readonly to: ItemRef;
      readonly from: { readonly id: string; readonly version: string };
    }[],
  ): Promise<void> {
    await this.#ready();
    const now = this.#clock.now();
    for (const { to, from } of pairs) {
      const item = this.#get(source, from);
      if (item === undefined || this.#get(source, to) !== undefined || !isCarriable(item, to, now)) continue;
      const place = this.#places.get(keyOf(source, from)) ?? 0;
      this.#places.delete(keyOf(source, from));
      this.#places.set(keyOf(source, to), place);
      this.#put(carried(item, to, now));
    }
  }

  async listed(source: string, refs: readonly ItemRef[]): Promise<void> {
    await this.#ready();
    const listedAt = this.#clock.now();
    for (const ref of refs) {
      const item = this.#get(source, ref);
      if (item !== undefined) this.#put({ ...item, listedAt });
    }
  }

  async prune(
    source: string,
    o: { readonly changedBefore: number; readonly listedBefore: number },
  ): Promise<number> {
    await this.#ready();
    const old = [...this.#items].filter(([, item]) => item.source === source && isPrunable(item, o));
    for (const [place, item] of old) {
      this.#items.delete(place);
      this.#places.delete(keyOf(source, item));
    }
    return old.length;
  }

  async replay(which: Query, what: 'missing' | 'everything'): Promise<number> {
    await this.#ready();
    const now = this.#clock.now();
    const found = [...this.#items.values()].filter((i) => matches(i, which) && isReplayable(i, what, now));
    for (const item of found) this.#put(reopened(item, what, now));
    return found.length;
  }

  async bind(viewer: Viewer, address: string, options: { readonly adopt?: boolean } = {}): Promise<void> {
    await this.#ready();
    const { source, launcher } = viewer;
    const before = this.#addresses.get(source);
    if (options.adopt !== true && before !== undefined && before !== address) {
      throw new LanceurError('SOURCE_MOVED', { source, before, now: address });
    }
    this.#addresses.set(source, address);
    if (options.adopt !== true) return;
    for (const item of [...this.#items.values()]) {
      if (item.source === source) this.#put({ ...item, launcher });
    }
  }

  memory(source: string): SourceMemory {
    return {
      read: async (keys) => {
        await this.#ready();
        const entries = this.#memories.get(source);
        const found = new Map<string, string>();
        for (const key of keys) {
          const value = entries?.get(key);
          if (value !== undefined) found.set(key, value);
        }
        return found;
      },
      write: async (changes) => {
        await this.#ready();
        const entries = this.#memories.get(source) ?? new Map<string, string>();
        this.#memories.set(source, entries);
        for (const [key, value] of changes) {
          if (value === undefined) entries.delete(key);
          else entries.set(key, value);
        }
      },
    };
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  /** Gives way as a durable ledger does, so that code which relies on an answer in the same turn fails here too. */
  async #ready(): Promise<void> {
    this.#refuseIfClosed();
    await Promise.resolve();
  }

  #refuseIfClosed(): void {
    if (this.#closed) throw new LanceurError('CLOSED', { what: 'the ledger' });
  }

  #get(source: string, ref: { readonly id: string; readonly version: string }): ItemRecord | undefined {
    const place = this.#places.get(keyOf(source, ref));
    return place === undefined ? undefined : this.#items.get(place);
  }

  #put(item: ItemRecord): ItemRecord {
    const key = keyOf(item.source, item);
    const place = this.#places.get(key) ?? this.#nextPlace++;
    const stored = frozen(JSON.parse(JSON.stringify(item)) as ItemRecord);
    this.#places.set(key, place);
    this.#items.set(place, stored);
    return stored;
  }

  /** Which records bear a mark that a ref bears whose own id is not known. */
  #marksOf(source: string, refs: readonly ItemRef[]): ReadonlyMap<string, { id: string; version: string }[]> {
    const marks = new Map<string, { id: string; version: string }[]>();
    const wanted = new Set(refs.filter((r) => this.#get(source, r) === undefined).map((r) => r.same));
    wanted.delete(undefined);
    if (wanted.size === 0) return marks;
    for (const { source: of, same, id, version } of this.#items.values()) {
      if (of !== source || same === undefined || !wanted.has(same)) continue;
      const known = marks.get(same);
      if (known === undefined) marks.set(same, [{ id, version }]);
      else known.push({ id, version });
    }
    return marks;
  }
}

function keyOf(source: string, ref: { readonly id: string; readonly version: string }): string {
  return JSON.stringify([source, ref.id, ref.version]);
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}
