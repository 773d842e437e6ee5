// The PDFs of a folder to a COLD of an EzGED elsewhere, by its web services.
import { byExtension, Launcher, nameFilter } from '@lanceur/core';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { directory } from '@lanceur/protocols/directory';
import { ezged } from '@lanceur/protocols/ezged';

const [source = 'F:/depots', url = 'https://ged.mairie.fr/ezged', db = 'D:/lanceur/ledger.db'] =
  process.argv.slice(2);

const submitter = ezged({
  url,
  user: process.env['EZGED_USER'] ?? 'lanceur',
  password: () => process.env['EZGED_PASSWORD'] ?? '',
  token: () => process.env['EZGED_TOKEN'] ?? '',
  // The name of the waiting directory below ocr/wait.
  jobs: { '87': 'factures' },
});
const launcher = new Launcher({
  id: '16',
  listener: directory({ path: source, quiet: 0 }),
  filter: nameFilter('*.pdf'),
  grouper: byExtension({ pdf: '87' }),
  submitter,
  ledger: await sqliteLedger({ path: db }),
  // EzGED cannot be asked what became of an upload that was cut off: a person looks.
  inDoubt: 'reject',
});
const report = await launcher.run();
await launcher.close();
await submitter.close(); // Gives the session back: they are licensed.
for (const { name, reason } of report.left) console.log(`${name}: ${reason.message}`);
const { accepted, rejected, notSettled } = report.counts;
console.log(`${String(accepted)} accepted, ${String(rejected)} rejected, ${String(notSettled)} not settled`);
