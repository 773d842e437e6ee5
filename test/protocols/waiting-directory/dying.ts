import { nodeFileSystem, type FileSystem, type OpenFile } from '@lanceur/protocols/waiting-directory';
import { gate } from './bench.js';

export interface Dying {
  readonly fs: FileSystem;
  /** Resolves when the process has stopped. */
  readonly stopped: Promise<void>;
  /** How many effects it had, or has had until now. */
  readonly effects: () => number;
  /** A frozen one goes on. */
  readonly wake: () => void;
  /** Of a killed one the system closes the files: on Windows their names go no earlier. */
  readonly bury: () => Promise<void>;
}

/**
 * The file system of a process that stops at its `nth` effect, before or after it is done: from then on no call
 * returns, as none does in a process that is dead, or frozen until `wake()`.
 */
export function dying(nth: number, when: 'before' | 'after', disk: FileSystem = nodeFileSystem): Dying {
  const dead = gate();
  const woken = gate();
  let count = 0;
  let isStopped = false;
  let isAwake = false;
  const opened = new Set<Promise<OpenFile>>();

  const halt = () => {
    isStopped = true;
    dead.open();
    return woken.opened;
  };
  const alive = () => (isStopped && !isAwake ? woken.opened : Promise.resolve());
  const effect = async <T>(work: () => Promise<T>): Promise<T> => {
    await alive();
    const mine = ++count;
    if (mine === nth && when === 'before') await halt();
    try {
      return await work();
    } finally {
      if (mine === nth && when === 'after') await halt();
      await alive();
    }
  };
  const look = async <T>(work: () => Promise<T>): Promise<T> => {
    await alive();
    const result = await work();
    await alive();
    return result;
  };
  const open = async (path: string, flags: Parameters<FileSystem['open']>[1]): Promise<OpenFile> => {
    const opening = disk.open(path, flags);
    opened.add(opening);
    opening.catch(() => opened.delete(opening));
    const f = await opening;
    return {
      write: (data) => effect(() => f.write(data)),
      read: (buffer, position) => look(() => f.read(buffer, position)),
      sync: () => effect(() => f.sync()),
      close: () =>
        effect(() => {
          opened.delete(opening);
          return f.close();
        }),
    };
  };
  return {
    stopped: dead.opened,
    effects: () => count,
    wake: () => {
      isAwake = true;
      woken.open();
    },
    bury: async () => {
      for (const opening of await Promise.allSettled(opened)) {
        if (opening.status === 'fulfilled') await opening.value.close();
      }
    },
    fs: {
      platform: disk.platform,
      open: (path, flags) => effect(() => open(path, flags)),
      link: (a, b) => effect(() => disk.link(a, b)),
      rename: (a, b) => effect(() => disk.rename(a, b)),
      unlink: (path) => effect(() => disk.unlink(path)),
      mkdir: (path) => effect(() => disk.mkdir(path)),
      rmdir: (path) => effect(() => disk.rmdir(path)),
      readdir: (path) => look(() => disk.readdir(path)),
      stat: (path) => look(() => disk.stat(path)),
      lstat: (path) => look(() => disk.lstat(path)),
      statfs: (path) => look(() => disk.statfs(path)),
    },
  };
}
