import { link, lstat, mkdir, open, readdir, rename, rmdir, stat, statfs, unlink } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';

/** What the waiting directory asks of a file. */
export interface OpenFile {
  /** All of it, at the current position. */
  write(data: Uint8Array): Promise<void>;
  /** Up to `buffer.length` bytes from `position`; how many were read, 0 at the end. */
  read(buffer: Uint8Array, position: number): Promise<number>;
  /** Flushes data and metadata to the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What is known of a name on the disk. */
export interface FileStat {
  readonly kind: 'file' | 'directory' | 'other';
  /** In bytes. */
  readonly size: number;
  /** How many names the file has. */
  readonly links: number;
  /** Volume and number of the file: the same for all its names. */
  readonly identity: string;
  readonly volume: string;
  /** When the file's metadata changed last, in nanoseconds since 1970. */
  readonly ctimeNs: bigint;
  /** When its content changed last, in milliseconds since 1970. */
  readonly mtimeMs: number;
  /** Rights and owner: a change of these moves the ctime as well. */
  readonly rights: string;
}

/**
 * The calls that the waiting directory makes, and no others: every effect on a disk goes through here, so that faults
 * and crashes can be injected. Errors carry the `code` of Node's own.
 */
export interface FileSystem {
  /** Windows retries what a virus scanner holds, and has no flush for directories. */
  readonly platform: NodeJS.Platform;
  /** `wx` creates a file that must not exist; `r` reads; `r+` reads one that can also be flushed on Windows. */
  open(path: string, flags: 'wx' | 'r' | 'r+'): Promise<OpenFile>;
  /** Fails with `EEXIST` rather than replace. */
  link(existing: string, name: string): Promise<void>;
  /** Replaces what is there. */
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** One folder; its parent must exist. */
  mkdir(path: string): Promise<void>;
  rmdir(path: string): Promise<void>;
  readdir(path: string): Promise<readonly string[]>;
  /** Follows symbolic links. */
  stat(path: string): Promise<FileStat>;
  /** Does not. */
  lstat(path: string): Promise<FileStat>;
  /** Room on the volume for an ordinary user, in bytes; and the kernel's number for the kind of file system. */
  statfs(path: string): Promise<{ readonly free: number; readonly type: number }>;
}

/** The disk itself. */
export const nodeFileSystem: FileSystem = {
  platform: process.platform,
  async open(path, flags) {
    const handle = await open(path, flags);
    return {
      async write(data) {
        let done = 0;
        while (done < data.length) done += (await handle.write(data, done, data.length - done)).bytesWritten;
      },
      read: async (buffer, position) => (await handle.read(buffer, 0, buffer.length, position)).bytesRead,
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  link,
  rename,
  unlink,
  async mkdir(path) {
    await mkdir(path);
  },
  rmdir,
  readdir,
  stat: async (path) => statOf(await stat(path, { bigint: true })),
  lstat: async (path) => statOf(await lstat(path, { bigint: true })),
  async statfs(path) {
    const { bavail, bsize, type } = await statfs(path);
    return { free: bavail * bsize, type };
  },
};

function statOf(s: BigIntStats): FileStat {
  return {
    kind: s.isFile() ? 'file' : s.isDirectory() ? 'directory' : 'other',
    size: Number(s.size),
    links: Number(s.nlink),
    identity: `${String(s.dev)}:${String(s.ino)}`,
    volume: String(s.dev),
    ctimeNs: s.ctimeNs,
    mtimeMs: Number(s.mtimeMs),
    rights: `${s.mode.toString(8)}.${String(s.uid)}.${String(s.gid)}`,
  };
}

/** The code of a file system's error (`ENOENT`), or `undefined` if it is none. */
export function errno(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The outcome, or `undefined` where the failure is one of `codes`. */
export async function unless<T>(work: Promise<T>, ...codes: readonly string[]): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codes.includes(errno(error) ?? '')) return undefined;
    throw error;
  }
}
