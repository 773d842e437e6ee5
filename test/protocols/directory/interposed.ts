import { threadFileSystem, type FileSystem, type OpenFile } from '@lanceur/protocols/directory';

export type FileCall = Exclude<keyof FileSystem, 'list'> | 'list' | 'readNext' | 'statOpen' | 'close';

/** Called before (and after) each call on the file system; what it throws, the call throws. */
export interface Interposer {
  before?(name: FileCall, path: string): void | Promise<void>;
  after?(name: FileCall, path: string): void | Promise<void>;
}

/** One thread for the many listeners of these tests: starting one takes longer than all that a test does with it. */
export const realFileSystem = threadFileSystem();

/** The real file system, with somebody in between. */
export function interposed(between: Interposer, inner: FileSystem = realFileSystem): FileSystem {
  const around = async <T>(name: FileCall, path: string, call: () => Promise<T>): Promise<T> => {
    await between.before?.(name, path);
    const result = await call();
    await between.after?.(name, path);
    return result;
  };
  const file = (path: string, f: OpenFile): OpenFile => ({
    read: (length) => around('readNext', path, () => f.read(length)),
    stat: () => around('statOpen', path, () => f.stat()),
    close: () => around('close', path, () => f.close()),
  });
  return {
    stat: (path, options) => around('stat', path, () => inner.stat(path, options)),
    async *list(folder) {
      await between.before?.('list', folder);
      yield* inner.list(folder);
      await between.after?.('list', folder);
    },
    open: (path, ahead) =>
      around('open', path, async () => {
        const opened = await inner.open(path, ahead);
        return opened.file === undefined ? opened : { ...opened, file: file(path, opened.file) };
      }),
    read: (path, start, length) => around('read', path, () => inner.read(path, start, length)),
    create: (path, bytes) => around('create', path, () => inner.create(path, bytes)),
    append: (path, bytes) => around('append', path, () => inner.append(path, bytes)),
    seal: (path, mtimeNs) => around('seal', path, () => inner.seal(path, mtimeNs)),
    makeFolder: (path) => around('makeFolder', path, () => inner.makeFolder(path)),
    move: (from, to) => around('move', from, () => inner.move(from, to)),
    link: (from, to) => around('link', from, () => inner.link(from, to)),
    remove: (path) => around('remove', path, () => inner.remove(path)),
    removeFolder: (path) => around('removeFolder', path, () => inner.removeFolder(path)),
    syncFolder: (path) => around('syncFolder', path, () => inner.syncFolder(path)),
  };
}

const CHANGES: ReadonlySet<FileCall> = new Set([
  'create',
  'append',
  'seal',
  'makeFolder',
  'move',
  'link',
  'remove',
  'removeFolder',
]);

/** Dies at its `nth` change (from 0), before it or after it: nothing is done any more from then on. */
export function mortal(
  nth: number,
  when: 'before' | 'after',
): { readonly fs: FileSystem; readonly died: () => boolean } {
  let count = 0;
  let dead = false;
  const step = (name: FileCall, at: 'before' | 'after') => {
    if (dead) throw new Error('the process is dead');
    if (!CHANGES.has(name) || at !== when) return;
    dead = count++ === nth;
    if (dead) throw new Error('the process is dead');
  };
  const fs = interposed({
    before: (name) => {
      step(name, 'before');
    },
    after: (name) => {
      step(name, 'after');
    },
  });
  return { fs, died: () => dead };
}

/** An error as Node's file system throws it. */
export function fsError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}
