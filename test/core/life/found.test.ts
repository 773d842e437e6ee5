// What simulated lives have found, each as short as it can be told.
import { describe, expect, test } from 'vitest';
import { byExtension, LanceurError, toJob, type ItemRef, type Launcher, type Ledger } from '@lanceur/core';
import { bench } from '../launcher/bench.js';
import { but } from './but.js';

/** The ledger, which does not take the first change of this type. */
function refusingOnce(ledger: Ledger, type: string): Ledger {
  let refused = false;
  return but(ledger, {
    write(claim, changes, leaseMs) {
      if (refused || !changes.some((c) => c.type === type)) return ledger.write(claim, changes, leaseMs);
      refused = true;
      return Promise.reject(new LanceurError('LEDGER_BUSY', { path: 'ledger.db', seconds: 30 }));
    },
  });
}

describe('a receipt that the ledger could not take', () => {
  test('leaves the submission in doubt: the submitter never said that nothing is there', async () => {
    const { another, ledger, source, cold, clock } = bench({ cold: { find: false }, inDoubt: 'reject' });
    source.put({ name: 'a.pdf' });
    await expect(another({ ledger: refusingOnce(ledger, 'submitted') }).run()).rejects.toThrow('locked');
    await clock.advance(60_000);
    await another().run();
    expect(cold.arrivals).toHaveLength(1);
    expect(source.quarantine[0]?.reason?.code).toBe('IN_DOUBT');
  });

  test('is found again where the submitter can tell', async () => {
    const { another, ledger, source, cold, clock } = bench();
    source.put({ name: 'a.pdf' });
    await expect(another({ ledger: refusingOnce(ledger, 'submitted') }).run()).rejects.toThrow('locked');
    await clock.advance(60_000);
    expect((await another().run()).counts).toMatchObject({ accepted: 1 });
    expect(cold.arrivals).toHaveLength(1);
  });
});

describe('an item whose process has died, in a mailbox that has been renumbered', () => {
  test('is not begun under its new id while its old claim lasts', async () => {
    const { another, source, cold, clock } = bench({ leaseMs: 60_000 });
    source.put({ name: 'a.pdf', same: 'mail 1' });
    const dies = new Promise<void>((died) => {
      const step = (name: string): Promise<void> => {
        if (name !== 'before settle') return Promise.resolve();
        died();
        return new Promise(() => undefined);
      };
      void another({ listener: source.seenBy(step) }).run();
    });
    await dies;
    await clock.advance(1_000);
    source.renumber((id) => `${id}, renumbered`);

    // Its own process would renew the claim: it is dead, and so the clock does not move.
    expect((await another().run()).left.map(({ reason }) => reason.code)).toEqual(['BUSY']);
    expect(cold.arrivals).toHaveLength(1);
  });
});

describe('an item that another launcher has begun, and that is not listed', () => {
  test('is left to that launcher', async () => {
    const { launcher, another, source, cold, record } = bench({ grouper: toJob('87') });
    source.put({ name: 'a.pdf' });
    source.failNext('open', new LanceurError('DOCUMENT_UNREADABLE', { name: 'a.pdf', why: 'it is locked' }));
    await launcher.run();
    source.remove('a.pdf');
    await another({ id: 'other', attempts: 1 }).run();
    expect(await record('a.pdf')).toMatchObject({ state: 'open', launcher: 'launcher', attempts: 1 });
    expect(cold.arrivals).toEqual([]);
  });
});

describe('an item that was rejected and removed while another launcher still had it listed', () => {
  test('stays rejected although that launcher looks at it, and can be retried', async () => {
    const { launcher, another, source, cold } = bench({ attempts: 1, grouper: byExtension({ pdf: '87' }) });
    source.put({ name: 'a.pdf' });
    const other = another({ id: 'other', grouper: byExtension({ xml: '12' }) });
    const [listed] = await refsOf(launcher);
    source.failNext('open', new LanceurError('DOCUMENT_UNREADABLE', { name: 'a.pdf', why: 'it is locked' }));
    await launcher.run();
    expect(source.quarantine).toHaveLength(1);

    await other.process(listed!);
    expect(await launcher.retryRejected()).toEqual({ reopened: 1, restored: 1 });
    await launcher.run();
    expect(cold.arrivals).toHaveLength(1);
  });
});

describe('an item that has ended a process', () => {
  test('stays suspect when a launcher that wants nothing of it looks at it', async () => {
    const { launcher, another, ledger, source, clock, record } = bench({
      grouper: byExtension({ pdf: '87' }),
    });
    source.put({ name: 'a.pdf' });
    const [ref] = await refsOf(launcher);
    const dead = { launcher: 'launcher', source: 'memory', fingerprint: 'of a process that is dead' };
    await ledger.claim(dead, ref!, { leaseMs: 1_000, alone: true });
    await clock.advance(2_000);

    const other = another({ id: 'other', grouper: byExtension({ xml: '12' }) });
    expect(await other.process(ref!)).toMatchObject({ is: 'left', reason: { code: 'NO_JOB' } });
    expect(await record('a.pdf')).toMatchObject({ state: 'idle', suspect: true, crashes: 1 });
  });
});

describe('an item that ran alone when the ledger could not be told that it was let go of', () => {
  test('is not taken for what ended the process: an outage quarantines nothing', async () => {
    const { another, ledger, source, cold, clock } = bench({ crashes: 1, leaseMs: 60_000 });
    source.put({ name: 'a.pdf' });
    const [ref] = await refsOf(another());
    const dead = { launcher: 'launcher', source: 'memory', fingerprint: 'of a process that is dead' };
    await ledger.claim(dead, ref!, { leaseMs: 1_000 });
    await clock.advance(2_000);

    const launcher = another({ ledger: refusingOnce(ledger, 'released') });
    source.failNext('open');
    await expect(launcher.run()).rejects.toThrow('open was to fail');
    await clock.advance(120_000);
    expect((await launcher.run()).counts).toMatchObject({ accepted: 1, rejected: 0 });
    expect(cold.arrivals).toHaveLength(1);
  });
});

async function refsOf(launcher: Launcher): Promise<readonly ItemRef[]> {
  const refs: ItemRef[] = [];
  for await (const ref of launcher.list()) refs.push(ref);
  return refs;
}
