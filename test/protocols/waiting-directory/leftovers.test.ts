import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Planned } from '@lanceur/core';
import { memoryDocument } from '@lanceur/core/testing';
import { nodeFileSystem, waitingDirectory, type FileSystem } from '@lanceur/protocols/waiting-directory';
import { content, failing, faulty, group, id, one, planned, staged, waiting } from './bench.js';

const DAY = 86_400_000;
const noted = { beforePlacing: () => Promise.resolve() };

describe('forgetting', () => {
  test('the evidence of a submission stays until it is forgotten, and then nothing is left of it', async () => {
    const { path, staging } = waiting();
    const submitter = waitingDirectory({ jobs: { '87': path } });
    const submissionId = id();
    await submitter.submit(group([memoryDocument('a.pdf', 'one'), memoryDocument('a.xml', 'two')]), {
      submissionId,
      ...noted,
    });
    expect(staged(staging)).toHaveLength(2);
    await submitter.forget([submissionId]);
    expect(staged(staging)).toEqual([]);
    expect(Object.keys(content(path))).toEqual(['a.pdf', 'a.xml']);
  });

  test('another process can forget what an earlier one has left, whether or not it was taken away', async () => {
    const { path, staging } = waiting();
    const ids = [id(), id()];
    const notes: Planned[] = [];
    const first = waitingDirectory({ jobs: { '87': path } });
    for (const [i, submissionId] of ids.entries()) {
      await first.submit(one(`${String(i)}.pdf`), {
        submissionId,
        beforePlacing: (sent) => (notes.push(planned(submissionId, sent)), Promise.resolve()),
      });
    }
    const second = waitingDirectory({ jobs: { '87': path } });
    await second.forget(ids.slice(0, 1));
    expect(staged(staging)).toHaveLength(1);
    const [, note] = notes;
    expect(note && (await second.find(note))).toMatchObject({ is: 'found' });
    await second.forget(ids.slice(1));
    expect(staged(staging)).toEqual([]);
    expect(
      readdirSync(staging).filter((name) => name.endsWith('.taken')),
      'an empty run is left',
    ).toEqual([]);
  });

  test('evidence that cannot be removed now is removed with the next', async () => {
    const { path, staging } = waiting();
    let denied = true;
    const fs = faulty({
      unlink: (p) => (denied && p.endsWith('.0') ? Promise.reject(failing('EIO')) : nodeFileSystem.unlink(p)),
    });
    const submitter = waitingDirectory({ jobs: { '87': path }, fs });
    const submissionId = id();
    await submitter.submit(one(), { submissionId, ...noted });
    await submitter.forget([submissionId]);
    expect(staged(staging)).toHaveLength(1);
    denied = false;
    await submitter.forget([]);
    expect(staged(staging)).toEqual([]);
  });

  test('ids of any kind are fine: other alphabets, other letter case, paths', async () => {
    const { path, staging } = waiting();
    const submitter = waitingDirectory({ jobs: { '87': path } });
    const ids = ['Résumé', 'ABC', 'abc', '../../up', 'CON', 'x'.repeat(500)];
    for (const submissionId of ids)
      await submitter.submit(one('a.pdf', submissionId), { submissionId, ...noted });
    expect(staged(staging)).toHaveLength(ids.length);
    expect(Object.values(content(path)).sort()).toEqual([...ids].sort());
    await submitter.forget(ids);
    expect(staged(staging)).toEqual([]);
  });
});

