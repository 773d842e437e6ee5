import path from 'node:path';
import type { End, ItemRef } from '@lanceur/core';
import type { Located } from './delivery.js';
import { errorCode, isThere } from './file-system/file-system.js';
import { nameOf, pathOf, versionOf } from './ids.js';
import { unlessMissing, type Mover } from './moving.js';
import type { Settings } from './options.js';
import {
  leavingMark,
  MANIFEST,
  manifestFolder,
  OWN_NAMES,
  takenFolder,
  takenName,
  type Captured,
  type Manifest,
} from './taken.js';

/**
 * Takes an item out of its place, where its sender may rewrite it, into `.lanceur/taken`. A file or a folder moves in
 * one step; of several files the manifest is there before the first one moves. `undefined` where another process has taken
 * all of them meanwhile.
 */
export async function capture(
  settings: Settings,
  mover: Mover,
  ref: ItemRef,
  end: End,
  { files, folder }: Located,
): Promise<Captured | undefined> {
  const taken = takenFolder(settings);
  const { id, version } = ref;
  const from = folder ?? files[0]?.full ?? pathOf(settings.root, id, settings.work);
  const name = settings.unit === 'stem' || end !== 'accept' ? undefined : takenName('captured', ref);
  if (name !== undefined) {
    const to = path.join(taken, name);
    await inFolder(settings, taken, from, () => mover.move(from, to));
    return { id, version, state: 'captured', path: to };
  }
  const manifest: Manifest = {
    id,
    version,
    end,
    ...(folder !== undefined && { folder: true }),
    files:
      folder === undefined
        ? files.map((f) => ({ id: f.path, version: versionOf(f.stat) }))
        : [{ id, version }],
  };
  const captured: Captured = {
    id,
    version,
    state: 'captured',
    path: path.join(taken, manifestFolder(ref)),
    manifest,
  };
  await settings.fs.makeFolder(captured.path);
  const file = path.join(captured.path, MANIFEST);
  await mover.removeIfThere(`${file}.part`);
  await mover.create(`${file}.part`, JSON.stringify(manifest));
  await mover.move(`${file}.part`, file);
  if (await completeCapture(settings, mover, captured)) return captured;
  // What would be left is an item without files.
  await removeManifest(mover, captured.path);
  return undefined;
}

/** The working folder is made when it is first needed; after that, looking for it would cost a call for every item. */
async function inFolder(
  { fs }: Settings,
  folder: string,
  from: string,
  move: () => Promise<void>,
): Promise<void> {
  try {
    await move();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || !(await isThere(fs, from))) throw error;
    await fs.makeFolder(folder);
    await move();
  }
}

/** Brings the files of a manifest together that a crash left in their place. Whether there is any. */
export async function completeCapture(
  settings: Settings,
  mover: Mover,
  { path: folder, manifest }: Captured,
): Promise<boolean> {
  let isAny = false;
  for (const { id } of manifest?.files ?? []) {
    const to = path.join(folder, nameOf(id));
    const isHere =
      (await isThere(settings.fs, to)) || (await moved(mover, pathOf(settings.root, id, settings.work), to));
    isAny ||= isHere;
  }
  return isAny;
}

/** Whether it was there. */
async function moved(mover: Mover, from: string, to: string): Promise<boolean> {
  try {
    await mover.move(from, to);
    return true;
  } catch (error) {
    unlessMissing(error);
    return false;
  }
}

/** Notes that the item is compared, before the first of its files goes. */
export async function markLeaving(
  settings: Settings,
  mover: Mover,
  captured: Captured,
  state: 'leaving' | 'leavingInPart',
): Promise<Captured> {
  if (captured.state === state) return captured;
  const name = captured.manifest === undefined ? takenName(state, captured) : undefined;
  if (name === undefined) {
    await mover.create(leavingMark(captured, state), '');
    return { ...captured, state };
  }
  const to = path.join(takenFolder(settings), name);
  await mover.move(captured.path, to);
  return { ...captured, state, path: to };
}

/** Puts a captured item back under its name, numbered if another one has it by now. */
export async function putBack(settings: Settings, mover: Mover, captured: Captured): Promise<void> {
  const { fs, root, work } = settings;
  const { manifest } = captured;
  if (manifest === undefined) {
    const { kind } = await fs.stat(captured.path);
    await mover.putBack(captured.path, pathOf(root, captured.id, work), kind === 'file');
    return;
  }
  for (const { id } of manifest.files) {
    const from = path.join(captured.path, nameOf(id));
    if (!(await isThere(fs, from))) continue;
    await mover.putBack(from, pathOf(root, id, work), manifest.folder !== true);
  }
  await removeManifest(mover, captured.path);
}

/** Removes the folder of a manifest whose files are gone. */
export async function removeManifest(mover: Mover, folder: string): Promise<void> {
  for (const own of OWN_NAMES) await mover.removeIfThere(path.join(folder, own));
  await mover.removeFolder(folder);
}
