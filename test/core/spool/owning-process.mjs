// A process that opens the spool named by its argument, puts a file into it, says where it is, and stays.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setInterval } from 'node:timers';
import { openSpool } from '@lanceur/core';

const spool = await openSpool(process.argv[2]);
const folder = await spool.folder();
await writeFile(join(folder.path, 'part.pdf'), 'unpacked');
process.stdout.write(`${JSON.stringify({ own: spool.path, folder: folder.path })}\n`);
setInterval(() => undefined, 1000);
