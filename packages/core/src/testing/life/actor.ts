import type { Clock } from '../../clock.js';
import type { SeededRandom } from '../random.js';
import type { Step } from '../step.js';
import { never } from './never.js';
import type { Steps } from './steps.js';
import type { StoryProcess } from './story.js';
import type { LifeTime } from './time.js';

/** What an actor shares with the world around it. */
export interface Surroundings {
  readonly time: LifeTime;
  /** What the machine's clock is wrong by. */
  readonly offset: () => number;
  /** Called before every step that comes after an effect, at that very instant. */
  readonly observe: () => void;
  readonly tell: (what: string) => void;
  /** Something happened that may leave a submission in doubt. */
  readonly disturbed: () => void;
}

/** One life of a process. */
export class Actor {
  readonly #of: StoryProcess;
  readonly #steps: Steps;
  readonly #random: SeededRandom;
  readonly #around: Surroundings;
  readonly #onDeath: (() => void)[] = [];
  #alive = true;
  #frozenUntil = 0;
  /** How often it has stood still. */
  standstills = 0;
  readonly step: Step;
  readonly clock: Clock;
  /** Resolves when it has died. */
  readonly death: Promise<void>;

  constructor(of: StoryProcess, steps: Steps, random: SeededRandom, around: Surroundings) {
    this.#of = of;
    this.#steps = steps;
    this.#random = random;
    this.#around = around;
    this.step = (name) => this.#step(name);
    this.clock = {
      now: () => around.time.now + around.offset(),
      sleep: (ms, signal) => this.#sleep(ms, signal),
    };
    this.death = new Promise((resolve) => this.#onDeath.push(resolve));
  }

  get alive(): boolean {
    return this.#alive;
  }

  get name(): string {
    return this.#of.name;
  }

  whenDead(then: () => void): void {
    this.#onDeath.push(then);
  }

  die(why: string): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#around.disturbed();
    this.#around.tell(`${this.name} dies ${why}`);
    for (const then of this.#onDeath) then();
  }

  /** `work`, unless the actor is dead; its answer comes only to one that is alive. */
  async living<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#alive) return await never();
    try {
      const result = await work();
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- it may have died meanwhile
      return this.#alive ? result : await never();
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- as above
      if (!this.#alive) return await never();
      throw error;
    }
  }

  #step(name: string): Promise<void> {
    if (!this.#alive) return never();
    if (name.startsWith('after')) this.#around.observe();
    const { number, dies, freezesMs } = this.#steps.next(name);
    if (dies) {
      this.die(`at step ${String(number)}, ${name}`);
      return never();
    }
    if (freezesMs > 0) this.#freeze(freezesMs, `at step ${String(number)}, ${name}`);
    const { chance, ms } = this.#of.slow;
    const pause = this.#random.chance(chance) ? 1 + this.#random.int(ms) : 0;
    return pause > 0 || this.#isFrozen() ? this.#pause(pause) : Promise.resolve();
  }

  async #pause(ms: number): Promise<void> {
    if (ms > 0) await this.#around.time.sleep(ms);
    await this.#thaw();
    if (!this.#alive) await never();
  }

  #freeze(ms: number, why: string): void {
    this.standstills++;
    this.#around.disturbed();
    this.#around.tell(`${this.name} stands still for ${String(ms)} ms ${why}`);
    this.#frozenUntil = Math.max(this.#frozenUntil, this.#around.time.now + ms);
  }

  #isFrozen(): boolean {
    return this.#frozenUntil > this.#around.time.now;
  }

  async #thaw(): Promise<void> {
    while (this.#isFrozen()) await this.#around.time.sleep(this.#frozenUntil - this.#around.time.now);
  }

  #sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wakeUp = () => {
        signal?.removeEventListener('abort', wakeUp);
        void this.#thaw().then(() => {
          if (this.#alive) resolve();
        });
      };
      this.#around.time.after(ms, wakeUp);
      signal?.addEventListener('abort', wakeUp);
    });
  }
}
