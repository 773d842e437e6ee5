import path from 'node:path';
import {
  fingerprintOf,
  inFrench,
  numbered,
  printable,
  whatToDo,
  type ItemRef,
  type Settlement,
} from '@lanceur/core';
import { errorCode, isMissing, isThere } from './file-system/file-system.js';
import { isInside, joinId, nameOf, parentOf, pathOf } from './ids.js';
import { unlessMissing, type Mover } from './moving.js';
import type { Settings } from './options.js';
import { OWN_NAMES } from './taken.js';

/** What lies beside a rejected item, for a person and for `restore`. */
export interface RejectionNote {
  readonly code?: string;
  readonly message: { readonly en: string; readonly fr: string };
  readonly whatToDo?: { readonly en?: string; readonly fr?: string };
  readonly end: 'reject' | 'aside';
  readonly at: string;
  readonly source: string;
  readonly item: { readonly id: string; readonly version: string; readonly name: string };
  /** Documents of the item that the COLD has. */
  readonly alreadySubmitted: readonly {
    readonly name: string;
    readonly size: number;
    readonly sha256: string;
  }[];
}

const NOTE = '.reason.json';

const LONGEST_NOTE = 16 * 1024 * 1024;

/** The folder for items of this end. */
export function folderFor({ quarantine, aside }: Settings, end: 'reject' | 'aside'): string {
  return end === 'reject' ? quarantine : aside;
}

/** Whether an earlier process has already brought the item here. */
export async function isQuarantined(
  settings: Settings,
  settlement: Settlement,
  end: 'reject' | 'aside',
): Promise<boolean> {
  const folder = folderFor(settings, end);
  for (const [target, note] of candidates(folder, nameOf(settlement.ref.id))) {
    const found = await readNote(settings, note);
    if (found === undefined) return false;
    if (isFor(found, settlement.ref)) return await isThere(settings.fs, target);
  }
  return false;
}

/**
 * Moves a file or a folder into quarantine, under the first free number, with its note. The note comes first, so that
 * nothing ever lies there without a reason; one that a crash left alone is used again.
 */
export async function quarantine(
  settings: Settings,
  mover: Mover,
  from: string,
  settlement: Settlement,
  end: 'reject' | 'aside',
): Promise<void> {
  const folder = folderFor(settings, end);
  await settings.fs.makeFolder(folder);
  for (const [target, note] of candidates(folder, nameOf(settlement.ref.id))) {
    if (!(await claimNote(settings, mover, note, settlement, end))) continue;
    try {
      await mover.move(from, target);
      return;
    } catch (error) {
      await mover.removeIfThere(note);
      if (errorCode(error) !== 'EEXIST') throw error;
    }
  }
}

/**
 * Puts rejected items back to where they were; those that are there again, unchanged. What is under way is written down
 * first: a file that is linked back and not yet gone from quarantine has two names, and no listing would take it.
 */
export async function restore(
  settings: Settings,
  mover: Mover,
  refs: readonly ItemRef[],
): Promise<readonly ItemRef[]> {
  const wanted = new Map(refs.map((ref) => [JSON.stringify([ref.id, ref.version]), ref]));
  const found: string[] = [];
  for (const note of await notesIn(settings)) {
    const { item, end } = (await readNote(settings, note)) ?? SOMEBODY_ELSES;
    if (end === 'reject' && wanted.has(JSON.stringify([item.id, item.version])))
      found.push(path.basename(note));
  }
  if (found.length === 0) return [];
  const intent = path.join(restoring(settings), `${fingerprintOf(...found)}.json`);
  await settings.fs.makeFolder(restoring(settings));
  await mover.create(intent, JSON.stringify(found)).catch(unlessTaken);
  const restored = await bringAllBack(settings, mover, intent, found);
  return restored.flatMap((ref) => wanted.get(JSON.stringify([ref.id, ref.version])) ?? []);
}

