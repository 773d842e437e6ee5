// The PDFs of a mailbox to one COLD; each mail is moved to a folder when its documents are there.
import { byExtension, Launcher, nameFilter } from '@lanceur/core';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { imap, moveTo } from '@lanceur/protocols/imap';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';

const [
  host = 'imap.gmail.com',
  port = '0',
  target = 'C:/nchp/var/spool/ezged/instance/ocr/wait/factures',
  db = 'D:/lanceur/ledger.db',
] = process.argv.slice(2);

const launcher = new Launcher({
  id: '17',
  listener: imap({
    host,
    port: Number(port),
    // In clear to this machine alone: a local stunnel.
    tls: host === '127.0.0.1' ? 'none' : 'implicit',
    user: process.env['MAIL_USER'] ?? 'factures@mairie.fr',
    password: () => process.env['MAIL_PASSWORD'] ?? '',
    mailbox: 'inbox',
    after: moveTo('Traités'),
  }),
  filter: nameFilter('*.pdf'),
  grouper: byExtension({ pdf: '87' }),
  submitter: waitingDirectory({ jobs: { '87': target } }),
  ledger: await sqliteLedger({ path: db }),
});
const report = await launcher.run();
for (const { name, reason } of report.left) console.log(`${name}: ${reason.message}`);
const { accepted, rejected, notSettled } = report.counts;
console.log(`${String(accepted)} accepted, ${String(rejected)} rejected, ${String(notSettled)} not settled`);
