// What another program holds: a virus scanner, an indexer, the COLD itself. The errors are those of Windows, injected;
// where the tests run on Windows, files are really held.
import { mkdirSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LanceurError, type Clock } from '@lanceur/core';
import { memoryDocument, virtualClock } from '@lanceur/core/testing';
import {
  nodeFileSystem,
  waitingDirectory,
  type FileSystem,
  type TargetOptions,
} from '@lanceur/protocols/waiting-directory';
import { content, failing, faulty, filesIn, group, id, one, planned, waiting } from './bench.js';

const ALL_PAUSES = [10, 30, 100, 300, 700];

type Call = 'open' | 'link' | 'rename' | 'unlink' | 'mkdir' | 'rmdir';

/** Calls are refused with `code` while `refuses` says so. */
function held(refuses: (call: Call, path: string) => boolean, code: string, disk: FileSystem = faulty({})) {
  const may = <T>(call: Call, path: string, work: () => Promise<T>): Promise<T> =>
    refuses(call, path) ? Promise.reject(failing(code, call)) : work();
  return {
    ...disk,
    platform: 'win32' as const,
    open: (path: string, flags: Parameters<FileSystem['open']>[1]) =>
      may('open', path, () => disk.open(path, flags)),
    link: (from: string, to: string) => may('link', to, () => disk.link(from, to)),
    rename: (from: string, to: string) => may('rename', to, () => disk.rename(from, to)),
    unlink: (path: string) => may('unlink', path, () => disk.unlink(path)),
    mkdir: (path: string) => may('mkdir', path, () => disk.mkdir(path)),
    rmdir: (path: string) => may('rmdir', path, () => disk.rmdir(path)),
  };
}

/** Pauses take no time and are noted; the watch over stalled calls never comes. `then` runs in a pause. */
function hasty(then: () => unknown = () => undefined): { readonly clock: Clock; readonly slept: number[] } {
  const slept: number[] = [];
  const watch = virtualClock();
  const clock: Clock = {
    now: () => Date.now(),
    async sleep(ms, signal) {
      if (ms >= 60_000) return watch.sleep(ms, signal);
      slept.push(ms);
      await then();
    },
  };
  return { clock, slept };
}

const withoutLinks = faulty({ link: () => Promise.reject(failing('EISDIR', 'link')) });

/** Where Windows refuses a call, and what is placed there then. */
const CALLS: readonly {
  readonly call: Call;
  readonly at: RegExp;
  readonly disk?: FileSystem;
  readonly options?: TargetOptions;
  readonly placed: Readonly<Record<string, string>>;
}[] = [
  { call: 'mkdir', at: /\.lanceur-staging$/u, placed: { 'a.pdf': 'one' } },
  { call: 'open', at: /\.0$/u, placed: { 'a.pdf': 'one' } },
  { call: 'link', at: /a\.pdf$/u, placed: { 'a.pdf': 'one' } },
  { call: 'rename', at: /a\.pdf$/u, disk: withoutLinks, placed: { 'a.pdf': 'one' } },
  { call: 'rename', at: /factures[/\\]a$/u, options: { layout: 'folder' }, placed: { 'a/a.pdf': 'one' } },
];

