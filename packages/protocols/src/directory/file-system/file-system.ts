/** What a name in a folder stands for. Links are not followed. */
export type FileKind = 'file' | 'folder' | 'link' | 'fifo' | 'socket' | 'device' | 'unknown';

export interface FileStat {
  readonly kind: FileKind;
  /** In bytes. */
  readonly size: number;
  /** Nanoseconds since 1970, as exact as the volume keeps it. */
  readonly mtimeNs: bigint;
  /** The latest of mtime, ctime and birth time, in milliseconds: a copy may bring an old mtime with it. */
  readonly changedMs: number;
  readonly dev: bigint;
  /** 0 where the volume has none. */
  readonly ino: bigint;
  /** Hard links. */
  readonly links: number;
}

export interface FolderEntry {
  readonly name: string;
  /** False if the name is not valid text: `name` is then a stand-in, unique in its folder, and `stat` is absent. */
  readonly readable: boolean;
  /** Absent if the file system would not say (`error`). */
  readonly stat?: FileStat;
  /** Its error code: `EACCES`. What vanished meanwhile is not listed at all. */
  readonly error?: string;
}

export interface OpenFile {
  /** The next bytes, at most `length`; none at the end of the file. */
  read(length: number): Promise<Uint8Array>;
  stat(): Promise<FileStat>;
  close(): Promise<void>;
}

export interface Opened {
  /** Of the open file, before anything was read. */
  readonly stat: FileStat;
  /** The first bytes. */
  readonly head: Uint8Array;
  /** The rest; absent if `head` is all, or if it is no regular file. */
  readonly file?: OpenFile;
  /** Of the open file, after `head` was read. */
  readonly after: FileStat;
}

/**
 * The calls that the listener makes on its folder, and no others, so that a test or a simulation can own them.
 * Paths are absolute. Errors bear Node's codes (`ENOENT`, `EEXIST`, `EXDEV` …); links are not followed unless said.
 */
export interface FileSystem {
  /** Whose rules its errors follow: Windows says `EPERM` and `EACCES` also of what another program holds. Default: this machine's. */
  readonly platform?: NodeJS.Platform;
  stat(path: string, options?: { readonly follow?: boolean }): Promise<FileStat>;
  /** The folder's entries in batches, in no order. Ending early releases it. */
  list(folder: string): AsyncIterable<readonly FolderEntry[]>;
  /** Opens for reading, never blocks on a FIFO, and reads up to `ahead` bytes of a regular file. */
  open(path: string, ahead: number): Promise<Opened>;
  /** Bytes of a regular file; fewer where it ends. */
  read(path: string, start: number, length: number): Promise<Uint8Array>;
  /** Writes a new file and flushes it; if that fails, there is none. `EEXIST` if the name is taken. */
  create(path: string, bytes: Uint8Array): Promise<void>;
  append(path: string, bytes: Uint8Array): Promise<void>;
  /** Flushes a file and sets its mtime, as exactly as it can. */
  seal(path: string, mtimeNs: bigint): Promise<void>;
  /** With its parents; nothing happens if it is there. */
  makeFolder(path: string): Promise<void>;
  /** Renames a file or a folder. `EEXIST` if the new name is taken, as far as can be told just before. */
  move(from: string, to: string): Promise<void>;
  /** Gives a file a second name. `EEXIST` if it is taken. */
  link(from: string, to: string): Promise<void>;
  /** Removes a file. */
  remove(path: string): Promise<void>;
  /** Removes an empty folder. */
  removeFolder(path: string): Promise<void>;
  /** Makes names in a folder durable, where the system can. */
  syncFolder(path: string): Promise<void>;
}

/** Node's code of a file-system error, `''` if it bears none. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

export function isMissing(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

export async function isThere(fs: FileSystem, path: string): Promise<boolean> {
  try {
    await fs.stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
