import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../clock.js';

/** A {@link Clock} that stands still until it is moved. */
export interface VirtualClock extends Clock {
  /** How many are asleep. */
  readonly sleeping: number;
  /**
   * Moves on by `ms` milliseconds. Whoever wakes up meanwhile does so in order, at their own time, and is let go on
   * until nothing is left to do without input or output, before the next one wakes.
   */
  advance(ms: number): Promise<void>;
  /**
   * Moves on from one sleeper to the next until `task` is done, and gives its result. Waits for input and output
   * without moving.
   * @throws RangeError if `task` still sleeps after `ms` milliseconds of this clock.
   */
  runFor<T>(ms: number, task: Promise<T>): Promise<T>;
}

interface Sleeper {
  readonly at: number;
  wake(): void;
}

/** A clock for tests. It starts on 1 January 2026 at 00:00 UTC unless told otherwise. */
export function virtualClock(start: number = Date.UTC(2026, 0, 1)): VirtualClock {
  let now = start;
  const sleepers: Sleeper[] = [];

  /** The one that wakes up first; of several, the one that fell asleep first. */
  function first(): Sleeper | undefined {
    return sleepers.reduce<Sleeper | undefined>(
      (a, b) => (a === undefined || b.at < a.at ? b : a),
      undefined,
    );
  }

  async function wake(sleeper: Sleeper): Promise<void> {
    now = Math.max(now, sleeper.at);
    sleeper.wake();
    await turn();
  }

  return {
    now: () => now,
    sleep(ms, signal) {
      if (signal?.aborted === true) return Promise.resolve();
      return new Promise((resolve) => {
        const wakeUp = () => {
          sleepers.splice(sleepers.indexOf(sleeper), 1);
          signal?.removeEventListener('abort', wakeUp);
          resolve();
        };
        const sleeper: Sleeper = { at: now + Math.max(0, ms), wake: wakeUp };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', wakeUp);
      });
    },
    get sleeping() {
      return sleepers.length;
    },
    async advance(ms) {
      const until = now + ms;
      await turn();
      for (let next = first(); next !== undefined && next.at <= until; next = first()) await wake(next);
      now = Math.max(now, until);
    },
    async runFor(ms, task) {
      const until = now + ms;
      const progress: { done: boolean } = { done: false };
      const settled = () => {
        progress.done = true;
      };
      task.then(settled, settled);
      for (;;) {
        await turn();
        if (progress.done) return task;
        const next = first();
        if (next === undefined) continue;
        if (next.at > until) throw new RangeError(`the task still sleeps after ${String(ms)} ms`);
        await wake(next);
      }
    },
  };
}
