import type { Clock } from '../clock.js';
import type { Listener, Session } from '../contracts/listener.js';
import type { SourceMemory } from '../contracts/ledger.js';
import { isAbort, LanceurError, messageOf } from '../errors.js';
import { Gate } from './gate.js';

export interface SessionsOptions {
  readonly listener: Listener;
  readonly memory: SourceMemory;
  readonly clock: Clock;
  /** How long the working session stays open without use. */
  readonly idleMs: number;
}

/**
 * The sessions of one launcher with its source: one that lists, and one that all work shares. Where the source allows
 * one session only, they take turns; where settling ends the session, settling waits until nobody reads.
 */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #readers = new Gate();
  #working: Promise<Session> | undefined;
  #users = 0;
  #idle: AbortController | undefined;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /**
   * A session of its own where the source allows it. Else the only one, while nobody uses it: it is read whole before
   * the first item comes, so that work on that item can have the session; `keep` leaves it open for that work.
   */
  async *listing<T>(
    read: (session: Session) => AsyncIterable<T>,
    { signal, keep = false }: { readonly signal?: AbortSignal | undefined; readonly keep?: boolean } = {},
  ): AsyncGenerator<T> {
    if (!this.#options.listener.traits.concurrentSessions) {
      yield* await this.#readers.alone(async () => {
        const found = await this.#use(async (session) => await collect(read(session)), signal);
        if (!keep) await this.close();
        return found;
      });
      return;
    }
    const session = await this.#connect(signal);
    try {
      yield* read(session);
    } catch (error) {
      throw asSourceError(error, this.#options.listener);
    } finally {
      await session.close().catch(messageOf);
    }
  }

  /** The working session, beside other users. */
  async use<T>(work: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return await this.#readers.shared(async () => await this.#use(work, signal));
  }

  /** The working session for settling: alone, and the last use of it, where settling ends the session. */
  async settling<T>(work: (session: Session) => Promise<T>): Promise<T> {
    if (!this.#options.listener.traits.settleEndsSession) return await this.use(work);
    return await this.#readers.alone(async () => {
      try {
        return await this.#use(work);
      } finally {
        await this.close();
      }
    });
  }

  /** Unless somebody uses it; who then leaves it to its idle time. */
  async closeIfUnused(): Promise<void> {
    if (this.#users === 0) await this.close();
  }

  async close(): Promise<void> {
    this.#busy();
    const working = this.#working;
    this.#working = undefined;
    await working?.then(async (session) => await session.close()).catch(messageOf);
  }

  async #use<T>(work: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T> {
    this.#busy();
    this.#users++;
    const working = (this.#working ??= this.#connect(signal));
    let connected = false;
    try {
      const session = await working;
      connected = true;
      return await work(session);
    } catch (error) {
      const known = asSourceError(error, this.#options.listener);
      const unusable = known.scope === 'source' || !connected;
      if (unusable && this.#working === working) await this.close();
      throw known;
    } finally {
      this.#users--;
      this.#rest();
    }
  }

  #busy(): void {
    // Once each: to abort what is aborted makes an error with its stack all the same, and this is called for each item.
    this.#idle?.abort();
    this.#idle = undefined;
  }

  #rest(): void {
    if (this.#users === 0 && this.#working !== undefined) void this.#closeWhenIdle();
  }

  async #closeWhenIdle(): Promise<void> {
    const idle = new AbortController();
    this.#idle = idle;
    await this.#options.clock.sleep(this.#options.idleMs, idle.signal);
    if (!idle.signal.aborted) await this.close();
  }

  async #connect(signal?: AbortSignal): Promise<Session> {
    const { listener, memory } = this.#options;
    try {
      return await listener.connect({ memory, ...(signal && { signal }) });
    } catch (error) {
      throw asSourceError(error, listener);
    }
  }
}

/** Whatever a listener throws that is no LanceurError is a failure of the source: it may lose nothing by ending the run. */
function asSourceError(error: unknown, listener: Listener): LanceurError {
  if (LanceurError.is(error)) return error;
  if (isAbort(error)) return new LanceurError('ABORTED', undefined, { cause: error });
  return new LanceurError(
    'SOURCE_FAILED',
    { path: listener.address, why: messageOf(error) },
    { cause: error },
  );
}

async function collect<T>(from: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const one of from) all.push(one);
  return all;
}
