import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LanceurError, type SubmitOptions } from '@lanceur/core';
import { brokenDocument, memoryDocument, virtualClock } from '@lanceur/core/testing';
import {
  nodeFileSystem,
  waitingDirectory,
  type FileSystem,
  type OpenFile,
} from '@lanceur/protocols/waiting-directory';
import { content, failing, faulty, folder, gate, group, id, one, staged, waiting } from './bench.js';

describe('a target that cannot take documents', () => {
  const cases = [
    { call: 'writing', code: 'ENOSPC', expected: 'TARGET_FULL' },
    { call: 'writing', code: 'EDQUOT', expected: 'TARGET_FULL' },
    { call: 'writing', code: 'EIO', expected: 'TARGET_FAILED' },
    { call: 'creating', code: 'EROFS', expected: 'TARGET_DENIED' },
    { call: 'creating', code: 'EACCES', expected: 'TARGET_DENIED' },
    { call: 'flushing', code: 'EIO', expected: 'TARGET_FAILED' },
    { call: 'flushing', code: 'ENOSPC', expected: 'TARGET_FULL' },
    { call: 'placing', code: 'EROFS', expected: 'TARGET_DENIED' },
    { call: 'placing', code: 'EACCES', expected: 'TARGET_DENIED' },
    { call: 'placing', code: 'EPERM', expected: 'TARGET_DENIED' },
    { call: 'placing', code: 'ENOSPC', expected: 'TARGET_FULL' },
    { call: 'placing', code: 'ESTALE', expected: 'TARGET_FAILED' },
    { call: 'placing', code: 'EXDEV', expected: 'TARGET_FAILED' },
  ] as const;
  test.each(cases)(
    '$code while $call is $expected, blames no document, and heals by itself',
    async ({ call, code, expected }) => {
      const { path, staging } = waiting();
      const broken = { now: false };
      const submitter = waitingDirectory({ jobs: { '87': path }, fs: brokenIn(call, code, broken) });
      await submitter.submit(one('before.pdf'));
      broken.now = true;
      await expect(submitter.submit(one())).rejects.toMatchObject({
        code: expected,
        scope: 'target',
        job: '87',
        transient: true,
      });
      expect(Object.keys(content(path))).toEqual(['before.pdf']);
      expect(staged(staging), 'something is left in staging').toEqual([]);
      expect(submitter.health()).toMatchObject({ code: expected });
      broken.now = false;
      await submitter.submit(one());
      expect(Object.keys(content(path))).toEqual(['a.pdf', 'before.pdf']);
      expect(submitter.health()).toBeUndefined();
    },
  );

  test.each(['flat', 'folder'] as const)(
    'a waiting directory that is not there is TARGET_GONE, and is never made (%s)',
    async (layout) => {
      const { path, root } = waiting();
      rmSync(path, { recursive: true });
      const submitter = waitingDirectory({ jobs: { '87': path }, layout });
      await expect(submitter.submit(one())).rejects.toMatchObject({ code: 'TARGET_GONE', job: '87' });
      expect(() => content(root)).not.toThrow();
      expect(content(root)).toEqual({});
      mkdirSync(path);
      await submitter.submit(one());
      expect(Object.values(content(path))).toEqual(['one']);
    },
  );

  test('one that vanishes just before placing is TARGET_GONE, and the document arrives once it is back', async () => {
    const { path } = waiting();
    const submitter = waitingDirectory({ jobs: { '87': path } });
    const submissionId = id();
    const vanishes: SubmitOptions = {
      submissionId,
      beforePlacing: () => {
        renameSync(path, `${path}-away`);
        return Promise.resolve();
      },
    };
    await expect(submitter.submit(one(), vanishes)).rejects.toMatchObject({ code: 'TARGET_GONE' });
    renameSync(`${path}-away`, path);
    await submitter.submit(one(), { submissionId });
    expect(content(path)).toEqual({ 'a.pdf': 'one' });
  });

  test('a file in the place of the waiting directory is an error of the target', async () => {
    const { path } = waiting();
    rmSync(path, { recursive: true });
    writeFileSync(path, '');
    await expect(waitingDirectory({ jobs: { '87': path } }).submit(one())).rejects.toMatchObject({
      code: 'TARGET_FAILED',
    });
  });

  test('where staging cannot be made beside the target, the error says to set `staging`', async () => {
    const { path, root } = waiting();
    const fs = faulty({
      mkdir: (p) =>
        p.includes('.lanceur-staging') ? Promise.reject(failing('EACCES')) : nodeFileSystem.mkdir(p),
    });
    await expect(waitingDirectory({ jobs: { '87': path }, fs }).submit(one())).rejects.toThrow(
      /set `staging`/u,
    );
    await waitingDirectory({ jobs: { '87': path }, fs, staging: join(root, 'elsewhere') }).submit(one());
    expect(content(path)).toEqual({ 'a.pdf': 'one' });
  });

  test('staging on another volume is refused, at the first use and by check()', async () => {
    const { path } = waiting();
    const fs = faulty({ rename: () => Promise.reject(failing('EXDEV')) });
    const submitter = waitingDirectory({ jobs: { '87': path }, fs });
    await expect(submitter.submit(one())).rejects.toThrow(/not on the volume of/u);
    expect(await submitter.check()).toContainEqual(
      expect.objectContaining({ result: 'failed', name: 'job 87: placing' }),
    );
    expect(content(path)).toEqual({});
  });

  test('staging that says to be on another volume is refused where no rename tells, as on Windows', async () => {
    const { path } = waiting();
    const fs = faulty({
      stat: async (p) => {
        const stat = await nodeFileSystem.stat(p);
        return p.includes('.lanceur-staging') ? { ...stat, volume: 'another' } : stat;
      },
    });
    await expect(waitingDirectory({ jobs: { '87': path }, fs }).submit(one())).rejects.toThrow(
      /not on the volume of/u,
    );
  });

  test('what beforePlacing rejects with comes out as it is, even if it looks like an error of a disk', async () => {
    const { path, staging } = waiting();
    const submitter = waitingDirectory({ jobs: { '87': path } });
    const full = failing('ENOSPC', 'the ledger');
    await expect(submitter.submit(one(), { beforePlacing: () => Promise.reject(full) })).rejects.toBe(full);
    expect(submitter.health()).toBeUndefined();
    expect(staged(staging)).toEqual([]);
  });

  test('staging that is emptied by somebody meanwhile is made again, and nothing is lost', async () => {
    const { path, root } = waiting();
    const submitter = waitingDirectory({ jobs: { '87': path } });
    await submitter.submit(one());
    rmSync(join(root, '.lanceur-staging'), { recursive: true });
    await submitter.submit(one('b.pdf', 'two'));
    expect(content(path)).toEqual({ 'a.pdf': 'one', 'b.pdf': 'two' });
  });

  test('a name that the volume does not take blames the document, not the target', async () => {
    const { path } = waiting();
    const fs = faulty({
      link: (from, to) =>
        to.endsWith('long.pdf') ? Promise.reject(failing('ENAMETOOLONG')) : nodeFileSystem.link(from, to),
    });
    const submitter = waitingDirectory({ jobs: { '87': path }, fs });
    await expect(submitter.submit(one('long.pdf'))).rejects.toMatchObject({
      code: 'DOCUMENT_REFUSED',
      scope: 'document',
    });
    expect(submitter.health()).toBeUndefined();
  });
});

