import { seededRandom } from '@lanceur/core/testing';
import { killAtEveryStep } from './explore.js';
import { play } from './play.js';
import { randomLife } from './random-life.js';
import { DOVECOT } from '../../servers/dovecot.js';
import { pathOf } from '../../support/needs.js';
import { certain, mailboxes, uncertain, type SetUp } from './set-ups.js';
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
 * As long as it is told to. For the half of it, in each set-up, kills at each step every time that it is taken; then, by
 * chance, at several in a row, and two or three processes at once at any instant. How many problems there were.
 */
export async function endure({ minutes, seed, say }: EndureOptions): Promise<number> {
  const startedAt = performance.now();
  const halfway = startedAt + minutes * 30_000;
  const until = startedAt + minutes * 60_000;
  const watcher = new Watcher();
  let found = 0;
  const tell = (what: string, problems: readonly string[]) => {
    say(`${what}: ${problems.length === 0 ? 'all well' : `${String(problems.length)} problems`}`);
    for (const problem of problems) say(`  ${problem}`);
    found += problems.length;
  };

  const setUps = [...certain, ...uncertain];
  if (pathOf(DOVECOT.program) !== undefined) setUps.push(...mailboxes);
  else say(`mailboxes are left out: ${DOVECOT.install}`);
  /** Instants that a set-up is known to come to. */
  const known: { readonly setUp: SetUp; readonly instants: readonly Instant[] }[] = [];
  try {
    for (const setUp of seededRandom(seed).shuffled(setUps)) {
      if (performance.now() > halfway) break;
      const nameOf = ({ when, step, nth }: Instant) => `${when} ${step} (${String(nth)})`;
      const { deaths, problems, missed } = await killAtEveryStep(setUp, { watcher, nameOf, until: halfway });
      tell(`${setUp.name}: killed at ${String(deaths.length)} instants`, problems);
      // How often a step is taken is a matter of time for those that share their work: no ninth time is owed.
      for (const name of missed) say(`  not met a second time: ${name}`);
      if (deaths.length > 0) known.push({ setUp, instants: deaths });
    }
    for (let n = 1; performance.now() < until; n++) {
      const random = seededRandom(`${seed}/${String(n)}`);
      if (known.length > 0) {
        const { setUp, instants } = random.pick(known);
        const deaths = Array.from({ length: 2 + random.int(LONGEST - 1) }, () => random.pick(instants));
        const { kills, problems } = await play(setUp, watcher, deaths);
        tell(`${setUp.name}: killed ${String(kills)} times in a row`, problems);
      }
      // The files of a stem come one after the other, and who does not wait for quiet takes the first one alone.
      const shared = random.pick(certain.filter(({ unit }) => unit !== 'stem'));
      const processes = 2 + random.int(2);
      const kills = 4 + random.int(8);
      const leases = random.pick(['run out', 'waited for'] as const);
      tell(
        `${shared.name}: ${String(processes)} processes at once, leases ${leases}, killed ${String(kills)} times`,
        await randomLife(shared, { watcher, seed: `${seed}/${String(n)}`, processes, kills, leases }),
      );
    }
  } finally {
    watcher.end();
  }
  return found;
}
