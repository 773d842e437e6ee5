// One launcher of `npm run bench -- mail` on a mailbox that keeps its mails: runs several times and tells what each run took.
// node take-kept.mjs <imap | pop3> <port> <user> <folder> <runs>; prints JSON.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { byExtension, Launcher, nameFilter } from '@lanceur/core';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { imap, keep } from '@lanceur/protocols/imap';
import { pop3 } from '@lanceur/protocols/pop3';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';
import { peakBytes } from '../../support/peak.mjs';

const [protocol, port, user, folder, runs] = process.argv.slice(2);
const waiting = join(folder, 'waiting');
mkdirSync(waiting, { recursive: true });
const account = { host: '127.0.0.1', port: Number(port), tls: 'none', user, password: 'secret' };
const listener =
  protocol === 'imap'
    ? imap({ ...account, after: keep() })
    : pop3({ ...account, spool: join(folder, 'spool'), after: 'keep' });
const ledger = await sqliteLedger({ path: join(folder, 'ledger.db') });
const launcher = new Launcher({
  id: 'kept',
  listener,
  filter: nameFilter('*.pdf'),
  grouper: byExtension({ pdf: '87' }),
  submitter: waitingDirectory({ jobs: { 87: waiting } }),
  ledger,
});
const each = [];
for (let run = 0; run < Number(runs); run++) {
  const began = performance.now();
  const cpu = process.cpuUsage();
  const { counts } = await launcher.run();
  const { user: own, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - began) / 1000;
  each.push({ seconds, cpuSeconds: (own + system) / 1e6, listed: counts.listed, accepted: counts.accepted });
}
await launcher.close();
await ledger.close();
console.log(JSON.stringify({ each, peakBytes: peakBytes() }));
