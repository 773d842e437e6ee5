import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Launcher, memoryLedger, toJob } from '@lanceur/core';
import { directory } from '@lanceur/protocols/directory';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';
import { afterEach, beforeEach, expect, test } from 'vitest';

let base = '';
let source = '';
let target = '';

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'lanceur-link-'));
  source = join(base, 'depots');
  target = join(base, 'wait', 'factures');
  await mkdir(source, { recursive: true });
  await mkdir(target, { recursive: true });
});

afterEach(async () => {
  await rm(base, { recursive: true, force: true, maxRetries: 5 });
});

test.each([
  ['is moved by its name, without a copy, where both blocks allow it', true, true],
  ['is copied where the listener does not allow several names', false, false],
])('a document %s', async (_name, hardLinks, moved) => {
  await writeFile(join(source, 'a.pdf'), 'content');
  const { ino } = await stat(join(source, 'a.pdf'));
  const launcher = new Launcher({
    id: '1',
    listener: directory({ path: source, quiet: 0, hardLinks }),
    grouper: toJob('87'),
    submitter: waitingDirectory({ jobs: { '87': target }, link: true }),
    ledger: memoryLedger(),
  });
  const report = await launcher.run();
  await launcher.close();
  expect(report.counts.accepted).toBe(1);
  expect(await readdir(target)).toEqual(['a.pdf']);
  expect(await readFile(join(target, 'a.pdf'), 'utf8')).toBe('content');
  const placed = await stat(join(target, 'a.pdf'));
  expect(placed.ino === ino).toBe(moved);
  expect(placed.nlink).toBe(1);
});
