import { join } from 'node:path';
import type { Clock } from '@lanceur/core';
import { errno, unless, type FileSystem } from './file-system.js';

/** What can be done between a staging directory and its target, found out by trying. */
export interface Placement {
  /** Whether a file can have a second name, so that placing never overwrites. */
  readonly links: boolean;
  /**
   * Whether linking changes a file's ctime: `fine` at once, `tick` only if the last change is a clock tick ago,
   * `none` not so that one could rely on it.
   */
  readonly ctime: 'fine' | 'tick' | 'none';
  /** Whether a changed ctime alone proves a link: on local volumes, where nothing else touches it unasked. */
  readonly trusted: boolean;
  /** Whether new names can be flushed (`fsync` of a directory). */
  readonly flush: boolean;
}

/** The longest clock tick by which kernels before 6.13 stamp, doubled. */
export const TICK_MS = 20;
const TRIES = 8;
// ext2-4, XFS, Btrfs, F2FS, tmpfs, overlay, bcachefs (linux/magic.h).
const LOCAL = new Set([0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x01021994, 0x794c7630, 0xca451a4e]);

/**
 * Tries on empty files in `scratch`, a directory of ours on the target's volume. Nothing appears in the target: what
 * appears there, a COLD takes.
 *
 * @throws the file system's error; `EXDEV` if the two are not on one volume.
 */
export async function probe(
  fs: FileSystem,
  clock: Clock,
  scratch: string,
  target: string,
): Promise<Placement> {
  await onOneVolume(fs, scratch, target);
  const file = join(scratch, 'probe');
  await (await fs.open(file, 'wx')).close();
  try {
    const links = await hasLinks(fs, file);
    const ctime = links ? await ctimeOf(fs, clock, file) : 'none';
    const { type } = await fs.statfs(scratch);
    return {
      links,
      ctime,
      trusted: fs.platform === 'linux' && LOCAL.has(type),
      flush: await flushes(fs, target),
    };
  } finally {
    await unless(fs.unlink(file), 'ENOENT');
  }
}

/** Linux looks at the mounts before it looks for the file, so that a rename of nothing tells them apart. */
async function onOneVolume(fs: FileSystem, scratch: string, target: string): Promise<void> {
  const [here, there] = await Promise.all([fs.stat(scratch), fs.stat(target)]);
  if (here.volume !== there.volume) throw crossDevice();
  await unless(fs.rename(join(scratch, 'nothing'), join(target, '.lanceur-nothing')), 'ENOENT');
}

function crossDevice(): Error {
  return Object.assign(new Error('EXDEV: not on one volume'), { code: 'EXDEV' });
}

async function hasLinks(fs: FileSystem, file: string): Promise<boolean> {
  const second = `${file}-link`;
  try {
    await fs.link(file, second);
  } catch (error) {
    // What file systems without hard links say; Windows says EISDIR or EINVAL on FAT.
    if (/^(?:EPERM|ENOTSUP|EOPNOTSUPP|ENOSYS|EMLINK|EINVAL|EISDIR|UNKNOWN)$/u.test(errno(error) ?? ''))
      return false;
    throw error;
  }
  const { links } = await fs.lstat(file);
  await fs.unlink(second);
  return links === 2;
}

async function ctimeOf(fs: FileSystem, clock: Clock, file: string): Promise<Placement['ctime']> {
  for (let n = 0; n < TRIES; n++) {
    if (!(await linkChangesCtime(fs, file))) {
      await clock.sleep(TICK_MS);
      return (await linkChangesCtime(fs, file)) ? 'tick' : 'none';
    }
  }
  return 'fine';
}

async function linkChangesCtime(fs: FileSystem, file: string): Promise<boolean> {
  const before = await fs.lstat(file);
  await fs.link(file, `${file}-link`);
  const after = await fs.lstat(file);
  await fs.unlink(`${file}-link`);
  return before.ctimeNs !== after.ctimeNs;
}

async function flushes(fs: FileSystem, directory: string): Promise<boolean> {
  if (fs.platform === 'win32') return false;
  // A drop folder may be writable and not readable.
  const handle = await unless(fs.open(directory, 'r'), 'EACCES', 'EPERM');
  if (handle === undefined) return false;
  try {
    await handle.sync();
    return true;
  } catch (error) {
    if (/^(?:EINVAL|ENOTSUP|EOPNOTSUPP|ENOSYS|EPERM|EBADF|EISDIR)$/u.test(errno(error) ?? '')) return false;
    throw error;
  } finally {
    await handle.close();
  }
}
