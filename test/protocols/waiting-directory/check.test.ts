import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  nodeFileSystem,
  waitingDirectory,
  type WaitingDirectoryOptions,
} from '@lanceur/protocols/waiting-directory';
import { failing, faulty, filesIn, folder, one, waiting } from './bench.js';

describe('check()', () => {
  test('tries everything on the real target, says how it places, and leaves nothing behind', async () => {
    const { path, root } = waiting();
    const checks = await waitingDirectory({ jobs: { '87': path }, keepFree: 0 }).check();
    expect(checks.map(({ name }) => name)).toEqual([
      `waiting directory of job 87 (${path}) is there`,
      'job 87: placing',
      `job 87: ${path} can be written`,
      'job 87: free space',
    ]);
    expect(checks.filter(({ result }) => result === 'failed')).toEqual([]);
    expect(checks[1]?.message).toMatch(/hard links, which never overwrite/u);
    expect(filesIn(root)).toEqual([]);
    expect(() => {
      rmSync(join(root, '.lanceur-staging'));
    }).toThrow(/ENOENT/u);
  });

  test('disturbs nothing where staging is in use', async () => {
    const { path, root } = waiting();
    const submitter = waitingDirectory({ jobs: { '87': path }, keepFree: 0 });
    await submitter.submit(one(), { submissionId: 'x', beforePlacing: () => Promise.resolve() });
    const before = filesIn(root);
    await submitter.check();
    expect(filesIn(root)).toEqual(before);
  });

  test('shows a COLD of files only a folder, and a COLD of folders only a file', async () => {
    for (const layout of ['flat', 'folder'] as const) {
      const { path } = waiting();
      const shown: string[] = [];
      const fs = faulty({
        open: (p, flags) => (
          p.startsWith(path) && flags === 'wx' && shown.push('file'),
          nodeFileSystem.open(p, flags)
        ),
        link: (from, to) => (to.startsWith(path) && shown.push('file'), nodeFileSystem.link(from, to)),
        mkdir: (p) => (p.startsWith(path) && shown.push('folder'), nodeFileSystem.mkdir(p)),
      });
      await waitingDirectory({ jobs: { '87': path }, layout, fs }).check();
      expect(shown).toEqual([layout === 'flat' ? 'folder' : 'file']);
    }
  });

  test('warns, in words, that a volume without hard links is safe against our own writers only; so does health()', async () => {
    const { path } = waiting();
    const fs = faulty({ link: () => Promise.reject(failing('ENOTSUP')) });
    const submitter = waitingDirectory({ jobs: { '87': path }, fs });
    const placing = (await submitter.check()).find(({ name }) => name === 'job 87: placing');
    expect(placing).toMatchObject({ result: 'warning', reason: { code: 'TARGET_UNGUARDED' } });
    expect(placing?.message).toMatch(/safely against our own writers only/u);
    expect(submitter.health()).toBeUndefined();
    await submitter.submit(one());
    expect(submitter.health()).toMatchObject({ code: 'TARGET_UNGUARDED' });
  });

  test('says what fails, with what to do about it', async () => {
    const { path } = waiting();
    const checks = (options: Partial<WaitingDirectoryOptions>) =>
      waitingDirectory({ jobs: { '87': path }, ...options }).check();
    const denied = faulty({
      mkdir: (p) => (p.startsWith(path) ? Promise.reject(failing('EACCES')) : nodeFileSystem.mkdir(p)),
    });
    expect(await checks({ fs: denied })).toContainEqual(
      expect.objectContaining({
        result: 'failed',
        message: expect.stringMatching(/Give the service account the right/u) as unknown,
      }),
    );
    const full = faulty({ statfs: async (p) => ({ ...(await nodeFileSystem.statfs(p)), free: 1000 }) });
    expect(await checks({ fs: full })).toContainEqual(
      expect.objectContaining({ name: 'job 87: free space', result: 'failed' }),
    );
    const unflushable = faulty({
      open: async (p, flags) => {
        const file = await nodeFileSystem.open(p, flags);
        return flags === 'r' ? { ...file, sync: () => Promise.reject(failing('EINVAL')) } : file;
      },
    });
    expect((await checks({ fs: unflushable }))[1]).toMatchObject({
      result: 'warning',
      message: expect.stringMatching(/power cut/u) as unknown,
    });
    rmSync(path, { recursive: true });
    expect(await checks({})).toEqual([
      expect.objectContaining({
        result: 'failed',
        reason: expect.objectContaining({ code: 'TARGET_GONE' }) as unknown,
      }),
    ]);
  });
});

describe('options', () => {
  const path = join(folderName(), 'wait');
  const wrong: Readonly<Record<string, WaitingDirectoryOptions>> = {
    'no job at all': { jobs: {} },
    'a relative path': { jobs: { '87': 'wait/factures' } },
    'a job without a name': { jobs: { ' ': path } },
    'a relative staging': { jobs: { '87': path }, staging: 'staging' },
    'a layout that is none': { jobs: { '87': path }, layout: 'tree' as 'flat' },
    'a policy that is none': { jobs: { '87': path }, conflict: 'overwrite' as 'same' },
    'a manifest without a name': { jobs: { '87': path }, manifest: {} as { name: () => string } },
    'less than nothing kept free': { jobs: { '87': path }, keepFree: -1 },
    'no patience': { jobs: { '87': path }, stallMs: 0 },
    'the root of a volume': { jobs: { '87': join(path, '../../../../../../../..') } },
  };
  test.each(Object.entries(wrong))('%s is refused', (_what, options) => {
    expect(() => waitingDirectory(options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }) as Error,
    );
  });

  test('a staging folder inside a waiting directory is refused, whichever job’s it is, and whatever its letter case', () => {
    expect(() => waitingDirectory({ jobs: { '87': path }, staging: join(path, 'staging') })).toThrow(
      /overlap/u,
    );
    expect(() =>
      waitingDirectory({ jobs: { '87': path }, staging: join(path.toUpperCase(), 'staging') }),
    ).toThrow(/overlap/u);
    expect(() => waitingDirectory({ jobs: { '87': join(path, 'factures'), '88': path } })).toThrow(
      /overlap/u,
    );
  });

  test('the folders that it uses are told, so that a launcher can refuse to watch them', () => {
    const { folders, jobs, traits } = waitingDirectory({ jobs: { '87': path } });
    expect(jobs).toEqual(['87']);
    expect(traits).toEqual({ find: true, atomicGroup: false });
    expect(folders).toEqual([
      { role: 'target of job 87', path, fed: true },
      { role: 'staging of job 87', path: join(path, '..', '.lanceur-staging', 'wait') },
    ]);
  });

  test('two jobs that share a waiting directory share its names', async () => {
    const root = folder();
    mkdirSync(join(root, 'wait'));
    const target = join(root, 'wait');
    const submitter = waitingDirectory({ jobs: { '1': target, '2': { path: target, layout: 'folder' } } });
    await Promise.all(['1', '2'].map((job) => submitter.submit({ ...one(), job })));
    expect(filesIn(target)).toEqual(['a.pdf', 'a/a.pdf']);
  });
});

/** An absolute path that is never used. */
function folderName(): string {
  return process.platform === 'win32' ? 'C:\\lanceur-nowhere' : '/lanceur-nowhere';
}
