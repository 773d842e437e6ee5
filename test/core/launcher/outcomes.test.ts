import { describe, expect, test } from 'vitest';
import { byExtension, LanceurError, toJob } from '@lanceur/core';
import { bench, namesIn } from './bench.js';

const refusal = (name: string): LanceurError =>
  new LanceurError('DOCUMENT_REFUSED', { name, job: '87', why: 'not a PDF' }, { transient: true });

describe('a document that fails by its own fault', () => {
  test('is tried again later and later, and rejected after its last attempt', async () => {
    const { launcher, source, cold, clock, record } = bench({ attempts: 3, firstDelayMs: 1_000 });
    source.put({ name: 'a.pdf' });
    const outcomes: string[] = [];
    for (let i = 0; i < 3; i++) {
      cold.failNext('place', refusal('a.pdf'));
      const report = await launcher.run();
      outcomes.push(report.ended[0]?.is ?? report.left[0]?.reason.code ?? '');
      // Too early: it is not touched.
      if (i < 2) expect((await launcher.run()).left[0]?.reason.code).toBe('BACKOFF');
      await clock.advance(60_000);
    }
    expect(outcomes).toEqual(['DOCUMENT_REFUSED', 'DOCUMENT_REFUSED', 'reject']);
    expect(source.quarantine[0]?.reason?.message).toContain('not a PDF');
    expect(await record('a.pdf')).toMatchObject({ state: 'settled', end: 'reject', how: 'removed' });
  });

  test('does not hold up the others', async () => {
    const { launcher, source, cold } = bench({ concurrency: 1 });
    for (const name of ['a.pdf', 'b.pdf', 'c.pdf']) source.put({ name });
    cold.failNext('stage', refusal('a.pdf'));
    await launcher.run();
    expect(namesIn(cold)).toEqual(['b.pdf', 'c.pdf']);
  });

  test('is given another chance by retryRejected, which has the source put it back', async () => {
    const { launcher, source, cold } = bench({ attempts: 1 });
    source.put({ name: 'a.pdf' });
    source.put({ name: 'b.pdf' });
    cold.failNext('stage', refusal('a.pdf'));
    await launcher.run();
    expect(namesIn(cold)).toEqual(['b.pdf']);

    expect(await launcher.retryRejected({ code: 'TOO_BIG' })).toEqual({ reopened: 0, restored: 0 });
    expect(await launcher.retryRejected({ code: 'DOCUMENT_REFUSED' })).toEqual({ reopened: 1, restored: 1 });
    await launcher.run();
    expect(namesIn(cold)).toEqual(['b.pdf', 'a.pdf']);
    expect(source.items).toEqual([]);
  });

  test('is taken again when somebody puts it back by hand', async () => {
    const { launcher, source, cold } = bench({ attempts: 1 });
    source.put({ name: 'a.pdf' });
    cold.failNext('stage', refusal('a.pdf'));
    await launcher.run();
    source.putBack('a.pdf');
    await launcher.run();
    expect(namesIn(cold)).toEqual(['a.pdf']);
  });
});

describe('an item of several groups', () => {
  const mail = {
    name: 'mail',
    documents: [
      { name: 'a.pdf', content: 'A' },
      { name: 'b.xml', content: 'B' },
    ],
  };

  test('is accepted when all have been submitted', async () => {
    const { launcher, source, cold } = bench();
    source.put(mail);
    const { ended } = await launcher.run();
    expect(ended[0]?.submissions.map((s) => s.job)).toEqual(['87', '12']);
    expect(cold.arrivals.map((a) => [a.name, a.job])).toEqual([
      ['a.pdf', '87'],
      ['b.xml', '12'],
    ]);
  });

  test('is rejected when one of them is refused for good, with the receipts of the others; a retry sends that one alone', async () => {
    const { launcher, source, cold } = bench({ attempts: 1 });
    source.put(mail);
    cold.failNext('stage', refusal('a.pdf'));
    const { ended } = await launcher.run();
    expect(ended[0]).toMatchObject({ is: 'reject', reason: { code: 'PART_REFUSED' } });
    expect(ended[0]?.reason?.message).toContain('job 12: b.xml');

    await launcher.retryRejected();
    await launcher.run();
    expect(namesIn(cold)).toEqual(['b.xml', 'a.pdf']);
  });

  test('keeps the groups it was given first, whatever the grouper says later', async () => {
    const { launcher, source, cold, another, clock } = bench({ attempts: 5 });
    source.put(mail);
    cold.failNext('stage', refusal('a.pdf'));
    await launcher.run();
    await clock.advance(3_600_000);
    await another({ grouper: toJob('99') }).run();
    expect(cold.arrivals.map((a) => [a.name, a.job])).toEqual([
      ['b.xml', '12'],
      ['a.pdf', '87'],
    ]);
  });
});

