import path from 'node:path';
import { fingerprintOf, type End } from '@lanceur/core';
import { isMissing, isThere, type FileSystem } from './file-system/file-system.js';
import { keyOf } from './ids.js';
import type { Settings } from './options.js';

/**
 * An item that has been taken out of its place, into `.lanceur/taken`. Its name there holds all that is needed to go
 * on with it after a crash.
 */
export interface Captured {
  readonly id: string;
  readonly version: string;
  /**
   * - `captured`: moved, not yet compared.
   * - `leaving`: compared, and being deleted or moved away file by file: what is missing is no mismatch any more.
   * - `leavingInPart`: the same, but only what was handed over leaves, and the rest goes back.
   */
  readonly state: 'captured' | 'leaving' | 'leavingInPart';
  /** The file or folder itself; with a manifest, the folder that holds its files. */
  readonly path: string;
  readonly manifest?: Manifest;
}

/** For an item of several files, or one whose name does not fit: what belongs to it. Written before the first one moves. */
export interface Manifest {
  readonly id: string;
  readonly version: string;
  readonly end: End;
  /** Whether it is a sub-folder; `files` is then that folder alone. */
  readonly folder?: boolean;
  /** Ids of its files, with the versions that they had. */
  readonly files: readonly { readonly id: string; readonly version: string }[];
}

export const MANIFEST = '.lanceur.json';

const MARKS = { leaving: '.lanceur-leaving', leavingInPart: '.lanceur-leaving-in-part' } as const;
const LETTERS = { captured: 'a', leaving: 'd', leavingInPart: 'p' } as const;
const STATES: Readonly<Record<string, Captured['state']>> = {
  a: 'captured',
  d: 'leaving',
  p: 'leavingInPart',
};

/** Bytes: with its number, a name still fits where 255 are the limit. */
const LONGEST = 200;

export function takenFolder({ work }: Settings): string {
  return path.join(work, 'taken');
}

/** The name of a captured file or folder, or `undefined` if it does not fit. */
export function takenName(
  state: Captured['state'],
  ref: { readonly id: string; readonly version: string },
): string | undefined {
  // `*` means something to Windows; the `~` at the end keeps a trailing dot from being eaten there.
  const id = encodeURIComponent(ref.id).replace(/[*~]/gu, (c) => (c === '*' ? '%2A' : '%7E'));
  const name = `${LETTERS[state]}~${ref.version}~${id}~`;
  return name.length <= LONGEST ? name : undefined;
}

export function manifestFolder(ref: { readonly id: string; readonly version: string }): string {
  return `m~${fingerprintOf(ref.id, ref.version)}`;
}

/** The file in a manifest's folder that says that its item is compared and may leave. */
export function leavingMark(captured: Captured, state: 'leaving' | 'leavingInPart'): string {
  return path.join(captured.path, MARKS[state]);
}

/** What lies in a manifest's folder beside the item. */
export const OWN_NAMES: ReadonlySet<string> = new Set([
  MANIFEST,
  `${MANIFEST}.part`,
  ...Object.values(MARKS),
]);

/** All that is captured, by key; and folders of manifests that are empty but for what says that they were dealt with. */
export async function readTaken(
  settings: Settings,
): Promise<{ readonly items: Map<string, Captured>; readonly spent: readonly string[] }> {
  const folder = takenFolder(settings);
  const items = new Map<string, Captured>();
  const spent: string[] = [];
  try {
    for await (const entries of settings.fs.list(folder)) {
      for (const { name, stat } of entries) {
        const full = path.join(folder, name);
        const isManifest = name.startsWith('m~') && stat?.kind === 'folder';
        const captured = isManifest ? await readManifest(settings, full) : parsed(name, full);
        if (captured === 'spent') spent.push(full);
        else if (captured !== undefined) items.set(keyOf(captured), captured);
      }
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return { items, spent };
}

function parsed(name: string, full: string): Captured | undefined {
  const [, letter, version, id] = /^([adp])~([^~]+)~([^/]*)~$/u.exec(name) ?? [];
  const state = STATES[letter ?? ''];
  if (state === undefined || version === undefined || id === undefined) return undefined;
  try {
    return { id: decodeURIComponent(id), version, state, path: full };
  } catch {
    return undefined;
  }
}

/** `undefined` if there is none yet, so that nothing has moved either; `spent` if there is none any more. */
async function readManifest({ fs }: Settings, folder: string): Promise<Captured | 'spent' | undefined> {
  try {
    const bytes = await fs.read(path.join(folder, MANIFEST), 0, 16 * 1024 * 1024);
    const manifest = JSON.parse(Buffer.from(bytes).toString()) as Manifest;
    const captured: Captured = {
      id: manifest.id,
      version: manifest.version,
      state: 'captured',
      path: folder,
      manifest,
    };
    const state = await stateOf(fs, folder);
    return { ...captured, state };
  } catch (error) {
    if (isMissing(error)) return (await stateOf(fs, folder)) === 'captured' ? undefined : 'spent';
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function stateOf(fs: FileSystem, folder: string): Promise<Captured['state']> {
  for (const state of ['leaving', 'leavingInPart'] as const) {
    if (await isThere(fs, path.join(folder, MARKS[state]))) return state;
  }
  return 'captured';
}
