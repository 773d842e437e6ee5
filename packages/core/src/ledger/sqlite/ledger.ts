import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../clock.js';
import type { Check } from '../../contracts/check.js';
import type { ItemRef } from '../../contracts/item.js';
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
} from '../../contracts/ledger.js';
import type { UsedFolder } from '../../contracts/listener.js';
import { LanceurError } from '../../errors.js';
import {
  carried,
  claimed,
  isCarriable,
  isRecord,
  isReplayable,
  matches,
  reopened,
  verdictOf,
  written,
} from '../transitions.js';
import { checksOf } from './checks.js';
import { readVerdictRows, type VerdictRows } from './classify.js';
import type { Connection } from './driver.js';
import { ledgerError } from './failure.js';
import { sqliteMemory } from './memory.js';
import type { Place } from './place.js';
import { plain, unplain } from './plain.js';
import { pageOf } from './query.js';
import type { Row } from './rows.js';
import { ItemStore, type Stored } from './store.js';
import { Writer } from './writer.js';

/** How many refs, and rows, are looked at before the event loop has its turn. */
const REFS_AT_ONCE = 500;
const RECORDS_AT_ONCE = 100;
const ROWS_AT_ONCE = 1000;
const PRUNED_AT_ONCE = 500;

/** A part of the table: keys above `after`, up to `upTo`. */
interface Window {
  readonly after: number;
  readonly upTo: number;
}

export class SqliteLedger implements Ledger {
  readonly folders: readonly UsedFolder[];
  readonly #connection: Connection;
  readonly #place: Place;
  readonly #clock: Clock;
  readonly #store: ItemStore;
  readonly #writer: Writer;
  #closing: Promise<void> | undefined;

  constructor(connection: Connection, place: Place, clock: Clock, busyMs: number) {
    this.folders = [{ role: 'ledger', path: place.folder }];
    this.#connection = connection;
    this.#place = place;
    this.#clock = clock;
    this.#store = new ItemStore(connection, place.path);
    this.#writer = new Writer(connection, place, this.#store, busyMs);
  }

  async classify(viewer: Viewer, refs: readonly ItemRef[]): Promise<readonly Verdict[]> {
    const verdicts: Verdict[] = [];
    for (const some of parts(refs, REFS_AT_ONCE)) {
      if (verdicts.length > 0) await nextTurn();
      const rows = await this.#read(() =>
        readVerdictRows(this.#connection, viewer.source, some, this.#place.path),
      );
      const now = this.#clock.now();
      for (const [n, ref] of some.entries()) verdicts.push(this.#verdictOf(viewer, ref, n, rows, now));
    }
    return verdicts;
  }

  async claim(viewer: Viewer, ref: ItemRef, options: ClaimOptions): Promise<Claim | Verdict> {
    const { source } = viewer;
    return this.#open().step<Claim | Verdict>({ source, id: ref.id, version: ref.version }, (known) => {
      const outcome = claimed(known, ref, viewer, options, this.#clock.now());
      if (!isRecord(outcome)) return { answer: outcome };
      return { record: outcome, answer: { item: outcome, viewer, fence: outcome.fence } };
    });
  }

