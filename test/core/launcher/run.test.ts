import { describe, expect, test } from 'vitest';
import { LanceurError, nameFilter, type Listener } from '@lanceur/core';
import { bench, namesIn } from './bench.js';

describe('a poll', () => {
  test('takes what is wanted to its job, settles it with the source, and reports both', async () => {
    const { launcher, source, cold } = bench();
    source.put({ name: 'a.pdf', content: 'one' });
    source.put({ name: 'b.xml', content: 'two' });

    const report = await launcher.run();

    expect(cold.arrivals.map((a) => [a.name, a.job, String(a.bytes)])).toEqual([
      ['a.pdf', '87', 'one'],
      ['b.xml', '12', 'two'],
    ]);
    expect(source.items).toEqual([]);
    expect(source.left.map((l) => l.end)).toEqual(['accept', 'accept']);
    expect(report).toMatchObject({ complete: true, stopped: false });
    expect(report.counts).toMatchObject({ listed: 2, accepted: 2, submissions: 2, documents: 2, bytes: 6 });
    expect(report.ended.map(({ ref, is, how }) => [ref.name, is, how])).toEqual([
      ['a.pdf', 'accept', 'removed'],
      ['b.xml', 'accept', 'removed'],
    ]);
  });

  test('leaves what is not wanted, and says why in a sentence', async () => {
    const { launcher, source, cold } = bench({ filter: nameFilter('*.p*') });
    source.put({ name: 'a.txt' });
    source.put({ name: 'b.ppt' });

    const { left } = await launcher.run();

    expect(cold.arrivals).toEqual([]);
    expect(source.items).toHaveLength(2);
    expect(left.map((l) => [l.name, l.reason.code])).toEqual([
      ['a.txt', 'NAME_REFUSED'],
      ['b.ppt', 'NO_JOB'],
    ]);
    expect(left[1]?.reason.message).toBe('no job takes .ppt');
  });

  test('names what it leaves so that it can be printed, and keeps the name as it is beside it', async () => {
    const { launcher, source } = bench();
    const name = 'budget\u202etxt.\u001b[31mexe';
    source.put({ name });
    const explained = [];
    for await (const one of launcher.explain()) explained.push(one);
    const { left } = await launcher.run();
    for (const named of [explained, left])
      expect(named.map((l) => [l.name, l.ref.name])).toEqual([['budget\\u{202e}txt.\\u{1b}[31mexe', name]]);
  });

  test('lists what is not ready, and never opens it', async () => {
    const { launcher, source, effects } = bench();
    source.put({ name: 'a.pdf', notReady: { code: 'INCOMPLETE', message: 'is not complete yet: page 2' } });

    const { left } = await launcher.run();

    expect(left.map((l) => l.reason.code)).toEqual(['INCOMPLETE']);
    expect(effects).not.toContain('before open');
    source.makeReady('a.pdf');
    expect((await launcher.run()).counts.accepted).toBe(1);
  });

  test('that runs again takes nothing again, whatever the source keeps', async () => {
    const { launcher, source, cold, effects } = bench({ source: { after: 'keep' } });
    source.put({ name: 'a.pdf' });
    await launcher.run();
    effects.length = 0;

    const report = await launcher.run();

    expect(namesIn(cold)).toEqual(['a.pdf']);
    expect(report.counts).toMatchObject({ listed: 1, accepted: 0, left: { DONE: 1 } });
    expect(report.left).toEqual([]);
    expect(effects).not.toContain('before open');
  });

  test('takes a document whose content has changed as a new one', async () => {
    const { launcher, source, cold } = bench({ source: { after: 'keep' } });
    source.put({ name: 'a.pdf', content: 'one' });
    await launcher.run();
    source.change('a.pdf', 'two');

    await launcher.run();

    expect(cold.arrivals.map((a) => String(a.bytes))).toEqual(['one', 'two']);
  });

  test('reports a document that comes back unchanged, and does not send it twice', async () => {
    const { launcher, source, cold } = bench();
    source.put({ name: 'a.pdf' });
    await launcher.run();
    source.putBack('a.pdf');

    const { left } = await launcher.run();

    expect(namesIn(cold)).toEqual(['a.pdf']);
    expect(left.map((l) => l.reason.code)).toEqual(['ALREADY_SUBMITTED']);
    expect(source.items).toHaveLength(1);
  });

  test('delivers nothing of a document that changes while it is read, and takes the new one at the next poll', async () => {
    let rewrite: (() => void) | undefined;
    const { launcher, source, cold } = bench({
      source: {
        chunkBytes: 2,
        step: (name) => {
          if (name === 'before read') rewrite?.();
          return Promise.resolve();
        },
      },
    });
    rewrite = () => {
      rewrite = undefined;
      source.change('a.pdf', 'twotwo');
    };
    source.put({ name: 'a.pdf', content: 'oneone' });

    const { left } = await launcher.run();
    expect(left.map((l) => l.reason.code)).toEqual(['CHANGED']);
    expect(cold.arrivals).toEqual([]);

    await launcher.run();
    expect(cold.arrivals.map((a) => String(a.bytes))).toEqual(['twotwo']);
  });

  test('that is already running is not started twice', async () => {
    const { launcher } = bench();
    const first = launcher.run();
    await expect(launcher.run()).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
    await first;
  });

  test('begins no more deliveries than allowed, and those that failed before come after fresh ones', async () => {
    const { launcher, source, cold, clock } = bench({ limits: { deliveriesPerRun: 1 }, concurrency: 1 });
    source.put({ name: 'a.pdf' });
    cold.failNext(
      'stage',
      new LanceurError('DOCUMENT_REFUSED', { name: 'a.pdf', job: '87', why: 'no' }, { transient: true }),
    );
    await launcher.run();
    source.put({ name: 'b.pdf' });
    await clock.advance(3_600_000);

    const { left } = await launcher.run();

    expect(namesIn(cold)).toEqual(['b.pdf']);
    expect(left.map((l) => [l.name, l.reason.code])).toEqual([['a.pdf', 'LIMIT_REACHED']]);
  });

  test('keeps its report small, and its counts whole', async () => {
    const { launcher, source } = bench({ reportLimit: 3 });
    for (let i = 0; i < 10; i++) source.put({ name: `${String(i)}.txt` });
    const report = await launcher.run();
    expect(report.left).toHaveLength(3);
    expect(report.counts.left).toEqual({ NO_JOB: 10 });
  });

  test('rejects a document that is too big at once, and says so', async () => {
    const { launcher, source } = bench({ limits: { documentBytes: 3 } });
    source.put({ name: 'a.pdf', content: 'four' });
    const { ended } = await launcher.run();
    expect(ended[0]?.reason?.code).toBe('TOO_BIG');
    expect(source.quarantine.map((q) => q.item.name)).toEqual(['a.pdf']);
  });
});

