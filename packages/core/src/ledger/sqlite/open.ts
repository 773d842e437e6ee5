import type { Clock } from '../../clock.js';
import { LanceurError } from '../../errors.js';
import { connect, type Connection, type SqliteDatabase, type SqliteDatabaseClass } from './driver.js';
import { ledgerError } from './failure.js';
import { SqliteLedger } from './ledger.js';
import { placeOf, type Place } from './place.js';
import { migrate, refuseUnknown } from './schema.js';
import { ItemStore } from './store.js';
import { Writer } from './writer.js';

/** How long SQLite itself waits for a lock, holding the event loop; the rest is waited for asynchronously. */
const BUSY_TIMEOUT_MS = 20;

// FULL: a commit is synced. fullfsync: on macOS, through the disk's own cache. Both are the connection's, not the file's.
const DURABLE = 'PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;';

/** Opens the file, brings it to the newest schema, and makes sure that it can be written. */
export async function openLedger(
  path: string,
  driver: SqliteDatabaseClass | SqliteDatabase | undefined,
  clock: Clock,
  busyMs: number,
): Promise<SqliteLedger> {
  const place = await placeOf(path);
  let connection: Connection | undefined;
  try {
    connection = await connect(place.path, driver);
    await prepare(connection, place, busyMs);
    return new SqliteLedger(connection, place, clock, busyMs);
  } catch (error) {
    closeQuietly(connection);
    throw ledgerError(error, place.path);
  }
}

async function prepare(connection: Connection, place: Place, busyMs: number): Promise<void> {
  const writer = new Writer(connection, place, new ItemStore(connection, place.path), busyMs);
  connection.exec(`PRAGMA busy_timeout = ${String(BUSY_TIMEOUT_MS)}`);
  await writer.read(() => {
    refuseUnknown(connection, place.path);
  });
  await writer.read(() => {
    useWal(connection, place.path);
  });
  connection.exec(DURABLE);
  await writer.alone(() => {
    migrate(connection, place.path);
    // A write also where there is nothing to migrate: who may only read, or has no room, hears of it now.
    connection.exec(`PRAGMA user_version = ${String(connection.number('PRAGMA user_version'))}`);
  });
  place.remember();
  if (place.isNew) await place.syncFolder();
}

function useWal(connection: Connection, path: string): void {
  const mode = String(connection.column('PRAGMA journal_mode = WAL')[0]);
  if (mode === 'wal') return;
  throw new LanceurError('LEDGER_UNSAFE', {
    path,
    why: `its file system allows no WAL (journal_mode is ${mode})`,
  });
}

function closeQuietly(connection: Connection | undefined): void {
  try {
    connection?.close();
  } catch {
    // The error that led here says more.
  }
}
