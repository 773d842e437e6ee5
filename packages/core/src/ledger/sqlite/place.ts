import { statSync, type BigIntStats } from 'node:fs';
import { lstat, open, realpath, stat, statfs } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { LanceurError } from '../../errors.js';
import { networkProblem } from './network.js';

/** Where a ledger's file is, and whether it is still the one that was opened. */
export class Place {
  /** Absolute, without links: what SQLite itself derives the names of -wal and -shm from. */
  readonly path: string;
  /** Whether there was no file when the place was looked at. */
  readonly isNew: boolean;
  #opened: ReadonlyMap<string, BigIntStats> = new Map();

  constructor(path: string, isNew: boolean) {
    this.path = path;
    this.isNew = isNew;
  }

  get folder(): string {
    return dirname(this.path);
  }

  /** Notes which files are in use. The connection must have written once, so that all of them are there. */
  remember(): void {
    const files = ['', '-wal', '-shm'].map((suffix) => this.path + suffix);
    this.#opened = new Map(
      files.flatMap((file) => {
        const found = statSync(file, { bigint: true, throwIfNoEntry: false });
        return found === undefined ? [] : [[file, found] as const];
      }),
    );
  }

  /**
   * SQLite would go on writing to a file that has lost its name. (Never open the file to look: closing it again would
   * drop SQLite's own POSIX locks on it.)
   *
   * @throws LanceurError `LEDGER_GONE`.
   */
  verify(): void {
    for (const [file, opened] of this.#opened) {
      const found = statSync(file, { bigint: true, throwIfNoEntry: false });
      if (found === undefined || !isSameFile(found, opened)) {
        throw new LanceurError('LEDGER_GONE', { path: this.path, file: basename(file) });
      }
    }
  }

  /** Makes the name of a new file durable; Windows and some file systems have no such call, and keep it themselves. */
  async syncFolder(): Promise<void> {
    if (process.platform === 'win32') return;
    const folder = await open(this.folder, 'r');
    await folder.sync().catch(() => undefined);
    await folder.close();
  }
}

/**
 * Looks at where a ledger is to be, and touches nothing.
 *
 * @throws LanceurError `INVALID_OPTION` for no path, a folder, or a file in a folder that does not exist;
 *   `LEDGER_UNSAFE` on a network path.
 */
export async function placeOf(path: unknown): Promise<Place> {
  if (typeof path !== 'string' || path === '' || path === ':memory:' || path.includes('\0')) {
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- its type forgets that it may be undefined
    const found = JSON.stringify(path) ?? 'nothing';
    throw invalid('the path of a file (a ledger in memory is `memoryLedger()`)', found);
  }
  // A service starts in a folder that nobody has chosen.
  if (!isAbsolute(path)) throw invalid('an absolute path on this system', path);
  const named = resolve(path);
  // Before anything there is touched: a share that does not answer would hold a thread of Node's pool.
  refuseNetwork(named, undefined);
  const folder = await realpath(dirname(named)).catch(() => {
    throw invalid('a file in a folder that exists', path);
  });
  const entry = await lstat(named).catch(() => undefined);
  const real =
    entry === undefined ? join(folder, basename(named)) : await realpath(named).catch(() => undefined);
  if (real === undefined)
    throw invalid('a file, or a link to a file that exists', `${path}, a link to nothing`);
  refuseNetwork(real, (await statfs(dirname(real))).type);
  if (entry !== undefined && !(await stat(real)).isFile()) throw invalid('a file', `${path}, which is none`);
  return new Place(real, entry === undefined);
}

function refuseNetwork(path: string, fileSystem: number | undefined): void {
  const why = networkProblem(path, fileSystem);
  if (why !== undefined) throw new LanceurError('LEDGER_UNSAFE', { path, why });
}

/** On Windows an open ledger can be neither deleted nor replaced, and not every volume numbers its files. */
function isSameFile(one: BigIntStats, other: BigIntStats): boolean {
  return process.platform === 'win32' || (one.ino === other.ino && one.dev === other.dev);
}

function invalid(expected: string, found: string): LanceurError {
  return new LanceurError('INVALID_OPTION', { option: 'path', expected, found });
}
