import {
  chmodSync,
  existsSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { LanceurError, type Planned, type Sent } from '@lanceur/core';
import { memoryDocument } from '@lanceur/core/testing';
import {
  nodeFileSystem,
  waitingDirectory,
  type FileSystem,
  type WaitingDirectoryOptions,
} from '@lanceur/protocols/waiting-directory';
import {
  content,
  failing,
  faulty,
  filesIn,
  gate,
  group,
  id,
  one,
  planned,
  staged,
  waiting,
} from './bench.js';

const linux = process.platform === 'linux';
type Options = Omit<WaitingDirectoryOptions, 'jobs'>;

describe('what a process that died has placed', () => {
  test('is found where it waits', async () => {
    const { path } = waiting();
    const note = await placedThenDied(path);
    expect(await next(path).find(note)).toEqual({
      is: 'found',
      receipt: {
        submissionId: note.id,
        at: expect.any(Number) as unknown,
        documents: note.sent?.map(({ name, size, sha256 }) => ({ name, size, sha256 })),
      },
    });
  });

  test('is found although the COLD has moved it elsewhere on the volume', async () => {
    const { path, root } = waiting();
    const note = await placedThenDied(path);
    renameSync(join(path, 'a.pdf'), join(root, 'archived'));
    expect(await next(path).find(note)).toMatchObject({ is: 'found' });
  });

  test.runIf(linux)(
    'is found although the COLD has deleted it, by the ctime that the link has left',
    async () => {
      const { path } = waiting();
      const note = await placedThenDied(path);
      unlinkSync(join(path, 'a.pdf'));
      expect(await next(path).find(note)).toMatchObject({ is: 'found' });
    },
  );

  test('is found by the staged file’s second name where the ledger has lost the note', async () => {
    const { path } = waiting();
    const { sent: _lost, ...note } = await placedThenDied(path);
    expect(await next(path).find(note)).toMatchObject({
      is: 'found',
      receipt: { documents: [{ name: 'a.pdf', size: 3 }] },
    });
  });

  test('is found whole by its manifest, even where the documents alone would not tell', async () => {
    const { path, staging } = waiting();
    const note = await placedThenDied(path, { manifest: true });
    const [run = ''] = readdirSync(staging);
    const document = readdirSync(join(staging, run)).find((name) => name.endsWith('.0')) ?? '';
    rmSync(join(staging, run, document));
    expect(await next(path, { manifest: true }).find(note)).toMatchObject({ is: 'found' });
  });
});

describe('`find` says that it does not know', () => {
  const untold: Readonly<Record<string, (where: { path: string; staging: string }) => void>> = {
    'when staging as a whole has gone': ({ staging }) => {
      rmSync(staging, { recursive: true });
    },
    'when the staged file has gone': ({ staging }) => {
      for (const file of staged(staging)) rmSync(join(staging, file));
    },
    'when the document is gone and its rights have been changed, which moves the ctime as well': ({
      path,
      staging,
    }) => {
      unlinkSync(join(path, 'a.pdf'));
      for (const file of staged(staging)) chmodSync(join(staging, file), 0o600);
    },
  };
  test.each(Object.entries(untold))('%s', async (_when, happens) => {
    const { path, staging } = waiting();
    const note = await placedThenDied(path);
    happens({ path, staging });
    expect(await next(path).find(note)).toEqual({ is: 'unknown' });
  });

  test('when the COLD has deleted it, on a volume where a ctime alone proves nothing', async () => {
    const { path } = waiting();
    const share = faulty({
      statfs: async (p) => ({ ...(await nodeFileSystem.statfs(p)), type: 0xff534d42 }),
    });
    const note = await placedThenDied(path, { fs: share });
    expect(await next(path, { fs: share }).find(note)).toMatchObject({ is: 'found' });
    unlinkSync(join(path, 'a.pdf'));
    expect(await next(path, { fs: share }).find(note)).toEqual({ is: 'unknown' });
  });

  test('when the COLD has deleted it, on a volume where links leave no trace in the ctime', async () => {
    const { path } = waiting();
    const frozenTimes = faulty({ lstat: async (p) => ({ ...(await nodeFileSystem.lstat(p)), ctimeNs: 0n }) });
    const note = await placedThenDied(path, { fs: frozenTimes });
    unlinkSync(join(path, 'a.pdf'));
    expect(await next(path, { fs: frozenTimes }).find(note)).toEqual({ is: 'unknown' });
  });

  test.each(['flat', 'folder'] as const)(
    'without hard links, when files have vanished from the run and its witness with them (%s)',
    async (layout) => {
      const { path, staging } = waiting();
      const fs = withoutLinks();
      const note = await placedThenDied(path, { fs, layout });
      expect(await next(path, { fs, layout }).find(note)).toMatchObject({ is: 'found' });
      const taken = readdirSync(staging).find((name) => name.endsWith('.taken')) ?? '';
      for (const name of readdirSync(join(staging, taken))) unlinkSync(join(staging, taken, name));
      expect(await next(path, { fs, layout }).find(note)).toEqual({ is: 'unknown' });
    },
  );

  test.each([
    undefined,
    'nonsense',
    '{"n":1,"e":["link","../..","etc"]}',
    '{"n":1,"e":["link","run","../../etc/passwd","1"]}',
    '{"n":"1"}',
    '{"n":1,"e":["magic","run","staged"]}',
  ])('when the note is not one of its own, and touches nothing (%s)', async (mark) => {
    const { path, root } = waiting();
    const before = filesIn(root);
    const sent: Sent = {
      name: 'a.pdf',
      size: 3,
      sha256: '0'.repeat(64),
      ...(mark !== undefined && { mark }),
    };
    expect(await next(path).find(planned(id(), [sent]))).toEqual({ is: 'unknown' });
    expect(filesIn(root)).toEqual(before);
  });

  test('when the note is of another document', async () => {
    const { path } = waiting();
    const note = await placedThenDied(path);
    expect(await next(path).find({ ...note, documents: ['b.pdf'] })).toEqual({ is: 'unknown' });
  });

  test('when there is neither note nor trace: nothing staged is no proof of anything', async () => {
    const { path } = waiting();
    expect(await next(path).find({ id: id(), key: 'pdf', job: '87', documents: ['a.pdf'] })).toEqual({
      is: 'unknown',
    });
  });
});

describe('where the kernel stamps files by the tick', () => {
  test('nothing is linked within the tick of its note, so that a link always shows', async () => {
    const { path } = waiting();
    const slept: number[] = [];
    // Every ctime is rounded to a tick that lasts until the clock is asked to sleep.
    let tick = 1n;
    const clock = {
      now: () => Number(tick) * 20,
      sleep: (ms: number, signal?: AbortSignal) =>
        new Promise<void>((resolve) => {
          if (ms >= 60_000)
            signal?.addEventListener('abort', () => {
              resolve();
            });
          else {
            slept.push(ms);
            tick++;
            resolve();
          }
        }),
    };
    const stamps = new Map<string, bigint>();
    const stamp = (p: string) => stamps.set(p, tick);
    const fs = faulty({
      open: (p, flags) => (stamp(p), nodeFileSystem.open(p, flags)),
      link: (from, to) => (stamp(from), nodeFileSystem.link(from, to)),
      unlink: (p) => (stamp(p.replace(/-link$/u, '')), nodeFileSystem.unlink(p)),
      lstat: async (p) => ({ ...(await nodeFileSystem.lstat(p)), ctimeNs: stamps.get(p) ?? 0n }),
    });
    const submitter = waitingDirectory({ jobs: { '87': path }, fs, clock });
    await submitter.submit(one());
    slept.length = 0;
    let notedAt: bigint | undefined;
    await submitter.submit(one('b.pdf'), {
      submissionId: id(),
      beforePlacing: () => {
        notedAt = tick;
        return Promise.resolve();
      },
    });
    const linkedAt = [...stamps]
      .filter(([p]) => p.includes('.lanceur-staging') && !p.includes('probe'))
      .at(-1)?.[1];
    expect(slept).toEqual([20]);
    expect(linkedAt).toBeGreaterThan(notedAt ?? 0n);
  });
});

describe('taking away what an older attempt would need', () => {
  test('on Windows, where a folder with an open file cannot be renamed, each file is', async () => {
    const { path, staging } = waiting();
    const [note = planned('', [])] = await notedThenDied(path);
    const windows = faulty({
      platform: 'win32',
      rename: (from, to) =>
        to.endsWith('.taken') && !from.includes('.0')
          ? Promise.reject(failing('EPERM'))
          : nodeFileSystem.rename(from, to),
    });
    const clock = {
      now: () => Date.now(),
      sleep: (ms: number, signal?: AbortSignal) =>
        ms < 60_000
          ? Promise.resolve()
          : new Promise<void>((resolve) =>
              signal?.addEventListener('abort', () => {
                resolve();
              }),
            ),
    };
    const second = next(path, { fs: windows, clock });
    const found = await second.find(note);
    expect(found.is === 'absent' || found.is === 'unknown').toBe(true);
    const stagedFile = /"link","(?<run>\w+)","(?<file>[^"]+)"/u.exec(note.sent?.[0]?.mark ?? '')?.groups;
    expect(existsSync(join(staging, stagedFile?.['run'] ?? '', stagedFile?.['file'] ?? ''))).toBe(false);
  });

  test('an attempt of the same process is stopped as well', async () => {
    const { path } = waiting();
    const submitter = waitingDirectory({ jobs: { '87': path } });
    const submissionId = id();
    let found: unknown;
    const submission = submitter.submit(one(), {
      submissionId,
      beforePlacing: async (sent) => {
        found = await submitter.find(planned(submissionId, sent));
      },
    });
    await expect(submission).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(found).toEqual({ is: 'absent' });
    expect(content(path)).toEqual({});
  });

  test('one that is in the middle of placing is waited for', async () => {
    const { path } = waiting();
    const [reached, go] = [gate(), gate()];
    let asked = 0;
    const fs = faulty({
      link: async (from, to) => {
        if (to.startsWith(path)) {
          reached.open();
          await go.opened;
        }
        return nodeFileSystem.link(from, to);
      },
      stat: (p) => {
        asked++;
        return nodeFileSystem.stat(p);
      },
    });
    const submitter = waitingDirectory({ jobs: { '87': path }, fs });
    const submissionId = id();
    let note = planned(submissionId, []);
    const submission = submitter.submit(one(), {
      submissionId,
      beforePlacing: (sent) => {
        note = planned(submissionId, sent);
        return Promise.resolve();
      },
    });
    await reached.opened;
    asked = 0;
    const found = submitter.find(note);
    await turn();
    expect(asked, 'it looked before the other had come back').toBe(0);
    go.open();
    expect(await found).toMatchObject({ is: 'found' });
    await submission;
  });

  test('after a partial answer, what is there is never placed again, also after another crash', async () => {
    const { path } = waiting();
    const documents = [
      memoryDocument('a.pdf', 'one'),
      memoryDocument('b.pdf', 'two'),
      memoryDocument('c.pdf', 'three'),
    ];
    const submissionId = id();
    let note: Planned = planned(submissionId, []);
    let have: readonly Sent[] = [];
    for (const failsAt of ['b.pdf', 'c.pdf']) {
      const fs = faulty({
        link: (from, to) =>
          to.endsWith(failsAt) ? Promise.reject(failing('EIO')) : nodeFileSystem.link(from, to),
      });
      const submission = waitingDirectory({ jobs: { '87': path }, fs }).submit(group(documents), {
        submissionId,
        have,
        beforePlacing: (sent) => {
          note = planned(submissionId, sent);
          return Promise.resolve();
        },
      });
      await expect(submission).rejects.toMatchObject({ code: 'TARGET_FAILED' });
      const found = await next(path).find(note);
      have = found.is === 'partial' ? found.have : [];
    }
    expect(have.map(({ name }) => name)).toEqual(['a.pdf', 'b.pdf']);
    await next(path).submit(group(documents), { submissionId, have });
    expect(content(path)).toEqual({ 'a.pdf': 'one', 'b.pdf': 'two', 'c.pdf': 'three' });
  });
});

