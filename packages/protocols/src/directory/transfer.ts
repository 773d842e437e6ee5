import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { numbered } from '@lanceur/core';
import { errorCode } from './file-system/file-system.js';
import type { Mover } from './moving.js';
import type { Settings } from './options.js';
import { contentOf } from './walk.js';

const CHUNK = 1024 * 1024;

/**
 * Moves a file or a folder to `to`, numbered if the name is taken, also to another volume: there it is copied beside
 * its place, flushed, and put in place in one step. The original of a copy is still there afterwards (`copied`).
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
  const part = path.join(folder, `.lanceur-${randomBytes(6).toString('hex')}.part`);
  const stat = await fs.stat(from);
  if (stat.kind === 'folder') await copyFolder(settings, from, part, stat.dev);
  else await copyFile(settings, from, part, stat.mtimeNs);
  await untilFree(to, (target) => mover.move(part, target));
  return { copied: true };
}

async function untilFree(to: string, move: (target: string) => Promise<void>): Promise<void> {
  for (let n = 1; ; n++) {
    try {
      await move(n === 1 ? to : path.join(path.dirname(to), numbered(path.basename(to), n)));
      return;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
  }
}

async function copyFolder(settings: Settings, from: string, to: string, dev: bigint): Promise<void> {
  const { fs } = settings;
  const { files, folders, doneFiles, junk } = await contentOf(settings, from, dev);
  await fs.makeFolder(to);
  for (const folder of folders) await fs.makeFolder(path.join(to, folder));
  for (const file of [...files.map((f) => f.path), ...doneFiles, ...junk]) {
    const source = path.join(from, ...file.split('/'));
    const stat = await fs.stat(source);
    if (stat.kind === 'file')
      await copyFile(settings, source, path.join(to, ...file.split('/')), stat.mtimeNs);
  }
  await fs.syncFolder(to);
}

async function copyFile({ fs }: Settings, from: string, to: string, mtimeNs: bigint): Promise<void> {
  const { head, file } = await fs.open(from, CHUNK);
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
  await fs.seal(to, mtimeNs);
}