/** Ends what a process began that died on the way. */
export async function completeRestores(settings: Settings, mover: Mover): Promise<void> {
  for (const intent of await filesIn(settings, restoring(settings))) {
    const bytes = await settings.fs.read(intent, 0, LONGEST_NOTE).catch(unlessMissing);
    if (bytes !== undefined) await bringAllBack(settings, mover, intent, notesNamedIn(bytes));
  }
}

function restoring({ work }: Settings): string {
  return path.join(work, 'restoring');
}

/**
 * Whoever may write into the source may have written it: nothing but names of notes is taken from it, which lie in
 * quarantine or nowhere. None where the process died before it had written it to the end: it had moved nothing then.
 */
function notesNamedIn(bytes: Uint8Array): readonly string[] {
  try {
    const names: unknown = JSON.parse(Buffer.from(bytes).toString());
    return Array.isArray(names) ? names.filter(isNameOfNote) : [];
  } catch {
    return [];
  }
}

function isNameOfNote(name: unknown): name is string {
  return typeof name === 'string' && name.endsWith(NOTE) && !/[\\/:\0]/u.test(name);
}

async function bringAllBack(
  settings: Settings,
  mover: Mover,
  intent: string,
  names: readonly string[],
): Promise<readonly ItemRef[]> {
  const restored: ItemRef[] = [];
  for (const name of names) {
    const note = path.join(settings.quarantine, name);
    const from = note.slice(0, -NOTE.length);
    const { item: ref, end } = (await readNote(settings, note)) ?? SOMEBODY_ELSES;
    if (end !== 'reject' || !isInside(settings, ref)) continue;
    // Before the item: it would wait for what announces it, and nobody would think of looking for that in here.
    await bringDoneFilesBack(settings, mover, ref);
    const isBack = await bringBack(settings, mover, from, ref);
    // Another process may have brought it back, or died when it had.
    if (isBack || !(await isThere(settings.fs, from))) await mover.removeIfThere(note);
    if (isBack) restored.push(ref);
  }
  await mover.removeIfThere(intent);
  return restored;
}

/** What announced the item, as far as it left with it and its place is free. */
async function bringDoneFilesBack(settings: Settings, mover: Mover, { id }: ItemRef): Promise<void> {
  const { complete, quarantine, root, work, fs } = settings;
  for (const name of complete.doneFilesOf?.(nameOf(id)) ?? []) {
    const from = path.join(quarantine, name);
    const to = pathOf(root, joinId(parentOf(id), name), work);
    if (!(await isThere(fs, from)) || (await isThere(fs, to))) continue;
    await fs.makeFolder(path.dirname(to));
    await mover.place(from, to);
  }
}

