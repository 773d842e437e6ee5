// npm run host -- [arguments of docs/examples/host.ts]
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { command, Failure, ready, root } from './workspace.mjs';

await command(async () => {
  ready();
  const host = join(root, 'docs', 'examples', 'dist', 'host.js');
  if (!existsSync(host)) throw new Failure('docs/examples/host.ts is missing, or was not compiled.');
  process.argv[1] = host;
  await import(pathToFileURL(host).href);
});
