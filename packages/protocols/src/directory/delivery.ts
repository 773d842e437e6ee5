import path from 'node:path';
import {
  folded,
  LanceurError,
  safeNames,
  type Delivery,
  type DocumentInfo,
  type ItemRef,
  type SourceDocument,
  type Wants,
} from '@lanceur/core';
import { itemError } from './faults.js';
import { isThere } from './file-system/file-system.js';
import {
  joinId,
  nameOf,
  parentOf,
  pathOf,
  totalSize,
  versionOf,
  versionOfAll,
  type FoundFile,
} from './ids.js';
import { stemOf } from '../stem.js';
import type { Settings } from './options.js';
import { streamOf } from './read.js';
import type { Captured } from './taken.js';
import { contentOf } from './walk.js';

/** The files of an item where they lie now, all of the version that was listed. */
export interface Located {
  readonly files: readonly (FoundFile & { readonly full: string })[];
  /** The sub-folder that is taken as one. */
  readonly folder?: string;
}

/**
 * Where the files of an item are, in the source or captured.
 * @throws LanceurError `GONE`, `CHANGED`.
 */
export async function located(
  settings: Settings,
  ref: ItemRef,
  captured: Captured | undefined,
): Promise<Located> {
  try {
    const found = captured === undefined ? await inSource(settings, ref) : await inTaken(settings, captured);
    if (found.version === ref.version) return found;
  } catch (error) {
    throw itemError(settings, ref.name, error);
  }
  throw new LanceurError('CHANGED', { name: ref.name });
}

type Versioned = Located & { readonly version: string };

async function inSource(settings: Settings, ref: ItemRef): Promise<Versioned> {
  const { fs, root, unit, work } = settings;
  if (unit === 'stem') return await stemInSource(settings, ref);
  const full = pathOf(root, ref.id, work);
  const stat = await fs.stat(full);
  if (stat.kind === 'folder') return await folderAt(settings, full, stat.dev);
  const file = { path: ref.id, name: nameOf(ref.id), stat, full };
  return { files: [file], version: stat.kind === 'file' ? versionOf(stat) : 'not a file' };
}

async function folderAt(settings: Settings, full: string, dev: bigint): Promise<Versioned> {
  const { files, problem } = await contentOf(settings, full, dev);
  return {
    files: files.map((file) => ({ ...file, full: path.join(full, ...file.path.split('/')) })),
    version: problem === undefined ? versionOfAll(files) : 'not as it should be',
    folder: full,
  };
}

async function stemInSource(settings: Settings, ref: ItemRef): Promise<Versioned> {
  const { fs, root, work } = settings;
  pathOf(root, ref.id, work);
  const parent = parentOf(ref.id);
  const folder = parent === '' ? root : pathOf(root, parent, work);
  const files: (FoundFile & { full: string })[] = [];
  for (const name of await memberNames(settings, ref, folder)) {
    const full = path.join(folder, name);
    files.push({ path: joinId(parent, name), name, stat: await fs.stat(full), full });
  }
  if (files.length === 0) throw new LanceurError('GONE', { name: ref.name });
  files.sort((a, b) => (a.name < b.name ? -1 : 1));
  const plain = files.every((f) => f.stat.kind === 'file');
  return { files, version: plain ? versionOfAll(files) : 'not files' };
}

function isName(name: string): boolean {
  return !name.includes('/') && !name.includes(path.sep) && !name.includes('\0');
}

/** As the listing had them; a ref from another process may have nothing but its id, and the folder is looked through. */
async function memberNames(
  { fs, junk, complete }: Settings,
  ref: ItemRef,
  folder: string,
): Promise<readonly string[]> {
  const belongs = (name: string) => isName(name) && folded(stemOf(name)) === nameOf(ref.id);
  if (ref.documents !== undefined) return ref.documents.map((d) => d.name).filter(belongs);
  const names: string[] = [];
  for await (const entries of fs.list(folder)) {
    for (const { name, stat, readable } of entries) {
      if (!readable || stat?.kind !== 'file' || !belongs(name)) continue;
      if (junk(name) === undefined && complete.isDoneFile?.(name) !== true) names.push(name);
    }
  }
  return names;
}

async function inTaken(settings: Settings, captured: Captured): Promise<Versioned> {
  const { fs, root, work } = settings;
  const { manifest } = captured;
  if (captured.state !== 'captured') throw new LanceurError('GONE', { name: nameOf(captured.id) });
  if (manifest === undefined) {
    const stat = await fs.stat(captured.path);
    if (stat.kind === 'folder') return await folderAt(settings, captured.path, stat.dev);
    const file = { path: captured.id, name: nameOf(captured.id), stat, full: captured.path };
    return { files: [file], version: versionOf(stat) };
  }
  if (manifest.folder === true) {
    const inside = path.join(captured.path, nameOf(manifest.id));
    const full = (await isThere(fs, inside)) ? inside : pathOf(root, manifest.id, work);
    return await folderAt(settings, full, (await fs.stat(full)).dev);
  }
  const files: (FoundFile & { full: string })[] = [];
  let whole = true;
  for (const { id, version } of manifest.files) {
    const name = nameOf(id);
    const taken = path.join(captured.path, name);
    const full = (await isThere(fs, taken)) ? taken : pathOf(root, id, work);
    const stat = await fs.stat(full);
    whole &&= stat.kind === 'file' && versionOf(stat) === version;
    files.push({ path: id, name, stat, full });
  }
  return { files, version: whole ? manifest.version : 'not as it was' };
}

/** What is delivered of an item. `wants` is asked about each file; about a sub-folder that is taken as one, once. */
export function deliveryOf(
  settings: Settings,
  ref: ItemRef,
  { files, folder }: Located,
  { wants, incomplete }: { readonly wants?: Wants | undefined; readonly incomplete?: string | undefined },
): Delivery {
  const names = safeNames(files.map((f) => f.name));
  const container: DocumentInfo = { name: nameOf(ref.id), size: totalSize(files), container: true };
  const all = folder === undefined || wants === undefined || wants(container);
  const documents = files.flatMap((file, i): readonly SourceDocument[] => {
    const info = { name: file.name, size: file.stat.size };
    const wanted = folder === undefined && wants !== undefined ? wants(info) : all;
    if (!wanted) return [];
    const expected = { path: file.full, name: file.name, stat: file.stat };
    return [
      {
        name: names[i] ?? file.name,
        size: file.stat.size,
        // A further name would have the file refused otherwise.
        ...(settings.hardLinks && { localPath: file.full }),
        open: () => streamOf(settings, expected),
      },
    ];
  });
  return {
    ref,
    documents,
    attributes: {
      path: ref.id,
      modified: modified(files),
      ...(incomplete !== undefined && { incomplete }),
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function modified(files: readonly FoundFile[]): string {
  let latest = 0n;
  for (const { stat } of files) if (stat.mtimeNs > latest) latest = stat.mtimeNs;
  return new Date(Number(latest / 1_000_000n)).toISOString();
}
