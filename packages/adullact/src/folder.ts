import { createReadStream, readdirSync, statSync, type Dirent, type Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import type { Budget } from './archives/budget.js';
import { issue, type Issue } from './issues.js';
import type { FileSet, PackedFile } from './packed-file.js';

/** Larger than Node's own: a PES of 90 MB is read in a quarter of the steps. */
const CHUNK = 256 * 1024;

/** How a folder is read: `near`, without a thread for each call. */
export interface Volume {
  readonly near: boolean;
}

/** A local disk answers in a tenth of this, a share over a network hardly ever that fast. */
const AT_ONCE_MS = 2;
/** For so long a volume that has answered at once is taken to do so again. */
const RECENTLY_MS = 100;

/** Where the last answer came from at once, and when: the deposits of a backlog lie side by side. */
let near: { readonly folder: string; readonly at: number } | undefined;

/**
 * Looks at a file or a folder, and at how long that takes. A volume that answers at once is asked directly for a moment,
 * which costs a tenth of handing over to a thread; one that does not answer must not hold up the whole process, and
 * is asked through a thread.
 *
 * @throws what `stat` throws.
 */
export async function firstLook(path: string): Promise<{ readonly found: Stats; readonly volume: Volume }> {
  const folder = dirname(path);
  const before = performance.now();
  const isNear = near?.folder === folder && before - near.at < RECENTLY_MS;
  near = undefined;
  const found = isNear ? statSync(path) : await stat(path);
  const after = performance.now();
  if (after - before >= AT_ONCE_MS) return { found, volume: { near: false } };
  near = { folder, at: after };
  return { found, volume: { near: true } };
}

/**
 * All files of a folder and its sub-folders. No link is followed.
 *
 * @throws LanceurError `ENVELOPE_TOO_BIG`; what the file system throws.
 */
export async function filesIn(folder: string, budget: Budget, { near }: Volume): Promise<FileSet> {
  const files: PackedFile[] = [];
  const issues: Issue[] = [];
  const pending: { readonly full: string; readonly within: string; readonly depth: number }[] = [
    { full: folder, within: '', depth: 0 },
  ];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    budget.depth(at.depth);
    const entries = near
      ? readdirSync(at.full, { withFileTypes: true })
      : await readdir(at.full, { withFileTypes: true });
    budget.entries(entries.length);
    for (const entry of entries) {
      const full = `${at.full}${sep}${entry.name}`;
      const within = at.within + entry.name;
      if (entry.isDirectory()) pending.push({ full, within: `${within}/`, depth: at.depth + 1 });
      else if (entry.isFile()) {
        const { size } = near ? statSync(full) : await stat(full);
        files.push(onDisk(full, { name: entry.name, path: within, size, near }));
      } else issues.push(issue('ENTRY_NOT_A_FILE', { entry: within, what: whatIs(entry) }));
    }
  }
  // Folders come in whichever order the file system has them in.
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), issues };
}

function whatIs(entry: Dirent): string {
  return entry.isSymbolicLink() ? 'a symbolic link' : 'no regular file';
}

/** A file that stays where it lies. */
export function onDisk(
  localPath: string,
  about: Required<Pick<PackedFile, 'name' | 'path' | 'size' | 'near'>>,
): PackedFile {
  return { ...about, localPath, open: () => createReadStream(localPath, { highWaterMark: CHUNK }) };
}
