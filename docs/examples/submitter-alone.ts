// A submitter is a call: one document, in front of a COLD, synced and in one step.
import { Readable } from 'node:stream';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';

const [target = 'C:/nchp/var/spool/ezged/instance/ocr/wait/factures'] = process.argv.slice(2);

const content = Buffer.from('%PDF-1.4 …');
const receipt = await waitingDirectory({ jobs: { '87': target } }).submit({
  key: 'pdf',
  job: '87',
  documents: [{ name: 'facture.pdf', size: content.length, open: () => Readable.from([content]) }],
});
for (const { name, size, sha256 } of receipt.documents) console.log(name, size, sha256);
