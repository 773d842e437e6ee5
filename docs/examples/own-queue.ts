// Refs are JSON: an existing queue carries them, and any process works on them. Here the queue is an array.
import { byExtension, Launcher, type ItemRef } from '@lanceur/core';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { directory } from '@lanceur/protocols/directory';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';

const [source = 'F:/depots', target = 'C:/nchp/ocr/wait/factures', db = 'D:/lanceur/ledger.db'] =
  process.argv.slice(2);

const ledger = await sqliteLedger({ path: db });
const launcher = new Launcher({
  id: '16',
  listener: directory({ path: source, quiet: 0 }),
  grouper: byExtension({ '*': '87' }),
  submitter: waitingDirectory({ jobs: { '87': target } }),
  ledger,
});

const queue: string[] = [];
for await (const ref of launcher.list()) queue.push(JSON.stringify(ref));
// A queue delivers at least once; `process` does the work once.
for (const job of [...queue, ...queue]) {
  const outcome = await launcher.process(JSON.parse(job) as ItemRef);
  console.log(outcome.ref.name, outcome.is, outcome.reason?.message ?? '');
}
await launcher.close();
await ledger.close();
