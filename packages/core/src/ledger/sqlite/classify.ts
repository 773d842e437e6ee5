import type { ItemRef } from '../../contracts/item.js';
import type { ItemRecord } from '../../contracts/ledger.js';
import type { Connection } from './driver.js';
import { plain, unplain } from './plain.js';
import { COLUMNS, recordOf, type Row } from './rows.js';

/** What verdicts are made from. */
export interface VerdictRows {
  /** By the ref's place in the list; a settled item's record holds no more than its verdict needs. */
  readonly items: ReadonlyMap<number, ItemRecord>;
  /** For refs that are not known: the records that bear the same mark. */
  readonly marks: ReadonlyMap<string, readonly { readonly id: string; readonly version: string }[]>;
}

// Most of what is listed again and again was accepted. Its columns say what there is to say, unless it carries a reason:
// the body, most of each row, stays unread.
const NEEDED = COLUMNS.map((column) =>
  column === 'body'
    ? `CASE WHEN i.state = 'settled' AND i.outcome <> 'reject' AND i.codes IS NULL THEN NULL ELSE i.body END`
    : `i.${column}`,
).join(', ');
const ITEMS = `
  SELECT json_group_array(json_array(j.key, i.key, ${NEEDED}))
  FROM json_each(?) AS j CROSS JOIN items AS i
    ON i.source = ? AND i.id = j.value ->> 0 AND i.version = j.value ->> 1`;
const MARKS = `
  SELECT json_group_array(json_array(i.same, i.id, i.version))
  FROM (
    SELECT i.same, i.id, i.version FROM json_each(?) AS j CROSS JOIN items AS i
      ON i.source = ? AND i.same = j.value AND i.same IS NOT NULL
    ORDER BY i.key
  ) AS i`;

/** One statement for all the refs, and one for the marks of those that are not known. */
export function readVerdictRows(
  connection: Connection,
  source: string,
  refs: readonly ItemRef[],
  path: string,
): VerdictRows {
  const keys = JSON.stringify(refs.map((ref) => [plain(ref.id), plain(ref.version)]));
  const found = connection.json(ITEMS, keys, plain(source)) as readonly (readonly [n: number, ...row: Row])[];
  const items = new Map(found.map(([n, ...row]) => [n, recordOf(row, path)]));

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
