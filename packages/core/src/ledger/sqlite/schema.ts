import { LanceurError } from '../../errors.js';
import type { Connection } from './driver.js';

/** "Lanc": says that the file is one of ours, to `file` as well. */
const APPLICATION_ID = 0x4c61_6e63;

/**
 * What leads from each version of the schema (`PRAGMA user_version`) to the next. One that has been published is
 * never edited: a change is a new entry at the end.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE items (
    key        INTEGER PRIMARY KEY,
    source     TEXT NOT NULL,
    id         TEXT NOT NULL,
    version    TEXT NOT NULL,
    name       TEXT NOT NULL,
    same       TEXT,
    launcher   TEXT NOT NULL,
    state      TEXT NOT NULL,
    outcome    TEXT,
    how        TEXT,
    codes      TEXT,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    listed_at  INTEGER NOT NULL,
    body       TEXT NOT NULL,
    UNIQUE (source, id, version)
  );
  CREATE INDEX items_same ON items (source, same) WHERE same IS NOT NULL;
  CREATE INDEX items_name ON items (name);
  CREATE INDEX items_unfinished ON items (source) WHERE state IN ('open', 'ended');
  CREATE INDEX items_over ON items (source, changed_at) WHERE state IN ('settled', 'idle');
  CREATE INDEX items_codes ON items (codes) WHERE codes IS NOT NULL;

  CREATE TABLE sent (
    item   INTEGER NOT NULL,
    name   TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (item, name, sha256)
  ) WITHOUT ROWID;
  CREATE INDEX sent_name ON sent (name);
  CREATE INDEX sent_sha256 ON sent (sha256) WHERE sha256 <> '';

  CREATE TABLE sources (source TEXT PRIMARY KEY, address TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE source_memory (
    source TEXT NOT NULL,
    key    TEXT NOT NULL,
    value  TEXT NOT NULL,
    PRIMARY KEY (source, key)
  ) WITHOUT ROWID;

  CREATE VIEW documents AS
  SELECT
    i.source AS source,
    i.name AS item,
    d.value AS document,
    json_extract(s.value, '$.job') AS job,
    coalesce(json_extract(s.value, '$.state'), i.state) AS state,
    i.state || coalesce(' ' || i.outcome, '') || coalesce(' ' || i.how, '') AS item_state,
    strftime(
      '%Y-%m-%dT%H:%M:%S',
      coalesce(json_extract(s.value, '$.receipt.at'), i.changed_at) / 1000, 'unixepoch', 'localtime'
    ) AS at,
    (
      SELECT json_extract(r.value, '$.sha256')
      FROM json_each(s.value, '$.receipt.documents') AS r
      WHERE json_extract(r.value, '$.name') = d.value
    ) AS sha256,
    (
      SELECT coalesce(json_extract(r.value, '$.placedAs'), d.value)
      FROM json_each(s.value, '$.receipt.documents') AS r
      WHERE json_extract(r.value, '$.name') = d.value
    ) AS placed_as,
    coalesce(json_extract(s.value, '$.reason.message'), json_extract(i.body, '$.reason.message')) AS reason,
    i.launcher AS launcher,
    json_extract(s.value, '$.id') AS submission,
    i.id AS id,
    i.version AS version
  FROM items AS i
  LEFT JOIN json_each(i.body, '$.submissions') AS s
  LEFT JOIN json_each(s.value, '$.documents') AS d;
  `,
];

/**
 * Looks before anything is written to the file.
 *
 * @throws LanceurError `LEDGER_NEWER`; `INVALID_OPTION` if the database is another program's.
 */
export function refuseUnknown(connection: Connection, path: string, known = MIGRATIONS.length): void {
  const found = connection.number('PRAGMA user_version');
  const empty = connection.number('SELECT count(*) FROM sqlite_master') === 0;
  const ours = connection.number('PRAGMA application_id') === APPLICATION_ID;
  if (!ours && !(empty && found === 0)) {
    throw new LanceurError('INVALID_OPTION', {
      option: 'path',
      expected: 'a ledger, or a file that does not exist yet',
      found: `a database of another program (${path})`,
    });
  }
  if (found > known) throw new LanceurError('LEDGER_NEWER', { path, found, known });
}

/** Brings the database to the newest schema. To be called within a write transaction. Throws as {@link refuseUnknown}. */
export function migrate(
  connection: Connection,
  path: string,
  migrations: readonly string[] = MIGRATIONS,
): void {
  refuseUnknown(connection, path, migrations.length);
  const found = connection.number('PRAGMA user_version');
  if (found === migrations.length) return;
  for (const sql of migrations.slice(found)) connection.exec(sql);
  connection.exec(`PRAGMA application_id = ${String(APPLICATION_ID)}`);
  connection.exec(`PRAGMA user_version = ${String(migrations.length)}`);
}
