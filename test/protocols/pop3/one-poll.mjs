// A launcher's whole process: one poll over a POP3 mailbox into a waiting directory.
// node one-poll.mjs <port> <base>
import { join } from 'node:path';
import { byExtension, Launcher, nameFilter } from '@lanceur/core';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { pop3 } from '@lanceur/protocols/pop3';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';

const [port, base = ''] = process.argv.slice(2);
const ledger = await sqliteLedger({ path: join(base, 'ledger.db') });
const launcher = new Launcher({
  id: '16',
  listener: pop3({
    host: '127.0.0.1',
    port: Number(port),
    tls: 'none',
    user: 'jean',
    password: 'secret',
    spool: join(base, 'spool'),
    timeoutMs: 10_000,
  }),
  filter: nameFilter('*.pdf'),
  grouper: byExtension({ pdf: '87' }),
  submitter: waitingDirectory({ jobs: { 87: join(base, 'waiting') } }),
  ledger,
  // What a killed process has claimed is free again soon.
  leaseMs: 1000,
});
const report = await launcher.run();
await launcher.close();
await ledger.close();
process.stdout.write(JSON.stringify({ left: report.left.map(({ reason }) => reason.code) }));
