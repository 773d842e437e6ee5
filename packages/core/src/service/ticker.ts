import type { Clock } from '../clock.js';

/** A clock that is set, a machine that wakes up, and a run that hangs are noticed within this time. */
const LONGEST_SLEEP_MS = 60_000;

export interface Ticked {
  /** When there is something to do next; `undefined`: not before somebody asks. */
  readonly next: () => number | undefined;
  /** Does what is due by now. Never throws. */
  readonly tick: (now: number) => void;
}

/** The one timer of a service: sleeps until the earliest time at which any of its launchers is due. */
export class Ticker {
  readonly #clock: Clock;
  readonly #ticked: Ticked;
  #awake = new AbortController();
  #wakesAt = Infinity;
  #going: Promise<void> | undefined;
  #stopped = false;

  constructor(clock: Clock, ticked: Ticked) {
    this.#clock = clock;
    this.#ticked = ticked;
  }

  /** Something is to be done at this time: wakes up earlier if need be. Begins to tick if it has not. */
  ask(at: number): void {
    if (this.#stopped) return;
    this.#going ??= this.#go();
    if (at < this.#wakesAt) this.#awake.abort();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#awake.abort();
    await this.#going;
  }

  async #go(): Promise<void> {
    // Whoever asks for something in this turn has asked for all of it.
    await Promise.resolve();
    while (!this.#stopped) {
      // What is asked for from here on is not covered by `next` any more, and must wake.
      this.#awake = new AbortController();
      this.#wakesAt = Infinity;
      this.#ticked.tick(this.#clock.now());
      const now = this.#clock.now();
      const wait = Math.max(1, Math.min((this.#ticked.next() ?? Infinity) - now, LONGEST_SLEEP_MS));
      this.#wakesAt = now + wait;
      await this.#clock.sleep(wait, this.#awake.signal);
    }
  }
}
