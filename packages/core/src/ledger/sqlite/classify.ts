import type { ItemRef } from '../../contracts/item.js';
import type { ItemRecord } from '../../contracts/ledger.js';
import type { End, How } from '../../contracts/listener.js';
import type { Connection } from './driver.js';
import { plain, unplain } from './plain.js';
import { recordOf, ROW, type Row } from './rows.js';

/** What verdicts are made from. */
export interface VerdictRows {
  /** By the ref's place in the list; a settled item's record holds no more than its verdict needs. */
  readonly items: ReadonlyMap<number, ItemRecord>;
  /** For refs that are not known: the records that bear the same mark. */
  readonly marks: ReadonlyMap<string, readonly { readonly id: string; readonly version: string }[]>;
}

/** An item that was accepted, with all that its verdict needs; or, with a `key`, one whose whole row is needed. */
type Found = readonly [
  n: number,
  key: number | null,
  launcher: string,
  end: End,
  how: How,
  changedAt: number,
  listedAt: number,
];

// Most of what is listed again and again was accepted. A few columns say what there is to say, unless it carries a
// reason: the body, most of each row, stays unread.
const ITEMS = `
  SELECT json_group_array(json_array(
    j.key,
    CASE WHEN i.state = 'settled' AND i.outcome <> 'reject' AND i.codes IS NULL THEN NULL ELSE i.key END,
    i.launcher, i.outcome, i.how, i.changed_at, i.listed_at
  ))
  FROM json_each(?) AS j CROSS JOIN items AS i
    ON i.source = ? AND i.id = j.value ->> 0 AND i.version = j.value ->> 1`;
const WHOLE = `SELECT json_group_array(${ROW}) FROM items AS i WHERE i.key IN (SELECT value FROM json_each(?))`;
const MARKS = `
  SELECT json_group_array(json_array(i.same, i.id, i.version))
  FROM (
    SELECT i.same, i.id, i.version FROM json_each(?) AS j CROSS JOIN items AS i
      ON i.source = ? AND i.same = j.value AND i.same IS NOT NULL
    ORDER BY i.key
  ) AS i`;

/** One statement for all the refs; one more for those that were not accepted, and one for marks of the unknown. */
export function readVerdictRows(
  connection: Connection,
  source: string,
  refs: readonly ItemRef[],
  path: string,
): VerdictRows {
  const keys = JSON.stringify(refs.map((ref) => [plain(ref.id), plain(ref.version)]));
  const found = connection.json(ITEMS, keys, plain(source)) as readonly Found[];
  const wholeKeys = found.flatMap(([, key]) => (key === null ? [] : [key]));
  const whole = wholeKeys.length === 0 ? NOTHING : readWhole(connection, wholeKeys, path);
  const items = new Map<number, ItemRecord>();
  for (const row of found) {
    const [n, key] = row;
    const ref = refs[n];
    const item = key !== null ? whole.get(key) : ref && acceptedRecord(row, source, ref);
    if (item !== undefined) items.set(n, item);
  }

  const marks = new Map<string, { id: string; version: string }[]>();
  const unknown = refs
    .filter((ref, n) => ref.same !== undefined && !items.has(n))
    .map((ref) => plain(ref.same ?? ''));
  if (unknown.length === 0) return { items, marks };
  const list = JSON.stringify([...new Set(unknown)]);
  for (const row of connection.json(MARKS, list, plain(source)) as readonly [string, string, string][]) {
    const [same, id, version] = row.map(unplain) as [string, string, string];
    const known = marks.get(same);
    if (known === undefined) marks.set(same, [{ id, version }]);
    else known.push({ id, version });
  }
  return { items, marks };
}

const NOTHING: ReadonlyMap<number, ItemRecord> = new Map();

function readWhole(
  connection: Connection,
  keys: readonly number[],
  path: string,
): ReadonlyMap<number, ItemRecord> {
  const rows = connection.json(WHOLE, JSON.stringify(keys)) as readonly Row[];
  return new Map(rows.map((row) => [row[0], recordOf(row, path)]));
}

function acceptedRecord(found: Found, source: string, ref: ItemRef): ItemRecord {
  const [, , launcher, end, how, changedAt, listedAt] = found;
  return {
    source,
    id: ref.id,
    version: ref.version,
    name: ref.name,
    launcher: unplain(launcher),
    state: 'settled',
    end,
    how,
    changedAt,
    listedAt,
    ...UNREAD,
  };
}

/** Stands in for what no verdict on an accepted item looks at. */
const UNREAD = { epoch: 0, attempts: 0, crashes: 0, suspect: false, notBefore: 0, fence: 0, createdAt: 0 };
