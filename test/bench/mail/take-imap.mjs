// One contender of `npm run bench -- mail`: fetches a whole mailbox by IMAP and writes what it gets to a folder.
// node take-imap.mjs <port> <user> <folder> <whole | attachments | half | imapflow> [<mails, one by one>]; prints JSON.
import { open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { imap, keep } from '@lanceur/protocols/imap';
import { peakBytes } from '../../support/peak.mjs';

const [port, user, folder, what, oneByOne] = process.argv.slice(2);
const AT_ONCE = 32;

const began = performance.now();
await (what === 'imapflow' ? bare() : ours());
const seconds = (performance.now() - began) / 1000;
console.log(JSON.stringify({ seconds, peakBytes: peakBytes() }));

async function ours() {
  const account = { host: '127.0.0.1', port: Number(port), tls: 'none', user, password: 'secret' };
  const documents = what === 'whole' ? { attachments: false, message: true } : {};
  const wants = what === 'half' ? ({ name }) => name.startsWith('a') : undefined;
  const session = await imap({ ...account, documents, after: keep() }).connect();
  // As a launcher does, which opens mails while others are still listed.
  const refs = session.list();
  const work = async () => {
    for (let next = await refs.next(); next.done !== true; next = await refs.next()) {
      const ref = next.value;
      const delivery = await session.open(ref, wants);
      for (const [i, document] of delivery.documents.entries())
        await write(document.open(), join(folder, `${ref.id.replace('/', '-')}-${i}`));
      await delivery[Symbol.asyncDispose]();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await session.close();
}

/** What the library by itself is used for in most programs: 64 mails in one command, or one part of each by itself. */
async function bare() {
  // It belongs to the package that is measured, not to the workspace.
  const require = createRequire(new URL('../../../packages/protocols/package.json', import.meta.url));
  const { ImapFlow } = require('imapflow');
  const client = new ImapFlow({
    ...{ host: '127.0.0.1', port: Number(port), secure: false, doSTARTTLS: false, logger: false },
    ...{ auth: { user, pass: 'secret' }, disableAutoIdle: true },
  });
  await client.connect();
  await client.mailboxOpen('INBOX');
  const uids = await client.search({ all: true }, { uid: true });
  if (oneByOne === undefined) {
    for (let i = 0; i < uids.length; i += 64) {
      const range = uids.slice(i, i + 64).join(',');
      const rows = await client.fetchAll(range, { uid: true, source: true }, { uid: true });
      await Promise.all(rows.map((row) => write(row.source, join(folder, String(row.uid)))));
    }
  } else {
    for (const uid of uids.slice(0, Number(oneByOne))) {
      const row = await client.fetchOne(String(uid), { bodyParts: ['2'] }, { uid: true });
      await write(row.bodyParts.get('2'), join(folder, String(uid)));
    }
  }
  await client.logout();
}

/** With one fsync a file, as mbsync does for each mail. */
async function write(content, path) {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