describe('an answer is given again where the process that asked has died with it', () => {
  const volumes = {
    'on a volume with hard links': { fs: faulty({}) },
    'on a volume without': { fs: withoutLinks() },
    'in folders': { layout: 'folder' },
  } as const;
  test.each(Object.entries(volumes))('nothing was placed, of two (%s)', async (_where, options) => {
    const { path } = waiting();
    const notes = await notedThenDied(path, options, ['a.pdf', 'b.pdf']);
    const [first] = notes;
    for (let asked = 0; asked < 2; asked++) {
      expect(first && (await next(path, options).find(first))).toEqual({ is: 'absent' });
    }
    for (const note of notes) {
      const submitter = next(path, options);
      expect(await submitter.find(note)).toEqual({ is: 'absent' });
      await submitter.submit(one(note.documents[0]), { submissionId: note.id });
    }
    expect(Object.values(content(path))).toEqual(['one', 'one']);
  });

  test.each(Object.entries(volumes))(
    'the ledger noted it, and its answer was lost (%s)',
    async (_where, options) => {
      const { path } = waiting();
      const submissionId = id();
      let note = planned(submissionId, []);
      const lost = new LanceurError('LEDGER_FAILED', { path: 'ledger.db', why: 'the answer was lost' });
      const submission = next(path, options).submit(one(), {
        submissionId,
        beforePlacing: (sent) => ((note = planned(submissionId, sent)), Promise.reject(lost)),
      });
      await expect(submission).rejects.toBe(lost);
      expect(await next(path, options).find(note)).toEqual({ is: 'absent' });
    },
  );

  test.each(Object.entries(volumes))(
    'it was placed, and the next one asks days later (%s)',
    async (_where, options) => {
      const { path, staging } = waiting();
      const note = await placedThenDied(path, options);
      const daysAgo = new Date(Date.now() - 3 * 86_400_000);
      for (const run of readdirSync(staging)) utimesSync(join(staging, run), daysAgo, daysAgo);
      for (let asked = 0; asked < 2; asked++) {
        const submitter = next(path, options);
        await submitter.submit(one('b.pdf'), { submissionId: id() });
        expect(await submitter.find(note)).toMatchObject({ is: 'found' });
      }
    },
  );

  test('a part was placed', async () => {
    const { path, staging } = waiting();
    const submissionId = id();
    const documents = [memoryDocument('a.pdf', 'one'), memoryDocument('b.pdf', 'two')];
    const fs = faulty({
      link: (from, to) =>
        to.endsWith('b.pdf') ? Promise.reject(failing('EIO')) : nodeFileSystem.link(from, to),
    });
    let note = planned(submissionId, []);
    const submission = next(path, { fs }).submit(group(documents), {
      submissionId,
      beforePlacing: async (sent) => void (note = planned(submissionId, sent)),
    });
    await expect(submission).rejects.toMatchObject({ code: 'TARGET_FAILED' });
    for (let asked = 0; asked < 2; asked++) {
      expect(await next(path).find(note)).toMatchObject({ is: 'partial', have: [{ name: 'a.pdf' }] });
    }
    const last = next(path);
    const found = await last.find(note);
    await last.submit(group(documents), { submissionId, have: found.is === 'partial' ? found.have : [] });
    await last.forget([submissionId]);
    expect(content(path)).toEqual({ 'a.pdf': 'one', 'b.pdf': 'two' });
    expect(staged(staging)).toEqual([]);
  });
});

