import { LanceurError, type Clock } from '@lanceur/core';
import {
  answerIn,
  ezgedError,
  NO_SESSION,
  refusedBy,
  rowOf,
  TOO_MANY_SESSIONS,
  wireError,
} from './answer.js';
import type { Answer, Voice } from './answer.js';
import type { Settings } from './options.js';
import { SecretError } from '../secret.js';
import { encoded, md5, type Secrets } from './secrets.js';
import type { Reply, Wire } from './wire.js';

/** A session of EzGED that somebody uses. */
export interface Session {
  readonly id: string;
  /** For the header `Cookie`. */
  cookies(): string;
  /** Keeps what an answer sets. */
  learn(reply: Reply): void;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 8_000;
const LONGEST_GOODBYE_MS = 5_000;
const FIRST_LOCKOUT_MS = 60_000;
const LONGEST_LOCKOUT_MS = 30 * 60_000;

/**
 * One session for all who need one: opened when the first does, kept alive while anybody uses it, given back when nobody
 * has for a while. Sessions are licensed and few.
 */
export class Sessions {
  readonly #settings: Settings;
  readonly #wire: Wire;
  readonly #clock: Clock;
  readonly #secrets: Secrets;
  readonly #voice: Voice;
  /** Opened, or being opened. */
  #current: Promise<OpenSession> | undefined;
  #live: OpenSession | undefined;
  #users = 0;
  /** Ends the wait for a licence. */
  #patience = new AbortController();
  /** Ends the wait before a session that nobody uses is given back. */
  #idle: AbortController | undefined;
  /** Sessions that are being given back. */
  readonly #leaving = new Set<Promise<void>>();
  #refusal: { readonly error: LanceurError; readonly times: number; readonly until: number } | undefined;

  constructor(settings: Settings, wire: Wire, clock: Clock, secrets: Secrets, voice: Voice) {
    this.#settings = settings;
    this.#wire = wire;
    this.#clock = clock;
    this.#secrets = secrets;
    this.#voice = voice;
  }

