import { afterAll, describe, expect, test } from 'vitest';
import { killAtEveryStep } from './explore.js';
import { STEPS } from './pinned-steps.js';
import { certain, isDecisive, uncertain, type SetUp } from './set-ups.js';
import type { Instant } from './steps.mjs';
import { Watcher } from './watcher.js';

// Each step is killed at in the first set-up that takes it, a decisive one in each of them. `scripts/crash.mjs` kills at
// all of them in each, and every time that they are taken.

const TIMEOUT_MS = 900_000;
const watcher = new Watcher();
const done = new Set<string>();
const explored = new Map<string, ReadonlySet<string>>();

afterAll(() => {
  watcher.end();
});

async function explore(setUp: SetUp): Promise<readonly string[]> {
  const nameOf = ({ when, step }: Instant) => `${when} ${step}${isDecisive(step) ? `, ${setUp.name}` : ''}`;
  const { problems, steps, missed } = await killAtEveryStep(setUp, { watcher, done, nameOf });
  explored.set(setUp.name, steps);
  return [...problems, ...missed.map((name) => `no process came to "${name}" a second time`)];
}

describe('killed before, during and after each step, and again at each step of taking that up', () => {
  test.each(certain)(
    'a launcher loses nothing and sends nothing twice: $name',
    { timeout: TIMEOUT_MS },
    async (setUp) => {
      expect(await explore(setUp)).toEqual([]);
    },
  );

  test.each(uncertain)(
    'only what had come and has no receipt comes twice, or is rejected, as the policy says: $name',
    { timeout: TIMEOUT_MS },
    async (setUp) => {
      expect(await explore(setUp)).toEqual([]);
    },
  );
});

test('a step that is new has to be looked at', ({ skip }) => {
  skip(explored.size < certain.length + uncertain.length, 'not all set-ups were tried');
  const met = new Set([...explored.values()].flatMap((steps) => [...steps]));
  expect([...met].sort()).toEqual([...STEPS].sort());
});
