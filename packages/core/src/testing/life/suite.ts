import { AssertionError } from 'node:assert';
import type { SuiteCase } from '../suite.js';
import { storyOf } from './draw.js';
import { playStory, type LifeOptions } from './play.js';
import { shrinkHistory } from './shrink.js';
import type { Story } from './story.js';
import { tellHistory } from './tell.js';

/** What is to live: by default everything in memory. */
export interface LifeSubject extends LifeOptions {
  /** How many stories. Default 500. */
  readonly histories?: number;
  /** The number of the first one. Default 1. */
  readonly from?: number;
  /** Makes of the drawn story one that this world can play: a source that renumbers nothing, a COLD that can tell. */
  readonly shape?: (story: Story) => Story;
}

const HISTORIES_PER_CASE = 50;

/**
 * Simulated lives as cases for any test runner: launchers die, stand still, lose their leases, take turns; sources are
 * rewritten, renumbered and unplugged; clocks jump; and nothing is lost, sent twice, torn, or rejected without cause.
 * A case that fails shrinks its story and tells it; its number brings it back.
 *
 * ```ts
 * for (const c of lifeSuite({ world: myWorld, histories: 200 })) test(c.name, c.run);
 * ```
 */
export function lifeSuite(subject: LifeSubject = {}): readonly SuiteCase[] {
  const { histories = 500, from = 1 } = subject;
  const cases: SuiteCase[] = [];
  for (let first = from; first < from + histories; first += HISTORIES_PER_CASE) {
    const last = Math.min(first + HISTORIES_PER_CASE, from + histories) - 1;
    cases.push({
      name: `stories ${String(first)} to ${String(last)} end well`,
      run: () => playAll(first, last, subject),
    });
  }
  return cases;
}

async function playAll(
  first: number,
  last: number,
  { shape = (s) => s, ...options }: LifeSubject,
): Promise<void> {
  for (let seed = first; seed <= last; seed++) {
    const history = await playStory(shape(storyOf(seed)), options);
    if (history.problems.length === 0) continue;
    throw new AssertionError({ message: tellHistory(await shrinkHistory(history, options)) });
  }
}