describe('stopping', () => {
  test('softly begins nothing new, and finishes and settles what is under way', async () => {
    const stop = new AbortController();
    const { launcher, source, cold } = bench({ concurrency: 1 });
    for (const name of ['a.pdf', 'b.pdf', 'c.pdf']) source.put({ name });
    launcher.once('submitted', () => {
      stop.abort();
    });

    const report = await launcher.run({ signal: stop.signal });

    expect(report.stopped).toBe(true);
    expect(namesIn(cold)).toEqual(['a.pdf']);
    expect(source.items.map((i) => i.name)).toEqual(['b.pdf', 'c.pdf']);
    expect(source.left.map((l) => l.item.name)).toEqual(['a.pdf']);
    expect((await launcher.run()).counts.accepted).toBe(2);
  });

  test('before it began takes nothing, and is no success', async () => {
    const { launcher, source, cold } = bench();
    source.put({ name: 'a.pdf' });
    const report = await launcher.run({ signal: AbortSignal.abort() });
    expect(report).toMatchObject({ stopped: true, complete: false });
    expect(cold.arrivals).toEqual([]);
    expect(launcher.health().lastSuccessAt).toBeUndefined();
  });

  test('for good closes the launcher: what it is asked then is refused', async () => {
    const { launcher } = bench();
    await launcher.close();
    await launcher.close();
    await expect(launcher.run()).rejects.toMatchObject({ code: 'CLOSED' });
  });

  test('hard cuts off what is under way, and the next run takes it up', async () => {
    const kill = new AbortController();
    const { launcher, source, cold } = bench({
      source: {
        chunkBytes: 1,
        step: (name) => {
          if (name === 'after read') kill.abort();
          return Promise.resolve();
        },
      },
    });
    source.put({ name: 'a.pdf', content: 'abc' });

    const report = await launcher.run({ kill: kill.signal });
    expect(cold.arrivals).toEqual([]);
    expect(report.stopped || report.left.length > 0).toBe(true);

    await launcher.run();
    expect(namesIn(cold)).toEqual(['a.pdf']);
  });
});

