import { leftBehind, wrongAtLast, wrongNow } from './auditor.js';
import { asThePolicySays } from './doubt.js';
import type { TraceLine } from './life.js';
import { isCertain, type SetUp } from './set-ups.js';
import type { Instant } from './steps.mjs';
import type { Watcher } from './watcher.js';
import { World } from './world.js';

/** Where processes are killed, one after the other, until one is left alone. */
export type Deaths = readonly Instant[];

export interface Played {
  /** How many were killed: one that does not come to its instant is left alone. */
  readonly kills: number;
  /** What the last one did: it took up what the others have left. */
  readonly trace: readonly TraceLine[];
  readonly problems: readonly string[];
}

/**
 * A round of documents, and processes that are killed one after the other. After every kill all is looked at from
 * outside, and again when a last process has done what was left to do.
 */
export async function play(setUp: SetUp, watcher: Watcher, deaths: Deaths): Promise<Played> {
  const world = await World.create(setUp, watcher);
  const problems: string[] = [];
  const died: Instant[] = [];
  const tell = (found: readonly string[]) => {
    problems.push(...found.map((problem) => `${toldAll(died)}: ${problem}`));
  };
  try {
    let put = await world.put();
    for (const death of deaths) {
      if ((await world.start({ death }).ended) === 'idle') continue;
      died.push(death);
      const view = await world.look();
      tell(wrongNow(put, view));
      if (!isCertain(setUp)) put = asThePolicySays(setUp, put, view);
    }
    const last = world.start();
    await last.ended;
    const view = await world.look();
    tell([...wrongAtLast(setUp, put, view), ...leftBehind(put, view)]);
    return { kills: died.length, trace: last.trace(), problems };
  } catch (error) {
    throw new Error(`${setUp.name}: ${toldAll(deaths)}`, { cause: error });
  } finally {
    await world.dispose();
  }
}

function toldAll(deaths: Deaths): string {
  if (deaths.length === 0) return 'killed by nobody';
  return `killed ${deaths.map(({ when, step, nth }) => `${when} "${step}" (${String(nth)})`).join(', then ')}`;
}
