// @ts-check
// The launcher's half of a source that is a folder.
import { basename, join, relative, sep } from 'node:path';
import { directory, moveTo, remove, threadFileSystem } from '@lanceur/protocols/directory';

/** @type {import('../launcher.mjs').ListenerFor} */
export function listenerFor({ base, setUp, clock, steps }) {
  const source = join(base, 'depots');
  const treated = join(base, 'traites');
  const disk =
    setUp.after === 'move to another volume' ? apart(threadFileSystem(), treated) : threadFileSystem();
  return directory({
    path: source,
    source: 'depots',
    unit: setUp.unit,
    quiet: setUp.quiet,
    after: setUp.after === 'remove' ? remove() : moveTo(treated),
    hardLinks: setUp.link,
    clock,
    fs: steppingFileSystem(steps, disk, whatIn({ source, treated })),
  });
}

/**
 * A disk on which a folder is a volume of its own.
 *
 * @param {import('@lanceur/protocols/directory').FileSystem} disk
 * @param {string} folder
 * @returns {import('@lanceur/protocols/directory').FileSystem}
 */
function apart(disk, folder) {
  /** @type {(call: 'move' | 'link') => (from: string, to: string) => Promise<void>} */
  const within = (call) => async (from, to) => {
    if (partsOf(folder, from) === undefined && partsOf(folder, to) !== undefined) {
      throw Object.assign(new Error('EXDEV: another volume'), { code: 'EXDEV' });
    }
    await disk[call](from, to);
  };
  return { ...disk, move: within('move'), link: within('link') };
}

/**
 * @param {import('../steps.mjs').Steps} steps
 * @param {import('@lanceur/protocols/directory').FileSystem} disk
 * @param {(path: string) => string} what - a path is
 * @returns {import('@lanceur/protocols/directory').FileSystem}
 */
function steppingFileSystem(steps, disk, what) {
  /** @type {<T>(call: string, path: string, work: () => Promise<T>, half?: () => Promise<unknown>) => Promise<T>} */
  const step = (call, path, work, half) => steps.step(`source ${call} ${what(path)}`, work, half);
  return {
    // What only looks has no effect that could be cut off.
    stat: (path, options) => disk.stat(path, options),
    list: (folder) => disk.list(folder),
    open: (path, ahead) => disk.open(path, ahead),
    read: (path, start, length) => disk.read(path, start, length),

    create: (path, bytes) =>
      step(
        'create',
        path,
        () => disk.create(path, bytes),
        () => disk.create(path, halfOf(bytes)),
      ),
    append: (path, bytes) =>
      step(
        'append',
        path,
        () => disk.append(path, bytes),
        () => disk.append(path, halfOf(bytes)),
      ),
    seal: (path, mtimeNs) => step('seal', path, () => disk.seal(path, mtimeNs)),
    makeFolder: (path) => step('mkdir', path, () => disk.makeFolder(path)),
    move: (from, to) => steps.step(`source move ${what(from)} -> ${what(to)}`, () => disk.move(from, to)),
    link: (from, to) => steps.step(`source link ${what(from)} -> ${what(to)}`, () => disk.link(from, to)),
    remove: (path) => step('remove', path, () => disk.remove(path)),
    removeFolder: (path) => step('rmdir', path, () => disk.removeFolder(path)),
    syncFolder: (path) => step('sync', path, () => disk.syncFolder(path)),
  };
}

/** @param {Uint8Array} bytes */
function halfOf(bytes) {
  return bytes.subarray(0, bytes.length >> 1);
}

/**
 * What a path is, in a word or two.
 *
 * @param {{ readonly source: string, readonly treated: string }} folders
 * @returns {(path: string) => string}
 */
function whatIn({ source, treated }) {
  return (path) => {
    const inTreated = partsOf(treated, path);
    if (inTreated !== undefined) {
      const [name, ...inner] = inTreated;
      if (name === undefined) return 'treated';
      if (!name.startsWith('.lanceur-')) return `treated ${inner.length === 0 ? '' : 'inner '}item`;
      return ['treated parts', 'treated part'][inner.length] ?? 'treated inner part';
    }
    const [first, second, ...rest] = partsOf(source, path) ?? ['elsewhere'];
    if (first === undefined) return 'source';
    if (first !== '.lanceur') return second === undefined ? 'item' : 'inner item';
    if (second === undefined) return 'working folder';
    if (second.startsWith('probe-')) return 'probe';
    if (rest.length === 0) return second;
    const name = basename(path);
    if (name.startsWith('.lanceur'))
      return `${second} ${name.replace(/^\.lanceur[.-](?:[0-9a-f]+\.)?/u, '')}`;
    if (second !== 'taken') return `${second} ${name.endsWith('.reason.json') ? 'note' : 'item'}`;
    const kind =
      { a: 'captured', d: 'leaving', p: 'leaving in part', m: 'captured together' }[rest[0]?.[0] ?? ''] ??
      'unknown';
    return `${kind} ${rest.length === 1 ? 'item' : 'inner item'}`;
  };
}

/**
 * The way from a folder to a path, in parts; `undefined` if it leads outside.
 *
 * @param {string} folder
 * @param {string} path
 */
function partsOf(folder, path) {
  const way = relative(folder, path);
  if (way === '') return [];
  return way === '..' || way.startsWith(`..${sep}`) ? undefined : way.split(sep);
}
