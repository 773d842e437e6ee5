import { describe, expect, test } from 'vitest';
import { byExtension, LanceurError, Launcher, memoryLedger, nameFilter, type ItemRef } from '@lanceur/core';
import { memoryCold, memoryListener } from '@lanceur/core/testing';
import { bench, namesIn } from './bench.js';

async function all<T>(from: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const one of from) found.push(one);
  return found;
}

describe('a queue of the host’s own', () => {
  test('carries refs as JSON, and may deliver each twice', async () => {
    const { launcher, source, cold, another } = bench();
    source.put({ name: 'a.pdf' });
    source.put({ name: 'b.txt' });
    const refs = (await all(launcher.list())).map((ref) => JSON.parse(JSON.stringify(ref)) as ItemRef);
    expect(refs.map((r) => r.name)).toEqual(['a.pdf']);

    const outcomes = [];
    for (const ref of [...refs, ...refs]) outcomes.push(await another().process(ref));
    expect(outcomes.map((o) => [o.is, o.how ?? o.reason?.code])).toEqual([
      ['accept', 'removed'],
      ['left', 'DONE'],
    ]);
    expect(namesIn(cold)).toEqual(['a.pdf']);
  });

  test('works from several processes at once: one of them does it, the others say who', async () => {
    const { source, cold, another } = bench();
    source.put({ name: 'a.pdf' });
    const [ref] = await all(another().list());
    if (ref === undefined) throw new Error('nothing listed');
    const outcomes = await Promise.all([1, 2, 3].map(async () => await another().process(ref)));
    expect(outcomes.filter((o) => o.is === 'accept')).toHaveLength(1);
    expect(namesIn(cold)).toEqual(['a.pdf']);
  });

  test('does not deadlock on a source with one session, and settles each before it answers', async () => {
    const { launcher, source, cold } = bench({
      source: { concurrentSessions: false, settleEndsSession: true },
    });
    for (const name of ['a.pdf', 'b.pdf', 'c.pdf']) source.put({ name });
    for await (const ref of launcher.list()) {
      const outcome = await launcher.process(ref);
      expect(outcome).toMatchObject({ is: 'accept', how: 'removed' });
    }
    expect(namesIn(cold)).toEqual(['a.pdf', 'b.pdf', 'c.pdf']);
    expect(source.items).toEqual([]);
  });

  test('may work on several items of such a source at once', async () => {
    const { launcher, source } = bench({ source: { concurrentSessions: false, settleEndsSession: true } });
    for (const name of ['a.pdf', 'b.pdf', 'c.pdf']) source.put({ name });
    const refs = await all(launcher.list());
    const outcomes = await Promise.all(refs.map(async (ref) => await launcher.process(ref)));
    expect(outcomes.map((o) => o.how)).toEqual(['removed', 'removed', 'removed']);
  });
});

test('a run over a source whose settling ends the session settles everything once, at its end', async () => {
  const { launcher, source, effects } = bench({
    source: { concurrentSessions: false, settleEndsSession: true },
  });
  for (const name of ['a.pdf', 'b.pdf', 'c.pdf']) source.put({ name });
  const report = await launcher.run();
  expect(report.counts.accepted).toBe(3);
  expect(effects.filter((e) => e === 'after settle')).toHaveLength(1);
  expect(effects.filter((e) => e === 'after connect')).toHaveLength(1);
});

describe('an item that has left the source before it was finished', () => {
  test('is looked for in the COLD, and known as done', async () => {
    const { launcher, source, cold, record } = bench();
    source.put({ name: 'a.pdf' });
    source.failNext('settle');
    await expect(launcher.run()).rejects.toMatchObject({ scope: 'source' });
    source.remove('a.pdf');
    await launcher.run();
    expect(await record('a.pdf')).toMatchObject({ state: 'settled', how: 'gone' });
    expect(cold.arrivals).toHaveLength(1);
  });

  test('and comes back, is settled without being sent again', async () => {
    const { launcher, source, cold, record } = bench();
    source.put({ name: 'a.pdf' });
    source.failNext('settle', undefined, { done: true });
    await expect(launcher.run()).rejects.toMatchObject({ scope: 'source' });
    await launcher.run();
    expect(await record('a.pdf')).toMatchObject({ how: 'gone' });
    source.putBack('a.pdf');
    await launcher.run();
    expect(source.items).toEqual([]);
    expect(await record('a.pdf')).toMatchObject({ how: 'removed' });
    expect(cold.arrivals).toHaveLength(1);
  });
});

describe('a source that gives its items new ids', () => {
  test('repeats nothing where they bear a mark that survives', async () => {
    const { launcher, source, cold, ledger } = bench({ source: { after: 'keep' } });
    source.put({ name: 'a.pdf', id: '1', same: 'm1' });
    source.put({ name: 'b.pdf', id: '2', same: 'm2' });
    await launcher.run();
    source.renumber((id) => `9-${id}`);
    const report = await launcher.run();
    expect(report.counts).toMatchObject({ accepted: 0, left: { DONE: 2 } });
    expect(cold.arrivals).toHaveLength(2);
    expect((await all(ledger.find({}))).map((r) => r.id).sort()).toEqual(['9-1', '9-2']);
  });

  test('two items that bear the same mark are never taken for one', async () => {
    const { launcher, source, cold } = bench({ source: { after: 'keep' } });
    source.put({ name: 'a.pdf', id: '1', same: 'm', content: 'one' });
    await launcher.run();
    source.put({ name: 'a.pdf', id: '2', same: 'm', content: 'two' });
    await launcher.run();
    expect(cold.arrivals.map((a) => String(a.bytes))).toEqual(['one', 'two']);
    source.renumber((id) => `9-${id}`);
    await launcher.run();
    expect(cold.arrivals).toHaveLength(2);
  });
});

