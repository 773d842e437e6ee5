// The smallest launcher: PDFs of one folder to one COLD.
import { byExtension, Launcher, nameFilter } from '@lanceur/core';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { directory } from '@lanceur/protocols/directory';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';

const [
  source = 'F:/depots',
  target = 'C:/nchp/var/spool/ezged/instance/ocr/wait/factures',
  db = 'D:/lanceur/ledger.db',
] = process.argv.slice(2);

const launcher = new Launcher({
  id: '16',
  listener: directory({ path: source }),
  filter: nameFilter('*.pdf'),
  grouper: byExtension({ pdf: '87' }),
  submitter: waitingDirectory({ jobs: { '87': target } }),
  ledger: await sqliteLedger({ path: db }),
});
const report = await launcher.run();
for (const { name, reason } of report.left) console.log(`${name}: ${reason.message}`);
const { accepted, rejected, notSettled } = report.counts;
console.log(`${String(accepted)} accepted, ${String(rejected)} rejected, ${String(notSettled)} not settled`);
