import { realpath } from 'node:fs/promises';
import path, { type PlatformPath } from 'node:path';
import type { UsedFolder } from '../contracts/listener.js';
import { LanceurError } from '../errors.js';
import { folded } from '../names.js';

/**
 * Refuses a watched folder in which another block reads or writes: a launcher would take its own output (EzGED's
 * documented example watches `F:\nchp\var`, below which the waiting directories live). And a folder of the launcher's
 * own inside one that a COLD takes from: what is moved there, or put aside, would reach the COLD too.
 *
 * @param paths - how paths are read; by default as on this machine.
 * @throws LanceurError `OVERLAP`.
 */
export function refuseOverlaps(folders: readonly UsedFolder[], paths: PlatformPath = path): void {
  for (const [one, other] of overlapsIn(folders, paths)) throw overlap(one, other);
}

/** Each pair of folders that get into each other's way; the watched one, or the one that is fed, first. */
export function* overlapsIn<F extends UsedFolder>(
  folders: readonly F[],
  paths: PlatformPath = path,
): Generator<readonly [F, F]> {
  for (const watched of folders) {
    if (watched.watched !== true) continue;
    for (const other of folders)
      if (other !== watched && sees(watched, other.path, paths)) yield [watched, other];
  }
  for (const fed of folders) {
    if (fed.fed !== true) continue;
    for (const other of folders)
      if (other.fed !== true && contains(fed.path, other.path, paths)) yield [fed, other];
  }
}

function overlap(one: UsedFolder, other: UsedFolder): LanceurError {
  return new LanceurError('OVERLAP', {
    one: one.role,
    onePath: one.path,
    other: other.role,
    otherPath: other.path,
  });
}

/** The folders where they really are, links and junctions followed; one that is not there yet stays as it is. */
export async function realFolders(folders: readonly UsedFolder[]): Promise<readonly UsedFolder[]> {
  return await Promise.all(
    folders.map(async (folder) => ({
      ...folder,
      path: await real(folder.path),
      ...(folder.except && { except: await Promise.all(folder.except.map(real)) }),
    })),
  );
}

/** Its nearest ancestor that exists, made real, with the rest behind it. */
async function real(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch {
    const parent = path.dirname(folder);
    return parent === folder ? folder : path.join(await real(parent), path.basename(folder));
  }
}

function sees(watched: UsedFolder, other: string, paths: PlatformPath): boolean {
  if (!contains(watched.path, other, paths)) return false;
  if ((watched.except ?? []).some((excepted) => contains(excepted, other, paths))) return false;
  return watched.recursive !== false || same(watched.path, other, paths);
}

function contains(folder: string, inner: string, paths: PlatformPath): boolean {
  const relative = paths.relative(key(folder, paths), key(inner, paths));
  // A folder may be called `..x`.
  const isOutside = relative.split(paths.sep, 1)[0] === '..' || paths.isAbsolute(relative);
  return !isOutside;
}

function same(a: string, b: string, paths: PlatformPath): boolean {
  return paths.relative(key(a, paths), key(b, paths)) === '';
}

/** Windows and macOS take names that differ in letter case for the same folder; elsewhere refusing one too many is safe. */
function key(folder: string, paths: PlatformPath): string {
  return folded(paths.resolve(folder));
}