describe('an error of the source or the system', () => {
  test('ends the run, is thrown, and is seen in the health; the next run goes on', async () => {
    const { launcher, source } = bench();
    source.put({ name: 'a.pdf' });
    source.failNext('list');

    await expect(launcher.run()).rejects.toMatchObject({ code: 'SOURCE_FAILED', scope: 'source' });
    expect(launcher.health()).toMatchObject({
      consecutiveFailures: 1,
      lastFailure: { code: 'SOURCE_FAILED' },
    });

    await launcher.run();
    expect(launcher.health()).toMatchObject({ consecutiveFailures: 0, state: 'idle' });
  });

  test('in listing holds up nothing that was listed before it, nor what is to be tried again', async () => {
    for (const drive of ['run', 'list'] as const) {
      const { source, cold, clock, another } = bench();
      cold.failNext(
        'stage',
        new LanceurError('DOCUMENT_REFUSED', { name: 'a.pdf', job: '87', why: 'no' }, { transient: true }),
      );
      source.put({ name: 'a.pdf' });
      const partly: Listener = {
        ...source,
        async connect(options) {
          const session = await source.connect(options);
          async function* list() {
            yield* session.list();
            throw new LanceurError('SOURCE_DENIED', { path: 'private', why: 'no right' });
          }
          return {
            list,
            open: (...args) => session.open(...args),
            settle: (batch) => session.settle(batch),
            close: () => session.close(),
            [Symbol.asyncDispose]: () => session.close(),
          };
        },
      };
      const launcher = another({ listener: partly });
      const poll = async () => {
        if (drive === 'run') await launcher.run();
        else for await (const ref of launcher.list()) await launcher.process(ref);
      };
      await expect(poll()).rejects.toMatchObject({ code: 'SOURCE_DENIED' });
      expect(namesIn(cold)).toEqual([]);
      source.put({ name: 'b.pdf' });
      await clock.advance(60_000);
      await expect(poll()).rejects.toMatchObject({ code: 'SOURCE_DENIED' });
      expect(namesIn(cold)).toEqual(['b.pdf', 'a.pdf']);
      expect(launcher.health()).toMatchObject({ lastFailure: { code: 'SOURCE_DENIED' } });
    }
  });

  test('in settling leaves the item ended, and the next run settles it without sending it again', async () => {
    const { launcher, source, cold } = bench();
    source.put({ name: 'a.pdf' });
    source.failNext('settle');

    await expect(launcher.run()).rejects.toMatchObject({ code: 'SOURCE_FAILED' });
    expect(source.items).toHaveLength(1);

    await launcher.run();
    expect(namesIn(cold)).toEqual(['a.pdf']);
    expect(source.items).toEqual([]);
  });

  test('an item that was settled although the answer was lost is not sent again', async () => {
    const { launcher, source, cold, record } = bench();
    source.put({ name: 'a.pdf' });
    source.failNext('settle', undefined, { done: true });
    await expect(launcher.run()).rejects.toMatchObject({ code: 'SOURCE_FAILED' });

    await launcher.run();

    expect(namesIn(cold)).toEqual(['a.pdf']);
    expect(await record('a.pdf')).toMatchObject({ state: 'settled', how: 'gone' });
  });
});
