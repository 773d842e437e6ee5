// The thread behind `threadFileSystem`: makes the calls synchronously, one after the other.
import * as fs from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { Answer, Call, CallName, PackedEntry, PackedStat, Request } from './calls.js';
import { errorCode } from './file-system.js';

const { O_RDONLY } = fs.constants;
// Not on Windows, where they are undefined in spite of their type.
const { O_NOFOLLOW, O_NONBLOCK } = fs.constants as { O_NOFOLLOW?: number; O_NONBLOCK?: number };
const READ_FLAGS = O_RDONLY | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0);
const BATCH = 1000;
/** Answers of one batch are held back no longer than this: a slow volume must be seen to answer. */
const HELD_MS = 20;

const folders = new Map<number, fs.Dir>();
let lastFolder = 0;

const calls: { readonly [Name in CallName]: (...args: Call[Name]['args']) => Call[Name]['result'] } = {
  stat: (path, follow) =>
    pack(follow ? fs.statSync(path, { bigint: true }) : fs.lstatSync(path, { bigint: true })),
  openFolder(path) {
    const folder = fs.opendirSync(path, { encoding: 'buffer' as BufferEncoding, bufferSize: BATCH });
    folders.set(++lastFolder, folder);
    return lastFolder;
  },
  nextEntries(id) {
    const folder = folders.get(id);
    const entries: PackedEntry[] = [];
    if (folder === undefined) return entries;
    while (entries.length < BATCH) {
      const entry = folder.readSync();
      if (entry === null) break;
      const packed = packEntry(folder.path, entry.name as unknown as Uint8Array);
      if (packed !== undefined) entries.push(packed);
    }
    return entries;
  },
  closeFolder(id) {
    folders.get(id)?.closeSync();
    folders.delete(id);
  },
  open(path, ahead) {
    const fd = fs.openSync(path, READ_FLAGS);
    let keep = false;
    try {
      const stat = fs.fstatSync(fd, { bigint: true });
      if (!stat.isFile()) return { stat: pack(stat), head: new Uint8Array(0), after: pack(stat) };
      const head = readUpTo(fd, Math.min(ahead, Number(stat.size)), null);
      const after = pack(fs.fstatSync(fd, { bigint: true }));
      keep = head.length < Number(stat.size);
      return { stat: pack(stat), head, after, ...(keep && { fd }) };
    } finally {
      if (!keep) fs.closeSync(fd);
    }
  },
  readNext: (fd, length) => readUpTo(fd, length, null),
  statOpen: (fd) => pack(fs.fstatSync(fd, { bigint: true })),
  close: (fd) => {
    fs.closeSync(fd);
  },
  read(path, start, length) {
    const fd = fs.openSync(path, READ_FLAGS);
    try {
      if (!fs.fstatSync(fd).isFile()) return new Uint8Array(0);
      return readUpTo(fd, length, start);
    } finally {
      fs.closeSync(fd);
    }
  },
  create(path, bytes) {
    const fd = fs.openSync(path, 'wx');
    let whole = false;
    try {
      writeAll(fd, bytes);
      fs.fsyncSync(fd);
      whole = true;
    } finally {
      fs.closeSync(fd);
      if (!whole) discard(path);
    }
  },
  append(path, bytes) {
    // Not `a`, which would make it anew if somebody has taken it away.
    const fd = fs.openSync(path, fs.constants.O_WRONLY | fs.constants.O_APPEND);
    try {
      writeAll(fd, bytes);
    } finally {
      fs.closeSync(fd);
    }
  },
  seal(path, mtimeNs) {
    const seconds = Number(mtimeNs / 1_000_000n) / 1000;
    const fd = fs.openSync(path, 'r+');
    try {
      fs.futimesSync(fd, seconds, seconds);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  },
  makeFolder: (path) => {
    try {
      fs.mkdirSync(path, { recursive: true });
    } catch (error) {
      // Node says ENOENT of a volume that is read-only, or of what is no folder: the plain call says what is the matter.
      if (errorCode(error) !== 'ENOENT') throw error;
      fs.mkdirSync(path);
    }
  },
  move(from, to) {
    // Node has no rename that refuses to replace. A case-only change of one and the same file finds itself.
    if (exists(to)) throw Object.assign(new Error(`EEXIST: file already exists, rename`), { code: 'EEXIST' });
    fs.renameSync(from, to);
  },
  link: (from, to) => {
    fs.linkSync(from, to);
  },
  remove: (path) => {
    fs.unlinkSync(path);
  },
  removeFolder: (path) => {
    fs.rmdirSync(path);
  },
  syncFolder(path) {
    // Windows has no such call; its directory entries are the file system's word.
    if (process.platform === 'win32') return;
    const fd = fs.openSync(path, 'r');
    try {
      fs.fsyncSync(fd);
    } catch (error) {
      // Some network and FUSE file systems do not know it.
      if (!['EINVAL', 'ENOTSUP', 'ENOSYS'].includes(codeOf(error))) throw error;
    } finally {
      fs.closeSync(fd);
    }
  },
};

function packEntry(folder: string, raw: Uint8Array): PackedEntry | undefined {
  const name = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString();
  if (!Buffer.from(name).equals(raw)) {
    return [`${name}?${Buffer.from(raw).toString('hex').slice(0, 64)}`, null];
  }
  try {
    return [name, pack(fs.lstatSync(join(folder, name), { bigint: true }))];
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? undefined : [name, codeOf(error)];
  }
}

function pack(s: fs.BigIntStats): PackedStat {
  const changed = [s.mtimeMs, s.ctimeMs, s.birthtimeMs].reduce((a, b) => (a > b ? a : b));
  return [kindOf(s), Number(s.size), s.mtimeNs, Number(changed), s.dev, s.ino, Number(s.nlink)];
}

function kindOf(s: fs.BigIntStats): PackedStat[0] {
  if (s.isFile()) return 'file';
  if (s.isDirectory()) return 'folder';
  if (s.isSymbolicLink()) return 'link';
  if (s.isFIFO()) return 'fifo';
  if (s.isSocket()) return 'socket';
  return s.isBlockDevice() || s.isCharacterDevice() ? 'device' : 'unknown';
}

function readUpTo(fd: number, length: number, start: number | null): Uint8Array {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const read = fs.readSync(fd, bytes, filled, length - filled, start === null ? null : start + filled);
    if (read === 0) break;
    filled += read;
  }
  return filled === length ? bytes : bytes.slice(0, filled);
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += fs.writeSync(fd, bytes, written);
}

