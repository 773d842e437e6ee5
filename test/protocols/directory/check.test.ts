import { readdir } from 'node:fs/promises';
import { doneFile, keep, moveTo } from '@lanceur/protocols/directory';
import { describe, expect, test } from 'vitest';
import { bench } from './bench.js';
import { fsError, interposed, type FileCall } from './interposed.js';

async function results(
  listener: ReturnType<Awaited<ReturnType<typeof bench>>['listener']>,
): Promise<readonly string[]> {
  return ((await listener.check?.()) ?? []).map((c) => c.result);
}

describe('check', () => {
  test('tries listing, taking out, quarantine and the clock, and leaves nothing behind', async () => {
    const b = await bench({ quiet: 5000 });
    expect(await results(b.listener())).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(await results(b.listener({ after: moveTo(`${b.beside}/a/b`) }))).toEqual([
      'ok',
      'ok',
      'ok',
      'ok',
      'ok',
    ]);
    expect(await readdir(b.path)).toEqual([]);
    expect(await readdir(b.beside)).toEqual([]);
  });

  test('keeps a working folder that is in use', async () => {
    const b = await bench({ quiet: 5000 });
    await b.write('.lanceur/rejected/a.pdf');
    await results(b.listener());
    expect(await b.tree()).toEqual({ '.lanceur/rejected/a.pdf': '.lanceur/rejected/a.pdf' });
  });

  test('its own file is never taken for a document', async () => {
    const b = await bench();
    const names: string[] = [];
    const fs = interposed({
      async after(name) {
        if (name === 'create') names.push(...(await readdir(b.path)));
      },
    });
    await b.listener({ fs }).check?.();
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(name).toMatch(/^\.lanceur(?:$|-check-.*\.tmp$)/u);
  });

  test('warns when files are taken at once and nothing tells that they are whole', async () => {
    const b = await bench();
    expect((await b.listener({ quiet: 5 }).check?.())?.at(-1)).toMatchObject({
      result: 'warning',
      message: expect.stringContaining('5 s is 5000') as string,
    });
    expect((await b.listener({ quiet: 0 }).check?.())?.at(-1)).toMatchObject({
      result: 'warning',
      message: expect.stringContaining('quiet: 0') as string,
    });
    expect((await b.listener({ quiet: 0, complete: doneFile('{name}.ok') }).check?.())?.at(-1)).toMatchObject(
      { result: 'ok' },
    );
  });

  test.each<readonly [FileCall, string, number]>([
    ['list', 'EACCES', 0],
    ['move', 'EPERM', 1],
    ['remove', 'EACCES', 1],
  ])('says which step fails when %s gives %s', async (call, code, failed) => {
    const b = await bench({ quiet: 5000 });
    const fs = interposed({
      before(name) {
        if (name === call) throw fsError(code);
      },
    });
    const checks = (await b.listener({ fs }).check?.()) ?? [];
    expect(checks[failed]).toMatchObject({ result: 'failed', reason: { code: 'SOURCE_DENIED' } });
  });

  test('of a source that is read only, and kept, says how ages are told', async () => {
    const b = await bench({ quiet: 5000, after: keep() });
    const fs = interposed({
      before(name) {
        if (name === 'create' || name === 'makeFolder') throw fsError('EROFS');
      },
    });
    const checks = (await b.listener({ fs }).check?.()) ?? [];
    expect(checks.map((c) => c.result)).toEqual(['ok', 'failed', 'warning']);
  });
});
