import { LanceurError, messageOf } from '../../errors.js';

/** A prepared statement, as far as the ledger uses it. */
export interface SqliteStatement {
  run(...parameters: SqliteValue[]): unknown;
  all(...parameters: SqliteValue[]): unknown[];
}

/**
 * An open database: libsql's, better-sqlite3's or node:sqlite's fit as they are. Typed by what is used of it, so that
 * nobody depends on a package for its types.
 */
export interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  close(): unknown;
}

/** The class of such a database: better-sqlite3's default export, node:sqlite's `DatabaseSync`. */
export type SqliteDatabaseClass = new (path: string) => SqliteDatabase;

export type SqliteValue = string | number | null;

/**
 * A connection that differs in nothing from driver to driver: every query answers with one column of JSON text, so
 * that integers, rows and modes of a driver do not matter.
 */
export class Connection {
  readonly #database: SqliteDatabase;
  readonly #own: boolean;
  /** Few and constant. libsql keeps the file open until they are collected, so they go when it closes. */
  readonly #statements = new Map<string, SqliteStatement>();

  constructor(database: SqliteDatabase, own: boolean) {
    this.#database = database;
    this.#own = own;
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  run(sql: string, ...parameters: SqliteValue[]): void {
    this.#statement(sql).run(...parameters);
  }

  /** The only column of every row. Read to the end: libsql's `get` would leave the statement, and its lock, open. */
  column(sql: string, ...parameters: SqliteValue[]): readonly unknown[] {
    return this.#statement(sql)
      .all(...parameters)
      .map((row) => Object.values(row as object)[0] as unknown);
  }

  /** The first row's only column, parsed. The query must answer with JSON text. */
  json(sql: string, ...parameters: SqliteValue[]): unknown {
    return JSON.parse(String(this.column(sql, ...parameters)[0])) as unknown;
  }

  number(sql: string, ...parameters: SqliteValue[]): number {
    return Number(this.column(sql, ...parameters)[0]);
  }

  rollback(): void {
    // A statement that failed half-way may hold on to the transaction; a fresh one does not.
    this.#statements.clear();
    try {
      this.#database.exec('ROLLBACK');
    } catch {
      // SQLite has already rolled back, as it does on a full disk.
    }
  }

  /** A database that was passed in open is its owner's to close. */
  close(): void {
    this.#statements.clear();
    if (this.#own) this.#database.close();
  }

  #statement(sql: string): SqliteStatement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** Opens the file with the driver that was passed in, by default libsql, which is loaded only now. */
export async function connect(
  path: string,
  driver: SqliteDatabaseClass | SqliteDatabase | undefined,
): Promise<Connection> {
  if (typeof driver === 'object') return new Connection(driver, false);
  const Database = driver ?? (await loadLibsql(path));
  return new Connection(new Database(path), true);
}

async function loadLibsql(path: string): Promise<SqliteDatabaseClass> {
  try {
    return (await import('libsql')).default;
  } catch (cause) {
    const why = `the driver libsql cannot be loaded here (${messageOf(cause)}); pass another one as \`driver\``;
    throw new LanceurError('LEDGER_FAILED', { path, why }, { cause, transient: false });
  }
}
