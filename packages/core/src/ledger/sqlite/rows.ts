import type { ItemRecord } from '../../contracts/ledger.js';
import { LanceurError } from '../../errors.js';
import type { SqliteValue } from './driver.js';
import { plain, unplain } from './plain.js';

/** What SQL looks at has a column of its own; all the rest is the body. */
type Body = Omit<
  ItemRecord,
  | 'source'
  | 'id'
  | 'version'
  | 'name'
  | 'same'
  | 'launcher'
  | 'state'
  | 'end'
  | 'how'
  | 'createdAt'
  | 'changedAt'
  | 'listedAt'
>;

/** The columns of `items`, `key` apart, in the order of {@link valuesOf}. */
export const COLUMNS = [
  'source',
  'id',
  'version',
  'name',
  'same',
  'launcher',
  'state',
  'outcome',
  'how',
  'codes',
  'created_at',
  'changed_at',
  'listed_at',
  'body',
] as const;

/** A row of `items AS i` as one JSON array: its key, then {@link COLUMNS}. */
export const ROW = `json_array(i.key, ${COLUMNS.map((c) => `i.${c}`).join(', ')})`;

export type Row = readonly [
  key: number,
  source: string,
  id: string,
  version: string,
  name: string,
  same: string | null,
  launcher: string,
  state: ItemRecord['state'],
  end: NonNullable<ItemRecord['end']> | null,
  how: NonNullable<ItemRecord['how']> | null,
  codes: string | null,
  createdAt: number,
  changedAt: number,
  listedAt: number,
  body: string,
];

/** The record of a row. @throws LanceurError `LEDGER_CORRUPT` if its body is not what was written. */
export function recordOf(row: Row, path: string): ItemRecord {
  const [
    ,
    source,
    id,
    version,
    name,
    same,
    launcher,
    state,
    end,
    how,
    ,
    createdAt,
    changedAt,
    listedAt,
    body,
  ] = row;
  return {
    source: unplain(source),
    id: unplain(id),
    version: unplain(version),
    name: unplain(name),
    ...(same !== null && { same: unplain(same) }),
    launcher: unplain(launcher),
    state,
    ...(end !== null && { end }),
    ...(how !== null && { how }),
    createdAt,
    changedAt,
    listedAt,
    ...bodyOf(body, path),
  };
}

function bodyOf(text: string, path: string): Body {
  try {
    return JSON.parse(text) as Body;
  } catch (cause) {
    throw new LanceurError('LEDGER_CORRUPT', { path, why: 'a record is not JSON' }, { cause });
  }
}

/** The values of {@link COLUMNS}. */
export function valuesOf(item: ItemRecord): readonly SqliteValue[] {
  const {
    source,
    id,
    version,
    name,
    same,
    launcher,
    state,
    end,
    how,
    createdAt,
    changedAt,
    listedAt,
    ...body
  } = item;
  return [
    plain(source),
    plain(id),
    plain(version),
    plain(name),
    same === undefined ? null : plain(same),
    plain(launcher),
    state,
    end ?? null,
    how ?? null,
    codesOf(item),
    createdAt,
    changedAt,
    listedAt,
    JSON.stringify(body satisfies Body),
  ];
}

/** All that `find({ code })` may ask for, each between spaces: ` PART_REFUSED IN_DOUBT `. */
function codesOf(item: ItemRecord): string | null {
  const codes = new Set<string>();
  if (item.reason) codes.add(item.reason.code);
  for (const s of item.submissions ?? []) {
    if (s.state === 'refused' && s.reason) codes.add(s.reason.code);
  }
  return codes.size === 0 ? null : ` ${[...codes].join(' ')} `;
}

/** A document of an item: its name, and its digest once it is known (else `''`). */
export type SentRow = readonly [name: string, sha256: string];

/**
 * What `find({ name })` and `find({ sha256 })` look up. The digest is there as soon as the document is about to be handed
 * over, so that its receipt changes nothing here; whether it was, `matches` tells.
 */
export function sentRowsOf(item: ItemRecord | undefined): readonly SentRow[] {
  const rows = new Map<string, SentRow>();
  for (const { documents, receipt, sent } of item?.submissions ?? []) {
    const handedOver = new Map((receipt?.documents ?? sent)?.map((d) => [d.name, d.sha256]));
    for (const name of new Set([...documents, ...handedOver.keys()])) {
      const row: SentRow = [plain(name), handedOver.get(name) ?? ''];
      rows.set(row.join('/'), row);
    }
  }
  return [...rows.values()];
}
