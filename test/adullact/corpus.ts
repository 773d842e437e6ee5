import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Real envelopes and their schemas, which may be read where they stand and not be copied: beside the project. */
const FOLDER =
  process.env['LANCEUR_CORPUS'] ??
  resolve(fileURLToPath(new URL('../..', import.meta.url)), '..', 'shared', 'corpus');

/** Whether the corpus is there. Where it is not, one line on standard error says so. */
export function hasCorpus(): boolean {
  if (existsSync(join(FOLDER, 'INDEX.md'))) return true;
  process.stderr.write(
    `\n!! SKIPPED: the corpus of envelopes is not at ${FOLDER} (say where with LANCEUR_CORPUS): the tests that read it cannot run.\n`,
  );
  return false;
}

/** A file or a folder of the corpus, by its path in it. */
export function corpus(path: string): string {
  return join(FOLDER, ...path.split('/'));
}
