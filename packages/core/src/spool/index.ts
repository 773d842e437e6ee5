import { mkdir, mkdtemp, readdir, rm, stat, statfs } from 'node:fs/promises';
import { isAbsolute, join, parse } from 'node:path';
import type { UsedFolder } from '../contracts/listener.js';
import { LanceurError, messageOf } from '../errors.js';
import { folderNameOf, lifeOf, ownerOf, thisProcess, type Owner } from './owner.js';

export interface SpoolOptions {
  /** Bytes that stay free on its volume: with less, no folder is made. Default 64 MiB. */
  readonly keepFree?: number;
}

/** A private folder for what has to lie on a disk for a while, such as the parts of an envelope. */
export interface SpoolFolder extends AsyncDisposable {
  /** Absolute. */
  readonly path: string;
}

/**
 * Room on a disk for this process alone. A cache: nothing in it is synced, and nothing is lost with it.
 * Disposing of it removes it with all that is inside; never throws (what a virus scanner holds open is removed by a
 * later process).
 */
export interface Spool extends AsyncDisposable {
  /** This process's own folder, inside the one that was named. Absolute. */
  readonly path: string;
  /** The folder that was named, for the check of overlapping folders. */
  readonly folders: readonly UsedFolder[];
  /**
   * Folders of earlier processes that were left, since it cannot be told whether these live (another host or container)
   * or since they cannot be removed. An operator who knows better may delete them.
   */
  readonly leftAlone: readonly string[];
  /**
   * A new empty folder, mode 0700, to be disposed of after use.
   * @throws LanceurError `SPOOL_FAILED` without room or rights; `CLOSED` once the spool is disposed of.
   */
  folder(): Promise<SpoolFolder>;
}

const KEEP_FREE = 64 * 1024 * 1024;
/** On Windows a file that another program has open at that moment cannot be removed. */
const PATIENTLY = { recursive: true, force: true, maxRetries: 5, retryDelay: 50 } as const;

/**
 * Opens the spool at `path`, an absolute path on a local disk whose parent exists, and empties what dead processes
 * have left there. There is no default: documents must not lie in a temporary directory that nobody has chosen.
 *
 * Each process (each call, to be precise) has a folder of its own, mode 0700 (on Windows with the rights of `path`).
 * Only a folder whose owner is certainly dead is emptied: one of this host, whose pid is free, or in use by a process
 * that was started at another time, or before another boot (the last two on Linux). Nothing else in `path` is touched.
 *
 * @throws LanceurError `INVALID_OPTION` for a path that is not absolute; `SPOOL_FAILED` if it cannot be used.
 */
export async function openSpool(path: string, options: SpoolOptions = {}): Promise<Spool> {
  const keepFree = options.keepFree ?? KEEP_FREE;
  if (!isWhole(path)) {
    throw new LanceurError('INVALID_OPTION', {
      option: 'spool',
      expected: 'an absolute path on a local disk',
      found: path === '' ? 'nothing' : path,
    });
  }
  if (!(keepFree >= 0)) {
    throw new LanceurError('INVALID_OPTION', {
      option: 'keepFree',
      expected: 'a number of bytes from 0 up',
      found: String(keepFree),
    });
  }
  const failed = (error: unknown) =>
    new LanceurError('SPOOL_FAILED', { path, why: messageOf(error) }, { cause: error });

  const self = await thisProcess();
  const own = join(path, folderNameOf(self));
  const leftAlone: string[] = [];
  try {
    await makeFolder(path);
    leftAlone.push(...(await emptyDead(path, self)));
    await makeFolder(own);
  } catch (error) {
    throw failed(error);
  }

  let closed = false;
  return {
    path: own,
    folders: [{ role: 'spool', path }],
    leftAlone,
    async folder() {
      if (closed) throw new LanceurError('CLOSED', { what: `the spool ${path}` });
      const free = await freeBytes(path);
      if (free < keepFree) {
        throw failed(
          `${String(free)} bytes are free on its volume, of which ${String(keepFree)} are kept free`,
        );
      }
      try {
        // Made again if a cleaner has taken it away.
        await makeFolder(own);
        const folder = await mkdtemp(join(own, 'd-'));
        return {
          path: folder,
          async [Symbol.asyncDispose]() {
            await remove(folder);
          },
        };
      } catch (error) {
        throw failed(error);
      }
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      await remove(own);
    },
  };
}

/** Absolute, and on Windows with its drive: `\spool` is on whichever drive is the current one. */
function isWhole(path: string): boolean {
  return isAbsolute(path) && (process.platform !== 'win32' || parse(path).root.length > 1);
}

/** Not with its parents: where a drive is not mounted, its documents must not fill the disk below. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST' && (await stat(path)).isDirectory();
    if (!isThere) throw error;
  }
}

/** Removes the folders of dead owners; those that stay, although nobody is known to live there. */
async function emptyDead(path: string, self: Owner): Promise<readonly string[]> {
  const left: string[] = [];
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const owner = ownerOf(entry.name);
    if (owner === undefined || !entry.isDirectory()) continue;
    const folder = join(path, entry.name);
    const life = await lifeOf(owner, self);
    if (life === 'unknown' || (life === 'dead' && !(await remove(folder)))) left.push(folder);
  }
  return left;
}

/** Whether it is away. */
async function remove(folder: string): Promise<boolean> {
  return rm(folder, PATIENTLY).then(
    () => true,
    () => false,
  );
}

/** `Infinity` where the file system does not tell. */
async function freeBytes(path: string): Promise<number> {
  return statfs(path).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => Infinity,
  );
}
