// Uploads the files of a folder, in a process of its own: prints what it took, as JSON. JavaScript, because the compiler
// would take more memory than the submitter.
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ezged } from '@lanceur/protocols/ezged';
import { peakBytes } from '../../support/peak.mjs';

/** As the directory listener reads. */
const CHUNK = 256 * 1024;

/** @type {import('./contenders.js').Task} */
const { source, url, user, password, token, connections } = JSON.parse(process.argv[2] ?? '');
const submitter = ezged({ url, user, password, token, connections, jobs: { 87: 'factures' } });

const cpu = process.cpuUsage();
const from = performance.now();
const names = readdirSync(source);
let bytes = 0;
const work = async () => {
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    const path = join(source, name);
    const { size } = statSync(path);
    const document = { name, size, open: () => createReadStream(path, { highWaterMark: CHUNK }) };
    const receipt = await submitter.submit({ key: 'pdf', job: '87', documents: [document] });
    for (const sent of receipt.documents) bytes += sent.size;
  }
};
await Promise.all(Array.from({ length: connections }, work));
await submitter.close();
const seconds = (performance.now() - from) / 1000;
const { user: inUser, system } = process.cpuUsage(cpu);
/** @type {import('./contenders.js').Took} */
const took = {
  seconds,
  cpuSeconds: (inUser + system) / 1e6,
  peakBytes: peakBytes(),
  bytes,
};
console.log(JSON.stringify(took));
