// A host's own loop over a session: no launcher, no ledger.
import { text } from 'node:stream/consumers';
import { directory } from '@lanceur/protocols/directory';

const [path = 'F:/depots'] = process.argv.slice(2);

const session = await directory({ path, quiet: 0 }).connect();
for await (const ref of session.list()) {
  if (ref.notReady) continue;
  const delivery = await session.open(ref);
  for (const document of delivery.documents) console.log(document.name, (await text(document.open())).length);
  await delivery[Symbol.asyncDispose]();
  await session.settle([{ ref, end: 'accept' }]);
}
await session.close();