describe.each(['EBUSY', 'EPERM', 'EACCES'])('on Windows, where a file that is held gives %s,', (code) => {
  describe.each(CALLS)('$call', ({ call, at, disk, options, placed }) => {
    test('waits for it for a moment', async () => {
      const { path } = waiting();
      const { clock, slept } = hasty();
      let left = 2;
      const fs = held((name, p) => name === call && at.test(p) && left-- > 0, code, disk);
      await waitingDirectory({ jobs: { '87': { path, ...options } }, clock, fs }).submit(one());
      expect(content(path)).toEqual(placed);
      expect(slept).toEqual(ALL_PAUSES.slice(0, 2));
    });

    test('that is never let through ends in an error of the target, and the document goes on once it is', async () => {
      const { path } = waiting();
      const { clock, slept } = hasty();
      let never = true;
      const fs = held((name, p) => never && name === call && at.test(p), code, disk);
      const submitter = waitingDirectory({ jobs: { '87': { path, ...options } }, clock, fs });
      const submissionId = id();
      await expect(submitter.submit(one(), { submissionId })).rejects.toMatchObject({
        code: code === 'EBUSY' ? 'TARGET_FAILED' : 'TARGET_DENIED',
        scope: 'target',
        transient: true,
        message: expect.stringContaining(code),
      });
      expect(slept.length % ALL_PAUSES.length).toBe(0);
      expect(slept.slice(0, 5)).toEqual(ALL_PAUSES);
      expect(content(path)).toEqual({});
      never = false;
      await submitter.submit(one(), { submissionId });
      expect(content(path)).toEqual(placed);
    });
  });

  test('evidence that is held is removed with the next that is forgotten, and stops nobody', async () => {
    const { path, staging } = waiting();
    const { clock, slept } = hasty();
    let never = true;
    const fs = held((name, p) => never && name === 'unlink' && p.endsWith('.0'), code);
    const submitter = waitingDirectory({ jobs: { '87': path }, clock, fs });
    const submissionId = id();
    await submitter.submit(one(), { submissionId });
    await submitter.forget([submissionId]);
    expect(slept).toEqual(ALL_PAUSES);
    expect(filesIn(staging).filter((name) => name.endsWith('.0'))).toHaveLength(1);
    never = false;
    await submitter.forget([]);
    expect(filesIn(staging).filter((name) => name.endsWith('.0'))).toEqual([]);
    expect(content(path)).toEqual({ 'a.pdf': 'one' });
  });
});

test('a staged folder whose deleted file is still read goes once it has been read, and the group is sent', async () => {
  const { path, staging } = waiting();
  const { clock, slept } = hasty();
  let left = 0;
  const fs = held((name, p) => name === 'rmdir' && p.endsWith('.d') && left-- > 0, 'ENOTEMPTY');
  const submitter = waitingDirectory({ jobs: { '87': { path, layout: 'folder' } }, clock, fs });
  const submissionId = id();
  const noted = submitter.submit(one(), {
    submissionId,
    beforePlacing: () => Promise.reject(new LanceurError('LEASE_LOST', { name: 'a.pdf' })),
  });
  left = 2;
  await expect(noted).rejects.toMatchObject({ code: 'LEASE_LOST' });
  expect(slept).toEqual(ALL_PAUSES.slice(0, 2));
  expect(filesIn(staging).filter((name) => name.includes('.d'))).toEqual([]);
  await submitter.submit(one(), { submissionId });
  expect(content(path)).toEqual({ 'a/a.pdf': 'one' });
});

test('what another program places under the name while the launcher waits is not replaced', async () => {
  const { path } = waiting();
  let left = 1;
  const fs = held((name, p) => name === 'rename' && p.endsWith('a.pdf') && left-- > 0, 'EPERM', withoutLinks);
  const { clock, slept } = hasty(() => {
    writeFileSync(join(path, 'a.pdf'), 'another’s');
  });
  await waitingDirectory({ jobs: { '87': path }, clock, fs }).submit(one());
  expect(slept).toEqual([10]);
  expect(content(path)).toEqual({ 'a.pdf': 'another’s', 'a (2).pdf': 'one' });
});

test('an attempt that is asked about while it waits places nothing any more', async () => {
  const { path } = waiting();
  const submissionId = id();
  let left = 1;
  let found: unknown;
  const fs = held((name, p) => name === 'link' && p.endsWith('a.pdf') && left-- > 0, 'EPERM');
  const { clock } = hasty(() => {
    found = submitter.find(planned(submissionId, sent));
  });
  const submitter = waitingDirectory({ jobs: { '87': path }, clock, fs });
  let sent: Parameters<typeof planned>[1] = [];
  const submission = submitter.submit(one(), {
    submissionId,
    beforePlacing: (all) => {
      sent = all;
      return Promise.resolve();
    },
  });
  await expect(submission).rejects.toMatchObject({ code: 'LEASE_LOST' });
  expect(await found).toEqual({ is: 'absent' });
  expect(content(path)).toEqual({});
});

