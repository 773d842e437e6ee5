import type { ItemRecord } from '../../contracts/ledger.js';
import type { Connection, SqliteValue } from './driver.js';
import { plain } from './plain.js';
import { COLUMNS, ROW, recordOf, sentRowsOf, valuesOf, type Row } from './rows.js';

/** Names one item. */
export interface ItemKey {
  readonly source: string;
  readonly id: string;
  readonly version: string;
}

/** A record, and the key of its row; `key` is absent until it has one. */
export interface Stored {
  readonly key?: number;
  readonly record: ItemRecord;
}

/** The keys of a JSON list of [source, id, version], joined to the items that have them. */
const BY_KEYS = `
  FROM json_each(?) AS j CROSS JOIN items AS i
    ON i.source = j.value ->> 0 AND i.id = j.value ->> 1 AND i.version = j.value ->> 2`;
const IDENTITY = ['source', 'id', 'version', 'name', 'same'] as const;
/** Where {@link COLUMNS} go on after the identity's. */
const CHANGING = IDENTITY.length;
const READ = `SELECT json_group_array(${ROW}) ${BY_KEYS}`;
const INSERT = `INSERT INTO items (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`;
const RENAME = update(COLUMNS);
// SQLite rewrites each index whose columns are named, changed or not: most changes name none of the identity's.
const UPDATE = update(COLUMNS.slice(CHANGING));

function update(columns: readonly string[]): string {
  return `UPDATE items SET ${columns.map((c) => `${c} = ?`).join(', ')} WHERE key = ?`;
}

/** Reads and writes records; within a transaction where it writes. */
export class ItemStore {
  readonly #connection: Connection;
  readonly #path: string;

  constructor(connection: Connection, path: string) {
    this.#connection = connection;
    this.#path = path;
  }

  /** Those that are known, in no order. */
  read(keys: readonly ItemKey[]): readonly Stored[] {
    const list = JSON.stringify(keys.map((k) => [plain(k.source), plain(k.id), plain(k.version)]));
    return (this.#connection.json(READ, list) as readonly Row[]).map((row) => this.stored(row));
  }

  stored(row: Row): Stored {
    return { key: row[0], record: recordOf(row, this.#path) };
  }

  /** @param values - `valuesOf(after)`, which the caller had to make to know that it can be written. */
  write(
    before: Stored | undefined,
    after: ItemRecord,
    values: readonly SqliteValue[] = valuesOf(after),
  ): void {
    const key = before?.key ?? this.#insert(values);
    if (before?.key !== undefined) this.#update(key, before.record, after, values);
    this.#writeSent(key, before?.key === undefined ? undefined : before.record, after);
  }

  #update(key: number, before: ItemRecord, after: ItemRecord, values: readonly SqliteValue[]): void {
    const renamed = IDENTITY.some((part) => before[part] !== after[part]);
    if (renamed) this.#connection.run(RENAME, ...values, key);
    else this.#connection.run(UPDATE, ...values.slice(CHANGING), key);
  }

  #insert(values: readonly SqliteValue[]): number {
    this.#connection.run(INSERT, ...values);
    return this.#connection.number('SELECT last_insert_rowid()');
  }

  #writeSent(key: number, before: ItemRecord | undefined, after: ItemRecord): void {
    if (before?.submissions === after.submissions) return;
    const old = JSON.stringify(sentRowsOf(before));
    const rows = JSON.stringify(sentRowsOf(after));
    if (old === rows) return;
    if (old !== '[]') this.#connection.run('DELETE FROM sent WHERE item = ?', key);
    this.#connection.run('INSERT INTO sent SELECT ?, value ->> 0, value ->> 1 FROM json_each(?)', key, rows);
  }
}
