import { depositsIn } from './deposits-in.js';
import { isDraft, type Draft, type NotAnEnvelope, type Reading } from './draft.js';
import type { FileSet } from './packed-file.js';
import { readFiles } from './read-files.js';

/**
 * Reads the files of a folder or an archive: one envelope, or several deposits, each in a folder of its own.
 *
 * @throws LanceurError of scope `document` if what says what it is cannot be read.
 */
export async function readSet(
  set: FileSet,
  reading: Reading,
  options: { readonly isArchive?: boolean } = {},
): Promise<readonly Draft[] | NotAnEnvelope> {
  const drafts: Draft[] = [];
  for (const { path, set: deposit } of depositsIn(set, reading.settings)) {
    const found = await readFiles(deposit, reading);
    // Then they are no deposits side by side, but whatever it is as a whole.
    if (!isDraft(found)) return await readWhole(set, reading, options);
    const odd = drafts.length === 0 ? set.issues : [];
    drafts.push({ ...found, issues: [...odd, ...found.issues], path });
  }
  return drafts.length > 0 ? drafts : await readWhole(set, reading, options);
}

async function readWhole(
  set: FileSet,
  reading: Reading,
  options: { readonly isArchive?: boolean },
): Promise<readonly Draft[] | NotAnEnvelope> {
  const found = await readFiles(set, reading, options);
  return isDraft(found) ? [found] : found;
}
