import path from 'node:path';
import { digestOf } from './digest.js';
import type { FileStat } from './file-system/file-system.js';
import type { Settings } from './options.js';
import { contentOf } from './walk.js';

/** The coarsest mtime that a volume keeps: FAT's, in nanoseconds. */
const COARSEST_TICK_NS = 2_000_000_000n;

/** Whether a file or a folder is a copy of another one: of the same content and times. */
export async function isCopy(settings: Settings, original: string, copy: string): Promise<boolean> {
  const { fs } = settings;
  const [one, other] = [await fs.stat(original), await fs.stat(copy)];
  if (one.kind !== other.kind) return false;
  if (one.kind === 'folder') return await isCopyOfFolder(settings, original, copy, one.dev, other.dev);
  return await isCopyOfFile(settings, [original, one], [copy, other]);
}

async function isCopyOfFile(
  settings: Settings,
  [original, one]: readonly [string, FileStat],
  [copy, other]: readonly [string, FileStat],
): Promise<boolean> {
  const apart = one.mtimeNs - other.mtimeNs;
  if (one.size !== other.size || apart >= COARSEST_TICK_NS || -apart >= COARSEST_TICK_NS) return false;
  const digest = async (full: string, stat: FileStat): Promise<string> =>
    await digestOf(settings, { path: full, name: path.basename(full), stat });
  return (await digest(original, one)) === (await digest(copy, other));
}

async function isCopyOfFolder(
  settings: Settings,
  original: string,
  copy: string,
  dev: bigint,
  devOfCopy: bigint,
): Promise<boolean> {
  const { files, folders } = await contentOf(settings, original, dev);
  const others = await contentOf(settings, copy, devOfCopy);
  const isAlike =
    JSON.stringify(folders) === JSON.stringify(others.folders) &&
    JSON.stringify(files.map((f) => f.path)) === JSON.stringify(others.files.map((f) => f.path));
  if (!isAlike) return false;
  for (const [i, { path: relative, stat }] of files.entries()) {
    const other = others.files[i];
    if (other === undefined) return false;
    const full = (root: string): string => path.join(root, ...relative.split('/'));
    if (!(await isCopyOfFile(settings, [full(original), stat], [full(copy), other.stat]))) return false;
  }
  return true;
}