describe('an item of which nothing is wanted', () => {
  test('is looked into once where the listing cannot tell, and again when the wish has changed', async () => {
    const { launcher, source, effects, another, cold } = bench({ source: { listsDocuments: false } });
    source.put({ name: 'a.txt' });
    expect((await launcher.run()).left[0]?.reason.code).toBe('NO_JOB');
    expect((await launcher.run()).left[0]?.reason.code).toBe('SKIPPED');
    expect(effects.filter((e) => e === 'after open')).toHaveLength(1);

    await another({ grouper: byExtension({ txt: '5' }) }).run();
    expect(namesIn(cold)).toEqual(['a.txt']);
  });

  test.each([
    ['accept', 'accept'],
    ['reject', 'reject'],
  ] as const)('with unwanted: %s ends so, without being opened', async (unwanted, end) => {
    const { launcher, source, cold, effects } = bench({ unwanted });
    source.put({ name: 'a.txt' });
    const { ended } = await launcher.run();
    expect(ended[0]?.is).toBe(end);
    expect(source.left.map((l) => l.end)).toEqual([end]);
    expect(cold.arrivals).toEqual([]);
    expect(effects).not.toContain('after open');
  });
});

test.each(['leave', 'accept', 'reject'] as const)(
  'a name on which the filter cannot decide is left, and the others go on, also with unwanted: %s',
  async (unwanted) => {
    const { launcher, source, cold } = bench({
      unwanted,
      filter: {
        fingerprint: 'slow',
        decide({ name }) {
          if (name !== 'slow.pdf') return { accepted: true };
          throw new LanceurError('PATTERN_TOO_SLOW', { pattern: '/(a+)+$/', ms: 100, name });
        },
      },
    });
    for (const name of ['slow.pdf', 'a.pdf']) source.put({ name });
    source.put({
      name: 'mail',
      documents: [
        { name: 'b.pdf', content: 'B' },
        { name: 'slow.pdf', content: 'S' },
      ],
    });
    const { left } = await launcher.run();
    expect(namesIn(cold)).toEqual(['a.pdf']);
    expect(left.map((l) => [l.name, l.reason.code])).toEqual([
      ['slow.pdf', 'PATTERN_TOO_SLOW'],
      ['mail', 'PATTERN_TOO_SLOW'],
    ]);
    expect(source.left.map((l) => l.item.name)).toEqual(['a.pdf']);
  },
);

describe('an item of which a part is wanted', () => {
  const mail = {
    name: 'mail',
    documents: [
      { name: 'a.pdf', content: 'A' },
      { name: 'logo.png', content: 'B' },
    ],
  };

  test('is put aside whole where the source would lose the rest', async () => {
    const { launcher, source, cold } = bench();
    source.put(mail);
    const { ended } = await launcher.run();
    expect(namesIn(cold)).toEqual(['a.pdf']);
    expect(ended[0]).toMatchObject({
      is: 'aside',
      reason: { code: 'PARTLY_UNWANTED' },
      unwanted: ['logo.png'],
    });
    expect(ended[0]?.reason?.message).toContain('logo.png');
    expect(source.left.map((l) => l.end)).toEqual(['aside']);
  });

  test('is accepted where the rest is allowed to be lost, or the source keeps it', async () => {
    const allowed = bench({ discardUnwanted: true });
    allowed.source.put(mail);
    expect((await allowed.launcher.run()).ended[0]?.is).toBe('accept');

    const kept = bench({ source: { after: 'move' } });
    kept.source.put(mail);
    expect((await kept.launcher.run()).ended[0]?.is).toBe('accept');
  });
});

