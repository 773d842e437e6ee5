// What another program holds: a virus scanner, an indexer, a backup. The errors are those of Windows, injected; where the
// tests run on Windows, files are really held.
import { rmdirSync } from 'node:fs';
import { mkdir, open, writeFile, type FileHandle } from 'node:fs/promises';
import type { Settlement } from '@lanceur/core';
import type { DirectoryOptions } from '@lanceur/protocols/directory';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  acceptance,
  bench,
  find,
  hastyClock,
  listed,
  outside,
  settleOne,
  using,
  type Bench,
} from './bench.js';
import { fsError, interposed, realFileSystem, type FileCall } from './interposed.js';

const REFUSED = { code: 'DOCUMENT_REFUSED', message: 'it was refused' } as const;
const ALL_PAUSES = [50, 150, 400];

/** A call that Windows refuses while somebody holds the file, and the settlement in which it is made. */
const CALLS: readonly {
  readonly call: FileCall;
  readonly end: Settlement['end'];
  readonly options: Partial<DirectoryOptions>;
  readonly files: readonly string[];
  readonly id: string;
}[] = [
  { call: 'move', end: 'accept', options: {}, files: ['a.pdf'], id: 'a.pdf' },
  { call: 'remove', end: 'accept', options: {}, files: ['a.pdf'], id: 'a.pdf' },
  { call: 'move', end: 'reject', options: {}, files: ['a.pdf'], id: 'a.pdf' },
  { call: 'create', end: 'reject', options: {}, files: ['a.pdf'], id: 'a.pdf' },
  { call: 'makeFolder', end: 'reject', options: {}, files: ['a.pdf'], id: 'a.pdf' },
  { call: 'create', end: 'accept', options: { unit: 'stem' }, files: ['a.pdf', 'a.xml'], id: 'a' },
  { call: 'makeFolder', end: 'accept', options: { unit: 'stem' }, files: ['a.pdf', 'a.xml'], id: 'a' },
  { call: 'remove', end: 'accept', options: { unit: 'entry' }, files: ['d/a.pdf', 'd/b/c.pdf'], id: 'd' },
  { call: 'removeFolder', end: 'accept', options: { unit: 'entry' }, files: ['d/a.pdf'], id: 'd' },
];

/** Settles while `call` is refused `times` times, as this platform would say it. */
async function settleHeld(
  b: Bench,
  { call, end, options, files, id }: (typeof CALLS)[number],
  how: { readonly code: string; readonly times: number; readonly platform: NodeJS.Platform },
) {
  for (const file of files) await b.write(file);
  const { clock, slept } = hastyClock();
  let refusals = 0;
  let left = how.times;
  const held = interposed({
    before(name) {
      if (name !== call || left === 0) return;
      left--;
      refusals++;
      throw fsError(how.code);
    },
  });
  const settlement = await using(b.listener(options), async (session) => ({
    ...(await acceptance(session, find(await listed(session), id))),
    end,
    ...(end === 'reject' && { reason: REFUSED }),
  }));
  const listener = b.listener({ ...options, clock, fs: { ...held, platform: how.platform } });
  const settled = await using(listener, (s) => settleOne(s, settlement));
  return { settled, slept, refusals, settlement };
}

describe.each(['EBUSY', 'EPERM', 'EACCES'])('on Windows, where a file that is held gives %s,', (code) => {
  test.each(CALLS)('$call waits for it for a moment ($end, $id)', async (one) => {
    const b = await bench();
    const { settled, slept } = await settleHeld(b, one, { code, times: 2, platform: 'win32' });
    expect(settled).toMatchObject({ how: 'removed' });
    expect(slept).toEqual(ALL_PAUSES.slice(0, 2));
    expect(outside(await b.tree())).toEqual({});
  });

  test.each(CALLS)(
    '$call that is never let through ends, loses nothing, and is done the next time ($end, $id)',
    async (one) => {
      const b = await bench();
      const { settled, slept, settlement } = await settleHeld(b, one, {
        code,
        times: Infinity,
        platform: 'win32',
      });
      expect(settled).toMatchObject({ how: 'failed', reason: { code: 'NOT_SETTLED' } });
      expect(settled.reason?.message).toContain(code);
      expect(slept.length % ALL_PAUSES.length).toBe(0);
      expect(slept.slice(0, 3)).toEqual(ALL_PAUSES);
      expect(await using(b.listener(one.options), (s) => settleOne(s, settlement))).toMatchObject({
        how: 'removed',
      });
      expect(outside(await b.tree())).toEqual({});
    },
  );
});

test.each(['EPERM', 'EACCES'])(
  'elsewhere %s is a matter of rights, and nothing is tried twice',
  async (code) => {
    const b = await bench();
    const [accept] = CALLS;
    const { settled, slept, refusals } = await settleHeld(b, accept!, {
      code,
      times: Infinity,
      platform: 'linux',
    });
    expect(settled).toMatchObject({ how: 'failed' });
    expect([slept, refusals]).toEqual([[], 1]);
  },
);

describe('a folder whose last file is deleted, and still shown because a scanner reads it', () => {
  const entry = CALLS.find(({ call }) => call === 'removeFolder')!;

  test('leaves once the scanner has let go, and is not taken for one that has been filled again', async () => {
    const b = await bench();
    const { settled, slept } = await settleHeld(b, entry, {
      code: 'ENOTEMPTY',
      times: 3,
      platform: 'win32',
    });
    expect(settled).toMatchObject({ how: 'removed' });
    expect(slept).toEqual(ALL_PAUSES);
    expect(await b.tree()).toEqual({});
  });

  test('goes back where something has really come meanwhile', async () => {
    const b = await bench({ unit: 'entry' });
    await b.write('d/a.pdf');
    const { clock } = hastyClock();
    const fs = interposed({
      async before(name, path) {
        if (name === 'removeFolder') await writeFile(`${path}/late.pdf`, 'late');
      },
    });
    await using(b.listener({ clock, fs: { ...fs, platform: 'win32' } }), async (session) => {
      const settlement = await acceptance(session, find(await listed(session), 'd'));
      expect(await settleOne(session, settlement)).toMatchObject({ how: 'changed' });
    });
    expect(outside(await b.tree())).toEqual({ 'd/late.pdf': 'late' });
  });
});

