import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { fingerprintOf, numbered } from '@lanceur/core';
import { isCopy } from './copies.js';
import { errorCode, isMissing, isThere } from './file-system/file-system.js';
import { unlessMissing, type Mover } from './moving.js';
import type { Settings } from './options.js';
import { contentOf } from './walk.js';

const CHUNK = 1024 * 1024;

/**
 * Moves a file or a folder to `to`, numbered if the name is taken, also to another volume: there it is copied beside
 * its place, flushed, and put in place in one step. The original of a copy is still there afterwards (`copied`); called
 * again for it, as after a crash, it finds the copy and makes no second one.
 */
export async function transfer(
  settings: Settings,
  mover: Mover,
  from: string,
  to: string,
): Promise<{ readonly copied: boolean }> {
  const { fs } = settings;
  const folder = path.dirname(to);
  await fs.makeFolder(folder);
  try {
    await untilFree(to, (target) => mover.move(from, target));
    return { copied: false };
  } catch (error) {
    if (errorCode(error) !== 'EXDEV') throw error;
  }
  for (const target of candidates(to)) {
    if (!(await isThere(fs, target))) break;
    if (await isCopy(settings, from, target)) return { copied: true };
  }
  await copyAcross(settings, mover, from, to);
  return { copied: true };
}

/** Copied under a name of this attempt's own: a process that has lost its lease may be copying the same. */
async function copyAcross(settings: Settings, mover: Mover, from: string, to: string): Promise<void> {
  const { fs } = settings;
  const attempts = path.join(path.dirname(to), `.lanceur-${fingerprintOf(from)}.part`);
  const part = path.join(attempts, randomBytes(8).toString('hex'));
  try {
    await fs.makeFolder(attempts);
    await discardOthers(settings, mover, attempts);
    const { kind, dev } = await fs.stat(from);
    if (kind === 'folder') await copyFolder(settings, from, part, dev);
    else await copyFile(settings, from, part);
    await putInPlace(settings, mover, { from, part, to });
  } catch (error) {
    // On a full volume, what each item leaves would take the room that the others need.
    await discard(settings, part).catch(() => undefined);
    // Else it would look as if what is to be moved were gone.
    if (isMissing(error) && (await isThere(fs, from))) {
      throw new Error('its copy was taken away while it was made', { cause: error });
    }
    throw error;
  } finally {
    // Not if another attempt has begun.
    await mover.removeFolder(attempts).catch(() => undefined);
  }
}

/** Not beside another attempt's copy: that was faster, and one is enough. */
async function putInPlace(
  settings: Settings,
  mover: Mover,
  { from, part, to }: { readonly from: string; readonly part: string; readonly to: string },
): Promise<void> {
  for (const target of candidates(to)) {
    try {
      await mover.move(part, target);
      return;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST' && errorCode(error) !== 'ENOTEMPTY') throw error;
    }
    if (!(await isCopy(settings, from, target))) continue;
    await discard(settings, part);
    return;
  }
}

const GONE = '.gone';

/** What earlier attempts have left. One that is still under way must not put half of it in place: it is moved away first. */
async function discardOthers(settings: Settings, mover: Mover, attempts: string): Promise<void> {
  const names: string[] = [];
  for await (const entries of settings.fs.list(attempts)) names.push(...entries.map(({ name }) => name));
  for (const name of names) {
    const part = path.join(attempts, name);
    const gone = name.endsWith(GONE) ? part : `${part}${GONE}`;
    if (gone !== part) await mover.move(part, gone).catch(unlessMissing);
    await discard(settings, gone).catch(unlessMissing);
  }
}

/** Removes what a copy that failed has made, as far as it got. */
async function discard(settings: Settings, part: string): Promise<void> {
  const { fs } = settings;
  if ((await fs.stat(part)).kind !== 'folder') {
    await fs.remove(part);
    return;
  }
  const inside: string[] = [];
  for await (const entries of fs.list(part)) inside.push(...entries.map(({ name }) => name));
  for (const name of inside) await discard(settings, path.join(part, name)).catch(unlessMissing);
  await fs.removeFolder(part);
}

async function untilFree(to: string, move: (target: string) => Promise<void>): Promise<void> {
  for (const target of candidates(to)) {
    try {
      await move(target);
      return;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
  }
}

function* candidates(to: string): Generator<string> {
  yield to;
  for (let n = 2; ; n++) yield path.join(path.dirname(to), numbered(path.basename(to), n));
}

async function copyFolder(settings: Settings, from: string, to: string, dev: bigint): Promise<void> {
  const { fs } = settings;
  const { files, folders, doneFiles, junk } = await contentOf(settings, from, dev);
  await fs.makeFolder(to);
  for (const folder of folders) await fs.makeFolder(path.join(to, folder));
  for (const file of [...files.map((f) => f.path), ...doneFiles, ...junk]) {
    const source = path.join(from, ...file.split('/'));
    if ((await fs.stat(source)).kind === 'file')
      await copyFile(settings, source, path.join(to, ...file.split('/')));
  }
  for (const folder of folders) await fs.syncFolder(path.join(to, folder));
  await fs.syncFolder(to);
}

async function copyFile({ fs }: Settings, from: string, to: string): Promise<void> {
  const { head, stat, file } = await fs.open(from, CHUNK);
  try {
    await fs.create(to, head);
    for (
      let chunk = await file?.read(CHUNK);
      chunk !== undefined && chunk.length > 0;
      chunk = await file?.read(CHUNK)
    ) {
      await fs.append(to, chunk);
    }
  } finally {
    await file?.close();
  }
  await fs.seal(to, stat.mtimeNs);
  // It may have grown or shrunk while it was read.
  const { size } = await fs.stat(to);
  if (size !== stat.size) {
    throw new Error(`its copy has ${String(size)} bytes, not ${String(stat.size)}`);
  }
}
