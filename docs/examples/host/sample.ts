import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { depositAll } from '../demo/deposits.js';
import { fill } from '../demo/documents.js';

/** The folder of the sample in the file beside this one. */
const BASE = 'D:/lanceur';

/** Makes the sample's folders below this one, documents in them, and the sample itself: its path. */
export async function makeSample(folder: string): Promise<string> {
  const sample = await readFile(new URL('../../host/scenario.json', import.meta.url), 'utf8');
  const folders = ['scans', 'pastell', 'spool', 'ocr/wait/factures', 'ocr/wait/plans'];
  for (const name of folders) await mkdir(join(folder, name), { recursive: true });
  await fill(join(folder, 'scans'));
  await depositAll(join(folder, 'pastell'));
  const file = join(folder, 'scenario.json');
  await writeFile(file, sample.replaceAll(BASE, JSON.stringify(folder).slice(1, -1)));
  return file;
}