describe('room', () => {
  test('less free than is to be kept is TARGET_FULL, before anything is written', async () => {
    const { path, staging } = waiting();
    let free = 1_000_000;
    const fs = faulty({ statfs: async (p) => ({ ...(await nodeFileSystem.statfs(p)), free }) });
    const submitter = waitingDirectory({ jobs: { '87': path }, fs, keepFree: 1_000_000 });
    const failure = submitter.submit(one());
    await expect(failure).rejects.toMatchObject({
      code: 'TARGET_FULL',
      reason: { data: { free: 1_000_000, need: 1_000_003 } },
    });
    expect(staged(staging)).toEqual([]);
    free = 1_000_003;
    await submitter.submit(one());
    expect(content(path)).toEqual({ 'a.pdf': 'one' });
  });

  test('documents that are written at once do not each think that the last room is theirs', async () => {
    const { path } = waiting();
    const writing = gate();
    let written = 0;
    const fs = faulty({
      statfs: async (p) => ({ ...(await nodeFileSystem.statfs(p)), free: 1_000_000 - written }),
      open: async (p, flags) => {
        const file = await nodeFileSystem.open(p, flags);
        return {
          ...file,
          write: async (data) => {
            if (data.length > 1000) await writing.opened;
            await file.write(data);
            written += data.length;
          },
        };
      },
    });
    const submitter = waitingDirectory({ jobs: { '87': path }, fs, keepFree: 0 });
    await submitter.submit(one('first.pdf'));
    const big = ['1.pdf', '2.pdf', '3.pdf'].map((name) =>
      submitter.submit(one(name, Buffer.alloc(400_000))).then(
        () => 'placed',
        (error: unknown) => {
          writing.open(); // Only now, so that nothing is on the disk when the third one asks.
          return LanceurError.is(error) ? error.code : 'another error';
        },
      ),
    );
    expect((await Promise.all(big)).sort()).toEqual(['TARGET_FULL', 'placed', 'placed']);
  });

  const mounted = process.platform === 'linux' ? mountTmpfs('size=1m') : undefined;
  test.skipIf(mounted === undefined)(
    'on a disk that is really full: TARGET_FULL, nothing half-written, and it heals',
    async () => {
      const volume = mounted?.() ?? '';
      const path = join(volume, 'wait');
      mkdirSync(path);
      const submitter = waitingDirectory({ jobs: { '87': path }, keepFree: 0, fs: optimistic() });
      writeFileSync(join(volume, 'ballast'), Buffer.alloc(800_000));
      await expect(submitter.submit(one('a.pdf', Buffer.alloc(500_000)))).rejects.toMatchObject({
        code: 'TARGET_FULL',
        job: '87',
      });
      expect(content(path)).toEqual({});
      expect(staged(join(volume, '.lanceur-staging'))).toEqual([]);
      rmSync(join(volume, 'ballast'));
      await submitter.submit(one('a.pdf', Buffer.alloc(500_000)));
      expect(content(path)['a.pdf']).toHaveLength(500_000);
    },
  );

  test.skipIf(mounted === undefined)(
    'on a volume that is really read-only: TARGET_DENIED, and it heals',
    async () => {
      const volume = mounted?.() ?? '';
      const path = join(volume, 'wait');
      mkdirSync(path);
      const submitter = waitingDirectory({ jobs: { '87': path }, keepFree: 0 });
      execFileSync('mount', ['-o', 'remount,ro', volume]);
      await expect(submitter.submit(one())).rejects.toMatchObject({ code: 'TARGET_DENIED', job: '87' });
      execFileSync('mount', ['-o', 'remount,rw', volume]);
      await submitter.submit(one());
      expect(content(path)).toEqual({ 'a.pdf': 'one' });
    },
  );

  test.skipIf(mounted === undefined)(
    'a staging folder that is really on another volume is refused',
    async () => {
      const { path } = waiting();
      const submitter = waitingDirectory({ jobs: { '87': path }, staging: mounted?.() ?? '', keepFree: 0 });
      await expect(submitter.submit(one())).rejects.toThrow(/not on the volume of/u);
      expect(content(path)).toEqual({});
    },
  );

  test.skipIf(mounted === undefined)(
    'a staging folder behind another mount of the same volume is refused',
    async () => {
      const { path, root } = waiting();
      const other = join(root, 'other');
      mkdirSync(other);
      execFileSync('mount', ['--bind', other, other]);
      onTestFinished(() => void execFileSync('umount', [other]));
      await expect(waitingDirectory({ jobs: { '87': path }, staging: other }).submit(one())).rejects.toThrow(
        /not on the volume of/u,
      );
    },
  );
});