test('what is put back is linked as soon as it is let go of, and not renamed over what may have come', async () => {
  const b = await bench();
  await b.write('a.pdf', 'before');
  const { clock, slept } = hastyClock();
  let held = 2;
  const calls: string[] = [];
  const fs = interposed({
    async before(name, path) {
      calls.push(name);
      if (name === 'link' && held-- > 0) throw fsError('EPERM');
      // Rewritten after it was captured.
      if (name === 'stat' && path.includes('taken') && calls.at(-2) === 'move')
        await writeFile(path, 'rewritten');
    },
  });
  await using(b.listener({ clock, fs: { ...fs, platform: 'win32' } }), async (session) => {
    const settlement = await acceptance(session, find(await listed(session), 'a.pdf'));
    expect(await settleOne(session, settlement)).toMatchObject({ how: 'changed' });
  });
  expect(slept).toEqual([50, 150]);
  expect(calls.slice(calls.indexOf('link'))).not.toContain('move');
  expect(await b.tree()).toEqual({ 'a.pdf': 'rewritten' });
});

describe.runIf(process.platform === 'win32')('a file that is really held', () => {
  /** Opens it so that nobody else can: libuv's UV_FS_O_EXLOCK, no sharing at all. */
  const exclusively = async (path: string): Promise<FileHandle> => {
    const handle = await open(path, 0x10000000);
    onTestFinished(() => handle.close());
    return handle;
  };

  /** Lets go of what is held at the second pause. */
  const releasing = (handle: FileHandle) => {
    const { clock, slept } = hastyClock();
    return {
      slept,
      clock: {
        now: () => clock.now(),
        async sleep(ms: number, signal?: AbortSignal) {
          await clock.sleep(ms, signal);
          if (slept.length === 2) await handle.close();
        },
      },
    };
  };

  test('while it is read is waited for', async () => {
    const b = await bench();
    await b.write('a.pdf', 'content');
    const { clock, slept } = releasing(await exclusively(b.at('a.pdf')));
    await using(b.listener({ clock }), async (session) => {
      const { sent } = await acceptance(session, find(await listed(session), 'a.pdf'));
      expect(sent).toMatchObject([{ name: 'a.pdf', size: 7 }]);
    });
    expect(slept).toEqual([50, 150]);
  });

  test('and never let go of is a reason, in words', async () => {
    const b = await bench();
    await b.write('a.pdf', 'content');
    await exclusively(b.at('a.pdf'));
    const { clock, slept } = hastyClock();
    await using(b.listener({ clock }), async (session) => {
      const ref = find(await listed(session), 'a.pdf');
      await expect(acceptance(session, ref)).rejects.toMatchObject({
        code: 'DOCUMENT_UNREADABLE',
        message: expect.stringContaining('another program holds it'),
      });
    });
    expect(slept).toEqual(ALL_PAUSES);
  });

  test('when it is to leave is waited for', async () => {
    const b = await bench();
    await b.write('a.pdf', 'content');
    const settlement = await using(b.listener(), async (s) => acceptance(s, find(await listed(s), 'a.pdf')));
    const { clock, slept } = releasing(await exclusively(b.at('a.pdf')));
    expect(await using(b.listener({ clock }), (s) => settleOne(s, settlement))).toMatchObject({
      how: 'removed',
    });
    expect(slept).toEqual([50, 150]);
    expect(await b.tree()).toEqual({});
  });

  test('in a folder that is to leave, while it is deleted, is waited for', async () => {
    const b = await bench({ unit: 'entry' });
    await b.write('d/a.pdf');
    let reader: FileHandle | undefined;
    const { clock, slept } = hastyClock();
    const fs = interposed({
      async before(name, path) {
        // Shared, as a scanner reads: the deletion succeeds, and the name stays until it has read.
        if (name === 'remove' && path.endsWith('a.pdf')) reader = await open(path);
      },
    });
    const patient = {
      now: () => clock.now(),
      async sleep(ms: number, signal?: AbortSignal) {
        await clock.sleep(ms, signal);
        if (signal === undefined) await reader?.close();
      },
    };
    await using(b.listener({ clock: patient, fs }), async (session) => {
      const settlement = await acceptance(session, find(await listed(session), 'd'));
      expect(await settleOne(session, settlement)).toMatchObject({ how: 'removed' });
    });
    // Windows 10 takes the name away at once, and there is nothing to wait for.
    expect([[], [50]]).toContainEqual(slept);
    expect(() => {
      rmdirSync(b.at('d'));
    }).toThrow('ENOENT');
  });

  test('named by a ref whose letters are in another case, in the working folder, is none of ours', async () => {
    const b = await bench();
    await mkdir(b.at('.lanceur'), { recursive: true });
    await b.write('.lanceur/a.pdf');
    await using(b.listener(), async (session) => {
      const ref = { id: '.LANCEUR/a.pdf', version: '1', name: 'a.pdf' };
      await expect(session.open(ref)).rejects.toMatchObject({ code: 'GONE' });
    });
    expect(await realFileSystem.stat(b.at('.LANCEUR', 'A.PDF'))).toMatchObject({ kind: 'file' });
  });
});
