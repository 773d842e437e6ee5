import { setImmediate as turn } from 'node:timers/promises';

interface Alarm {
  readonly at: number;
  readonly order: number;
  readonly ring: () => void;
}

/** How waiting for a task has ended: it is done; nothing is left that could end it; or the time is over. */
export type Waited = 'done' | 'stuck' | 'late';

/**
 * The time of a simulated life, in milliseconds. It moves from one alarm to the next once nothing more happens
 * by itself, so that idle hours cost nothing and the same story always takes the same course.
 */
export class LifeTime {
  #now: number;
  #rung = 0;
  #outside = 0;
  /** The next one last. */
  readonly #alarms: Alarm[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  get now(): number {
    return this.#now;
  }

  /** Calls `ring` in `ms` milliseconds; alarms for the same time ring in the order in which they were set. */
  after(ms: number, ring: () => void): void {
    const alarm: Alarm = { at: this.#now + Math.max(0, ms), order: this.#rung++, ring };
    let place = this.#alarms.length;
    while (place > 0 && isBefore(this.#alarms[place - 1], alarm)) place--;
    this.#alarms.splice(place, 0, alarm);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** While `work` is under way the clock stands still: for input and output that no alarm ends. */
  async outside<T>(work: () => Promise<T>): Promise<T> {
    this.#outside++;
    try {
      return await work();
    } finally {
      this.#outside--;
    }
  }

  /** Lets everything take its course until `task` is done, for `ms` milliseconds at most. */
  async run(task: Promise<unknown>, ms: number): Promise<Waited> {
    const until = this.#now + ms;
    let done = false;
    const end = () => {
      done = true;
    };
    task.then(end, end);
    for (;;) {
      await turn();
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- it changes during the turn
      if (done) return 'done';
      if (this.#outside > 0) continue;
      const next = this.#alarms.at(-1);
      if (next === undefined) return 'stuck';
      if (next.at > until) {
        this.#now = until;
        return 'late';
      }
      this.#alarms.pop();
      this.#now = next.at;
      next.ring();
    }
  }
}

/** Whether `a` rings before `b`, or as late. */
function isBefore(a: Alarm | undefined, b: Alarm): boolean {
  return a !== undefined && (a.at < b.at || (a.at === b.at && a.order < b.order));
}