describe('a document that cannot be read', () => {
  test('ends in its own error where that is ours, with nothing left in staging', async () => {
    const { path, staging } = waiting();
    const changed = new LanceurError('CHANGED', { name: 'b.pdf' });
    const submitter = waitingDirectory({ jobs: { '87': path } });
    const documents = [
      memoryDocument('a.pdf', 'one'),
      brokenDocument('b.pdf', Buffer.alloc(200_000), changed),
    ];
    await expect(submitter.submit(group(documents))).rejects.toBe(changed);
    expect(staged(staging)).toEqual([]);
    expect(submitter.health()).toBeUndefined();
  });

  test.each(['ENOENT', 'ENOSPC', 'EACCES'])(
    'is DOCUMENT_UNREADABLE otherwise, and the target is not blamed (%s)',
    async (code) => {
      const { path } = waiting();
      const submitter = waitingDirectory({ jobs: { '87': path } });
      const submission = submitter.submit(group([brokenDocument('b.pdf', 'two', failing(code))]));
      await expect(submission).rejects.toMatchObject({ code: 'DOCUMENT_UNREADABLE', scope: 'document' });
      expect(submitter.health()).toBeUndefined();
    },
  );

  test('whose open() throws is DOCUMENT_UNREADABLE as well', async () => {
    const { path } = waiting();
    const document = {
      name: 'a.pdf',
      open: () => {
        throw failing('EMFILE');
      },
    };
    await expect(waitingDirectory({ jobs: { '87': path } }).submit(group([document]))).rejects.toMatchObject({
      code: 'DOCUMENT_UNREADABLE',
    });
  });

  test('that is too big is refused without being opened if it says so', async () => {
    const { path } = waiting();
    let opened = false;
    const document = {
      ...memoryDocument('a.pdf', 'four'),
      open: () => ((opened = true), memoryDocument('a.pdf', 'four').open()),
    };
    await expect(
      waitingDirectory({ jobs: { '87': path } }).submit(group([document]), { documentBytes: 3 }),
    ).rejects.toMatchObject({
      code: 'TOO_BIG',
    });
    expect(opened).toBe(false);
  });
});