describe('what earlier processes have left', () => {
  test('is removed when the same submission is sent again', async () => {
    const { path, staging } = waiting();
    const submissionId = id();
    const cut = faulty({
      link: (from, to) =>
        to.startsWith(path) ? Promise.reject(failing('EIO')) : nodeFileSystem.link(from, to),
    });
    await expect(
      waitingDirectory({ jobs: { '87': path }, fs: cut }).submit(one(), { submissionId, ...noted }),
    ).rejects.toMatchObject({ code: 'TARGET_FAILED' });
    expect(staged(staging)).toHaveLength(1);
    const second = waitingDirectory({ jobs: { '87': path } });
    await second.submit(one(), { submissionId, ...noted });
    expect(staged(staging)).toHaveLength(1);
    await second.forget([submissionId]);
    expect(staged(staging)).toEqual([]);
  });

  test('is looked through once, however many submissions there are', async () => {
    const { path } = waiting();
    for (let n = 0; n < 3; n++)
      await waitingDirectory({ jobs: { '87': path } }).submit(one(), { submissionId: id(), ...noted });
    let listings = 0;
    const fs = faulty({ readdir: (p) => (listings++, nodeFileSystem.readdir(p)) });
    const submitter = waitingDirectory({ jobs: { '87': path }, fs });
    const ids = Array.from({ length: 20 }, id);
    for (const submissionId of ids) await submitter.submit(one(), { submissionId, ...noted });
    await submitter.forget(ids);
    await submitter.forget([id(), id()]);
    expect(listings).toBe(4); // staging, and three runs in it
  });

  test('a small document costs one file: opened, written, flushed, looked at, linked and unlinked once', async () => {
    const { path } = waiting();
    const calls: string[] = [];
    const submitter = waitingDirectory({ jobs: { '87': path }, fs: logging(calls) });
    await submitter.submit(one('first.pdf'), { submissionId: id(), ...noted });
    calls.length = 0;
    const submissionId = id();
    await submitter.submit(one(), { submissionId, ...noted });
    await submitter.forget([submissionId]);
    const names = process.platform === 'win32' ? [] : ['open target', 'sync target', 'close target'];
    expect(calls.filter((call) => call !== 'statfs')).toEqual([
      ...['stat', 'open', 'write', 'sync', 'close', 'lstat', 'link'],
      ...names,
      'unlink',
    ]);
  });

  test('an empty run goes after an hour, one that is in use does not', async () => {
    const { path, staging } = waiting();
    for (const [name, file] of [
      ['aa', undefined],
      ['bb', 'key.0.0'],
      ['cc', undefined],
    ] as const) {
      mkdirSync(join(staging, name), { recursive: true });
      if (file !== undefined) writeFileSync(join(staging, name, file), '');
    }
    const hourAgo = new Date(Date.now() - 2 * 3_600_000);
    for (const name of ['aa', 'bb']) utimesSync(join(staging, name), hourAgo, hourAgo);
    await waitingDirectory({ jobs: { '87': path } }).submit(one());
    expect(existsSync(join(staging, 'aa'))).toBe(false);
    expect(existsSync(join(staging, 'bb', 'key.0.0'))).toBe(true);
    expect(existsSync(join(staging, 'cc'))).toBe(true);
  });

  test('a run that was left in the middle of a probe goes as well, and stops no document', async () => {
    const { path, staging } = waiting();
    const probe = join(staging, 'aa', '.probe-1');
    mkdirSync(probe, { recursive: true });
    for (const name of ['probe', 'probe-link']) writeFileSync(join(probe, name), '');
    const hourAgo = new Date(Date.now() - 2 * 3_600_000);
    utimesSync(join(staging, 'aa'), hourAgo, hourAgo);
    await waitingDirectory({ jobs: { '87': path } }).submit(one());
    expect(existsSync(join(staging, 'aa'))).toBe(false);
    expect(content(path)).toEqual({ 'a.pdf': 'one' });
  });

  test('what cannot be tidied away stops no document', async () => {
    const { path, staging } = waiting();
    mkdirSync(join(staging, 'aa', '.somebody-elses'), { recursive: true });
    const hourAgo = new Date(Date.now() - 2 * 3_600_000);
    utimesSync(join(staging, 'aa'), hourAgo, hourAgo);
    await waitingDirectory({ jobs: { '87': path } }).submit(one());
    expect(content(path)).toEqual({ 'a.pdf': 'one' });
  });

  test('evidence goes only after thirty days in which we have run, so that a long holiday loses none', async () => {
    const { path, staging } = waiting();
    await waitingDirectory({ jobs: { '87': path } }).submit(one(), { submissionId: id(), ...noted });
    const [run = ''] = readdirSync(staging);
    const age = (days: number) => {
      const then = new Date(Date.now() - days * DAY);
      utimesSync(join(staging, run), then, then);
    };
    age(40);
    await waitingDirectory({ jobs: { '87': path } }).submit(one());
    expect(staged(staging), 'it went at the first look').toHaveLength(1);
    await waitingDirectory({ jobs: { '87': path } }).submit(one());
    expect(staged(staging), 'it went although it has just been seen').toHaveLength(1);
    age(31);
    await waitingDirectory({ jobs: { '87': path } }).submit(one());
    expect(staged(staging)).toEqual([]);
  });

  test('a name that a dead process has reserved is free again once its run is taken away, or after a day', async () => {
    const { path, staging } = waiting();
    const fs = faulty({ link: () => Promise.reject(failing('EPERM')) });
    const dead = faulty({
      ...fs,
      rename: (from, to) =>
        to.startsWith(path) && !to.endsWith('nothing')
          ? new Promise(() => undefined)
          : nodeFileSystem.rename(from, to),
    });
    const submissionId = id();
    const note = await new Promise<Planned>((resolve) => {
      void waitingDirectory({ jobs: { '87': path }, fs: dead }).submit(one(), {
        submissionId,
        beforePlacing: (sent) => (resolve(planned(submissionId, sent)), Promise.resolve()),
      });
    });
    expect(readdirSync(join(staging, '.names'))).toHaveLength(1);
    await waitingDirectory({ jobs: { '87': path }, fs }).submit(one('a.pdf', 'two'));
    expect(content(path)).toEqual({ 'a (2).pdf': 'two' });
    const next = waitingDirectory({ jobs: { '87': path }, fs });
    expect(await next.find(note)).toEqual({ is: 'absent' });
    await next.submit(one('a.pdf', 'three'));
    expect(content(path)).toEqual({ 'a (2).pdf': 'two', 'a.pdf': 'three' });
    expect(readdirSync(join(staging, '.names'))).toEqual([]);

    const marker = join(staging, '.names', '0'.repeat(32));
    writeFileSync(marker, '');
    const before = new Date(Date.now() - 2 * DAY);
    utimesSync(marker, before, before);
    await waitingDirectory({ jobs: { '87': path }, fs }).submit(one('b.pdf'));
    expect(existsSync(marker)).toBe(false);
  });
});

function logging(calls: string[]): FileSystem {
  const log = <T>(call: string, result: Promise<T>): Promise<T> => (calls.push(call), result);
  const disk = nodeFileSystem;
  return faulty({
    open: async (path, flags) => {
      const of = flags === 'r' ? ' target' : '';
      const file = await log(`open${of}`, disk.open(path, flags));
      return {
        ...file,
        write: (data) => log('write', file.write(data)),
        sync: () => log(`sync${of}`, file.sync()),
        close: () => log(`close${of}`, file.close()),
      };
    },
    link: (from, to) => log('link', disk.link(from, to)),
    unlink: (path) => log('unlink', disk.unlink(path)),
    mkdir: (path) => log('mkdir', disk.mkdir(path)),
    rename: (from, to) => log('rename', disk.rename(from, to)),
    readdir: (path) => log('readdir', disk.readdir(path)),
    stat: (path) => log('stat', disk.stat(path)),
    lstat: (path) => log('lstat', disk.lstat(path)),
    statfs: (path) => log('statfs', disk.statfs(path)),
  });
}
