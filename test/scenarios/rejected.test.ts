import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Launcher, memoryLedger, toJob } from '@lanceur/core';
import { directory, doneFile } from '@lanceur/protocols/directory';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';
import { afterEach, beforeEach, expect, test } from 'vitest';

let base = '';
let source = '';
let target = '';

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'lanceur-rejected-'));
  source = join(base, 'depots');
  target = join(base, 'wait', 'factures');
  await mkdir(source, { recursive: true });
  await mkdir(target, { recursive: true });
});

afterEach(async () => {
  await rm(base, { recursive: true, force: true, maxRetries: 5 });
});

test.each([
  ['file', '{name}.ok', 'a.pdf.ok'],
  ['stem', '{stem}.ok', 'a.ok'],
] as const)(
  'a rejected %s goes with its done-file, says why to an operator, and comes back with it',
  async (unit, template, announced) => {
    await writeFile(join(target, 'a.pdf'), 'another');
    await writeFile(join(source, 'a.pdf'), 'content');
    await writeFile(join(source, announced), '');
    const launcher = new Launcher({
      id: '1',
      listener: directory({ path: source, quiet: 0, unit, complete: doneFile(template) }),
      grouper: toJob('87'),
      submitter: waitingDirectory({ jobs: { '87': target }, conflict: 'refuse' }),
      ledger: memoryLedger(),
      attempts: 1,
    });
    expect((await launcher.run()).counts.rejected).toBe(1);
    expect((await readdir(source)).filter((name) => name !== '.lanceur')).toEqual([]);
    const rejected = join(source, '.lanceur', 'rejected');
    const note = (await readdir(rejected)).find((name) => name.endsWith('.reason.json')) ?? '';
    const { message } = JSON.parse(await readFile(join(rejected, note), 'utf8')) as {
      message: { en: string; fr: string };
    };
    expect(message.en).toContain('is already in the waiting directory of job 87');
    expect(message.fr).toContain('existe déjà dans le répertoire d’attente du travail 87');

    await rm(join(target, 'a.pdf'));
    expect(await launcher.retryRejected({ code: 'NAME_CONFLICT' })).toEqual({ reopened: 1, restored: 1 });
    expect((await launcher.run()).counts.accepted).toBe(1);
    await launcher.close();
    expect(await readFile(join(target, 'a.pdf'), 'utf8')).toBe('content');
    expect(existsSync(join(rejected, announced))).toBe(false);
  },
);