describe('a call that does not come back', () => {
  test('is TARGET_STALLED after `stallMs`, nothing else is asked there until it returns, and then all is well', async () => {
    const { path } = waiting();
    const clock = virtualClock();
    const stuck = gate();
    const reached = gate();
    const returned = gate();
    const calls = { after: 0, isStuck: false };
    const submitter = waitingDirectory({
      jobs: { '87': path },
      clock,
      fs: counting(
        faulty({
          link: async (from, to) => {
            if (!to.endsWith('stuck.pdf')) return nodeFileSystem.link(from, to);
            reached.open();
            await stuck.opened;
            await nodeFileSystem.link(from, to);
            returned.open();
          },
        }),
        () => calls.isStuck && calls.after++,
      ),
    });
    const submission = expect(submitter.submit(one('stuck.pdf'))).rejects.toMatchObject({
      code: 'TARGET_STALLED',
      job: '87',
      reason: { data: { seconds: 60 } },
    });
    await reached.opened;
    await clock.advance(59_999);
    expect(submitter.health()).toBeUndefined();
    calls.isStuck = true;
    await clock.advance(1);
    await submission;
    await expect(submitter.submit(one('b.pdf'))).rejects.toMatchObject({ code: 'TARGET_STALLED' });
    await expect(
      submitter.find({ id: id(), key: 'pdf', job: '87', documents: ['a.pdf'] }),
    ).rejects.toMatchObject({ code: 'TARGET_STALLED' });
    await submitter.forget(['whatever']);
    expect(calls.after, 'calls were made while one was stuck').toBe(0);
    expect(submitter.health()).toMatchObject({ code: 'TARGET_STALLED' });
    calls.isStuck = false;
    stuck.open();
    await returned.opened;
    await turn();
    await submitter.submit(one('c.pdf'));
    expect(Object.keys(content(path))).toEqual(['c.pdf', 'stuck.pdf']);
  });

  test('and whose effect came after all is found, not sent again', async () => {
    const { path } = waiting();
    const clock = virtualClock();
    const stuck = gate();
    const reached = gate();
    const returned = gate();
    const fs = faulty({
      link: async (from, to) => {
        if (!to.startsWith(path)) return nodeFileSystem.link(from, to);
        reached.open();
        await stuck.opened;
        await nodeFileSystem.link(from, to);
        returned.open();
      },
    });
    const submitter = waitingDirectory({ jobs: { '87': path }, clock, fs });
    const submissionId = id();
    const submission = expect(
      submitter.submit(one(), { submissionId, beforePlacing: () => Promise.resolve() }),
    ).rejects.toMatchObject({ code: 'TARGET_STALLED' });
    await reached.opened;
    await clock.advance(60_000);
    await submission;
    stuck.open();
    await returned.opened;
    await turn();
    expect(
      await submitter.find({ id: submissionId, key: 'pdf', job: '87', documents: ['a.pdf'] }),
    ).toMatchObject({ is: 'found' });
    expect(content(path)).toEqual({ 'a.pdf': 'one' });
  });

  test('on one target holds up no other', async () => {
    const root = folder();
    for (const name of ['dead', 'alive']) mkdirSync(join(root, name));
    const clock = virtualClock();
    const reached = gate();
    const never = gate();
    const fs = faulty({
      stat: (p) =>
        p.endsWith('dead')
          ? (reached.open(), never.opened.then(() => nodeFileSystem.stat(p)))
          : nodeFileSystem.stat(p),
    });
    const submitter = waitingDirectory({
      jobs: { '1': join(root, 'dead'), '2': join(root, 'alive') },
      clock,
      fs,
    });
    const dead = expect(
      submitter.submit(group([memoryDocument('a.pdf', 'one')], 'pdf', '1')),
    ).rejects.toMatchObject({
      code: 'TARGET_STALLED',
      job: '1',
    });
    await reached.opened;
    await clock.advance(60_000);
    await dead;
    await submitter.submit(group([memoryDocument('a.pdf', 'one')], 'pdf', '2'));
    expect(content(join(root, 'alive'))).toEqual({ 'a.pdf': 'one' });
    never.open();
  });

  test('has all calls on its target wait behind it, and leaves the rest of the process its threads', async () => {
    const { path } = waiting();
    const stuck = gate();
    const clock = virtualClock();
    let held = 0;
    const most = Math.max(1, (Number(process.env['UV_THREADPOOL_SIZE']) || 4) - 1);
    const [reached, allClosed] = [gate(), gate()];
    const fs = faulty({
      open: async (p, flags) => {
        if (!p.endsWith('.0')) return nodeFileSystem.open(p, flags);
        if (++held === most) reached.open();
        await stuck.opened;
        const file = await nodeFileSystem.open(p, flags);
        const close = async () => {
          await file.close();
          if (--held === 0) allClosed.open();
        };
        return { ...file, close };
      },
    });
    const submitter = waitingDirectory({ jobs: { '87': path }, clock, fs });
    await submitter.check();
    const outcomes = Array.from({ length: 12 }, (_, n) =>
      expect(submitter.submit(one(`${String(n)}.pdf`))).rejects.toMatchObject({ code: 'TARGET_STALLED' }),
    );
    await reached.opened;
    await clock.advance(60_000);
    await Promise.all(outcomes);
    expect(held).toBe(most);
    stuck.open();
    await allClosed.opened;
  });

  test('and opens a file too late has it closed', async () => {
    const { path } = waiting();
    const clock = virtualClock();
    const [stuck, reached, closed] = [gate(), gate(), gate()];
    const fs = faulty({
      open: async (p, flags) => {
        if (!p.endsWith('.0')) return nodeFileSystem.open(p, flags);
        reached.open();
        await stuck.opened;
        const file = await nodeFileSystem.open(p, flags);
        return { ...file, close: () => file.close().then(closed.open) };
      },
    });
    const submission = expect(
      waitingDirectory({ jobs: { '87': path }, clock, fs }).submit(one()),
    ).rejects.toMatchObject({ code: 'TARGET_STALLED' });
    await reached.opened;
    await clock.advance(60_000);
    await submission;
    stuck.open();
    await closed.opened;
  });

  test('is not waited for until a clock that was set back is where it was', async () => {
    const { path } = waiting();
    const clock = virtualClock();
    let setBackMs = 0;
    const [stuck, reached] = [gate(), gate()];
    const fs = faulty({
      statfs: async (p) => {
        reached.open();
        await stuck.opened;
        return nodeFileSystem.statfs(p);
      },
    });
    const submission = expect(
      waitingDirectory({
        jobs: { '87': path },
        clock: { ...clock, now: () => clock.now() - setBackMs },
        fs,
      }).submit(one()),
    ).rejects.toMatchObject({ code: 'TARGET_STALLED' });
    await reached.opened;
    setBackMs = 86_400_000;
    for (let minute = 0; minute < 4; minute++) await clock.advance(60_000);
    await submission;
    stuck.open();
  });

  test('keeps no timer when nothing is under way, so that a program can end', async () => {
    const { path } = waiting();
    const clock = virtualClock();
    await waitingDirectory({ jobs: { '87': path }, clock }).submit(one());
    expect(clock.sleeping).toBe(0);
  });
});