  /**
   * Calls `work` with a session, and once more with a new one if EzGED says that it is no longer valid.
   *
   * @param work - gives {@link NO_SESSION} for that.
   * @throws LanceurError of scope `target`; `ABORTED`.
   */
  async use<T>(work: (session: Session) => Promise<T | typeof NO_SESSION>, signal?: AbortSignal): Promise<T> {
    this.#users++;
    this.#idle?.abort();
    try {
      const first = await this.#open(signal);
      const result = await work(first);
      if (result !== NO_SESSION) return result;
      this.#drop(first);
      const second = await this.#open(signal);
      const again = await work(second);
      if (again !== NO_SESSION) return again;
      this.#drop(second);
      const { shown: url, user } = this.#voice;
      throw ezgedError('EZGED_SESSION_LOST', { url, user, why: 'errorcode 401' }, this.#voice);
    } finally {
      this.#users--;
      if (this.#users === 0) void this.#giveBackLater();
    }
  }

  /** Tries to log in although the last login was refused. */
  forgive(): void {
    this.#refusal = undefined;
  }

  /** Gives the session back now if nobody uses it. Never throws. */
  async giveBackUnused(): Promise<void> {
    if (this.#users > 0) return;
    this.#idle?.abort();
    await this.#giveBack();
  }

  /** Gives the session back now; whoever uses it meanwhile gets another one. Never throws. */
  async close(): Promise<void> {
    this.#idle?.abort();
    this.#patience.abort();
    await this.#giveBack();
    await Promise.all(this.#leaving);
  }

  async #open(signal: AbortSignal | undefined): Promise<OpenSession> {
    if (signal?.aborted === true) throw new LanceurError('ABORTED');
    if (this.#current === undefined) {
      const opening = this.#logIn();
      this.#current = opening;
      opening.catch(() => {
        if (this.#current === opening) this.#current = undefined;
      });
    }
    return await unlessAborted(this.#current, signal);
  }

  /** With patience while all licences are taken, a pause after a refusal. */
  async #logIn(): Promise<OpenSession> {
    const { shown: url, user } = this.#voice;
    const refusal = this.#refusal;
    if (refusal !== undefined && refusal.until > this.#clock.now()) throw refusal.error;
    this.#patience = new AbortController();
    const { signal } = this.#patience;
    // A session that is on its way out still holds its licence.
    await Promise.all(this.#leaving);
    const { licenceMs } = this.#settings.timeouts;
    for (let waited = 0, pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      const { answer, reply } = await this.#authenticate();
      if (answer.errorcode === 0) {
        this.#refusal = undefined;
        return this.#opened(answer, reply);
      }
      const why = answer.errormsg;
      if (answer.errorcode !== TOO_MANY_SESSIONS) throw this.#refused(why);
      if (waited >= licenceMs || signal.aborted)
        throw ezgedError('EZGED_NO_LICENCE', { url, user, why }, this.#voice);
      const nap = Math.min(pause, licenceMs - waited);
      await this.#clock.sleep(nap, signal);
      waited += nap;
    }
  }

  async #authenticate(): Promise<{ readonly answer: Answer; readonly reply: Reply }> {
    const { user, domain, password } = this.#settings;
    const what = 'sec/authenticate';
    try {
      const secret = await this.#secrets.valueOf('password', password);
      // EzGED's documented rule: md5 for its own accounts, the password itself for those of a directory.
      const form = {
        login: user,
        pwd: domain === undefined ? md5(secret) : secret,
        ...(domain && { domain }),
      };
      const reply = await this.#wire.post(this.#call(what, instanceCookie(this.#settings)), formOf(form));
      return { answer: answerIn(reply, what, this.#voice), reply };
    } catch (error) {
      if (error instanceof SecretError) throw this.#refused(error.message);
      throw wireError(error, what, this.#voice);
    }
  }

  /** Each refusal doubles the pause before the next login, so that a wrong password does not lock the account. */
  #refused(why: string): LanceurError {
    const { shown: url, user } = this.#voice;
    const error = ezgedError('EZGED_LOGIN_REFUSED', { url, user, why }, this.#voice);
    const times = (this.#refusal?.times ?? 0) + 1;
    const pause = Math.min(FIRST_LOCKOUT_MS * 2 ** (times - 1), LONGEST_LOCKOUT_MS);
    this.#refusal = { error, times, until: this.#clock.now() + pause };
    return error;
  }

  #opened(answer: Answer, reply: Reply): OpenSession {
    const { sessionid } = rowOf(answer) ?? {};
    const id = typeof sessionid === 'number' ? String(sessionid) : sessionid;
    if (typeof id !== 'string' || id === '') {
      const { shown: url } = this.#voice;
      const data = { url, what: 'sec/authenticate', why: 'rows without sessionid' };
      throw ezgedError('EZGED_BAD_ANSWER', data, this.#voice);
    }
    const session = new OpenSession(this.#secrets.addPassing(id), this.#settings, this.#secrets);
    session.learn(reply);
    this.#live = session;
    void this.#keepAlive(session);
    return session;
  }

  /** Also during an upload that takes longer than a session lives without a call. */
  async #keepAlive(session: OpenSession): Promise<void> {
    const what = 'secses/keepalive';
    for (;;) {
      await this.#clock.sleep(this.#settings.timeouts.keepaliveMs, session.ended.signal);
      if (session.ended.signal.aborted) return;
      try {
        const reply = await this.#wire.post(
          this.#call(what, session.cookies()),
          formOf({ sessionid: session.id }),
        );
        session.learn(reply);
        if (answerIn(reply, what, this.#voice).errorcode === NO_SESSION) {
          this.#drop(session);
          return;
        }
      } catch {
        // Whoever needs the session will find out by itself.
      }
    }
  }

  /** It is no longer valid: the next to ask gets another one. */
  #drop(session: OpenSession): void {
    session.ended.abort();
    if (this.#live !== session) return;
    this.#live = undefined;
    this.#current = undefined;
  }

  async #giveBackLater(): Promise<void> {
    const idle = new AbortController();
    this.#idle = idle;
    await this.#clock.sleep(this.#settings.timeouts.idleMs, idle.signal);
    if (!idle.signal.aborted && this.#users === 0) await this.#giveBack();
  }

  async #giveBack(): Promise<void> {
    const opening = this.#current;
    this.#current = undefined;
    this.#live = undefined;
    const session = await opening?.catch(() => undefined);
    if (session === undefined || session.ended.signal.aborted) return;
    session.ended.abort();
    const leaving = this.#delete(session);
    this.#leaving.add(leaving);
    await leaving;
    this.#leaving.delete(leaving);
  }

  async #delete(session: OpenSession): Promise<void> {
    const what = 'secses/delete';
    const form = { sessionid: session.id, secsesid: session.id, forcedisconnect: '1' };
    // If it cannot be given back, it ends by itself after a minute without calls: nobody waits for long.
    const stallMs = Math.min(LONGEST_GOODBYE_MS, this.#settings.timeouts.stallMs);
    await this.#wire
      .post({ ...this.#call(what, session.cookies()), stallMs }, formOf(form))
      .catch(() => undefined);
  }

  /** @throws LanceurError */
  async load(
    session: Session,
    service: string,
    form: Readonly<Record<string, string>>,
  ): Promise<Answer | typeof NO_SESSION> {
    let answer: Answer;
    try {
      const reply = await this.#wire.post(
        this.#call(service, session.cookies()),
        formOf({ ...form, sessionid: session.id }),
      );
      session.learn(reply);
      answer = answerIn(reply, service, this.#voice);
    } catch (error) {
      throw wireError(error, service, this.#voice);
    }
    if (answer.errorcode === NO_SESSION) return NO_SESSION;
    if (answer.errorcode !== 0) throw refusedBy(answer, service, this.#voice);
    return answer;
  }

  #call(
    service: string,
    cookie: string,
  ): { readonly path: string; readonly headers: Readonly<Record<string, string>> } {
    return {
      path: `/data/service.php?service=${service}`,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        ...(cookie !== '' && { cookie }),
      },
    };
  }
}

/** Its cookies with it. */
class OpenSession implements Session {
  readonly id: string;
  readonly ended = new AbortController();
  readonly #jar = new Map<string, string>();
  readonly #instance: string;
  readonly #secrets: Secrets;

  constructor(id: string, settings: Settings, secrets: Secrets) {
    this.id = id;
    this.#instance = instanceCookie(settings);
    this.#secrets = secrets;
  }

  cookies(): string {
    const own = [...this.#jar].map(([name, value]) => `${name}=${value}`);
    return [...(this.#instance === '' ? [] : [this.#instance]), ...own].join('; ');
  }

  learn({ cookies }: Reply): void {
    for (const line of cookies) {
      const pair = /^\s*(?<name>[^=;\s]+)=(?<value>[^;]*)/u.exec(line)?.groups;
      // The instance is ours to choose.
      if (pair?.['name'] === undefined || pair['name'] === 'instance') continue;
      const value = (pair['value'] ?? '').trim();
      if (value.length > 7) this.#secrets.addPassing(value);
      this.#jar.set(pair['name'], value);
    }
  }
}

function instanceCookie({ instance }: Settings): string {
  return instance === undefined ? '' : `instance=${instance}`;
}

function formOf(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${encoded(value)}`)
    .join('&');
}

async function unlessAborted<T>(task: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await task;
  const over = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    const abort = (): void => reject(new LanceurError('ABORTED'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { signal: over.signal });
  });
  try {
    return await Promise.race([task, aborted]);
  } finally {
    over.abort();
  }
}