describe('a target that does not answer', () => {
  test('costs no document an attempt, and what waited goes on by itself in its order', async () => {
    const { launcher, source, cold, clock } = bench({ attempts: 1, concurrency: 1 });
    for (const name of ['a.pdf', 'b.pdf', 'c.pdf']) source.put({ name });
    cold.down();
    for (let minute = 0; minute < 180; minute++) {
      await launcher.run();
      await clock.advance(60_000);
    }
    expect(source.quarantine).toEqual([]);
    expect(launcher.health().circuits.map((c) => c.job)).toEqual(['87']);

    cold.up();
    await clock.advance(600_000);
    await launcher.run();
    await launcher.run();
    expect(namesIn(cold)).toEqual(['a.pdf', 'b.pdf', 'c.pdf']);
    expect(launcher.health().circuits).toEqual([]);
  });

  test('is asked by one document at a time while it is down, not by the whole backlog', async () => {
    const { launcher, source, cold, clock, effects } = bench({ concurrency: 1 });
    for (let i = 0; i < 50; i++) source.put({ name: `${String(i)}.pdf` });
    cold.down();
    const first = await launcher.run();
    expect(first.counts.left).toEqual({ TARGET_FAILED: 1, CIRCUIT_OPEN: 49 });
    effects.length = 0;
    await clock.advance(1_000);
    const second = await launcher.run();
    expect(second.counts.left).toEqual({ CIRCUIT_OPEN: 50 });
    expect(effects).not.toContain('after open');
  });

  test('does not hold up another job', async () => {
    const { launcher, source, cold } = bench();
    source.put({ name: 'a.pdf' });
    source.put({ name: 'b.xml' });
    cold.down('87');
    await launcher.run();
    expect(namesIn(cold)).toEqual(['b.xml']);
  });
});

describe('doubt', () => {
  test('is resolved by find at once: what arrived although the answer was lost is not sent again', async () => {
    const { launcher, source, cold } = bench();
    source.put({ name: 'a.pdf' });
    cold.failNext('place', undefined, { done: true });
    const { ended } = await launcher.run();
    expect(ended[0]?.is).toBe('accept');
    expect(namesIn(cold)).toEqual(['a.pdf']);
  });

  test('a group of which a part has arrived is completed, not repeated', async () => {
    const { launcher, source, cold, clock } = bench({ cold: { atomicGroup: false } });
    source.put({
      name: 'm',
      documents: [
        { name: 'a.pdf', content: 'A' },
        { name: 'b.pdf', content: 'B' },
      ],
    });
    cold.failNext('place', undefined, { after: 1 });
    await launcher.run();
    expect(namesIn(cold)).toEqual(['a.pdf']);
    await clock.advance(600_000);
    const { ended } = await launcher.run();
    expect(namesIn(cold)).toEqual(['a.pdf', 'b.pdf']);
    expect(ended[0]?.submissions[0]?.receipt.documents.map((d) => d.name)).toEqual(['a.pdf', 'b.pdf']);
  });

  test('without find, an answer that is lost means sending again, or rejecting, as the policy says', async () => {
    for (const [inDoubt, arrivals, end] of [
      ['resubmit', 2, 'accept'],
      ['reject', 1, 'reject'],
    ] as const) {
      const { launcher, source, cold } = bench({ inDoubt, cold: { find: false } });
      source.put({ name: 'a.pdf' });
      cold.failNext('place', undefined, { done: true });
      const first = await launcher.run();
      const report = first.ended.length > 0 ? first : await launcher.run();
      expect(report.ended[0]?.is).toBe(end);
      expect(cold.arrivals).toHaveLength(arrivals);
    }
  });

  test('rejected as in doubt and retried by a person is sent, since asking for it is the answer', async () => {
    const { launcher, source, cold } = bench({ inDoubt: 'reject', cold: { find: false } });
    source.put({ name: 'a.pdf' });
    cold.failNext('place', undefined, { done: true });
    await launcher.run();
    await launcher.retryRejected({ code: 'IN_DOUBT' });
    const { ended } = await launcher.run();
    expect(ended[0]?.is).toBe('accept');
    expect(cold.arrivals).toHaveLength(2);
  });

  test('an error of the target that is known not to have placed anything is no doubt, even without find', async () => {
    const { launcher, source, cold, clock } = bench({ inDoubt: 'reject', cold: { find: false } });
    source.put({ name: 'a.pdf' });
    cold.failNext('place');
    await launcher.run();
    await clock.advance(600_000);
    expect((await launcher.run()).ended[0]?.is).toBe('accept');
    expect(cold.arrivals).toHaveLength(1);
  });
});

describe('replay', () => {
  test('of everything sends anew, under other submission ids', async () => {
    const { launcher, source, cold } = bench({ source: { after: 'keep' } });
    source.put({ name: 'a.pdf' });
    await launcher.run();
    expect(await launcher.replay({ name: 'a.pdf' }, 'everything')).toBe(1);
    await launcher.run();
    expect(new Set(cold.arrivals.map((a) => a.submissionId)).size).toBe(2);
  });

  test('of what is missing sends nothing that has a receipt', async () => {
    const { launcher, source, cold } = bench({ source: { after: 'keep' } });
    source.put({ name: 'a.pdf' });
    await launcher.run();
    await launcher.replay({ name: 'a.pdf' }, 'missing');
    await launcher.run();
    expect(cold.arrivals).toHaveLength(1);
  });
});
