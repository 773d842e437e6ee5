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

/** Dies at its `nth` change (from 0), before, after or, where it writes, in the middle of it: nothing is done any more from then on. */
export function mortal(
  nth: number,
  when: 'before' | 'during' | 'after',
  inner: FileSystem = realFileSystem,
): { readonly fs: FileSystem; readonly died: () => boolean } {
  let count = 0;
  let dead = false;
  const check = () => {
    if (dead) throw new Error('the process is dead');
  };
  const step = (at: 'before' | 'during' | 'after') => {
    check();
    if (at === when) dead = count++ === nth;
  };
  const half = async (call: 'create' | 'append', path: string, bytes: Uint8Array) => {
    step('during');
    await inner[call](path, dead ? bytes.subarray(0, bytes.length >> 1) : bytes);
  };
  const divided: FileSystem = {
    ...inner,
    create: (path, bytes) => half('create', path, bytes),
    append: (path, bytes) => half('append', path, bytes),
  };
  const around = (at: 'before' | 'after') => (name: FileCall) => {
    check();
    if (CHANGES.has(name)) step(at);
    check();
  };
  return { fs: interposed({ before: around('before'), after: around('after') }, divided), died: () => dead };
}

/** A disk on which what lies beside the source is another volume. */
export function apart({ path: source }: { readonly path: string }, inner = realFileSystem): FileSystem {
  return {
    ...inner,
    move: async (from, to) => {
      if (from.startsWith(source) !== to.startsWith(source)) throw fsError('EXDEV');
      await inner.move(from, to);
    },
  };
}

/** A disk that stands still before its `nth` change (from 0), until it is let go on. */
export function freezing(nth: number): {
  readonly fs: FileSystem;
  /** Resolves when it stands still. */
  readonly frozen: Promise<void>;
  goOn(): void;
} {
  let freeze: () => void = () => undefined;
  let goOn: () => void = () => undefined;
  const frozen = new Promise<void>((done) => (freeze = done));
  const goingOn = new Promise<void>((done) => (goOn = done));
  let count = 0;
  const fs = interposed({
    async before(name) {
      if (!CHANGES.has(name) || count++ !== nth) return;
      freeze();
      await goingOn;
    },
  });
  return { fs, frozen, goOn };
}

/** An error as Node's file system throws it. */
export function fsError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}
