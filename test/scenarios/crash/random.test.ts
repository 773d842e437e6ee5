import { afterAll, expect, test } from 'vitest';
import { randomLife } from './random-life.js';
import { certain } from './set-ups.js';
import { Watcher } from './watcher.js';

const watcher = new Watcher();

afterAll(() => {
  watcher.end();
});

test.each([
  ['that wait for the leases of the other', 'waited for', certain[0]!],
  ['that think that all leases have run out', 'run out', certain[1]!],
  ['that share sub-folders for two jobs', 'run out', certain[4]!],
] as const)(
  'two processes %s, killed at any instant, lose nothing and send nothing twice',
  { timeout: 600_000 },
  async (_, leases, setUp) => {
    expect(await randomLife(setUp, { watcher, seed: setUp.name, leases })).toEqual([]);
  },
);
