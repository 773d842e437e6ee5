import { Readable } from 'node:stream';
import type { Delivery, Listener, Session, SourceMemory } from '@lanceur/core';
import type { LifeProcess, LifeTime } from '@lanceur/core/testing';

/**
 * Between a listener that talks to a server and a life: while bytes are on their way the life's clock stands still, it
 * goes on while the process waits for a step of its own, and nothing answers a process that is dead.
 */
export class Gate {
  readonly #time: LifeTime;
  readonly #step: LifeProcess['step'];
  #calls = 0;
  #steps = 0;
  #isDead = false;
  #goOn: (() => void) | undefined;

  constructor(time: LifeTime, { step }: LifeProcess) {
    this.#time = time;
    this.#step = step;
  }

  die(): void {
    this.#isDead = true;
    this.#look();
  }

  /** An effect at the server, with a step on either side of it. */
  async effect(name: string, act: () => void): Promise<void> {
    await this.#waiting(() => this.#step(`before ${name}`));
    act();
    await this.#waiting(() => this.#step(`after ${name}`));
  }

  /** The same listener, at an address that every process knows it by. */
  through(listener: Listener, address: string): Listener {
    return {
      source: listener.source,
      address,
      traits: listener.traits,
      connect: ({ memory, ...options } = {}) =>
        this.#call(async () => {
          const its = memory && { memory: this.#memory(memory) };
          return this.#session(await listener.connect({ ...options, ...its }));
        }),
    };
  }

  #session(session: Session): Session {
    const close = () => this.#call(() => session.close());
    const list = () => session.list()[Symbol.asyncIterator]();
    const next = (refs: ReturnType<typeof list>) => this.#call(() => refs.next());
    return {
      async *list() {
        const refs = list();
        for (let ref = await next(refs); ref.done !== true; ref = await next(refs)) yield ref.value;
      },
      open: (ref, wants, options) =>
        this.#call(async () => this.#delivery(await session.open(ref, wants, options))),
      settle: (batch) => this.#call(() => session.settle(batch)),
      ...(session.restore && {
        restore: (refs) => this.#call(async () => (await session.restore?.(refs)) ?? []),
      }),
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  #delivery(delivery: Delivery): Delivery {
    const read = async function* (this: Gate, open: () => Readable): AsyncGenerator<Buffer> {
      await this.#step('before read');
      yield Buffer.concat(await this.#call(() => open().toArray()));
      await this.#step('after read');
    }.bind(this);
    return {
      ref: delivery.ref,
      attributes: delivery.attributes,
      documents: delivery.documents.map((document) => ({
        name: document.name,
        ...(document.size !== undefined && { size: document.size }),
        open: () => Readable.from(read(() => document.open())),
      })),
      [Symbol.asyncDispose]: () => delivery[Symbol.asyncDispose](),
    };
  }

  /** The ledger has steps of its own. */
  #memory(memory: SourceMemory): SourceMemory {
    return {
      read: (keys) => this.#waiting(() => memory.read(keys)),
      write: (entries) => this.#waiting(() => memory.write(entries)),
    };
  }

  async #call<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isDead) return await new Promise(() => undefined);
    this.#count(1, 0);
    try {
      return await this.#living(work);
    } finally {
      this.#count(-1, 0);
    }
  }

  async #waiting<T>(work: () => Promise<T>): Promise<T> {
    this.#count(0, 1);
    try {
      return await work();
    } finally {
      this.#count(0, -1);
    }
  }

  async #living<T>(work: () => Promise<T>): Promise<T> {
    const answer = await work().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    if (this.#isDead) return await new Promise(() => undefined);
    if ('error' in answer) throw answer.error;
    return answer.value;
  }

  #count(calls: number, steps: number): void {
    this.#calls += calls;
    this.#steps += steps;
    this.#look();
  }

  #look(): void {
    const isOnItsWay = !this.#isDead && this.#calls > 0 && this.#steps === 0;
    if (!isOnItsWay) {
      this.#goOn?.();
      this.#goOn = undefined;
    } else if (this.#goOn === undefined) {
      const over = new Promise<void>((resolve) => {
        this.#goOn = resolve;
      });
      void this.#time.outside(() => over);
    }
  }
}
