// Uploads the files of a folder, in a process of its own: prints what it took, as JSON. JavaScript, because the compiler
// would take more memory than the submitter.
import { directory, keep } from '@lanceur/protocols/directory';
import { ezged } from '@lanceur/protocols/ezged';

/** @type {import('./contenders.js').Task} */
const { source, url, user, password, token, connections } = JSON.parse(process.argv[2] ?? '');
const submitter = ezged({ url, user, password, token, connections, jobs: { 87: 'factures' } });
const listener = directory({ path: source, source: 'bench', after: keep() });

const cpu = process.cpuUsage();
const from = performance.now();
const session = await listener.connect();
/** @type {import('@lanceur/core').ItemRef[]} */
const refs = [];
for await (const ref of session.list()) refs.push(ref);
let bytes = 0;
const work = async () => {
  for (let ref = refs.pop(); ref !== undefined; ref = refs.pop()) {
    const delivery = await session.open(ref);
    const receipt = await submitter.submit({ key: 'pdf', job: '87', documents: delivery.documents });
    for (const { size } of receipt.documents) bytes += size;
    await delivery[Symbol.asyncDispose]();
  }
};
await Promise.all(Array.from({ length: connections }, work));
await submitter.close();
const seconds = (performance.now() - from) / 1000;
const { user: inUser, system } = process.cpuUsage(cpu);
await session.close();
/** @type {import('./contenders.js').Took} */
const took = {
  seconds,
  cpuSeconds: (inUser + system) / 1e6,
  peakBytes: process.resourceUsage().maxRSS * 1024,
  bytes,
};
console.log(JSON.stringify(took));
