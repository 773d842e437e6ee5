// npm run bench -- <name> [arguments]: runs test/bench/<name>.ts
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { command, Failure, ready, root } from './workspace.mjs';

const folder = join(root, 'test', 'bench');

await command(async () => {
  const [name, ...rest] = process.argv.slice(2);
  const names = benches();
  if (name === undefined || !names.includes(name)) {
    const problem = name === undefined ? 'Which bench?' : `There is no bench "${name}".`;
    const known = names.length === 0 ? 'There is none yet in test/bench.' : `There are: ${names.join(', ')}.`;
    throw new Failure(`${problem} ${known}\n  npm run bench -- <name>`);
  }
  ready();
  const script = join(folder, `${name}.ts`);
  process.argv = [process.execPath, script, ...rest];
  await import('./typescript.mjs');
  await import(pathToFileURL(script).href);
});

function benches() {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
}
