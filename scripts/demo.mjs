// npm run demo -- [arguments of docs/examples/demo.ts]
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { command, Failure, ready, root } from './workspace.mjs';

await command(async () => {
  ready();
  const demo = join(root, 'docs', 'examples', 'dist', 'demo.js');
  if (!existsSync(demo)) throw new Failure('docs/examples/demo.ts is missing, or was not compiled.');
  process.argv[1] = demo;
  await import(pathToFileURL(demo).href);
});