describe('a virus scanner on Windows', () => {
  test.each(['EBUSY', 'EPERM', 'EACCES'])(
    'that holds a file for a moment is waited for (%s)',
    async (code) => {
      const { path } = waiting();
      const clock = patientClock();
      let refusals = 3;
      const fs = faulty({
        platform: 'win32',
        link: (from, to) =>
          to.startsWith(path) && refusals-- > 0
            ? Promise.reject(failing(code))
            : nodeFileSystem.link(from, to),
      });
      await waitingDirectory({ jobs: { '87': path }, clock, fs }).submit(one());
      expect(content(path)).toEqual({ 'a.pdf': 'one' });
      expect(clock.slept).toEqual([10, 30, 100]);
    },
  );

  test('that never lets go is waited for one second or so, and then the target is denied', async () => {
    const { path } = waiting();
    const clock = patientClock();
    const fs = faulty({
      platform: 'win32',
      link: (from, to) =>
        to.startsWith(path) ? Promise.reject(failing('EPERM')) : nodeFileSystem.link(from, to),
    });
    await expect(waitingDirectory({ jobs: { '87': path }, clock, fs }).submit(one())).rejects.toMatchObject({
      code: 'TARGET_DENIED',
    });
    expect(clock.slept).toEqual([10, 30, 100, 300, 700]);
  });

  test('elsewhere nothing is tried twice', async () => {
    const { path } = waiting();
    let tries = 0;
    const fs = faulty({
      platform: 'linux',
      link: (from, to) =>
        to.startsWith(path) ? (tries++, Promise.reject(failing('EPERM'))) : nodeFileSystem.link(from, to),
    });
    await expect(waitingDirectory({ jobs: { '87': path }, fs }).submit(one())).rejects.toMatchObject({
      code: 'TARGET_DENIED',
    });
    expect(tries).toBe(1);
  });
});

