import { describe, expect, test } from 'vitest';
import { LanceurError, type Found, type Sent } from '@lanceur/core';
import { memoryDocument } from '@lanceur/core/testing';
import {
  nodeFileSystem,
  waitingDirectory,
  type FileSystem,
  type WaitingDirectoryOptions,
} from '@lanceur/protocols/waiting-directory';
import { content, failing, faulty, group, id, NO_LINKS, one, planned, staged, waiting } from './bench.js';

const lostLease = () => Promise.reject(new LanceurError('LEASE_LOST', { name: 'a.pdf' }));
const noLinks: FileSystem = faulty({ link: () => Promise.reject(failing(NO_LINKS)) });

/** Each in a process of its own: neither knows of the other but by the disk. */
function process(path: string, options: Omit<WaitingDirectoryOptions, 'jobs'> = {}) {
  return waitingDirectory({ jobs: { '87': path }, ...options });
}

const volumes = [
  ['with hard links', {}],
  ['without hard links', { fs: noLinks }],
  ['where each group has its folder', { layout: 'folder', manifest: true }],
] as const satisfies readonly (readonly [string, Omit<WaitingDirectoryOptions, 'jobs'>])[];

describe.each(volumes)('a process that was frozen until another one had its work, %s', (_volume, options) => {
  test('takes nothing from the newer attempt, which is about to place', async () => {
    const { path } = waiting();
    const submissionId = id();
    const documents = [memoryDocument('a.pdf', 'one'), memoryDocument('b.pdf', 'two')];

    await process(path, options).submit(group(documents), {
      submissionId,
      fence: 2,
      beforePlacing: async () => {
        // The first that it does here, so that it looks now at what all others have staged.
        const frozen = process(path, options).submit(group(documents), {
          submissionId,
          fence: 1,
          beforePlacing: lostLease,
        });
        await expect(frozen).rejects.toMatchObject({ code: 'LEASE_LOST' });
      },
    });

    expect(Object.values(content(path)).filter((text) => text === 'one' || text === 'two')).toHaveLength(2);
  });

  test('takes nothing from the newer attempt by forgetting its own', async () => {
    const { path } = waiting();
    const submissionId = id();

    await process(path, options).submit(one(), {
      submissionId,
      fence: 2,
      beforePlacing: async () => {
        await process(path, options).forget([submissionId], { fence: 1 });
      },
    });

    expect(Object.values(content(path))).toContain('one');
  });

  test('does take away what older attempts have left', async () => {
    const { path, staging } = waiting();
    const submissionId = id();
    await diedStaged(path, options, submissionId);

    const next = process(path, options);
    await next.submit(one(), { submissionId, fence: 2 });
    await next.forget([submissionId]);

    expect(staged(staging)).toEqual([]);
  });
});

test.each(volumes.slice(1))(
  'what is removed while another process asks for it does not look placed, %s',
  async (_volume, options) => {
    const { path } = waiting();
    const submissionId = id();
    const sent = await diedStaged(path, options, submissionId);
    const answers: Found['is'][] = [];
    const ask = async () => {
      const { is } = await process(path, options).find(planned(submissionId, sent));
      answers.push(is);
    };
    const { fs = nodeFileSystem } = options as { readonly fs?: FileSystem };
    const removing = process(path, {
      ...options,
      fs: {
        ...fs,
        unlink: async (file) => {
          await fs.unlink(file);
          await ask();
        },
        rmdir: async (folder) => {
          await fs.rmdir(folder);
          await ask();
        },
      },
    });
    await removing.forget([submissionId]);

    expect(answers.length).toBeGreaterThan(1);
    expect(answers).not.toContain('found');
  },
);

/** Staged and noted by a process that then died. What it noted. */
async function diedStaged(
  path: string,
  options: Omit<WaitingDirectoryOptions, 'jobs'>,
  submissionId: string,
): Promise<readonly Sent[]> {
  return await new Promise((noted) => {
    void process(path, options).submit(one(), {
      submissionId,
      fence: 1,
      beforePlacing: (sent) => {
        noted(sent);
        return new Promise(() => undefined);
      },
    });
  });
}
