import { execFileSync } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { constants, open, stat, type FileHandle } from 'node:fs/promises';
import { virtualClock } from '@lanceur/core/testing';
import { threadFileSystem, type FileSystem } from '@lanceur/protocols/directory';
import { expect, test } from 'vitest';
import { guarded } from '../../../packages/protocols/dist/directory/file-system/guard.js';
import { startThread } from '../../../packages/protocols/dist/directory/file-system/thread.js';
import { bench, find, list, listed, using } from './bench.js';
import { realFileSystem } from './interposed.js';

/** A file system whose next call of a kind hangs until it is let go. */
function hanging(kind: 'stat' | 'open'): {
  readonly fs: FileSystem;
  hang(): void;
  letGo(): void;
  readonly reached: Promise<void>;
  readonly returned: Promise<void>;
  readonly calls: () => number;
} {
  let hangs = false;
  let calls = 0;
  let letGo = () => {};
  let reached = () => {};
  let done = () => {};
  const free = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const arrived = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const returned = new Promise<void>((resolve) => {
    done = resolve;
  });
  const maybe = async <T>(name: string, call: () => Promise<T>): Promise<T> => {
    calls++;
    if (hangs && name === kind) {
      hangs = false;
      reached();
      await free;
      return await call().finally(done);
    }
    return await call();
  };
  const fs: FileSystem = {
    ...realFileSystem,
    stat: (path, o) => maybe('stat', () => realFileSystem.stat(path, o)),
    open: (path, ahead) => maybe('open', () => realFileSystem.open(path, ahead)),
  };
  return {
    fs,
    hang: () => {
      hangs = true;
    },
    letGo: () => {
      letGo();
    },
    reached: arrived,
    returned,
    calls: () => calls,
  };
}

test('a call that never returns is SOURCE_STALLED after its deadline, and nothing else is tried until it returns', async () => {
  const b = await bench({ stallMs: 10_000 });
  await b.write('a.pdf');
  const clock = virtualClock();
  const h = hanging('stat');
  const listener = b.listener({ fs: h.fs, clock });
  h.hang();
  const first = expect(listener.connect()).rejects.toMatchObject({
    code: 'SOURCE_STALLED',
    scope: 'source',
    transient: true,
  });
  const waiting = expect(listener.connect()).rejects.toMatchObject({ code: 'SOURCE_STALLED' });
  await h.reached;
  await clock.advance(9999);
  expect(listener.health?.()).toBeUndefined();
  await clock.advance(1);
  await Promise.all([first, waiting]);

  const calls = h.calls();
  await clock.advance(50_000);
  await expect(listener.connect()).rejects.toMatchObject({ code: 'SOURCE_STALLED' });
  expect(listener.health?.()).toMatchObject({ code: 'SOURCE_STALLED', data: { seconds: 60 } });
  expect(h.calls()).toBe(calls);

  h.letGo();
  await h.returned;
  await new Promise(setImmediate);
  expect((await list(listener)).map((r) => r.id)).toEqual(['a.pdf']);
  expect(listener.health?.()).toBeUndefined();
});

test('a clock that is set back does not have a dead call waited for until it is where it was', async () => {
  const b = await bench({ stallMs: 10_000 });
  const clock = virtualClock();
  let setBackMs = 0;
  const h = hanging('stat');
  const listener = b.listener({ fs: h.fs, clock: { ...clock, now: () => clock.now() - setBackMs } });
  h.hang();
  const stalled = expect(listener.connect()).rejects.toMatchObject({ code: 'SOURCE_STALLED' });
  await h.reached;
  setBackMs = 86_400_000;
  await clock.advance(20_000);
  await stalled;
  h.letGo();
  await h.returned;
});

test('a file that is opened too late is closed, not leaked', async () => {
  const b = await bench({ stallMs: 10_000 });
  await b.write('a.pdf', Buffer.alloc(1_000_000));
  const clock = virtualClock();
  const h = hanging('open');
  let closed: () => void = () => {};
  const wasClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const fs: FileSystem = {
    ...h.fs,
    async open(path, ahead) {
      const opened = await h.fs.open(path, ahead);
      if (opened.file === undefined) throw new Error('all of it was read at once');
      const { file } = opened;
      return {
        ...opened,
        file: {
          ...file,
          close: async () => {
            await file.close();
            closed();
          },
        },
      };
    },
  };
  await using(b.listener({ fs, clock }), async (session) => {
    const { documents } = await session.open(find(await listed(session), 'a.pdf'));
    h.hang();
    const read = expect(documents[0]?.open().toArray()).rejects.toMatchObject({ code: 'SOURCE_STALLED' });
    await h.reached;
    await clock.advance(10_000);
    await read;
    h.letGo();
    await wasClosed;
  });
});

