import { appendFile, mkdir, rename, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { reason, type ItemRef, type Sent } from '@lanceur/core';
import { keep, moveTo, type FileSystem } from '@lanceur/protocols/directory';
import { describe, expect, test } from 'vitest';
import {
  accept,
  acceptance,
  bench,
  find,
  hastyClock,
  list,
  listed,
  outside,
  settleOne,
  using,
} from './bench.js';
import { apart, fsError, interposed, realFileSystem } from './interposed.js';

const refused = reason('DOCUMENT_REFUSED', { name: 'a.pdf', job: '87', why: 'not a PDF' });

describe('accepting', () => {
  test('deletes what was handed over, and nothing else', async () => {
    const b = await bench();
    await b.write('a.pdf');
    await b.write('b.pdf');
    expect(await accept(b.listener(), 'a.pdf')).toMatchObject({ how: 'removed' });
    expect(await b.tree()).toEqual({ 'b.pdf': 'b.pdf' });
  });

  test('leaves a file that was rewritten meanwhile, as a scanner does with scan001.pdf', async () => {
    const b = await bench();
    await b.write('scan001.pdf', 'first page');
    await using(b.listener(), async (session) => {
      const settlement = await acceptance(session, find(await listed(session), 'scan001.pdf'));
      await b.write('scan001.pdf', 'another one');
      expect(await settleOne(session, settlement)).toMatchObject({ how: 'changed' });
    });
    expect(await b.tree()).toEqual({ 'scan001.pdf': 'another one' });
  });

  test('puts back what changed in the last moment, numbered if its name is taken again', async () => {
    const b = await bench();
    await b.write('scan001.pdf', 'first');
    const fs = interposed({
      async after(name, from) {
        if (name !== 'move' || !from.endsWith('scan001.pdf')) return;
        const [taken = ''] = Object.keys(await b.tree());
        await appendFile(b.at(taken), ', changed through an open handle');
        await b.write('scan001.pdf', 'second');
      },
    });
    expect(await accept(b.listener({ fs }), 'scan001.pdf')).toMatchObject({ how: 'changed' });
    expect(await b.tree()).toEqual({
      'scan001.pdf': 'second',
      'scan001 (2).pdf': 'first, changed through an open handle',
    });
  });

  test('compares by content where the clock is coarser than the quiet time', async () => {
    const b = await bench({ quiet: 100 });
    await b.write('a.pdf', 'before');
    await utimes(b.at('a.pdf'), 1_700_000_000, 1_700_000_000);
    // A FAT volume: every stamp is a whole number of seconds.
    const whole = (s: Awaited<ReturnType<FileSystem['stat']>>) => ({
      ...s,
      mtimeNs: (s.mtimeNs / 2_000_000_000n) * 2_000_000_000n,
      changedMs: 0,
    });
    const fat: FileSystem = {
      ...realFileSystem,
      stat: async (p, o) => whole(await realFileSystem.stat(p, o)),
      open: async (p, n) => {
        const o = await realFileSystem.open(p, n);
        return { ...o, stat: whole(o.stat), after: whole(o.after) };
      },
      async *list(folder) {
        for await (const entries of realFileSystem.list(folder))
          yield entries.map((e) => (e.stat ? { ...e, stat: whole(e.stat) } : e));
      },
    };
    await using(b.listener({ fs: fat }), async (session) => {
      const settlement = await acceptance(session, find(await listed(session), 'a.pdf'));
      await b.write('a.pdf', 'after!');
      await utimes(b.at('a.pdf'), 1_700_000_000, 1_700_000_000);
      expect(await settleOne(session, settlement)).toMatchObject({ how: 'changed' });
    });
    expect(await b.tree()).toEqual({ 'a.pdf': 'after!' });
  });

  test('reads nothing again where the clock can tell', async () => {
    const b = await bench({ quiet: 5000 });
    await b.write('a.pdf');
    let opened = 0;
    const fs = interposed({
      before(name) {
        if (name === 'open') opened++;
      },
    });
    const { size, mtimeNs } = await stat(b.at('a.pdf'), { bigint: true });
    const ref = { id: 'a.pdf', version: `${String(size)}-${String(mtimeNs)}`, name: 'a.pdf' };
    const sent: Sent[] = [{ name: 'a.pdf', size: 5, sha256: '0'.repeat(64) }];
    expect(await using(b.listener({ fs }), (s) => settleOne(s, { ref, end: 'accept', sent }))).toMatchObject({
      how: 'removed',
    });
    expect(opened).toBe(0);
    await b.write('b.pdf');
    const other = await stat(b.at('b.pdf'), { bigint: true });
    const b2 = {
      ref: { id: 'b.pdf', version: `${String(other.size)}-${String(other.mtimeNs)}`, name: 'b.pdf' },
      end: 'accept' as const,
      sent: [{ name: 'b.pdf', size: 5, sha256: '0'.repeat(64) }],
    };
    expect(await using(b.listener({ verify: 'digest' }), (s) => settleOne(s, b2))).toMatchObject({
      how: 'changed',
    });
  });

  test('of a folder removes only what was handed over or let go, and puts the rest back', async () => {
    const b = await bench({ unit: 'entry' });
    for (const name of ['a.pdf', 'b.txt', 'c.doc']) await b.write(`dossier/${name}`, name);
    await using(b.listener(), async (session) => {
      const ref = find(await listed(session), 'dossier');
      const { sent = [] } = await acceptance(session, ref);
      const settled = await settleOne(session, {
        ref,
        end: 'accept',
        sent: sent.filter((s) => s.name === 'a.pdf'),
        discard: ['b.txt'],
      });
      expect(settled.how).toBe('changed');
    });
    expect(await b.tree()).toEqual({ 'dossier/c.doc': 'c.doc' });
  });

  test('of a folder whose documents were unpacked trusts its version', async () => {
    const b = await bench({ unit: 'entry' });
    await b.write('dossier/envelope.tar.gz');
    await using(b.listener(), async (session) => {
      const ref = find(await listed(session), 'dossier');
      const sent = [{ name: 'acte.pdf', size: 4, sha256: '0'.repeat(64) }];
      expect(await settleOne(session, { ref, end: 'accept', sent })).toMatchObject({ how: 'removed' });
    });
    expect(await b.tree()).toEqual({});
  });

  test('of a folder into which something comes in the last moment gives that back', async () => {
    const b = await bench({ unit: 'entry' });
    await b.write('dossier/a.pdf');
    const fs = interposed({
      async before(name, at) {
        if (name === 'removeFolder' && path.basename(at).includes('dossier'))
          await writeFile(path.join(at, 'late.pdf'), 'late');
      },
    });
    expect(await accept(b.listener({ fs }), 'dossier')).toMatchObject({ how: 'changed' });
    expect(await b.tree()).toEqual({ 'dossier/late.pdf': 'late' });
  });

  test('of a document and its index file takes both, also in a later process that knows nothing but the id', async () => {
    for (const known of [true, false]) {
      const b = await bench({ unit: 'stem', recursive: true });
      for (const name of ['sub/scan001.pdf', 'sub/SCAN001.xml', 'sub/scan002.pdf']) await b.write(name);
      const settlement = await using(b.listener(), async (s) =>
        acceptance(s, find(await listed(s), 'sub/scan001')),
      );
      const { documents, ...bare } = settlement.ref;
      expect(documents).toHaveLength(2);
      const ref = known ? settlement.ref : bare;
      await using(b.listener(), async (session) => {
        const { sent = [] } = await acceptance(session, ref);
        expect(sent.map((s) => s.name)).toEqual(['SCAN001.xml', 'scan001.pdf']);
        expect(await settleOne(session, { ...settlement, ref })).toMatchObject({ how: 'removed' });
      });
      expect(await b.tree()).toEqual({ 'sub/scan002.pdf': 'sub/scan002.pdf' });
    }
  });

  test('moves to a folder, dated if wanted, under the relative path, never over another file', async () => {
    const b = await bench({ recursive: true });
    await b.write('sub/a.pdf', 'new');
    const clock = { ...hastyClock().clock, now: () => new Date(2026, 4, 7, 12).getTime() };
    await mkdir(path.join(b.beside, '2026-05', 'sub'), { recursive: true });
    await writeFile(path.join(b.beside, '2026-05', 'sub', 'a.pdf'), 'old');
    expect(
      await accept(b.listener({ after: moveTo(b.beside, { dated: 'month' }), clock }), 'sub/a.pdf'),
    ).toMatchObject({ how: 'removed' });
    expect(await b.tree(b.beside)).toEqual({ '2026-05/sub/a.pdf': 'old', '2026-05/sub/a (2).pdf': 'new' });
  });

  test.each(['file', 'entry'] as const)(
    'moves to another volume by a copy that appears whole (%s)',
    async (unit) => {
      const b = await bench({ unit });
      const content = Buffer.alloc(3_000_000, 'x').toString();
      const name = unit === 'file' ? 'a.pdf' : 'dossier/a.pdf';
      await b.write(name, content);
      expect(
        await accept(b.listener({ fs: apart(b), after: moveTo(b.beside) }), name.split('/')[0] ?? ''),
      ).toMatchObject({ how: 'removed' });
      expect(await b.tree()).toEqual({});
      expect(await b.tree(b.beside)).toEqual({ [name]: content });
    },
  );

  test('keeps where that is wanted, and says so in its traits', async () => {
    const b = await bench({ after: keep() });
    await b.write('a.pdf');
    const before = await list(b.listener());
    expect(await accept(b.listener(), 'a.pdf')).toMatchObject({ how: 'kept' });
    expect(await list(b.listener())).toEqual(before);
    expect(b.listener().traits).toEqual({ concurrentSessions: true, settleEndsSession: false, keeps: true });
    expect(b.listener({ after: moveTo(b.beside) }).traits.keeps).toBe(true);
    expect(b.listener({ after: { do: 'remove' } }).traits.keeps).toBe(false);
  });

  test('a source that has gone takes no item with it', async () => {
    const b = await bench();
    await b.write('a.pdf');
    await using(b.listener(), async (session) => {
      const settlement = await acceptance(session, find(await listed(session), 'a.pdf'));
      await rename(b.path, `${b.path}-unmounted`);
      await expect(session.settle([settlement])).rejects.toMatchObject({ code: 'SOURCE_GONE' });
      await rename(`${b.path}-unmounted`, b.path);
      expect(await settleOne(session, settlement)).toMatchObject({ how: 'removed' });
    });
  });

  test('what another program holds fails in words, after a few tries, and is done the next time', async () => {
    const b = await bench();
    await b.write('a.pdf');
    const { clock, slept } = hastyClock();
    let held = true;
    const fs = interposed({
      before(name) {
        if (name === 'move' && held) throw fsError('EBUSY');
      },
    });
    await using(b.listener({ fs, clock }), async (session) => {
      const settlement = await acceptance(session, find(await listed(session), 'a.pdf'));
      expect(await settleOne(session, settlement)).toMatchObject({
        how: 'failed',
        reason: { code: 'NOT_SETTLED' },
      });
      expect(slept).toEqual([50, 150, 400]);
      held = false;
      expect(await settleOne(session, settlement)).toMatchObject({ how: 'removed' });
    });
  });
});

describe('rejecting', () => {
  test('moves to quarantine with a note that an operator can read in English and French', async () => {
    const b = await bench();
    await b.write('a.pdf');
    const sent = [{ name: 'a.pdf', size: 5, sha256: 'f'.repeat(64) }];
    await using(b.listener(), async (s) =>
      s.settle([{ ref: find(await listed(s), 'a.pdf'), end: 'reject', reason: refused, sent }]),
    );
    const tree = await b.tree();
    expect(tree['.lanceur/rejected/a.pdf']).toBe('a.pdf');
    expect(JSON.parse(tree['.lanceur/rejected/a.pdf.reason.json'] ?? '')).toMatchObject({
      code: 'DOCUMENT_REFUSED',
      message: {
        en: 'a.pdf was refused by job 87: not a PDF',
        fr: 'a.pdf a été refusé par le travail 87 : not a PDF',
      },
      end: 'reject',
      item: { id: 'a.pdf', name: 'a.pdf' },
      alreadySubmitted: sent,
    });
  });

  test('overwrites nothing that was rejected before, and each can be put back', async () => {
    const b = await bench();
    const refs: ItemRef[] = [];
    for (const content of ['one', 'two!', 'three']) {
      await b.write('a.pdf', content);
      await using(b.listener(), async (s) => {
        const ref = find(await listed(s), 'a.pdf');
        refs.push(ref);
        expect(await settleOne(s, { ref, end: 'reject', reason: refused })).toMatchObject({ how: 'removed' });
      });
    }
    const rejected = Object.keys(await b.tree()).filter((f) => !f.endsWith('.json'));
    expect(rejected.sort()).toEqual([
      '.lanceur/rejected/a (2).pdf',
      '.lanceur/rejected/a (3).pdf',
      '.lanceur/rejected/a.pdf',
    ]);
    const [, second] = refs;
    if (second === undefined) throw new Error('unreachable');
    expect(await using(b.listener(), (s) => s.restore?.([second]) ?? Promise.resolve([]))).toEqual([second]);
    expect(outside(await b.tree())).toEqual({ 'a.pdf': 'two!' });
    expect(await using(b.listener(), (s) => s.restore?.(refs) ?? Promise.resolve([]))).toEqual([]);
    expect(outside(await b.tree())).toEqual({ 'a.pdf': 'two!' });
  });

  test('what is put aside goes to a folder of its own', async () => {
    const b = await bench();
    await b.write('a.pdf');
    const aside = reason('PARTLY_UNWANTED', { names: 'b.txt' });
    await using(b.listener(), async (s) =>
      s.settle([{ ref: find(await listed(s), 'a.pdf'), end: 'aside', reason: aside }]),
    );
    expect(Object.keys(await b.tree()).sort()).toEqual([
      '.lanceur/aside/a.pdf',
      '.lanceur/aside/a.pdf.reason.json',
    ]);
  });

  test('a quarantine on another volume fails in words, and the item stays', async () => {
    const b = await bench();
    await b.write('a.pdf');
    const fs = interposed({
      before(name, from) {
        if (name === 'move' && from.endsWith('a.pdf')) throw fsError('EXDEV');
      },
    });
    await using(b.listener({ fs, quarantine: path.join(b.beside, 'rejected') }), async (s) => {
      const ref = find(await listed(s), 'a.pdf');
      expect(await settleOne(s, { ref, end: 'reject', reason: refused })).toMatchObject({
        how: 'failed',
        reason: { code: 'OTHER_VOLUME' },
      });
    });
    expect(await b.tree()).toEqual({ 'a.pdf': 'a.pdf' });
    expect(await b.tree(b.beside)).toEqual({});
  });

  test('a name of 255 bytes still gets its note', async () => {
    const b = await bench();
    const name = `${'x'.repeat(251)}.pdf`;
    await b.write(name, 'content');
    const ref = await using(b.listener(), async (s) => {
      const found = find(await listed(s), name);
      expect(await settleOne(s, { ref: found, end: 'reject', reason: refused })).toMatchObject({
        how: 'removed',
      });
      return found;
    });
    expect(await using(b.listener(), (s) => s.restore?.([ref]) ?? Promise.resolve([]))).toEqual([ref]);
    expect(outside(await b.tree())).toEqual({ [name]: 'content' });
  });
});

test('makes names durable before it says that an item has left', async () => {
  const b = await bench();
  await b.write('a.pdf');
  const calls: string[] = [];
  const fs = interposed({ before: (name, at) => void calls.push(`${name} ${path.relative(b.path, at)}`) });
  await accept(b.listener({ fs }), 'a.pdf');
  const lastChange = calls.findLastIndex((c) => /^(?:move|remove) /u.test(c));
  expect(calls.slice(lastChange + 1)).toContain('syncFolder ');
});
