import { readdir, utimes } from 'node:fs/promises';
import { deflateRawSync } from 'node:zlib';
import { inFrench, reason, type SourceMemory } from '@lanceur/core';
import { virtualClock } from '@lanceur/core/testing';
import {
  all,
  any,
  doneFile,
  endMarks,
  extensions,
  keep,
  quiet,
  type Completeness,
  type FileSystem,
} from '@lanceur/protocols/directory';
import { describe, expect, test } from 'vitest';
import { acceptance, bench, find, list, listed, seen, settleOne, using } from './bench.js';
import { fsError, interposed, realFileSystem } from './interposed.js';

/** A memory as a ledger keeps it, over the lives of many listeners. */
function ledgerMemory(): SourceMemory & {
  readonly entries: Map<string, string>;
  readonly writes: () => number;
} {
  const entries = new Map<string, string>();
  let writes = 0;
  return {
    entries,
    writes: () => writes,
    read: (keys) => Promise.resolve(new Map([...entries].filter(([key]) => keys.includes(key)))),
    write(changes) {
      writes++;
      for (const [key, value] of changes) {
        if (value === undefined) entries.delete(key);
        else entries.set(key, value);
      }
      return Promise.resolve();
    },
  };
}

/** A volume whose clock the test owns, and whose files were changed when the test says. */
function volume(at: { now: number; changed: number; readOnly?: boolean }): FileSystem {
  const stamped = (isProbe: boolean, stat: Awaited<ReturnType<FileSystem['stat']>>) => ({
    ...stat,
    mtimeNs: BigInt(isProbe ? at.now : at.changed) * 1_000_000n + 1n,
    changedMs: isProbe ? at.now : at.changed,
  });
  return {
    ...interposed({
      before(name) {
        if (at.readOnly === true && (name === 'create' || name === 'makeFolder')) throw fsError('EROFS');
      },
    }),
    stat: async (path, options) => {
      const stat = await realFileSystem.stat(path, options);
      return stat.kind === 'file' ? stamped(path.includes('probe-'), stat) : stat;
    },
    async *list(folder) {
      for await (const entries of realFileSystem.list(folder)) {
        yield entries.map((e) => (e.stat?.kind === 'file' ? { ...e, stat: stamped(false, e.stat) } : e));
      }
    },
  };
}

describe('the quiet time', () => {
  test('is counted by the clock of the volume, whatever this machine believes', async () => {
    const b = await bench({ quiet: 5000 });
    await b.write('a.pdf');
    const at = { now: 1_000_000_000, changed: 1_000_000_000 - 4999 };
    const clock = virtualClock();
    expect(await list(b.listener({ fs: volume(at), clock }))).toMatchObject([
      { id: 'a.pdf', notReady: { code: 'NOT_QUIET', data: { seconds: 4, quiet: 5 } } },
    ]);
    at.now += 1;
    expect(await seen(b.listener({ fs: volume(at), clock }))).toEqual({ 'a.pdf': 'ready' });
  });

  test('goes on over the runs of a cron job, for a file whose mtime lies in the future', async () => {
    const b = await bench({ quiet: 5000 });
    await b.write('a.pdf');
    const clock = virtualClock();
    const memory = ledgerMemory();
    const run = async () => {
      const session = await b
        .listener({ fs: volume({ now: 1_000_000, changed: 9_000_000 }), clock })
        .connect({ memory });
      const [ref] = await listed(session);
      return ref?.notReady?.code ?? 'ready';
    };
    expect(await run()).toBe('NOT_QUIET');
    await clock.advance(4999);
    expect(await run()).toBe('NOT_QUIET');
    await clock.advance(1);
    expect(await run()).toBe('ready');
  });

  test('begins anew when the version has changed since the last look, even to an old mtime', async () => {
    const b = await bench({ quiet: 5000 });
    await b.write('a.pdf');
    const clock = virtualClock();
    const at = { now: 1_000_000, changed: 999_000 };
    const listener = b.listener({ fs: volume(at), clock });
    expect(await seen(listener)).toEqual({ 'a.pdf': 'NOT_QUIET' });
    at.changed = 1000;
    expect(await seen(listener)).toEqual({ 'a.pdf': 'NOT_QUIET' });
    await clock.advance(5000);
    expect(await seen(listener)).toEqual({ 'a.pdf': 'ready' });
  });

  test('is told by two looks where nothing can be written', async () => {
    const b = await bench({ quiet: 5000, after: keep() });
    await b.write('a.pdf');
    const clock = virtualClock();
    const listener = b.listener({ fs: volume({ now: 0, changed: 0, readOnly: true }), clock });
    expect(await seen(listener)).toEqual({ 'a.pdf': 'NOT_QUIET' });
    await clock.advance(5000);
    expect(await seen(listener)).toEqual({ 'a.pdf': 'ready' });
  });

  test('a file kept in use by its writer is never taken, and its memory goes when it does', async () => {
    const b = await bench({ quiet: 5000 });
    await b.write('a.pdf');
    const clock = virtualClock();
    const memory = ledgerMemory();
    const at = { now: 1_000_000, changed: 1_000_000 };
    const look = () =>
      b
        .listener({ fs: volume(at), clock })
        .connect({ memory })
        .then(listed);
    for (let i = 0; i < 5; i++) {
      expect(await look()).toMatchObject([{ notReady: { code: 'NOT_QUIET' } }]);
      at.now += 4000;
      at.changed += 4000;
      await clock.advance(4000);
    }
    expect(memory.entries.size).toBe(1);
    await look();
    at.now += 5000;
    expect((await look()).map((r) => r.notReady)).toEqual([undefined]);
    expect(memory.entries.size).toBe(0);
  });

  test('leaves nothing of its probe behind, and none is made where it is 0', async () => {
    const b = await bench();
    await b.write('a.pdf');
    await seen(b.listener());
    expect(await readdir(b.path)).toEqual(['a.pdf']);
    await seen(b.listener({ quiet: 5000 }));
    expect(await b.tree()).toEqual({ 'a.pdf': 'a.pdf' });
  });
});