test('a file that is being read when its share dies is closed once the share is back', async () => {
  const b = await bench({ stallMs: 10_000 });
  await b.write('a.pdf', Buffer.alloc(1_000_000));
  const clock = virtualClock();
  let reached: () => void = () => {};
  let letGo: () => void = () => {};
  let closed: () => void = () => {};
  const arrived = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const free = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const wasClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const fs: FileSystem = {
    ...realFileSystem,
    async open(path, ahead) {
      const opened = await realFileSystem.open(path, ahead);
      const { file } = opened;
      if (file === undefined) throw new Error('all of it was read at once');
      return {
        ...opened,
        file: {
          stat: () => file.stat(),
          async read(length) {
            reached();
            await free;
            return await file.read(length);
          },
          async close() {
            await file.close();
            closed();
          },
        },
      };
    },
  };
  await using(b.listener({ fs, clock }), async (session) => {
    const { documents } = await session.open(find(await listed(session), 'a.pdf'));
    const stream = documents[0]?.open();
    const read = expect(stream?.toArray()).rejects.toMatchObject({ code: 'SOURCE_STALLED' });
    await arrived;
    // Waits behind the read that hangs: it must be closed all the same.
    await clock.advance(10_000);
    await read;
    letGo();
    await wasClosed;
  });
});

test.runIf(process.platform === 'linux')(
  'a stuck source holds neither the files nor the DNS of the process',
  async () => {
    const b = await bench();
    execFileSync('mkfifo', [b.at('pipe')]);
    // Appending to a pipe that nobody reads hangs in the system, as a call on a dead share does.
    const roots = Array.from({ length: 6 }, () => threadFileSystem());
    const stuck = roots.map((fs) => fs.append(b.at('pipe'), Buffer.from('x')));
    await Promise.all([stat(b.path), lookup('localhost')]);
    const reader = await open(b.at('pipe'), 'r');
    await Promise.all(stuck);
    await reader.close();
  },
);

test.runIf(process.platform === 'linux')(
  'what waits on the thread behind a stuck call fails with it, and is not made later',
  async () => {
    const b = await bench();
    await b.write('a.pdf');
    await b.write('big.pdf', Buffer.alloc(100_000));
    execFileSync('mkfifo', [b.at('pipe')]);
    const clock = virtualClock();
    const { fs: inner, dropWaiting } = startThread();
    const { fs, stalled } = guarded(inner, { path: b.path, stallMs: 10_000, clock, dropWaiting });
    const { file } = await fs.open(b.at('big.pdf'), 10);

    // More than a pipe holds: stuck once the first of it has come.
    const reader = await open(b.at('pipe'), constants.O_RDONLY | constants.O_NONBLOCK);
    const stuck = fs.append(b.at('pipe'), Buffer.alloc(200_000));
    const move = fs.move(b.at('a.pdf'), b.at('b.pdf'));
    const close = file?.close();
    await untilRead(reader, 1);
    const failures = Promise.allSettled([stuck, move, close]);
    await clock.advance(10_000);
    for (const outcome of await failures) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'SOURCE_STALLED' } });
    }
    expect(stalled()).toMatchObject({ code: 'SOURCE_STALLED' });
    await expect(fs.stat(b.at('a.pdf'))).rejects.toMatchObject({ code: 'SOURCE_STALLED' });

    await untilRead(reader, 199_999);
    await inner.stat(b.path);
    expect(stalled()).toBeUndefined();
    expect(await fs.stat(b.at('a.pdf'))).toMatchObject({ kind: 'file' });
    await expect(fs.stat(b.at('b.pdf'))).rejects.toMatchObject({ code: 'ENOENT' });
    await reader.close();
  },
);

async function untilRead(pipe: FileHandle, bytes: number): Promise<void> {
  for (let left = bytes; left > 0;) {
    const { bytesRead } = await pipe
      .read(Buffer.alloc(Math.min(left, 65_536)))
      .catch(() => ({ bytesRead: 0 }));
    left -= bytesRead;
  }
}