async function bringBack(settings: Settings, mover: Mover, from: string, ref: ItemRef): Promise<boolean> {
  const { fs, root, unit, work } = settings;
  const to = pathOf(root, ref.id, work);
  try {
    const { kind } = await fs.stat(from);
    await fs.makeFolder(path.dirname(to));
    if (unit === 'stem') return await bringStemBack(settings, mover, from, ref);
    if (kind === 'file') await mover.place(from, to);
    else await mover.move(from, to);
    return true;
  } catch (error) {
    // Gone from quarantine, or another one has its name by now: it stays, and an operator can see both.
    if (isMissing(error) || errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** All its files, or none while one of their names is taken. */
async function bringStemBack(settings: Settings, mover: Mover, from: string, ref: ItemRef): Promise<boolean> {
  const { fs, root, work } = settings;
  const parent = parentOf(ref.id);
  const folder = parent === '' ? root : pathOf(root, parent, work);
  const names: string[] = [];
  for await (const entries of fs.list(from)) {
    names.push(...entries.map((e) => e.name).filter((name) => !OWN_NAMES.has(name)));
  }
  for (const name of names) {
    if (await mover.isTaken(path.join(from, name), path.join(folder, name))) return false;
  }
  for (const name of names) await mover.place(path.join(from, name), path.join(folder, name));
  for (const own of OWN_NAMES) await mover.removeIfThere(path.join(from, own));
  await mover.removeFolder(from);
  return true;
}

function* candidates(folder: string, name: string): Generator<readonly [target: string, note: string]> {
  // Its note's name is longer than its own.
  const longest = 255 - NOTE.length;
  for (let n = 1; ; n++) {
    const short = Buffer.byteLength(name) <= longest ? name : numbered(name, 1, longest);
    const target = path.join(folder, n === 1 ? short : numbered(name, n, longest));
    yield [target, target + NOTE];
  }
}

/** Whether the note has its name: not if another item lies there. It appears whole, or what is left of it stays for good. */
async function claimNote(
  settings: Settings,
  mover: Mover,
  note: string,
  settlement: Settlement,
  end: 'reject' | 'aside',
): Promise<boolean> {
  const { ref } = settlement;
  const part = path.join(path.dirname(note), `.lanceur-${fingerprintOf(ref.id, ref.version)}.part`);
  await mover.removeIfThere(part);
  await mover.create(part, `${JSON.stringify(noteOf(settings, settlement, end), null, 2)}\n`);
  for (;;) {
    try {
      await mover.place(part, note);
      return true;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    const found = await readNote(settings, note);
    const isAbandoned =
      found !== undefined && isFor(found, ref) && !(await isThere(settings.fs, note.slice(0, -NOTE.length)));
    await mover.removeIfThere(isAbandoned ? note : part);
    if (!isAbandoned) return false;
  }
}

function noteOf(
  settings: Settings,
  { ref, reason, sent }: Settlement,
  end: 'reject' | 'aside',
): RejectionNote {
  const todo = reason && { en: whatToDo(reason.code, 'en'), fr: whatToDo(reason.code, 'fr') };
  return {
    ...(reason && { code: reason.code }),
    message: {
      en: reason?.message ?? 'no reason was given',
      fr: reason ? inFrench(reason) : 'aucune raison n’a été donnée',
    },
    ...(todo?.en !== undefined && todo.fr !== undefined && { whatToDo: { en: todo.en, fr: todo.fr } }),
    end,
    at: new Date(settings.clock.now()).toISOString(),
    source: settings.source,
    item: { id: ref.id, version: ref.version, name: printable(ref.name) },
    alreadySubmitted: (sent ?? []).map(({ name, size, sha256 }) => ({ name, size, sha256 })),
  };
}

async function readNote({ fs }: Settings, note: string): Promise<RejectionNote | undefined> {
  try {
    const found = JSON.parse(Buffer.from(await fs.read(note, 0, LONGEST_NOTE)).toString()) as RejectionNote;
    return typeof found.item.id === 'string' ? found : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    // Somebody else's, or damaged: it stands for no item, and keeps its name.
    if (error instanceof SyntaxError || error instanceof TypeError) return SOMEBODY_ELSES;
    throw error;
  }
}

const SOMEBODY_ELSES: RejectionNote = {
  message: { en: '', fr: '' },
  end: 'aside',
  at: '',
  source: '',
  item: { id: '', version: '', name: '' },
  alreadySubmitted: [],
};

async function notesIn(settings: Settings): Promise<readonly string[]> {
  return (await filesIn(settings, settings.quarantine)).filter((file) => file.endsWith(NOTE));
}

/** The regular files of a folder; none if it is not there. */
async function filesIn({ fs }: Settings, folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  try {
    for await (const entries of fs.list(folder)) {
      const own = entries.filter(({ stat }) => stat?.kind === 'file');
      files.push(...own.map(({ name }) => path.join(folder, name)));
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return files;
}

function unlessTaken(error: unknown): void {
  if (errorCode(error) !== 'EEXIST') throw error;
}

function isFor(note: RejectionNote, ref: ItemRef): boolean {
  return note.item.id === ref.id && note.item.version === ref.version;
}
