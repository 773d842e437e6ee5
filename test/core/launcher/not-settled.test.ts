// What has an end, and whose source cannot do its part: the folder to move to is missing, the volume is read-only.
import { expect, test } from 'vitest';
import { reason, type Listener, type Outcome, type Reason, type Settled } from '@lanceur/core';
import { Service } from '@lanceur/core/service';
import { memoryListener } from '@lanceur/core/testing';
import { every15s } from '../service/stand-ins.js';
import { bench, type Bench } from './bench.js';

const why = reason('NOT_SETTLED', { name: 'a.pdf', why: 'the volume is read-only' });

/** A launcher whose source settles nothing until it is mended. */
function held(said: Reason | 'nothing' = why): Bench & { mend(): void } {
  let isMended = false;
  const source = memoryListener({ items: [{ name: 'a.pdf' }] });
  const listener: Listener = {
    source: source.source,
    address: source.address,
    traits: source.traits,
    async connect(options) {
      const session = await source.connect(options);
      return {
        list: () => session.list(),
        open: async (ref, wants, o) => await session.open(ref, wants, o),
        settle: async (batch) => {
          if (isMended) return await session.settle(batch);
          return batch.map(({ ref }): Settled => ({
            ref,
            how: 'failed',
            ...(said !== 'nothing' && { reason: said }),
          }));
        },
        close: async () => {
          await session.close();
        },
        [Symbol.asyncDispose]: async () => {
          await session.close();
        },
      };
    },
  };
  return {
    ...bench({ listener }),
    mend: () => {
      isMended = true;
    },
  };
}

test('what cannot be settled is counted as accepted once: when it has been settled', async () => {
  const { launcher, mend } = held();
  const counts: unknown[] = [];
  for (let poll = 1; poll <= 4; poll++) {
    if (poll === 4) mend();
    const report = await launcher.run();
    const { accepted, notSettled, submissions, left } = report.counts;
    counts.push([accepted, notSettled, submissions, left, report.ended.map(({ how }) => how)]);
    expect(report.left.map(({ name, reason: said }) => [name, said])).toEqual(
      poll === 4 ? [] : [['a.pdf', why]],
    );
  }
  expect(counts).toEqual([
    [0, 1, 1, { NOT_SETTLED: 1 }, ['failed']],
    [0, 1, 0, { NOT_SETTLED: 1 }, []],
    [0, 1, 0, { NOT_SETTLED: 1 }, []],
    [1, 0, 0, {}, ['removed']],
  ]);
});

test('health says how many are not settled, since when, and why, until they are', async () => {
  const { launcher, clock, mend } = held();
  await launcher.run();
  const since = clock.now();
  await clock.advance(60_000);
  await launcher.run();
  expect(launcher.health()).toMatchObject({
    consecutiveFailures: 0,
    notSettled: { count: 1, since, reason: why },
  });
  mend();
  await launcher.run();
  expect(launcher.health().notSettled).toBeUndefined();
});

test('a poll that did not come to it does not take back that something is not settled', async () => {
  const { launcher } = held();
  await launcher.run();
  const stop = new AbortController();
  stop.abort();
  await launcher.run({ signal: stop.signal });
  expect(launcher.health().notSettled).toMatchObject({ count: 1 });
});

test('the events say that it was left, and why it was not settled', async () => {
  const { launcher } = held();
  const told: unknown[] = [];
  launcher.on('left', ({ ref, reason: said }) => told.push(['left', ref.name, said]));
  launcher.on('settled', ({ how, reason: said }) => told.push(['settled', how, said]));
  await launcher.run();
  expect(told).toEqual([
    ['settled', 'failed', why],
    ['left', 'a.pdf', why],
  ]);
});

test('a listener that gives no reason leaves nobody without a sentence', async () => {
  const { launcher } = held('nothing');
  const report = await launcher.run();
  expect(report.left[0]?.reason).toMatchObject({ code: 'NOT_SETTLED' });
});

test('process says it of the item that it worked on', async () => {
  const { launcher } = held();
  const outcomes: Outcome[] = [];
  for await (const ref of launcher.list()) outcomes.push(await launcher.process(ref));
  expect(outcomes).toMatchObject([{ is: 'accept', how: 'failed', reason: why }]);
});

test('a service does not say that it was taken, and its source may be silent', async () => {
  const { launcher, clock } = held();
  const service = new Service({ clock });
  service.add({ launcher, schedule: every15s, silentAfterDays: 3 });
  const silent: string[] = [];
  service.on('silent', ({ id }) => silent.push(id));
  const first = await service.runNow('launcher');
  expect(first).toMatchObject({ taken: 0, notSettled: 1, documents: 1 });
  expect(first.left).toMatchObject([{ code: 'NOT_SETTLED', count: 1, example: { name: 'a.pdf' } }]);
  await clock.advance(4 * 86_400_000);
  expect(await service.runNow('launcher')).toMatchObject({ taken: 0, notSettled: 1, documents: 0 });
  expect(service.state('launcher').notSettled).toMatchObject({ count: 1, reason: why });
  await service.close();
  expect(silent).toEqual(['launcher']);
});
