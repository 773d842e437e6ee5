import type { Query } from '../../contracts/ledger.js';
import type { SqliteValue } from './driver.js';
import { plain } from './plain.js';
import { ROW } from './rows.js';

/** A page of the items that a query may match, `after` a key and up to another one, oldest first. */
export interface Page {
  readonly sql: string;
  /** To be followed by the two keys. */
  readonly values: readonly SqliteValue[];
  /** Whether an index leads to the items; if not, the caller walks through the table in windows. */
  readonly indexed: boolean;
}

const UNFINISHED = `i.state IN ('open', 'ended')`;

/**
 * What an index finds, narrowed by columns; `matches` has the last word on each.
 *
 * @param unfinished - only those that are open or ended.
 */
export function pageOf(which: Query, unfinished: boolean, limit: number): Page {
  const conditions: string[] = [];
  const values: SqliteValue[] = [];
  const must = (condition: string, ...more: SqliteValue[]) => {
    conditions.push(condition);
    values.push(...more);
  };

  // A partial index serves only where its own condition is repeated word for word.
  const isUnfinished = unfinished || which.state === 'open' || which.state === 'ended';
  if (isUnfinished) must(UNFINISHED);
  if (which.source !== undefined) must('i.source = ?', plain(which.source));
  if (which.id !== undefined) must('i.id = ?', plain(which.id));
  if (which.state !== undefined) must('i.state = ?', which.state);
  if (which.end !== undefined) must('i.outcome = ?', which.end);
  if (which.code !== undefined) must('i.codes IS NOT NULL AND instr(i.codes, ?) > 0', ` ${which.code} `);
  if (which.name !== undefined) {
    const name = plain(which.name);
    must(
      'i.key IN (SELECT key FROM items WHERE name = ? UNION SELECT item FROM sent WHERE name = ?)',
      name,
      name,
    );
  }
  if (which.sha256 !== undefined) {
    must(`i.key IN (SELECT item FROM sent WHERE sha256 = ? AND sha256 <> '')`, which.sha256);
  }
  must('i.key > ?');
  must('i.key <= ?');

  const bySource = which.source !== undefined && which.id !== undefined;
  return {
    sql: `SELECT ${ROW} FROM items AS i WHERE ${conditions.join(' AND ')} ORDER BY i.key LIMIT ${String(limit)}`,
    values,
    indexed: isUnfinished || bySource || [which.name, which.sha256, which.code].some((c) => c !== undefined),
  };
}
