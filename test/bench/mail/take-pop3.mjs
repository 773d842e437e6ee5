// One contender of `npm run bench -- mail`: fetches a whole mailbox by POP3 and writes what it gets to a folder.
// node take-pop3.mjs <port> <user> <folder> <spool> <whole | attachments>; prints JSON.
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pop3 } from '@lanceur/protocols/pop3';
import { peakBytes } from '../../support/peak.mjs';

const [port, user, folder, spool, what] = process.argv.slice(2);
const AT_ONCE = 32;

const began = performance.now();
const listener = pop3({
  host: '127.0.0.1',
  port: Number(port),
  tls: 'none',
  user,
  password: 'secret',
  spool,
  documents: what === 'whole' ? { attachments: false, message: true } : {},
});
const session = await listener.connect();
const refs = [];
for await (const ref of session.list()) refs.push(ref);
let next = 0;

async function work() {
  for (;;) {
    const number = next++;
    const ref = refs[number];
    if (ref === undefined) return;
    const delivery = await session.open(ref);
    for (const [i, document] of delivery.documents.entries()) {
      await write(document, join(folder, `${number}-${i}`));
    }
    await delivery[Symbol.asyncDispose]();
  }
}

/** With one fsync a document, as mpop does for each mail. */
async function write(document, path) {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(document.open());
    await file.sync();
  } finally {
    await file.close();
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, work));
await session.close();
const seconds = (performance.now() - began) / 1000;
console.log(JSON.stringify({ seconds, peakBytes: peakBytes() }));
