/** Lets work run side by side, or alone: who wants to be alone waits for the others, and they wait behind. */
export class Gate {
  #running = 0;
  #alone = false;
  readonly #waiting: { readonly alone: boolean; readonly start: () => void }[] = [];

  async shared<T>(work: () => Promise<T>): Promise<T> {
    return await this.#run(false, work);
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    return await this.#run(true, work);
  }

  async #run<T>(alone: boolean, work: () => Promise<T>): Promise<T> {
    if (this.#waiting.length > 0 || !this.#mayStart(alone)) {
      await new Promise<void>((start) => this.#waiting.push({ alone, start }));
    } else {
      this.#enter(alone);
    }
    try {
      return await work();
    } finally {
      this.#running--;
      this.#alone = false;
      this.#admit();
    }
  }

  #mayStart(alone: boolean): boolean {
    return alone ? this.#running === 0 : !this.#alone;
  }

  #enter(alone: boolean): void {
    this.#running++;
    this.#alone = alone;
  }

  #admit(): void {
    for (
      let next = this.#waiting[0];
      next !== undefined && this.#mayStart(next.alone);
      next = this.#waiting[0]
    ) {
      this.#waiting.shift();
      this.#enter(next.alone);
      next.start();
    }
  }
}

/** At most `limit` pieces of work at once; `enter` waits for a place, which is how the listing feels backpressure. */
export class Places {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#free = limit;
  }

  async enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
