// npm run demo: a folder full of documents, a launcher like one row of EzGED's table, and what became of each document.
// npm run demo -- envelopes: the same for Pastell deposits, @ctes archives, PES files and Chorus Pro invoices.
// npm run demo -- mail: a throw-away mail server, mails with attachments, and what became of them.
import { envelopesDemo } from './demo/envelopes.js';
import { folderDemo } from './demo/folder.js';
import { mailDemo } from './demo/mail.js';

const [which, ...rest] = process.argv.slice(2);
if (which === 'envelopes') await envelopesDemo(rest);
else if (which === 'mail') await mailDemo();
else await folderDemo(process.argv.slice(2));
