import { seededRandom } from '@lanceur/core/testing';
import { killAtEveryStep } from './explore.js';
import { play } from './play.js';
import { randomLife } from './random-life.js';
import { certain, uncertain } from './set-ups.js';
import type { Instant } from './steps.mjs';
import { Watcher } from './watcher.js';

export interface EndureOptions {
  readonly minutes: number;
  /** Of what is drawn. */
  readonly seed: string;
  /** What has been done, and each problem at once. */
  say(text: string): void;
}

/** The most processes that are killed one after the other. */
const LONGEST = 5;

/**
 * As long as it is told to: in each set-up kills at each step every time that it is taken; then, by chance, at several in
 * a row, and two or three processes at once at any instant. How many problems there were.
 */
export async function endure({ minutes, seed, say }: EndureOptions): Promise<number> {
  const until = performance.now() + minutes * 60_000;
  const watcher = new Watcher();
  const setUps = seededRandom(seed).shuffled([...certain, ...uncertain]);
  const instants = new Map<string, readonly Instant[]>();
  let found = 0;
  const tell = (what: string, problems: readonly string[]) => {
    say(`${what}: ${problems.length === 0 ? 'all well' : `${String(problems.length)} problems`}`);
    for (const problem of problems) say(`  ${problem}`);
    found += problems.length;
  };
  try {
    for (const setUp of setUps) {
      const nameOf = ({ when, step, nth }: Instant) => `${when} ${step} (${String(nth)})`;
      const { deaths, problems } = await killAtEveryStep(setUp, { watcher, nameOf, until });
      instants.set(setUp.name, deaths);
      tell(`${setUp.name}: killed at ${String(deaths.length)} instants`, problems);
    }
    for (let n = 1; performance.now() < until; n++) {
      const random = seededRandom(`${seed}/${String(n)}`);
      const setUp = random.pick(setUps);
      const deaths = Array.from({ length: 2 + random.int(LONGEST - 1) }, () =>
        random.pick(instants.get(setUp.name) ?? []),
      );
      const { kills, problems } = await play(setUp, watcher, deaths);
      tell(`${setUp.name}: killed ${String(kills)} times in a row`, problems);

      const shared = random.pick(certain);
      const life = {
        seed: `${seed}/${String(n)}`,
        processes: 2 + random.int(2),
        kills: 4 + random.int(8),
        leases: random.pick(['run out', 'waited for'] as const),
      };
      tell(
        `${shared.name}: ${String(life.processes)} processes at once, killed ${String(life.kills)} times`,
        await randomLife(shared, { watcher, ...life }),
      );
    }
  } finally {
    watcher.end();
  }
  return found;
}