test('names that Windows keeps for devices, or cuts, are made safe before anything is written', async () => {
  const { path, staging } = waiting();
  const written: string[] = [];
  const disk = faulty({});
  const fs = {
    ...held(() => false, 'EPERM'),
    open: (p: string, flags: Parameters<FileSystem['open']>[1]) => (written.push(p), disk.open(p, flags)),
    link: (from: string, to: string) => (written.push(to), disk.link(from, to)),
  };
  const names = [
    'CON',
    'nul.pdf',
    'COM¹.txt',
    'trailing.pdf. .',
    'a:stream.pdf',
    'LPT9.tar.gz',
    '..\\out.pdf',
  ];
  const submitter = waitingDirectory({ jobs: { '87': path }, clock: hasty().clock, fs });
  await submitter.submit(group(names.map((name) => memoryDocument(name, name))));
  expect(Object.keys(content(path)).sort()).toEqual(
    ['_CON', '_nul.pdf', '_COM¹.txt', 'trailing.pdf', 'a_stream.pdf', '_LPT9.tar.gz', '.._out.pdf'].sort(),
  );
  const below = (p: string) => p.slice((p.startsWith(staging) ? staging : path).length + 1);
  for (const p of written)
    expect(below(p)).not.toMatch(/[:*?"<>|]|(?:^|[/\\])(?:con|nul|com¹|lpt9)(?:[ .]|$)|[. ]$/iu);
});

describe.runIf(process.platform === 'win32')('a file that is really held', () => {
  /** Opens it so that nobody else can: libuv's UV_FS_O_EXLOCK, no sharing at all. */
  const exclusively = async (path: string): Promise<FileHandle> => {
    const handle = await open(path, 0x10000000);
    onTestFinished(() => handle.close());
    return handle;
  };

  /** Holds what is staged when it is about to be placed. */
  const scanner = () => {
    let handle: FileHandle | undefined;
    const disk = nodeFileSystem;
    const fs = faulty({
      link: async (from, to) => {
        if (to.endsWith('a.pdf')) handle ??= await exclusively(from);
        await disk.link(from, to);
      },
      rename: async (from, to) => {
        if (to.endsWith('a.pdf')) handle ??= await exclusively(from);
        await disk.rename(from, to);
      },
    });
    return { fs, letGo: () => handle?.close(), wasThere: () => handle !== undefined };
  };

  test.each([true, false])('while it is placed is waited for (hard links: %s)', async (links) => {
    const { path } = waiting();
    const { fs, letGo, wasThere } = scanner();
    const { clock } = hasty(letGo);
    const disk = links ? fs : { ...fs, link: withoutLinks.link };
    await waitingDirectory({ jobs: { '87': path }, clock, fs: disk }).submit(one());
    await letGo();
    expect(wasThere()).toBe(true);
    expect(content(path)).toEqual({ 'a.pdf': 'one' });
  });

  test('and has the name already is numbered around, not replaced', async () => {
    const { path } = waiting();
    writeFileSync(join(path, 'a.pdf'), 'held');
    const handle = await exclusively(join(path, 'a.pdf'));
    const { clock } = hasty();
    await waitingDirectory({ jobs: { '87': path }, clock }).submit(one());
    await handle.close();
    expect(content(path)).toEqual({ 'a.pdf': 'held', 'a (2).pdf': 'one' });
  });

  test('by its name in another letter case is the same name', async () => {
    const { path } = waiting();
    writeFileSync(join(path, 'A.PDF'), 'there');
    mkdirSync(join(path, 'É.pdf'));
    await waitingDirectory({ jobs: { '87': path } }).submit(group([memoryDocument('a.pdf', 'one')]));
    await waitingDirectory({ jobs: { '87': path } }).submit(group([memoryDocument('é.PDF', 'two')]));
    expect(content(path)).toEqual({ 'A.PDF': 'there', 'a (2).pdf': 'one', 'é (2).PDF': 'two' });
  });
});
