/**
 * Lets calls go one after the other, those of the reader that began first before all others. A server reads a mail from its
 * beginning to find the place of a piece, unless it is the one after the last that it gave: what goes round between
 * many mails costs the square of their size.
 */
export class InOrder {
  readonly #waiting: { readonly rank: number; readonly start: () => Promise<void> }[] = [];
  #isGoing = false;
  #readers = 0;

  /** A reader's place. */
  rank(): number {
    return this.#readers++;
  }

  ask<T>(rank: number, call: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ rank, start: () => call().then(resolve, reject) });
      if (!this.#isGoing) void this.#go();
    });
  }

  async #go(): Promise<void> {
    this.#isGoing = true;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      await next();
      // Whoever got its answer asks for more before somebody else is looked for.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#isGoing = false;
  }

  #next(): (() => Promise<void>) | undefined {
    let first = 0;
    for (const [i, { rank }] of this.#waiting.entries()) {
      if (rank < (this.#waiting[first]?.rank ?? 0)) first = i;
    }
    return this.#waiting.splice(first, 1)[0]?.start;
  }
}
