import type { FaultyCall, StoryItem } from './story.js';
import type { LifeTime } from './time.js';

/** What goes wrong now, and for how long: outages, ordered faults, documents that are at fault themselves. */
export class Trouble {
  readonly #time: LifeTime;
  readonly #until = new Map<string, number>();
  readonly #faults: { readonly on: FaultyCall; readonly done: boolean }[] = [];
  readonly #failures = new Map<
    string,
    { readonly on: 'open' | 'submit'; readonly final: boolean; left: number }
  >();
  readonly #poison = new Set<string>();

  constructor(time: LifeTime, items: readonly StoryItem[]) {
    this.#time = time;
    for (const { name, failures, poison } of items) {
      if (failures !== undefined) {
        this.#failures.set(name, { on: failures.on, final: failures.final === true, left: failures.times });
      }
      if (poison === true) this.#poison.add(name);
    }
  }

  /** From now on for `ms`: of the `source`, the `ledger`, the `cold`, `job 87`, or an item that cannot be seen. */
  begin(what: string, ms: number): void {
    this.#until.set(what, Math.max(this.#until.get(what) ?? 0, this.#time.now + ms));
  }

  is(what: string): boolean {
    return (this.#until.get(what) ?? 0) > this.#time.now;
  }

  order(on: FaultyCall, done: boolean): void {
    this.#faults.push({ on, done });
  }

  /** The fault that strikes this call, if one was ordered. */
  strikes(on: FaultyCall): 'before' | 'after' | undefined {
    const at = this.#faults.findIndex((f) => f.on === on);
    if (at < 0) return undefined;
    const [fault] = this.#faults.splice(at, 1);
    return fault?.done === true ? 'after' : 'before';
  }

  /** Whether this item fails by its own fault once more, and whether for good. */
  fails(item: string, on: 'open' | 'submit'): { readonly final: boolean } | undefined {
    const failure = this.#failures.get(item);
    if (failure?.on !== on || failure.left === 0) return undefined;
    failure.left--;
    return failure;
  }

  kills(item: string): boolean {
    return this.#poison.has(item);
  }

  /** No more outages and faults; documents stay as they are. */
  calm(): void {
    this.#until.clear();
    this.#faults.length = 0;
  }

  /** Documents are mended too. */
  repair(): void {
    this.#failures.clear();
    this.#poison.clear();
  }
}