test('a target that is not there is no answer', async () => {
  const { path } = waiting();
  const note = await placedThenDied(path);
  renameSync(path, `${path}-away`);
  await expect(next(path).find(note)).rejects.toMatchObject({
    code: 'TARGET_GONE',
    scope: 'target',
    job: '87',
  });
  renameSync(`${path}-away`, path);
  expect(await next(path).find(note)).toMatchObject({ is: 'found' });
});

test('a file of the same name that somebody else put there is not taken for ours', async () => {
  const { path } = waiting();
  const [note = planned('', [])] = await notedThenDied(path);
  writeFileSync(join(path, 'a.pdf'), 'one');
  expect(await next(path).find(note)).toEqual({ is: 'absent' });
});

function next(path: string, options: Options = {}) {
  return waitingDirectory({ jobs: { '87': path }, ...options });
}

/** A process that has placed a document, and died before it could say so. What the ledger has of it. */
async function placedThenDied(path: string, options: Options = {}): Promise<Planned> {
  const submissionId = id();
  let note = planned(submissionId, []);
  await next(path, options).submit(one(), {
    submissionId,
    beforePlacing: (sent) => {
      note = planned(submissionId, sent);
      return Promise.resolve();
    },
  });
  return note;
}

/** A process that has noted documents, each of a submission of its own, and died before it could place one. */
async function notedThenDied(
  path: string,
  options: Options = {},
  names: readonly string[] = ['a.pdf'],
): Promise<readonly Planned[]> {
  const dead = next(path, options);
  return await Promise.all(
    names.map(
      (name) =>
        new Promise<Planned>((noted) => {
          const submissionId = id();
          void dead.submit(one(name), {
            submissionId,
            beforePlacing: (sent) => {
              noted(planned(submissionId, sent));
              return new Promise(() => undefined);
            },
          });
        }),
    ),
  );
}

function withoutLinks(): FileSystem {
  return faulty({ link: () => Promise.reject(failing('EPERM')) });
}
