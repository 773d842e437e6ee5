// @ts-check
// The waiting directories of a launcher, with each effect as a step.
import { dirname, basename, join, relative, sep } from 'node:path';
import { nodeFileSystem, waitingDirectory } from '@lanceur/protocols/waiting-directory';
import { broken } from './broken.mjs';

/** @typedef {import('@lanceur/protocols/waiting-directory').FileSystem} FileSystem */

/**
 * @param {import('./launcher.mjs').Means} means
 * @param {import('./broken.mjs').Guard} [guard] - that the volume does not keep to
 * @returns {import('@lanceur/core').ColdSubmitter}
 */
export function submitterFor({ base, setUp, clock, steps }, guard) {
  const jobs = Object.fromEntries(
    Object.entries(setUp.jobs).map(([job, name]) => [job, join(base, 'wait', name)]),
  );
  const disk = broken(guard).disk(volume(setUp.volume));
  return waitingDirectory({
    jobs,
    layout: setUp.layout,
    manifest: setUp.manifest,
    link: setUp.link,
    keepFree: 0,
    clock,
    fs: steppingFileSystem(steps, disk, whatIn(Object.values(jobs))),
  });
}

/**
 * The volume that a set-up asks for, on top of the one that is there.
 *
 * @param {import('./set-ups.js').SetUp['volume']} kind
 * @returns {FileSystem}
 */
function volume(kind) {
  const disk = nodeFileSystem;
  switch (kind) {
    case 'as it is':
      return disk;
    case 'without hard links':
      return {
        ...disk,
        link: () => Promise.reject(Object.assign(new Error('EPERM: no links here'), { code: 'EPERM' })),
      };
    case 'not to be trusted':
      return { ...disk, statfs: async (path) => ({ ...(await disk.statfs(path)), type: 0 }) };
  }
}

/**
 * @param {import('./steps.mjs').Steps} steps
 * @param {FileSystem} disk
 * @param {(path: string) => string} what - a path is
 * @returns {FileSystem}
 */
function steppingFileSystem(steps, disk, what) {
  /** @type {<T>(call: string, path: string, work: () => Promise<T>, half?: () => Promise<unknown>) => Promise<T>} */
  const step = (call, path, work, half) => steps.step(`target ${call} ${what(path)}`, work, half);
  return {
    platform: disk.platform,
    // What only looks has no effect that could be cut off.
    readdir: (path) => disk.readdir(path),
    stat: (path) => disk.stat(path),
    lstat: (path) => disk.lstat(path),
    statfs: (path) => disk.statfs(path),

    async open(path, flags) {
      const open = () => disk.open(path, flags);
      const file = await (flags === 'wx' ? step('create', path, open) : open());
      return {
        write: (data) =>
          step(
            'write',
            path,
            () => file.write(data),
            () => file.write(data.subarray(0, data.length >> 1)),
          ),
        read: (buffer, position) => file.read(buffer, position),
        sync: () => step('sync', path, () => file.sync()),
        close: () => file.close(),
      };
    },
    link: (from, to) => steps.step(`target link ${what(from)} -> ${what(to)}`, () => disk.link(from, to)),
    rename: (from, to) => steps.step(`target move ${what(from)} -> ${what(to)}`, () => disk.rename(from, to)),
    unlink: (path) => step('remove', path, () => disk.unlink(path)),
    mkdir: (path) => step('mkdir', path, () => disk.mkdir(path)),
    rmdir: (path) => step('rmdir', path, () => disk.rmdir(path)),
  };
}

/**
 * What a path is, in a word or two.
 *
 * @param {readonly string[]} waiting - the waiting directories
 * @returns {(path: string) => string}
 */
function whatIn(waiting) {
  return (path) => {
    for (const folder of waiting) {
      const inside = partsOf(folder, path);
      if (inside !== undefined) {
        if (inside.length === 0) return 'waiting directory';
        return inside[0] === '.lanceur-nothing' ? 'nothing' : 'placed';
      }
      const staged = partsOf(`${dirname(folder)}${sep}.lanceur-staging${sep}${basename(folder)}`, path);
      if (staged !== undefined) return whatIsStaged(staged);
    }
    return 'staging';
  };
}

/** @param {readonly string[]} parts - of a path below staging */
function whatIsStaged([run, name, ...rest]) {
  if (run === undefined) return 'staging';
  if (run === '.names') return name === undefined ? 'names' : 'reserved name';
  const of = run.endsWith('.taken') ? ' of a dead run' : '';
  if (name === undefined) return of === '' ? 'run' : 'dead run';
  if (name.startsWith('.probe')) return rest.length === 0 ? 'probe folder' : 'probe';
  if (/\.w(?:\.taken)?$/u.test(name)) return `witness${of}`;
  const suffix = name.split('.')[2] ?? '';
  const kind = suffix === 'd' ? 'folder' : suffix === 'm' ? 'manifest' : 'document';
  return rest.length === 0 ? `staged ${kind}${of}` : `staged inner document${of}`;
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