  async write(claim: Claim, changes: readonly Change[], leaseMs: number): Promise<Claim> {
    return this.#open().step(claim.item, (known) => {
      const record = written(known, claim, changes, leaseMs, this.#clock.now());
      return { record, answer: { item: record, viewer: claim.viewer, fence: claim.fence } };
    });
  }

  async *unfinished(source: string): AsyncIterable<ItemRecord> {
    for await (const { record } of this.#pages({ source }, true)) yield record;
  }

  async *find(which: Query): AsyncIterable<ItemRecord> {
    for await (const { record } of this.#pages(which, false)) yield record;
  }

  async carry(
    source: string,
    pairs: readonly {
      readonly to: ItemRef;
      readonly from: { readonly id: string; readonly version: string };
    }[],
  ): Promise<void> {
    for (const some of parts(pairs, REFS_AT_ONCE)) {
      await this.#open().alone(() => {
        const now = this.#clock.now();
        for (const { to, from } of some) {
          const item = this.#one(source, from);
          if (item === undefined || this.#one(source, to) !== undefined || !isCarriable(item.record, to, now))
            continue;
          this.#store.write(item, carried(item.record, to, now));
        }
      });
    }
  }

  async listed(source: string, refs: readonly ItemRef[]): Promise<void> {
    for (const some of parts(refs, REFS_AT_ONCE)) {
      const keys = JSON.stringify(some.map((ref) => [plain(ref.id), plain(ref.version)]));
      await this.#open().alone(() => {
        this.#connection.run(
          `UPDATE items SET listed_at = ? WHERE key IN (
            SELECT i.key FROM json_each(?) AS j CROSS JOIN items AS i
              ON i.source = ? AND i.id = j.value ->> 0 AND i.version = j.value ->> 1)`,
          this.#clock.now(),
          keys,
          plain(source),
        );
      });
    }
  }

  async prune(
    source: string,
    o: { readonly changedBefore: number; readonly listedBefore: number },
  ): Promise<number> {
    // By their index: at every poll there is next to nothing to find, among very many that are kept.
    const old = `SELECT json_group_array(key) FROM (
      SELECT key FROM items INDEXED BY items_over WHERE source = ?
      AND state IN ('settled', 'idle') AND changed_at < ? AND listed_at < ? LIMIT ${String(PRUNED_AT_ONCE)})`;
    let count = 0;
    for (;;) {
      const pruned = await this.#open().alone(() => {
        const keys = this.#connection.json(old, plain(source), o.changedBefore, o.listedBefore) as number[];
        if (keys.length === 0) return 0;
        const list = JSON.stringify(keys);
        this.#connection.run('DELETE FROM sent WHERE item IN (SELECT value FROM json_each(?))', list);
        this.#connection.run('DELETE FROM items WHERE key IN (SELECT value FROM json_each(?))', list);
        return keys.length;
      });
      count += pruned;
      if (pruned < PRUNED_AT_ONCE) return count;
    }
  }

  async replay(which: Query, what: 'missing' | 'everything'): Promise<number> {
    let count = 0;
    let some: ItemRecord[] = [];
    // Each is opened by a step that has looked at it itself: what was found may have changed since.
    const reopenSome = async () => {
      const counts = await Promise.all(some.map((record) => this.#reopen(record, which, what)));
      for (const one of counts) count += one;
      some = [];
    };
    for await (const { record } of this.#pages(which, false)) {
      some.push(record);
      if (some.length === RECORDS_AT_ONCE) await reopenSome();
    }
    await reopenSome();
    return count;
  }

  async bind(viewer: Viewer, address: string, options: { readonly adopt?: boolean } = {}): Promise<void> {
    const adopt = options.adopt === true;
    // The address comes last: an adoption that is cut short is asked for again.
    if (adopt) await this.#handOver(viewer);
    await this.#open().alone(() => {
      const [known] = this.#connection.column(
        'SELECT address FROM sources WHERE source = ?',
        plain(viewer.source),
      );
      const before = typeof known === 'string' ? known : undefined;
      if (before === plain(address)) return;
      if (before !== undefined && !adopt) {
        throw new LanceurError('SOURCE_MOVED', {
          source: viewer.source,
          before: unplain(before),
          now: address,
        });
      }
      const sql =
        'INSERT INTO sources VALUES (?, ?) ON CONFLICT (source) DO UPDATE SET address = excluded.address';
      this.#connection.run(sql, plain(viewer.source), plain(address));
    });
  }

  memory(source: string): SourceMemory {
    return sqliteMemory(this.#connection, source, () => this.#open());
  }

  async check(): Promise<readonly Check[]> {
    return checksOf(this.#open(), this.#connection, this.#place);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#writer.idle();
    try {
      this.#connection.column('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // All is in the -wal, and whoever opens the ledger next takes it from there.
    }
    try {
      this.#connection.close();
    } catch (error) {
      throw ledgerError(error, this.#place.path);
    }
  }

  /** The writer, as long as the ledger is open. */
  #open(): Writer {
    if (this.#closing !== undefined)
      throw new LanceurError('CLOSED', { what: `the ledger ${this.#place.path}` });
    return this.#writer;
  }

  async #read<T>(read: () => T): Promise<T> {
    return this.#open().read(read);
  }

  #one(source: string, ref: { readonly id: string; readonly version: string }): Stored | undefined {
    return this.#store.read([{ source, id: ref.id, version: ref.version }])[0];
  }

  #verdictOf(viewer: Viewer, ref: ItemRef, n: number, rows: VerdictRows, now: number): Verdict {
    const item = rows.items.get(n);
    const known = item === undefined && ref.same !== undefined ? rows.marks.get(ref.same) : undefined;
    return known === undefined ? verdictOf(item, viewer, now) : { is: 'new', known };
  }

  async #reopen(item: ItemRecord, which: Query, what: 'missing' | 'everything'): Promise<0 | 1> {
    return this.#open().step<0 | 1>(item, (known) => {
      const now = this.#clock.now();
      if (known === undefined || !matches(known, which) || !isReplayable(known, what, now))
        return { answer: 0 };
      return { record: reopened(known, what, now), answer: 1 };
    });
  }

  /** Everything of the source becomes this launcher's. */
  async #handOver({ source, launcher }: Viewer): Promise<void> {
    const sql = 'UPDATE items SET launcher = ? WHERE key > ? AND key <= ? AND source = ? AND launcher <> ?';
    for await (const { after, upTo } of this.#windows()) {
      await this.#open().alone(() => {
        this.#connection.run(sql, plain(launcher), after, upTo, plain(source), plain(launcher));
      });
    }
  }

  /** What matches, in pages that hold no statement open between them, so that nobody is kept from writing. */
  async *#pages(which: Query, unfinished: boolean): AsyncIterable<Stored> {
    const page = pageOf(which, unfinished, RECORDS_AT_ONCE);
    for await (const window of page.indexed ? this.#whole() : this.#windows()) {
      for (let { after } = window; ;) {
        const rows = await this.#read(() =>
          this.#connection.column(page.sql, ...page.values, after, window.upTo),
        );
        for (const row of rows) {
          const stored = this.#store.stored(JSON.parse(String(row)) as Row);
          after = stored.key ?? after;
          if (matches(stored.record, which)) yield stored;
        }
        if (rows.length < RECORDS_AT_ONCE) break;
        await nextTurn();
      }
    }
  }

  /** The table as it is now, in parts that are quick to look through. */
  async *#windows(): AsyncIterable<Window> {
    for await (const { upTo: last } of this.#whole()) {
      for (let after = 0; after < last;) {
        const from = after;
        const upTo = await this.#read(() =>
          this.#connection.number(
            `SELECT max(key) FROM (SELECT key FROM items WHERE key > ? ORDER BY key LIMIT ${String(ROWS_AT_ONCE)})`,
            from,
          ),
        );
        if (upTo === 0) return;
        yield { after, upTo: Math.min(upTo, last) };
        after = upTo;
        await nextTurn();
      }
    }
  }

  async *#whole(): AsyncIterable<Window> {
    yield { after: 0, upTo: await this.#read(() => this.#connection.number('SELECT max(key) FROM items')) };
  }
}

function* parts<T>(all: readonly T[], size: number): Iterable<readonly T[]> {
  for (let start = 0; start < all.length; start += size) yield all.slice(start, start + size);
}