describe('shares that repeat a call whose answer was lost', () => {
  test('a link that finds its own work is no conflict', async () => {
    const { path } = waiting();
    const fs = faulty({
      link: async (from, to) => {
        await nodeFileSystem.link(from, to);
        if (to.startsWith(path)) throw failing('EEXIST');
      },
    });
    await waitingDirectory({ jobs: { '87': path }, fs }).submit(one());
    expect(content(path)).toEqual({ 'a.pdf': 'one' });
  });

  test('a rename that no longer finds its file is looked into, and not done again', async () => {
    const { path } = waiting();
    const fs = faulty({
      link: () => Promise.reject(failing('EPERM')),
      rename: async (from, to) => {
        await nodeFileSystem.rename(from, to);
        if (to === join(path, 'a.pdf')) throw failing('ENOENT');
      },
    });
    const submitter = waitingDirectory({ jobs: { '87': path }, fs });
    const submissionId = id();
    const submission = submitter.submit(one(), { submissionId, beforePlacing: () => Promise.resolve() });
    await expect(submission).rejects.toMatchObject({ scope: 'target' });
    expect(
      await submitter.find({ id: submissionId, key: 'pdf', job: '87', documents: ['a.pdf'] }),
    ).toMatchObject({ is: 'found' });
  });
});

