// node scripts/faults.mjs: prints the matrix of faults, and writes it into docs/faults.md.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { command, ready, root, say } from './workspace.mjs';

const PAGE = 'docs/faults.md';

await command(async () => {
  ready();
  await import('./typescript.mjs');
  const { FAULTS } = await imported('rows.ts');
  const { faultsDocument } = await imported('document.ts');
  /** @type {string} */
  const page = faultsDocument(FAULTS);
  process.stdout.write(page);
  writeFileSync(join(root, PAGE), page);
  say(`${String(FAULTS.length)} rows, written into ${PAGE}`);
});

/** @param {string} file */
async function imported(file) {
  return await import(pathToFileURL(join(root, 'test', 'scenarios', 'faults', file)).href);
}
