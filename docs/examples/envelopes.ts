// EzGED's own example of its protocol "Adullact": a folder of deposits, the filter *.*, chorus_fact affiliated with job 87.
import { completeDeposit, envelopes } from '@lanceur/adullact';
import { byExtension, Launcher, nameFilter } from '@lanceur/core';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { all, directory, endMarks } from '@lanceur/protocols/directory';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';

const [path = '', target = '', work = ''] = process.argv.slice(2);
const ledger = await sqliteLedger({ path: `${work}/ledger.db` });
const launcher = new Launcher({
  id: '16',
  listener: directory({ path, unit: 'entry', quiet: 0, complete: all(endMarks(), completeDeposit()) }),
  expand: envelopes(),
  spool: `${work}/spool`,
  filter: nameFilter('*.*'),
  grouper: byExtension({ chorus_fact: '87' }),
  submitter: waitingDirectory({ jobs: { '87': target }, layout: 'folder', manifest: true }),
  ledger,
});
const report = await launcher.run();
for (const { name, reason } of report.left) console.log(`${name}: ${reason.message}`);
console.log(`${String(report.counts.accepted)} accepted`);
await launcher.close();
await ledger.close();
