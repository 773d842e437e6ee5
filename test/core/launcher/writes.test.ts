import { LanceurError, type Change } from '@lanceur/core';
import { expect, test } from 'vitest';
import { bench, type Bench } from './bench.js';

/** What is written to the bench's ledger from now on: the types of the changes of each write. */
function writesOf({ ledger }: Bench): Change['type'][][] {
  const writes: Change['type'][][] = [];
  const write = ledger.write.bind(ledger);
  ledger.write = async (claim, changes, leaseMs) => {
    writes.push(changes.map((change) => change.type));
    return await write(claim, changes, leaseMs);
  };
  return writes;
}

test('an item of one group costs three writes after its claim, since each of them is a sync of the ledger', async () => {
  const b = bench();
  b.source.put({ name: 'a.pdf' });
  const writes = writesOf(b);

  await b.launcher.run();

  expect(writes).toEqual([['planned', 'submitting'], ['submitted', 'ended'], ['settled']]);
});

test('a receipt is written before the next group is submitted', async () => {
  const b = bench();
  b.source.put({
    name: 'a',
    documents: [
      { name: 'a.pdf', content: 'one' },
      { name: 'a.xml', content: 'two' },
    ],
  });
  const writes = writesOf(b);

  await b.launcher.run();

  expect(writes).toEqual([
    ['planned', 'submitting'],
    ['submitted'],
    ['submitting'],
    ['submitted', 'ended'],
    ['settled'],
  ]);
});

test('a receipt is told of once it is durable', async () => {
  const b = bench();
  b.source.put({ name: 'a.pdf' });
  const durable: unknown[] = [];
  const told: Promise<void>[] = [];
  b.launcher.on('submitted', ({ ref }) => {
    told.push(b.record(ref.name).then((record) => void durable.push(record?.submissions?.[0]?.receipt)));
  });

  await b.launcher.run();
  await Promise.all(told);

  expect(durable).toEqual([expect.objectContaining({ submissionId: expect.any(String) as string })]);
});

test('a write whose answer is lost is not made twice, and what it took along neither', async () => {
  const b = bench();
  b.source.put({ name: 'a.pdf', content: 'one' });
  const write = b.ledger.write.bind(b.ledger);
  let lose = true;
  b.ledger.write = async (claim, changes, leaseMs) => {
    const written = await write(claim, changes, leaseMs);
    if (!lose || changes[0]?.type !== 'planned') return written;
    lose = false;
    throw new LanceurError('LEDGER_BUSY', { path: 'ledger.db', seconds: 5 });
  };

  await expect(b.launcher.run()).rejects.toMatchObject({ code: 'LEDGER_BUSY' });
  expect(await b.record('a.pdf')).toMatchObject({ submissions: [{ state: 'submitting' }] });
  await b.launcher.run();

  expect(b.cold.arrivals.map((a) => String(a.bytes))).toEqual(['one']);
  expect(b.source.items).toEqual([]);
});
