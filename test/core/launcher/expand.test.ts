import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { byExtension, LanceurError, nameFilter, type Expander } from '@lanceur/core';
import { contentOf, memoryDocument } from '@lanceur/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bench, namesIn } from './bench.js';

let spool = '';
const folders: string[] = [];

/** Each line of a document is a document of its own, written into the spool on the way. */
const lines: Expander = {
  fingerprint: 'lines',
  async expand(delivery, options = {}) {
    const [document] = delivery.documents;
    const text = document === undefined ? '' : String(await contentOf(document));
    if (text === 'broken')
      throw new LanceurError('EXPAND_FAILED', { name: delivery.ref.name, why: 'it is broken' });
    if (text === 'bug') throw new TypeError('a bug of the expander');
    const folder = options.folder ?? '';
    folders.push(folder);
    await writeFile(join(folder, 'unpacked'), text);
    return {
      ...delivery,
      documents: text.split('\n').map((line, i) => ({
        ...memoryDocument(`${line}.xml`, line),
        group: `chorus_fact#${String(i + 1)}`,
      })),
      [Symbol.asyncDispose]: () => delivery[Symbol.asyncDispose](),
    };
  },
};

beforeEach(async () => {
  spool = await mkdtemp(join(tmpdir(), 'lanceur-spool-'));
  folders.length = 0;
});

afterEach(async () => {
  await rm(spool, { recursive: true, force: true, maxRetries: 5 });
});

function expanding() {
  return bench({
    expand: lines,
    spool,
    filter: nameFilter('*.env'),
    grouper: byExtension({ chorus_fact: '87' }),
    attempts: 2,
  });
}

describe('an envelope', () => {
  test('is accepted by the name that the source gives it, and goes to the job of its type, group by group', async () => {
    const { launcher, source, cold } = expanding();
    source.put({ name: 'a.env', content: 'one\ntwo' });
    source.put({ name: 'b.xml', content: 'never' });
    const { ended, left } = await launcher.run();
    expect(cold.arrivals.map((a) => [a.name, a.job])).toEqual([
      ['one.xml', '87'],
      ['two.xml', '87'],
    ]);
    expect(ended.map((e) => [e.ref.name, e.is, e.submissions.length])).toEqual([['a.env', 'accept', 2]]);
    expect(left.map((l) => [l.name, l.reason.code])).toEqual([['b.xml', 'NAME_REFUSED']]);
    await launcher.close();
  });

  test('leaves nothing in the spool', async () => {
    const { launcher, source } = expanding();
    source.put({ name: 'a.env', content: 'one' });
    await launcher.run();
    expect(folders).toHaveLength(1);
    expect(folders.filter((folder) => existsSync(folder))).toEqual([]);
    await launcher.close();
    expect(await readdir(spool)).toEqual([]);
  });

  test('that cannot be unpacked is rejected at once, with the reason, and leaves nothing in the spool', async () => {
    const { launcher, source } = expanding();
    source.put({ name: 'a.env', content: 'broken' });
    const { ended } = await launcher.run();
    expect(ended[0]).toMatchObject({ is: 'reject', reason: { code: 'EXPAND_FAILED' } });
    expect(source.quarantine).toHaveLength(1);
    await launcher.close();
    expect(await readdir(spool)).toEqual([]);
  });

  test('on which the expander has a bug is tried again, then rejected, and holds up nothing', async () => {
    const { launcher, source, cold, clock } = expanding();
    source.put({ name: 'a.env', content: 'bug' });
    source.put({ name: 'b.env', content: 'one' });
    expect((await launcher.run()).left.map((l) => l.reason.code)).toEqual(['EXPAND_FAILED']);
    expect(namesIn(cold)).toEqual(['one.xml']);
    await clock.advance(3_600_000);
    expect((await launcher.run()).ended.map((e) => e.is)).toEqual(['reject']);
    await launcher.close();
  });

  test('of which one group was refused sends that one alone when it is tried again', async () => {
    const { launcher, source, cold, clock } = expanding();
    source.put({ name: 'a.env', content: 'one\ntwo' });
    cold.failNext(
      'stage',
      new LanceurError('DOCUMENT_REFUSED', { name: 'one.xml', job: '87', why: 'busy' }, { transient: true }),
    );
    await launcher.run();
    expect(namesIn(cold)).toEqual(['two.xml']);
    await clock.advance(3_600_000);
    await launcher.run();
    expect(namesIn(cold)).toEqual(['two.xml', 'one.xml']);
    await launcher.close();
  });
});
