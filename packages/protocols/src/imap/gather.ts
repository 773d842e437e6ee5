/**
 * Gathers what is asked for one by one into few calls: what is asked while a call is under way goes into the next one.
 * On a network, the round trip is what a small thing costs.
 */
export class Gather<Asked, Answer> {
  readonly #call: (asked: readonly Asked[]) => Promise<readonly (Answer | Error)[]>;
  readonly #fits: (batch: readonly Asked[], next: Asked) => boolean;
  #waiting: Waiting<Asked, Answer>[] = [];
  #running = false;

  /**
   * @param call - an answer or an error for each, in their order. If it rejects, all of them do.
   * @param fits - whether something may go into one call with others.
   */
  constructor(
    call: (asked: readonly Asked[]) => Promise<readonly (Answer | Error)[]>,
    fits: (batch: readonly Asked[], next: Asked) => boolean,
  ) {
    this.#call = call;
    this.#fits = fits;
  }

  ask(asked: Asked): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ asked, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    // Those who ask in the same turn of the loop come along.
    await new Promise((resolve) => setImmediate(resolve));
    for (let batch = this.#next(); batch.length > 0; batch = this.#next()) {
      try {
        const answers = await this.#call(batch.map(({ asked }) => asked));
        for (const [i, { resolve, reject }] of batch.entries()) {
          const answer = answers[i];
          if (answer === undefined) reject(new Error('a call left an answer out'));
          else if (answer instanceof Error) reject(answer);
          else resolve(answer);
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#running = false;
  }

  /** The first that waits, and those that fit. */
  #next(): readonly Waiting<Asked, Answer>[] {
    const batch: Waiting<Asked, Answer>[] = [];
    const left: Waiting<Asked, Answer>[] = [];
    const asked: Asked[] = [];
    for (const each of this.#waiting) {
      if (batch.length === 0 || this.#fits(asked, each.asked)) {
        batch.push(each);
        asked.push(each.asked);
      } else left.push(each);
    }
    this.#waiting = left;
    return batch;
  }
}

interface Waiting<Asked, Answer> {
  readonly asked: Asked;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}