describe('two launchers on one source', () => {
  test('with different wishes each take their own', async () => {
    const { source, cold, another } = bench();
    source.put({ name: 'a.pdf' });
    source.put({ name: 'b.xml' });
    await another({ id: 'pdf', grouper: byExtension({ pdf: '87' }) }).run();
    await another({ id: 'xml', grouper: byExtension({ xml: '12' }) }).run();
    expect(cold.arrivals.map((a) => [a.name, a.job])).toEqual([
      ['a.pdf', '87'],
      ['b.xml', '12'],
    ]);
  });

  test('the second leaves what the first has begun, until it is told to adopt it', async () => {
    const { source, cold, another, clock } = bench();
    source.put({ name: 'a.pdf' });
    cold.down();
    await another({ id: 'first' }).run();
    cold.up();
    await clock.advance(600_000);
    expect((await another({ id: 'second' }).run()).left[0]?.reason.code).toBe('OWNED');
    await another({ id: 'second', adopt: true }).run();
    expect(namesIn(cold)).toEqual(['a.pdf']);
  });
});

test('a source that has moved behind its name is refused until it is adopted', async () => {
  const { ledger, cold } = bench();
  const at = (address: string, adopt = false): Launcher =>
    new Launcher({
      id: '1',
      listener: memoryListener({ source: 'scans', address }),
      grouper: byExtension({ pdf: '87' }),
      submitter: cold,
      ledger,
      adopt,
    });
  await at('here').run();
  await expect(at('there').run()).rejects.toMatchObject({ code: 'SOURCE_MOVED' });
  await at('there', true).run();
  await at('there').run();
});

describe('explain', () => {
  test('says of each item who takes it or why not, and changes nothing', async () => {
    const { launcher, source, effects, record } = bench({ filter: nameFilter('*.pdf;*.doc') });
    source.put({ name: 'a.pdf' });
    source.put({ name: 'b.doc' });
    source.put({ name: 'c.txt' });
    source.put({ name: 'd.pdf', notReady: { code: 'INCOMPLETE', message: 'is not complete yet: page 2' } });

    const explained = await all(launcher.explain());

    expect(explained.map((e) => [e.name, e.takes, e.reason?.code, e.documents[0]?.job])).toEqual([
      ['a.pdf', true, undefined, '87'],
      ['b.doc', false, 'NO_JOB', undefined],
      ['c.txt', false, 'NAME_REFUSED', undefined],
      ['d.pdf', false, 'INCOMPLETE', '87'],
    ]);
    expect(effects).not.toContain('before open');
    expect(await record('a.pdf')).toBeUndefined();
  });
});

test('explain knows a renumbered item by its mark, before any poll has carried its memory over', async () => {
  const { launcher, source } = bench({ source: { after: 'keep' } });
  source.put({ name: 'a.pdf', id: '1', same: 'm1' });
  await launcher.run();
  source.renumber((id) => `9-${id}`);
  const [explained] = await all(launcher.explain());
  expect(explained).toMatchObject({ takes: false, verdict: 'done', reason: { code: 'DONE' } });
});

describe('doctor', () => {
  test('has every block try its surroundings, and a check that throws is a failed one', async () => {
    const listener = memoryListener();
    const broken = {
      ...memoryCold({ find: false }),
      check: () => Promise.reject(new LanceurError('TARGET_GONE', { path: '/x', job: '87' })),
    };
    const launcher = new Launcher({
      id: '1',
      listener,
      grouper: byExtension({ pdf: '87' }),
      submitter: broken,
      ledger: memoryLedger(),
    });
    const checks = await launcher.doctor();
    expect(checks.find((c) => c.name === 'target')).toMatchObject({
      result: 'failed',
      reason: { code: 'TARGET_GONE' },
    });
    expect(checks.some((c) => c.result === 'warning' && c.message?.includes('arrive twice'))).toBe(true);
  });
});

describe('events', () => {
  test('tell the story of an item in order', async () => {
    const { launcher, source } = bench();
    source.put({ name: 'a.pdf' });
    const story: string[] = [];
    for (const event of ['pollStarted', 'submitted', 'ended', 'settled', 'pollEnded'] as const) {
      launcher.on(event, () => story.push(event));
    }
    await launcher.run();
    expect(story).toEqual(['pollStarted', 'submitted', 'ended', 'settled', 'pollEnded']);
  });

  test('a handler that throws or rejects disturbs nothing, and is reported as a warning', async () => {
    const { launcher, source, cold } = bench();
    source.put({ name: 'a.pdf' });
    const warnings: string[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', onWarning);
    const heard: string[] = [];
    launcher.on('submitted', () => {
      throw new Error('thrown by a handler');
    });
    launcher.on('submitted', () => Promise.reject(new Error('rejected by a handler')));
    launcher.on('submitted', () => heard.push('third'));
    await launcher.run();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    expect(namesIn(cold)).toEqual(['a.pdf']);
    expect(heard).toEqual(['third']);
    expect(warnings.sort()).toEqual(['rejected by a handler', 'thrown by a handler']);
  });

  test('a handler that is taken off hears no more', async () => {
    const { launcher } = bench();
    let heard = 0;
    const hear = (): void => {
      heard++;
    };
    launcher.on('pollEnded', hear).once('pollStarted', hear);
    await launcher.run();
    launcher.off('pollEnded', hear);
    await launcher.run();
    expect(heard).toBe(2);
  });
});
