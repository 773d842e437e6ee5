import { availableParallelism } from 'node:os';
import type { TraceLine } from './life.js';
import { play, type Deaths, type Played } from './play.js';
import type { SetUp } from './set-ups.js';
import type { Instant } from './steps.mjs';
import type { Watcher } from './watcher.js';

export interface Explored {
  /** The names of all steps that were met. */
  readonly steps: ReadonlySet<string>;
  /** All instants that processes were killed at. */
  readonly deaths: readonly Instant[];
  readonly problems: readonly string[];
  /** Names of instants that were seen once, and that no process came to when it was to die there. */
  readonly missed: readonly string[];
}

export interface ExploreOptions {
  readonly watcher: Watcher;
  /** A name for an instant: those of one name are taken for the same, and one of them is enough. */
  readonly nameOf: (instant: Instant) => string;
  /** Names of instants that were dealt with; those that are dealt with now are added. Default none. */
  readonly done?: Set<string>;
  /** Until when, by the clock of `performance`. Default: until all is done. */
  readonly until?: number;
}

/** Each on a core of its own. */
const AT_ONCE = Math.max(2, availableParallelism());

/** An instant to kill a process at, and one that is no different: the end of a step is the beginning of the next. */
interface Moment {
  readonly death: Instant;
  readonly same?: Instant;
}

/** Processes that are to be killed one after the other, and what the last of them is for: names of its instant. */
interface Plan {
  readonly deaths: Deaths;
  readonly names: readonly string[];
}

/**
 * Kills a launcher before, during and after each step that it takes; and the next one, which takes up what it has left,
 * at each step that is new; and so on, until there is none.
 */
export async function killAtEveryStep(setUp: SetUp, options: ExploreOptions): Promise<Explored> {
  const { watcher, nameOf, done = new Set<string>(), until = Infinity } = options;
  const steps = new Set<string>();
  const died: Instant[] = [];
  const problems: string[] = [];
  const missed = new Set<string>();

  /** What is still to be tried, once this has been. */
  const after = ({ deaths, names }: Plan, { kills, trace, problems: found }: Played): readonly Plan[] => {
    problems.push(...found);
    if (kills < deaths.length) {
      // Another process may come to it.
      for (const name of names) {
        done.delete(name);
        missed.add(name);
      }
      return [];
    }
    died.push(...deaths.slice(-1));
    for (const { step } of trace) steps.add(step);
    return momentsOf(trace).flatMap(({ death, same }) => {
      const open = [death, ...(same === undefined ? [] : [same])]
        .map(nameOf)
        .filter((name) => !done.has(name));
      for (const name of open) done.add(name);
      return open.length === 0 ? [] : [{ deaths: [...deaths, death], names: open }];
    });
  };

  for (let plans: readonly Plan[] = [{ deaths: [], names: [] }]; plans.length > 0;) {
    const played = await inOrder(plans, ({ deaths }) =>
      performance.now() < until ? play(setUp, watcher, deaths) : undefined,
    );
    // In order, so that what follows does not depend on which of them was faster.
    plans = plans.flatMap((plan, i) => (played[i] === undefined ? [] : after(plan, played[i])));
  }
  return { steps, deaths: died, problems, missed: [...missed].filter((name) => !done.has(name)) };
}

/** The instants of a life that differ. */
function momentsOf(trace: readonly TraceLine[]): readonly Moment[] {
  return trace.flatMap(({ when, step, nth, divisible }, i): readonly Moment[] => {
    if (when === 'after') {
      return trace[i + 1]?.when === 'before' ? [] : [{ death: { when, step, nth } }];
    }
    const previous = trace[i - 1];
    const before: Moment = {
      death: { when, step, nth },
      ...(previous?.when === 'after' && { same: { when: 'after', step: previous.step, nth: previous.nth } }),
    };
    return divisible ? [before, { death: { when: 'during', step, nth } }] : [before];
  });
}

/** Some at once; the results in the order of what they are of. */
async function inOrder<T, R>(
  all: readonly T[],
  work: (one: T) => Promise<R> | undefined,
): Promise<readonly (R | undefined)[]> {
  const results: (R | undefined)[] = [];
  const waiting = all.entries();
  const worker = async () => {
    for (const [i, one] of waiting) results[i] = await work(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
