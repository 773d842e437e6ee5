import { isLitter } from './archives/names.js';
import type { Names } from './options.js';
import type { FileSet, PackedFile } from './packed-file.js';
import { mayBeMetadata } from './pastell/metadata.js';

/** One of several deposits, and where it lies. */
export interface PlacedDeposit {
  /** Its folder, within what it came in. */
  readonly path: string;
  readonly set: FileSet;
}

/**
 * Several deposits side by side, as somebody packs them who sends a month of dossiers: each in a folder of its own, with
 * its own metadata, and nothing beside them. None unless there are several: what else it may be is one envelope, with
 * folders in it.
 */
export function depositsIn({ files: all }: FileSet, { rankOfMetadata }: Names): readonly PlacedDeposit[] {
  const files = all.filter(({ path }) => !isLitter(path));
  const folders = outermost(
    files
      .filter(({ name }) => mayBeMetadata(name) && rankOfMetadata(name) !== undefined)
      .map(({ path, name }) => path.slice(0, path.length - name.length)),
  );
  if (folders.length < 2 || folders.includes('')) return [];
  const byFolder = new Map<string, PackedFile[]>(folders.map((folder) => [folder, []]));
  for (const file of files) {
    const folder = folders.find((one) => file.path.startsWith(one));
    if (folder === undefined) return [];
    byFolder.get(folder)?.push({ ...file, path: file.path.slice(folder.length) });
  }
  return [...byFolder].map(([folder, inside]) => ({
    path: folder.slice(0, -1),
    set: { files: inside, issues: [] },
  }));
}

/** Without those that lie within others. Each ends in `/`. */
function outermost(folders: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (const folder of [...new Set(folders)].sort()) {
    const last = kept.at(-1);
    if (last === undefined || !folder.startsWith(last)) kept.push(folder);
  }
  return kept;
}
