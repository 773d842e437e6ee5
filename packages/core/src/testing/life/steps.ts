import type { Moment, StoryProcess } from './story.js';

/** What happens to a process at a step. */
export interface Stepped {
  readonly number: number;
  readonly dies: boolean;
  /** 0 = it does not stand still. */
  readonly freezesMs: number;
}

/** The steps of a process over all its lives, and what its story has in store for them. */
export class Steps {
  readonly #fates: { readonly when: Moment; readonly ms: number | undefined; left: number }[];
  count = 0;

  constructor({ dies, freezes }: StoryProcess) {
    const fates = [...dies.map((when) => ({ when, ms: undefined })), ...freezes];
    this.#fates = fates.map((fate) => ({ ...fate, left: typeof fate.when === 'number' ? 0 : fate.when.nth }));
  }

  next(name: string): Stepped {
    const number = ++this.count;
    let dies = false;
    let freezesMs = 0;
    for (const fate of this.#fates) {
      const { when, ms } = fate;
      const isNow =
        typeof when === 'number' ? when === number : name.startsWith(when.at) && --fate.left === 0;
      if (!isNow) continue;
      if (ms === undefined) dies = true;
      else freezesMs = Math.max(freezesMs, ms);
    }
    return { number, dies, freezesMs };
  }

  /** Nothing happens to it any more. */
  calm(): void {
    this.#fates.length = 0;
  }
}
