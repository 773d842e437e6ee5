import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { lifeSuite, type playStory } from '@lanceur/core/testing';
import { temporaryFolder } from '../ledger/bench.js';

// Under Wine a write costs ten times as much.
const HISTORIES = process.platform === 'win32' ? 10 : 40;

describe('on a ledger in SQLite', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let files = 0;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder.remove());
  const ledger: NonNullable<Parameters<typeof playStory>[1]>['ledger'] = (_story, clock) =>
    sqliteLedger({ path: join(folder.path, `${String(++files)}.db`), clock });
  // Each of its writes is synced: how long that takes is up to the disk.
  for (const c of lifeSuite({ from: 5_001, histories: HISTORIES, ledger })) test(c.name, c.run, 300_000);
});
