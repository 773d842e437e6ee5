// A mailbox watched by POP3: node dist/mail.js <host> <account> <waiting directory> <ledger> <spool>
// The password is asked for when it is needed, and is never part of the configuration.
import { byExtension, Launcher, nameFilter } from '@lanceur/core';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { pop3 } from '@lanceur/protocols/pop3';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';

const [host = '', user = '', waiting = '', ledgerPath = '', spool = ''] = process.argv.slice(2);

const ledger = await sqliteLedger({ path: ledgerPath });
const launcher = new Launcher({
  id: '17',
  listener: pop3({
    host, // pop.gmail.com, outlook.office365.com
    user,
    password: () => process.env['MAIL_PASSWORD'] ?? '',
    spool,
    from: 'now', // the mails that are there already stay as they are
  }),
  filter: nameFilter('*.pdf'),
  grouper: byExtension({ pdf: '87' }),
  submitter: waitingDirectory({ jobs: { '87': waiting } }),
  ledger,
});
for (const { name, result, message } of await launcher.doctor()) console.log(result, name, message ?? '');
const report = await launcher.run();
for (const { name, reason } of report.left) console.log(`${name}: ${reason.message}`);
await launcher.close();
await ledger.close();
