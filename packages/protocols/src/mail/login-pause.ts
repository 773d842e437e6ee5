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
 * up to half an hour, also that of the next process.
 */
export class LoginPause {
  readonly #user: string;
  readonly #clock: Clock;

  constructor(user: string, clock: Clock) {
    this.#user = user;
    this.#clock = clock;
  }

  /** @throws LanceurError `LOGIN_PAUSED`. */
  async expectAllowed(memory: SourceMemory): Promise<void> {
    const stored = await read(memory);
    const left = (stored?.until ?? 0) - this.#clock.now();
    // No pause is longer than the longest: a clock that was wrong has been set right since.
    if (stored === undefined || left <= 0 || left > LONGEST_MS) return;
    const { until, times, why } = stored;
    throw new LanceurError('LOGIN_PAUSED', {
      user: this.#user,
      until: new Date(until).toISOString(),
      times,
      why,
    });
  }

  /** @param why - what the server said, without the secret. */
  async refused(memory: SourceMemory, why: string): Promise<void> {
    const times = ((await read(memory))?.times ?? 0) + 1;
    const until = this.#clock.now() + Math.min(FIRST_MS * 2 ** (times - 1), LONGEST_MS);
    const stored: Stored = { times, until, why: printable(why, 200) };
    await memory.write(new Map([[KEY, JSON.stringify(stored)]]));
  }

  async accepted(memory: SourceMemory): Promise<void> {
    if ((await read(memory)) !== undefined) await memory.write(new Map([[KEY, undefined]]));
  }
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