describe('a done-file', () => {
  test('is waited for, is no document, and leaves with the item', async () => {
    const b = await bench({ complete: doneFile('{name}.ok') });
    await b.write('a.pdf');
    expect(await seen(b.listener())).toEqual({ 'a.pdf': 'NO_DONE_FILE' });
    await b.write('a.pdf.ok');
    await b.write('orphan.pdf.ok');
    expect(await seen(b.listener())).toEqual({ 'a.pdf': 'ready', 'orphan.pdf.ok': 'INCOMPLETE' });
    await using(b.listener(), async (s) => settleOne(s, await acceptance(s, find(await listed(s), 'a.pdf'))));
    expect(Object.keys(await b.tree())).toEqual(['orphan.pdf.ok']);
  });

  test('goes to quarantine with a rejected item', async () => {
    const b = await bench({ complete: doneFile('{stem}.done') });
    await b.write('a.pdf');
    await b.write('a.done');
    await using(b.listener(), async (s) =>
      s.settle([{ ref: find(await listed(s), 'a.pdf'), end: 'reject' }]),
    );
    expect(Object.keys(await b.tree()).sort()).toEqual([
      '.lanceur/rejected/a.done',
      '.lanceur/rejected/a.pdf',
      '.lanceur/rejected/a.pdf.reason.json',
    ]);
  });

  test('may lie inside a sub-folder that is taken as one, beside it, or beside a stem', async () => {
    const b = await bench();
    await b.write('dossier/a.pdf');
    const inside = doneFile('fichier_termine.txt');
    expect(await seen(b.listener({ unit: 'entry', complete: inside }))).toEqual({ dossier: 'NO_DONE_FILE' });
    await b.write('dossier/fichier_termine.txt');
    expect(await seen(b.listener({ unit: 'entry', complete: inside }))).toEqual({ dossier: 'ready' });
    await b.write('dossier.ok');
    expect(await seen(b.listener({ unit: 'entry', complete: doneFile('{name}.ok') }))).toEqual({
      dossier: 'ready',
    });
    await b.write('scan.pdf');
    await b.write('scan.xml');
    await b.write('scan.ok');
    expect(await seen(b.listener({ unit: 'stem', complete: doneFile('{name}.ok') }))).toMatchObject({
      scan: 'ready',
    });
    await using(b.listener({ unit: 'entry', complete: inside }), async (s) =>
      settleOne(s, await acceptance(s, find(await listed(s), 'dossier'))),
    );
    expect(Object.keys(await b.tree())).not.toContain('dossier/fichier_termine.txt');
  });

  test.each(['', '{name}', 'a/{name}.ok'])('the template %j is refused', (template) => {
    expect(() => doneFile(template)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});

describe('end marks', () => {
  test('that are missing are said to be, in English and in French', async () => {
    const b = await bench({ complete: endMarks() });
    await b.write('a.pdf', '%PDF-1.7\n1 0 obj\n');
    const [item] = await list(b.listener());
    expect(item?.notReady?.message).toBe('is not a whole PDF file yet: its end mark %%EOF is missing');
    expect(item?.notReady && inFrench(item.notReady)).toBe(
      'n’est pas encore un fichier PDF complet : sa marque de fin %%EOF manque',
    );
  });

  const PDF = '%PDF-1.7\n1 0 obj\nendobj\nstartxref\n0\n%%EOF\n';
  const whole: Readonly<Record<string, Buffer>> = {
    'a.pdf': Buffer.from(PDF),
    'padded.pdf': Buffer.from(`${PDF}\r\n\0\0\0`),
    'a.zip': zipOf('x.txt', 'content'),
    'a.docx': Buffer.concat([zipOf('x.txt', 'content', 'a comment')]),
    'a.xml': Buffer.from(
      '\ufeff<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><!-- <b> --><a b="/>">é<b/></a >\n<!-- end -->\n',
    ),
    'empty-root.xml': Buffer.from('<a b=">"/>'),
    'utf16.xml': Buffer.from('\ufeff<a>é</a>\n', 'utf16le'),
    'a.tif': tiffOf('II'),
    'b.tif': tiffOf('MM'),
    'a.jpg': Buffer.concat([
      Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
      Buffer.alloc(100),
      Buffer.from([0xff, 0xd9]),
    ]),
    'a.csv': Buffer.from('a;b'),
  };

  test('let whole files pass', async () => {
    const b = await bench({ complete: endMarks() });
    for (const [name, content] of Object.entries(whole)) await b.write(name, content);
    expect(await seen(b.listener())).toEqual(
      Object.fromEntries(Object.keys(whole).map((name) => [name, 'ready'])),
    );
  });

  test('hold back a file of a known format wherever it is cut', async () => {
    const b = await bench({ complete: endMarks() });
    let cut = 0;
    for (const [name, content] of Object.entries(whole)) {
      if (name === 'a.csv') continue;
      const marks = content.toString('latin1').trimEnd().replace(/\0+$/u, '').length;
      const longest =
        name.endsWith('.tif') || name.endsWith('.zip') || name.endsWith('.docx')
          ? content.length - 1
          : name === 'a.xml'
            ? 60
            : marks - 5;
      for (let length = 0; length <= longest; length += 3)
        await b.write(`${String(cut++)}-${name}`, content.subarray(0, length));
    }
    const found = Object.entries(await seen(b.listener())).filter(([, code]) => code !== 'NO_END_MARK');
    expect(found).toEqual([]);
    expect(cut).toBeGreaterThan(100);
  });

  test('an update that is being appended to a PDF is not whole', async () => {
    const b = await bench({ complete: endMarks() });
    await b.write('a.pdf', `${PDF}2 0 obj\n`);
    expect(await list(b.listener())).toMatchObject([
      { notReady: { code: 'NO_END_MARK', data: { format: 'PDF' } } },
    ]);
  });

  test('half a comment, repeated, costs no time to speak of', async () => {
    const b = await bench({ complete: endMarks() });
    await b.write('a.xml', '<!--'.repeat(1_000_000));
    expect(await seen(b.listener())).toEqual({ 'a.xml': 'NO_END_MARK' });
  });

  test('are looked for once for each version', async () => {
    const b = await bench({ complete: endMarks(), after: keep() });
    await b.write('a.pdf', PDF);
    let reads = 0;
    const listener = b.listener({
      fs: interposed({
        before(name) {
          if (name === 'read') reads++;
        },
      }),
    });
    await seen(listener);
    const first = reads;
    await seen(listener);
    expect([first > 0, reads]).toEqual([true, first]);
    await utimes(b.at('a.pdf'), 1, 1);
    await seen(listener);
    expect(reads).toBe(2 * first);
  });

  test('a file that cannot be read yet is not ready, and hides no other', async () => {
    const b = await bench({ complete: endMarks() });
    await b.write('a.pdf', PDF);
    await b.write('b.pdf', PDF);
    const fs = interposed({
      before(name, path) {
        if (name === 'read' && path.endsWith('a.pdf')) throw fsError('EBUSY');
      },
    });
    expect(await seen(b.listener({ fs }))).toEqual({ 'a.pdf': 'DOCUMENT_UNREADABLE', 'b.pdf': 'ready' });
  });
});

describe('combined', () => {
  test('all: every part must agree; any: one is enough', async () => {
    const b = await bench();
    await b.write('a.pdf', 'cut short');
    await b.write('a.pdf.ok');
    expect(await seen(b.listener({ complete: all(doneFile('{name}.ok'), endMarks()) }))).toEqual({
      'a.pdf': 'NO_END_MARK',
    });
    expect(await seen(b.listener({ complete: any(endMarks(), doneFile('{name}.ok')) }))).toEqual({
      'a.pdf': 'ready',
    });
    expect(await seen(b.listener({ complete: any(endMarks(), quiet(3_600_000)) }))).toMatchObject({
      'a.pdf': 'NO_END_MARK',
    });
  });

  test('a stem can wait for its index file', async () => {
    const b = await bench({ unit: 'stem', complete: extensions('pdf', '.XML') });
    await b.write('a.pdf');
    expect(await list(b.listener())).toMatchObject([
      { id: 'a', notReady: { code: 'INCOMPLETE', data: { missing: '.xml' } } },
    ]);
    await b.write('a.xml');
    expect(await seen(b.listener())).toEqual({ a: 'ready' });
  });
});

describe('an item that never becomes whole', () => {
  const never: Completeness = { missing: () => reason('INCOMPLETE', { missing: 'the rest' }) };

  test('is given up in words after the time that is set, and left', async () => {
    const b = await bench({ complete: never, completeTimeout: { ms: 60_000, then: 'leave' } });
    await b.write('a.pdf');
    const clock = virtualClock();
    const listener = b.listener({ clock });
    expect(await seen(listener)).toEqual({ 'a.pdf': 'INCOMPLETE' });
    await clock.advance(59_999);
    expect(await seen(listener)).toEqual({ 'a.pdf': 'INCOMPLETE' });
    await clock.advance(1);
    expect(await list(listener)).toMatchObject([
      { notReady: { code: 'GIVEN_UP', data: { seconds: 60, why: 'is not complete yet: the rest' } } },
    ]);
  });

  test('is taken as it is, with a word in its attributes, where that is wanted', async () => {
    const b = await bench({ complete: never, completeTimeout: { ms: 60_000, then: 'take' } });
    await b.write('a.pdf');
    const clock = virtualClock();
    const listener = b.listener({ clock });
    await seen(listener);
    await clock.advance(60_000);
    await using(listener, async (session) => {
      const ref = find(await listed(session), 'a.pdf');
      expect(ref.notReady).toBeUndefined();
      expect((await session.open(ref)).attributes).toMatchObject({
        incomplete: 'is not complete yet: the rest',
      });
    });
  });
});

function zipOf(name: string, content: string, comment = ''): Buffer {
  const data = deflateRawSync(Buffer.from(content));
  const local = Buffer.alloc(30 + name.length);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(name.length, 26);
  local.write(name, 30);
  const central = Buffer.alloc(46 + name.length);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(name.length, 28);
  central.write(name, 46);
  const end = Buffer.alloc(22 + comment.length);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length + data.length, 16);
  end.writeUInt16LE(comment.length, 20);
  end.write(comment, 22);
  return Buffer.concat([local, data, central, end]);
}

/** Two pages of one strip each; the second directory and its strip come last. */
function tiffOf(order: 'II' | 'MM'): Buffer {
  const bytes = Buffer.alloc(8 + 2 * (2 + 2 * 12 + 4 + 50));
  const u16 = (v: number, at: number) =>
    order === 'II' ? bytes.writeUInt16LE(v, at) : bytes.writeUInt16BE(v, at);
  const u32 = (v: number, at: number) =>
    order === 'II' ? bytes.writeUInt32LE(v, at) : bytes.writeUInt32BE(v, at);
  bytes.write(order, 0);
  u16(42, 2);
  u32(8, 4);
  for (const [page, at] of [8, 88].entries()) {
    u16(2, at);
    for (const [i, [tag, value]] of [[273, at + 30] as const, [279, 50] as const].entries()) {
      u16(tag, at + 2 + i * 12);
      u16(4, at + 4 + i * 12);
      u32(1, at + 6 + i * 12);
      u32(value, at + 10 + i * 12);
    }
    u32(page === 0 ? 88 : 0, at + 26);
  }
  return bytes;
}
