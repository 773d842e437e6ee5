import type { Actor } from './actor.js';

/** Who has which item open. */
export class Readers {
  readonly #open = new Map<string, Set<Actor>>();

  begin(item: string, actor: Actor): () => void {
    const actors = this.#open.get(item) ?? new Set();
    this.#open.set(item, actors.add(actor));
    const done = () => void actors.delete(actor);
    actor.whenDead(done);
    return done;
  }

  isOpen(item: string): boolean {
    return (this.#open.get(item)?.size ?? 0) > 0;
  }
}