/** Of a file that is half-written nothing stays: on a full disk there would be one more at every poll. */
function discard(path: string): void {
  try {
    fs.unlinkSync(path);
  } catch {
    // The error that led here says more.
  }
}

function exists(path: string): boolean {
  return fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function transferable(result: unknown): ArrayBuffer[] {
  if (result instanceof Uint8Array) return [result.buffer as ArrayBuffer];
  if (
    typeof result === 'object' &&
    result !== null &&
    'head' in result &&
    result.head instanceof Uint8Array
  ) {
    return [result.head.buffer as ArrayBuffer];
  }
  return [];
}

/** What is open is closed all the same. */
const NEVER_DROPPED: ReadonlySet<CallName> = new Set(['close', 'closeFolder']);
const round = workerData as Int32Array;

function answerTo(request: Request): Answer {
  const { name, args } = request;
  if (request.round !== Atomics.load(round, 0) && !NEVER_DROPPED.has(name)) {
    return { error: { code: 'ECANCELED', message: 'nobody waits for this call any more' } };
  }
  try {
    return { result: (calls[name] as (...args: readonly unknown[]) => unknown)(...args) };
  } catch (error) {
    return {
      error: { code: codeOf(error), message: error instanceof Error ? error.message : String(error) },
    };
  }
}

parentPort?.on('message', (requests: readonly Request[]) => {
  let answers: Answer[] = [];
  let since = performance.now();
  const send = () => {
    const results = answers.map((answer) => ('result' in answer ? answer.result : undefined));
    parentPort?.postMessage(answers, results.flatMap(transferable));
    answers = [];
    since = performance.now();
  };
  for (const request of requests) {
    answers.push(answerTo(request));
    if (performance.now() - since > HELD_MS) send();
  }
  if (answers.length > 0) send();
});
