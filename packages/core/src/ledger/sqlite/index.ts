import { systemClock, type Clock } from '../../clock.js';
import type { Ledger } from '../../contracts/ledger.js';
import { LanceurError } from '../../errors.js';
import type { SqliteDatabase, SqliteDatabaseClass } from './driver.js';
import { openLedger } from './open.js';

export type { SqliteDatabase, SqliteDatabaseClass, SqliteStatement, SqliteValue } from './driver.js';

export interface SqliteLedgerOptions {
  /** The ledger's file, on a local disk; made if it is not there, in a folder that is. `-wal` and `-shm` appear beside it. */
  readonly path: string;
  /**
   * better-sqlite3's class or node:sqlite's `DatabaseSync`, or a database of theirs that is open on `path`, nobody
   * else's in this process and left open by `close()`. Default: libsql, loaded when it is needed.
   */
  readonly driver?: SqliteDatabaseClass | SqliteDatabase;
  /** Measures leases and dates records. Default: the system's. */
  readonly clock?: Clock;
  /** How long a call waits for other programs that lock the file, in milliseconds; then `LEDGER_BUSY`. Default 30 000. */
  readonly busyMs?: number;
}

/**
 * The durable ledger: one SQLite file, shared by all launchers and processes of a machine. A call that has resolved
 * survives a power cut. `docs/ledger.md` tells an operator how to read it.
 *
 * ```ts
 * const ledger = await sqliteLedger({ path: 'D:/lanceur/ledger.db' });
 * ```
 *
 * @throws LanceurError `INVALID_OPTION`; `LEDGER_UNSAFE` on a network path; `LEDGER_NEWER`, `LEDGER_CORRUPT`,
 *   `LEDGER_DENIED`, `LEDGER_FULL`, `LEDGER_BUSY` or `LEDGER_FAILED`. Calls may throw them later as well, and
 *   `LEDGER_GONE` if the file was deleted or replaced.
 */
export async function sqliteLedger(options: SqliteLedgerOptions): Promise<Ledger> {
  const { path, driver, clock = systemClock, busyMs = 30_000 } = options;
  if (!Number.isFinite(busyMs) || busyMs < 0) {
    const expected = 'a number of milliseconds from 0';
    throw new LanceurError('INVALID_OPTION', { option: 'busyMs', expected, found: String(busyMs) });
  }
  return openLedger(path, driver, clock, busyMs);
}