type Broken = 'creating' | 'writing' | 'flushing' | 'placing';

/** Fails with `code` in one kind of call on documents, while `broken.now`. */
function brokenIn(where: Broken, code: string, broken: { readonly now: boolean }): FileSystem {
  const may = <T>(call: Broken, work: () => Promise<T>): Promise<T> =>
    broken.now && call === where ? Promise.reject(failing(code, call)) : work();
  return faulty({
    open: async (path, flags) => {
      const file = await (flags === 'wx'
        ? may('creating', () => nodeFileSystem.open(path, flags))
        : nodeFileSystem.open(path, flags));
      const broken: OpenFile = { ...file, write: (data) => may('writing', () => file.write(data)) };
      return flags === 'wx' ? { ...broken, sync: () => may('flushing', () => file.sync()) } : broken;
    },
    link: (from, to) =>
      may(to.includes('probe') ? 'creating' : 'placing', () => nodeFileSystem.link(from, to)),
  });
}

/** A file system that knows the real kind, and always says that there is room. */
function optimistic(): FileSystem {
  return faulty({ statfs: async (p) => ({ ...(await nodeFileSystem.statfs(p)), free: 1e12 }) });
}

function counting(fs: FileSystem, count: () => unknown): FileSystem {
  return {
    ...fs,
    open: (path, flags) => (count(), fs.open(path, flags)),
    link: (a, b) => (count(), fs.link(a, b)),
    rename: (a, b) => (count(), fs.rename(a, b)),
    unlink: (path) => (count(), fs.unlink(path)),
    mkdir: (path) => (count(), fs.mkdir(path)),
    readdir: (path) => (count(), fs.readdir(path)),
    stat: (path) => (count(), fs.stat(path)),
    lstat: (path) => (count(), fs.lstat(path)),
    statfs: (path) => (count(), fs.statfs(path)),
  };
}

/** Sleeps at once, save for the watch over stalled calls, and says how long it would have been. */
function patientClock() {
  const slept: number[] = [];
  const watch = virtualClock();
  return {
    slept,
    now: () => watch.now(),
    sleep: (ms: number, signal?: AbortSignal) =>
      ms >= 60_000 ? watch.sleep(ms, signal) : (slept.push(ms), Promise.resolve()),
  };
}

/** Makes a small volume for a test, where that is permitted; says loudly where it is not. */
function mountTmpfs(options: string): (() => string) | undefined {
  const mount = () => {
    const path = folder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { stdio: 'pipe' });
    onTestFinished(() => void execFileSync('umount', ['-l', path]));
    return path;
  };
  const path = mkdtempSync(join(tmpdir(), 'lanceur-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { stdio: 'pipe' });
    execFileSync('umount', [path]);
  } catch {
    console.warn(
      'SKIPPED, mounting is not permitted: the tests on a volume that is really full, read-only or another',
    );
    return undefined;
  } finally {
    rmdirSync(path);
  }
  return mount;
}
