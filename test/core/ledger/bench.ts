import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Ledger } from '@lanceur/core';
import {
  sqliteLedger,
  type SqliteDatabase,
  type SqliteDatabaseClass,
  type SqliteLedgerOptions,
} from '@lanceur/core/sqlite';
import { virtualClock, type LedgerBench } from '@lanceur/core/testing';

/** A folder of its own for a test. */
export async function temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'lanceur-ledger-'));
  const remove = async () => {
    if (process.platform !== 'win32') return rm(path, { recursive: true, force: true });
    await collectStatements();
    // An error that the test still holds may hold on to a statement.
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  };
  return { path, remove };
}

/** On Windows, libsql lets go of the file of a closed database when its statements are collected. */
export async function collectStatements(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  // Finalizers run in a turn of their own.
  await turn();
}

/** The drivers that this Node has: libsql, and its own SQLite from Node 22 on. */
export async function drivers(): Promise<
  readonly (readonly [name: string, driver: SqliteDatabaseClass | undefined])[]
> {
  const own = await nodeSqlite();
  return [['libsql', undefined], ...(own === undefined ? [] : [['node:sqlite', own] as const])];
}

async function nodeSqlite(): Promise<SqliteDatabaseClass | undefined> {
  try {
    const name = 'node:sqlite';
    const { DatabaseSync } = (await import(name)) as { readonly DatabaseSync: SqliteDatabaseClass };
    return DatabaseSync;
  } catch {
    return undefined;
  }
}

/** An empty ledger on a virtual clock, with as many other handles on its file as are asked for. */
export async function sqliteBench(
  driver?: SqliteDatabaseClass,
): Promise<LedgerBench & { readonly path: string }> {
  const folder = await temporaryFolder();
  const clock = virtualClock();
  const path = join(folder.path, 'ledger.db');
  const options: SqliteLedgerOptions = { path, clock, ...(driver && { driver }) };
  const opened: Ledger[] = [];
  const again = async () => {
    const ledger = await sqliteLedger(options);
    opened.push(ledger);
    return ledger;
  };
  const ledger = await again();
  const dispose = async () => {
    await Promise.all(opened.map((l) => l.close()));
    await folder.remove();
  };
  return { ledger, clock, path, again, dispose };
}

/** The driver that the ledger itself uses, to be wrapped, or to look at a file past the ledger. */
export const Libsql = createRequire(import.meta.resolve('@lanceur/core/sqlite'))(
  'libsql',
) as SqliteDatabaseClass;

/** Opens the file past the ledger, and closes it again. */
export function rawDatabase<T>(path: string, use: (database: SqliteDatabase) => T): T {
  const database = new Libsql(path);
  try {
    return use(database);
  } finally {
    database.close();
  }
}

export async function allOf<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
