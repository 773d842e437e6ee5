import { LanceurError, printable, type Clock, type SourceMemory } from '@lanceur/core';

const KEY = 'login';
const FIRST_MS = 60_000;
const LONGEST_MS = 30 * 60_000;

interface Stored {
  readonly times: number;
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly why: string;
}

/**
 * Keeps a wrong password from locking the account: after each refusal the next login waits twice as long, from a minute
 * up to half an hour, also that of the next process. All logins of a listener go by it, one at a time: of two at once,
 * both would be refused.
 */
export class LoginPause {
  readonly #user: string;
  readonly #clock: Clock;
  /** Holds for a login with another memory as well: the one that waits for news has none of the ledger's. */
  #known: Stored | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(user: string, clock: Clock) {
    this.#user = user;
    this.#clock = clock;
  }

  /**
   * Carries out a login if there is no pause, and remembers what came of it.
   * @throws LanceurError `LOGIN_PAUSED`, `ABORTED`; what the login throws.
   */
  async around<T>(memory: SourceMemory, logIn: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#turn;
    let leave = (): void => undefined;
    const mine = new Promise<void>((resolve) => {
      leave = resolve;
    });
    this.#turn = before.then(() => mine);
    try {
      await unlessAborted(before, signal);
      await this.#expectAllowed(memory);
      const result = await logIn();
      await this.accepted(memory);
      return result;
    } catch (error) {
      if (LanceurError.is(error, 'LOGIN_REFUSED')) await this.#refused(memory, error);
      throw error;
    } finally {
      leave();
    }
  }

  async accepted(memory: SourceMemory): Promise<void> {
    this.#known = undefined;
    if ((await read(memory)) !== undefined) await memory.write(new Map([[KEY, undefined]]));
  }

  async #expectAllowed(memory: SourceMemory): Promise<void> {
    const stored = this.#believed(await read(memory));
    if (this.#known === undefined || (stored !== undefined && stored.until > this.#known.until)) {
      this.#known = stored;
    } else if (stored?.until !== this.#known.until) {
      await write(memory, this.#known);
    }
    if (this.#known === undefined || this.#known.until <= this.#clock.now()) return;
    const { until, times, why } = this.#known;
    throw new LanceurError('LOGIN_PAUSED', {
      user: this.#user,
      until: new Date(until).toISOString(),
      often: times === 1 ? 'once' : `${String(times)} times`,
      often_fr: `${String(times)} fois`,
      why,
    });
  }

  /** No pause is longer than the longest: a clock that was wrong has been set right since. */
  #believed(stored: Stored | undefined): Stored | undefined {
    const isTooLong = stored !== undefined && stored.until - this.#clock.now() > LONGEST_MS;
    return isTooLong ? { ...stored, until: 0 } : stored;
  }

  async #refused(memory: SourceMemory, { reason }: LanceurError): Promise<void> {
    const times = (this.#known?.times ?? 0) + 1;
    const until = this.#clock.now() + Math.min(FIRST_MS * 2 ** (times - 1), LONGEST_MS);
    // What the server said, without the secret.
    const why = printable(String(reason.data?.['why'] ?? reason.message), 200);
    this.#known = { times, until, why };
    await write(memory, this.#known);
  }
}

/** @throws LanceurError `ABORTED`. */
async function unlessAborted(event: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  let stop = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
  });
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted !== true) await Promise.race([event, aborted]);
  signal?.removeEventListener('abort', stop);
  if (signal?.aborted === true) throw new LanceurError('ABORTED');
}

async function write(memory: SourceMemory, stored: Stored): Promise<void> {
  await memory.write(new Map([[KEY, JSON.stringify(stored)]]));
}

async function read(memory: SourceMemory): Promise<Stored | undefined> {
  const text = (await memory.read([KEY])).get(KEY);
  if (text === undefined) return undefined;
  try {
    const { times, until, why } = JSON.parse(text) as Partial<Stored>;
    return typeof times === 'number' && typeof until === 'number'
      ? { times, until, why: why ?? '' }
      : undefined;
  } catch {
    return undefined;
  }
}
