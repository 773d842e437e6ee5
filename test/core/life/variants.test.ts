// A simulation that finds nothing proves nothing: here every guard is broken on purpose, and a bad history must be found.
import { describe, expect, test } from 'vitest';
import {
  playStory,
  storyOf,
  tellHistory,
  type LifeOptions,
  type LifeProblem,
  type Story,
} from '@lanceur/core/testing';
import { broken } from './broken.js';

const SEEDS = 60;

describe.each(broken)('$guard', ({ comesTo, shape, options, control }) => {
  test(`some history comes to harm: ${comesTo}`, async () => {
    const found = await firstBad(shape, options, comesTo);
    expect(found, `none of ${String(SEEDS)} stories finds it`).toBeDefined();
  });

  test('with the guard whole, the same stories end well', async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const history = await playStory(shape(storyOf(seed)), control?.() ?? {});
      expect(history.problems, tellHistory(history)).toEqual([]);
    }
  });
});

async function firstBad(
  shape: (story: Story) => Story,
  options: () => LifeOptions,
  kind: LifeProblem['kind'],
): Promise<number | undefined> {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { problems } = await playStory(shape(storyOf(seed)), options());
    if (problems.some((p) => p.kind === kind)) return seed;
  }
  return undefined;
}
