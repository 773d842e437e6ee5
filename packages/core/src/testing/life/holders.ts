import type { Actor } from './actor.js';

/** Which process works on which item, so that it can be told who was lost with what. */
export class Holders {
  readonly #holders = new Map<string, Actor>();
  readonly #held = new Map<Actor, Set<string>>();
  readonly #onLostAlone: (item: string, by: Actor) => void;
  /** How often an item was taken, for whoever wants to know whether anything is still being done. */
  taken = 0;

  constructor(onLostAlone: (item: string, by: Actor) => void) {
    this.#onLostAlone = onLostAlone;
  }

  /** The ledger has given it to this process, although another one may never have let go of it. */
  take(item: string, actor: Actor, worksOnIt: boolean): void {
    this.taken++;
    const before = this.#holders.get(item);
    if (before !== undefined && this.#held.get(before)?.size === 1) this.#onLostAlone(item, before);
    // What a process held when it died stays as it was; one that lives will learn that it has lost this one.
    if (before?.alive === true) this.#held.get(before)?.delete(item);
    this.#holders.delete(item);
    if (!worksOnIt) return;
    this.#holders.set(item, actor);
    this.#held.set(actor, (this.#held.get(actor) ?? new Set()).add(item));
  }

  /** It is done with the item, or has learnt that another process has it now. */
  letGo(item: string, actor: Actor): void {
    this.#held.get(actor)?.delete(item);
    if (this.#holders.get(item) === actor) this.#holders.delete(item);
  }
}
