import { expect, test } from 'vitest';
import { Launcher, memoryLedger, toJob } from '@lanceur/core';
import { memoryDocument, memoryListener, virtualClock } from '@lanceur/core/testing';
import { documentsIn } from '../../servers/ezged.js';
import { aDouble, callsOf, submitterFor } from './bench.js';

const NAMES = ['a.pdf', 'b.pdf', 'c.pdf', 'd.pdf'];

test('a group that stops between its documents again and again arrives once, also over a restart', async () => {
  const clock = virtualClock();
  const double = await aDouble();
  const source = memoryListener();
  source.put({
    name: 'envelope',
    documents: NAMES.map((name) => ({ name, content: name })),
  });
  const ledger = memoryLedger({ clock });
  let cuts = 0;
  const failAt = new Set(['b', 'c', 'd']);
  double.fault = ({ service, params }) => {
    const first = params['name']?.charAt(0) ?? '';
    if (service !== 'pupload' || !failAt.delete(first)) return undefined;
    cuts++;
    return { is: 'answer', status: 403, body: 'no' };
  };
  for (let n = 0; n < 4; n++) {
    // A process of its own each time: what is there is known from the ledger alone.
    const submitter = submitterFor(double);
    const launcher = new Launcher({
      id: '16',
      listener: source,
      grouper: toJob('87'),
      submitter,
      ledger,
      clock,
      inDoubt: 'reject',
      sessionIdleMs: 0,
    });
    const { counts } = await launcher.run();
    expect(counts.accepted).toBe(n === 3 ? 1 : 0);
    await launcher.close();
    await submitter.close();
    await clock.advance(3_600_000);
  }
  expect(cuts).toBe(3);
  expect(double.uploads.map(({ asked }) => asked.charAt(0))).toEqual(['a', 'b', 'c', 'd']);
  const arrived = documentsIn(double.waiting('factures')).map(({ bytes }) => bytes.toString());
  expect(arrived.sort()).toEqual(NAMES);
});

test('an EzGED that is away rejects nothing, and all goes on when it is back', async () => {
  const clock = virtualClock();
  const double = await aDouble();
  const source = memoryListener();
  for (const name of NAMES) source.put({ name, content: name });
  const submitter = submitterFor(double);
  const launcher = new Launcher({
    id: '16',
    listener: source,
    grouper: toJob('87'),
    submitter,
    ledger: memoryLedger({ clock }),
    clock,
    sessionIdleMs: 0,
  });
  double.fault = () => ({ is: 'answer', status: 503, type: 'text/html', body: '<title>Maintenance</title>' });
  for (let n = 0; n < 20; n++) {
    const { counts } = await launcher.run();
    expect(counts).toMatchObject({ accepted: 0, rejected: 0 });
    await clock.advance(600_000);
  }
  double.fault = undefined;
  for (let n = 0; n < 3; n++) {
    await launcher.run();
    await clock.advance(600_000);
  }
  expect(double.uploads.map(({ asked }) => asked.charAt(0)).sort()).toEqual(['a', 'b', 'c', 'd']);
  await launcher.close();
});

test('doctor in the middle of an upload takes no session away from it', async () => {
  const double = await aDouble();
  const submitter = submitterFor(double);
  const group = { key: 'pdf', job: '87', documents: [memoryDocument('a.pdf', 'one')] };
  await submitter.submit(group, {
    beforePlacing: async () => {
      expect((await submitter.check())[0]).toMatchObject({ result: 'ok' });
    },
  });
  expect(callsOf(double, 'sec/authenticate')).toBe(1);
  expect(double.uploads).toHaveLength(1);
});
