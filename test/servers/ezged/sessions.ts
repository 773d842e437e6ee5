import { randomBytes } from 'node:crypto';

export interface Session {
  readonly id: string;
  readonly instance: string;
  readonly user: string;
  /** The value of its cookie. */
  readonly cookie: string;
  /** Milliseconds since 1970. */
  lastCall: number;
}

/** Sessions are licensed, die when nobody calls, and are told by id and cookie. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #now: () => number;
  readonly #lifeMs: number;
  readonly #licences: number;
  #most = 0;

  constructor(now: () => number, lifeMs: number, licences: number) {
    this.#now = now;
    this.#lifeMs = lifeMs;
    this.#licences = licences;
  }

  /** `undefined`: all licences are taken. */
  open(instance: string, user: string): Session | undefined {
    this.#bury();
    if (this.#sessions.size >= this.#licences) return undefined;
    const session: Session = {
      id: randomBytes(16).toString('hex'),
      cookie: randomBytes(13).toString('hex'),
      instance,
      user,
      lastCall: this.#now(),
    };
    this.#sessions.set(session.id, session);
    this.#most = Math.max(this.#most, this.#sessions.size);
    return session;
  }

  /** The session, alive for another while. */
  call(id: string, cookie: string | undefined): Session | undefined {
    this.#bury();
    const session = this.#sessions.get(id);
    if (session === undefined || session.cookie !== cookie) return undefined;
    session.lastCall = this.#now();
    return session;
  }

  close(id: string): void {
    this.#sessions.delete(id);
  }

  /** Those that are alive now. */
  get alive(): number {
    this.#bury();
    return this.#sessions.size;
  }

  /** Most that were alive at once. */
  get most(): number {
    return this.#most;
  }

  #bury(): void {
    for (const [id, { lastCall }] of this.#sessions) {
      if (this.#now() - lastCall > this.#lifeMs) this.#sessions.delete(id);
    }
  }
}
