import { setImmediate as turn } from 'node:timers/promises';
import { LanceurError } from '@lanceur/core';
import { ImapFlow, type FetchMessageObject, type FetchQueryObject, type SearchObject } from 'imapflow';
import { Breaks, Interrupted } from '../mail/breaks.js';
import { challengeLog, clientOptions } from './client-options.js';
import { commandFault, isLimit, loginFault, Refused } from './faults.js';
import { once, type LogIn } from './log-in.js';
import type { Settings } from './options.js';

/** A command may be answered slowly, but not for ever: so many times the time that the server may say nothing. */
const PATIENCE = 10;
const LONGEST_LOGOUT_MS = 3000;
/** Others, such as a login that was refused, are no better on another connection. */
const BREAKS: ReadonlySet<string> = new Set(['MAILBOX_FAILED', 'MAILBOX_STALLED']);

/** The folder that a connection has selected. */
export interface SelectedMailbox {
  /** As the server writes it, decoded. */
  readonly path: string;
  readonly uidValidity: string;
  readonly uidNext: number;
  readonly exists: number;
  readonly readOnly: boolean;
  /** Flags that stay; `\*` allows any. `undefined` = the server does not say. */
  readonly permanentFlags: ReadonlySet<string> | undefined;
}

/**
 * A connection that is logged in. Every command ends: in its answer, in {@link Refused}, or in a LanceurError of scope
 * `source`, after which the connection is of no use any more.
 */
export class Connection {
  readonly #settings: Settings;
  readonly #signal: AbortSignal | undefined;
  readonly #breaks: Breaks;
  readonly #idles: boolean;
  readonly #logIn: LogIn;
  readonly #onAbort = () => this.#client.close();
  #client: ImapFlow;
  #reviving: Promise<void> | undefined;
  /** What was selected last: a library that has lost its connection does not know any more. */
  #selected: { readonly path: string; readonly uidValidity: bigint } | undefined;
  /** Commands that were given, in the order in which they are sent. */
  readonly #underWay: object[] = [];
  /** The one that was answered, or next to be, when the connection broke. */
  #brokenAt: object | undefined;
  readonly #atFault = new WeakSet();
  /** The code of the last tagged answer: imapflow turns some refusals into a mere `false`. */
  #lastCode: string | undefined;
  #failure: unknown;
  /** What the server has said of a token that it refuses. */
  #challenge: object | undefined;
  /** Why no other connection will do: its mails have other numbers. */
  #over: LanceurError | undefined;
  #prefix = '';
  #closed = false;

  private constructor(settings: Settings, secret: string, o: ConnectionOptions) {
    this.#settings = settings;
    this.#signal = o.signal;
    this.#breaks = o.breaks ?? new Breaks();
    this.#idles = o.idles === true;
    this.#logIn = o.logIn ?? once;
    this.#client = this.#newClient(secret);
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  #newClient(secret: string): ImapFlow {
    this.#challenge = undefined;
    const logger = challengeLog((challenge) => {
      this.#challenge = challenge;
    });
    const client = new ImapFlow({ ...clientOptions(this.#settings, secret, this.#idles), logger });
    // Without a listener, a reset connection would end the process.
    client.on('error', (error) => {
      if (client === this.#client) this.#failure ??= error;
    });
    client.on('response', ({ code }) => {
      this.#lastCode = code?.toUpperCase();
    });
    return client;
  }

  /**
   * @throws LanceurError `ABORTED`, or of scope `source`.
   */
  static async open(settings: Settings, o: ConnectionOptions = {}): Promise<Connection> {
    const logIn = o.logIn ?? once;
    return await logIn((fresh) => Connection.#attempt(settings, o, fresh));
  }

  static async #attempt(settings: Settings, o: ConnectionOptions, fresh: boolean): Promise<Connection> {
    const { signal } = o;
    if (isAborted(signal)) throw new LanceurError('ABORTED');
    const secret = await settings.login.secret({ fresh, signal });
    if (isAborted(signal)) throw new LanceurError('ABORTED');
    const connection = new Connection(settings, secret, o);
    try {
      await connection.#connect(connection.#client);
      return connection;
    } catch (error) {
      await connection.close();
      throw await connection.#loginFault(error);
    }
  }

  get client(): ImapFlow {
    return this.#client;
  }

  /** Whether commands can still be sent. */
  get isUsable(): boolean {
    return !this.#closed && this.#client.usable;
  }

  has(capability: string): boolean {
    return this.#client.capabilities.has(capability);
  }

  /** Between the names of a folder and of one inside it. */
  get delimiter(): string {
    return this.#client.namespace?.delimiter ?? '/';
  }

  /** With which the names of folders of one's own begin: `INBOX.`, or nothing. */
  get prefix(): string {
    return this.#prefix;
  }

  /** What the server says of itself in its greeting. */
  get greeting(): string {
    return this.#client.greeting ?? '';
  }

  get mailbox(): SelectedMailbox {
    const { mailbox } = this.#client;
    if (mailbox === false) throw this.#fault('SELECT', new Error('the connection was cut'));
    const { uidValidity } = mailbox as { readonly uidValidity?: bigint };
    if (uidValidity === undefined) {
      const why = 'the server gives its mails no lasting numbers (UIDVALIDITY)';
      throw new LanceurError('MAILBOX_FAILED', { path: this.#settings.place, why }, { transient: false });
    }
    return {
      path: mailbox.path,
      uidValidity: String(uidValidity),
      uidNext: mailbox.uidNext,
      exists: mailbox.exists,
      readOnly: mailbox.readOnly === true,
      permanentFlags: mailbox.permanentFlags,
    };
  }

  /**
   * One command. `false` and `undefined`, which imapflow gives where the server says NO, are refusals.
   * @throws Refused; LanceurError.
   */
  async run<T>(name: string, command: (client: ImapFlow) => Promise<T | false | undefined>): Promise<T> {
    if (this.#closed) throw new LanceurError('CLOSED', { what: 'the session' });
    if (isAborted(this.#signal)) throw new LanceurError('ABORTED');
    this.#lastCode = undefined;
    const turn = {};
    this.#underWay.push(turn);
    try {
      const answer = await this.#bounded(command(this.#client));
      if (this.#client.mailbox !== false) this.#selected = this.#client.mailbox;
      if (answer !== false && answer !== undefined) return answer;
      if (this.#client.usable) throw new Refused(name, 'NO', this.#lastCode, '');
      throw new Error('the connection was cut');
    } catch (error) {
      const fault = this.#fault(name, error);
      if (!this.#client.usable) {
        this.#brokenAt ??= this.#underWay[0];
        if (this.#brokenAt === turn) this.#atFault.add(fault);
      }
      throw fault;
    } finally {
      this.#underWay.splice(this.#underWay.indexOf(turn), 1);
    }
  }

  /** Whether a command failed with the whole connection, and a new one may do better. */
  isBreak(error: unknown): boolean {
    const isOver = this.#closed || isAborted(this.#signal);
    if (isOver || this.#client.usable || !LanceurError.is(error)) return false;
    return BREAKS.has(error.code) && !isLimit(error);
  }

  /**
   * A command about one mail, again on a new connection where one breaks.
   * @throws LanceurError `MAIL_UNREADABLE` if it breaks each time at this mail; else as `run` does.
   */
  async patiently<T>(uid: number, name: string, command: () => Promise<T>): Promise<T> {
    const id = String(uid);
    for (let interruptions = 0; ; interruptions++) {
      try {
        const answer = await command();
        this.#breaks.came(id);
        return answer;
      } catch (error) {
        if (!this.isBreak(error) || !LanceurError.is(error)) throw error;
        const interrupted = new Interrupted(error, this.#atFault.has(error));
        try {
          this.#breaks.interrupted(id, name, interrupted, interruptions);
        } catch (blamed) {
          // Those that come after this one find a connection.
          if (LanceurError.is(blamed, 'MAIL_UNREADABLE')) await this.revive();
          throw blamed;
        }
        await this.revive();
      }
    }
  }

  /**
   * A new connection where the last has ended while nobody waited for anything: one that is quiet for long, since a document
   * takes its time elsewhere, is ended at both ends.
   * @throws LanceurError of scope `source`.
   */
  async awaken(): Promise<void> {
    if (!this.#closed && !isAborted(this.#signal)) await this.revive();
  }

  /**
   * A new connection to the same folder in the place of one that has broken.
   * @throws LanceurError of scope `source`, also if the folder was renumbered.
   */
  async revive(): Promise<void> {
    if (this.#client.usable) return;
    this.#reviving ??= this.#revive().finally(() => {
      this.#reviving = undefined;
    });
    await this.#reviving;
  }

  async #revive(): Promise<void> {
    const before = this.#selected;
    if (before === undefined) throw this.#fault('SELECT', this.#failure);
    if (this.#over !== undefined) throw this.#over;
    await this.#logIn((fresh) => this.#reconnect(fresh));
    await this.run('SELECT', (client) => client.mailboxOpen(before.path));
    if (this.mailbox.uidValidity === String(before.uidValidity)) return;
    this.#client.close();
    const why = 'the mailbox was renumbered while it was read';
    throw (this.#over = new LanceurError('MAILBOX_FAILED', { path: this.#settings.place, why }));
  }

  async #reconnect(fresh: boolean): Promise<void> {
    this.#client.close();
    const client = this.#newClient(await this.#settings.login.secret({ fresh, signal: this.#signal }));
    // Closed, or stopped on request: nobody would close this one.
    if (this.#closed) throw new LanceurError('CLOSED', { what: 'the session' });
    if (isAborted(this.#signal)) throw new LanceurError('ABORTED');
    this.#client = client;
    this.#failure = undefined;
    this.#brokenAt = undefined;
    try {
      await this.#connect(client);
    } catch (error) {
      throw await this.#loginFault(error);
    }
  }

  /** Names of folders are those of the server from then on: imapflow would put the prefix before those of others as well. */
  async #connect(client: ImapFlow): Promise<void> {
    await this.#bounded(client.connect());
    if (client.namespace === undefined) return;
    this.#prefix = client.namespace.prefix;
    client.namespace = { ...client.namespace, prefix: '' };
  }

  async search(query: SearchObject): Promise<number[]> {
    return await this.run('SEARCH', (client) => client.search(query, { uid: true }));
  }

  /**
   * Those of the UIDs that are still there. NOOP first: until a server may say that a mail was expunged, it goes on as if
   * it were there (RFC 3501, section 7.4.1).
   */
  async present(uids: readonly number[]): Promise<ReadonlySet<number>> {
    if (uids.length === 0) return new Set();
    await this.run('NOOP', async (client) => {
      await client.noop();
      return true;
    });
    return new Set(await this.search({ uid: rangeOf(uids) }));
  }

  /** Rows for those of the UIDs that are there. */
  async fetch(uids: readonly number[], query: FetchQueryObject): Promise<readonly FetchMessageObject[]> {
    if (uids.length === 0) return [];
    const range = rangeOf(uids);
    const asked = new Set(uids);
    // `fetchAll`, since a command inside `for await (… fetch())` would wait for ever.
    const rows = await this.run('FETCH', (client) =>
      client.fetchAll(range, { ...query, uid: true }, { uid: true }),
    );
    // Servers add rows that nobody asked for: a flag has changed.
    return rows.filter((row) => asked.has(row.uid));
  }

  /** Ends politely, if the server answers soon. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    if (this.#client.usable && !isAborted(this.#signal)) {
      let timer: NodeJS.Timeout | undefined;
      const tooLong = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, Math.min(LONGEST_LOGOUT_MS, this.#settings.server.timeoutMs));
      });
      await Promise.race([this.#client.logout().catch(() => undefined), tooLong]);
      clearTimeout(timer);
    }
    this.#client.close();
  }

  async #bounded<T>(command: Promise<T>): Promise<T> {
    const { timeoutMs } = this.#settings.server;
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(
          new LanceurError('MAILBOX_STALLED', {
            path: this.#settings.place,
            seconds: Math.ceil((timeoutMs * PATIENCE) / 1000),
          }),
        );
        this.#client.close();
      }, timeoutMs * PATIENCE);
    });
    try {
      return await Promise.race([command, tooLong]);
    } finally {
      clearTimeout(timer);
    }
  }

  #fault(command: string, error: unknown): LanceurError | Refused {
    if (isAborted(this.#signal)) return new LanceurError('ABORTED');
    if (this.#closed && !LanceurError.is(error)) return new LanceurError('CLOSED', { what: 'the session' });
    const status = (error as { responseStatus?: unknown } | undefined)?.responseStatus;
    // What cut the connection says more than that it is cut.
    return commandFault(
      this.#settings,
      command,
      status === undefined ? (this.#failure ?? error) : error,
      this.#lastCode,
      this.#client.byeReason,
    );
  }

  async #loginFault(error: unknown): Promise<LanceurError> {
    // Where the connection ended, imapflow tells that first, and what came of the login in the same turn.
    await turn();
    if (isAborted(this.#signal)) return new LanceurError('ABORTED');
    const mechanisms = [...this.#client.capabilities.keys()]
      .filter((each) => each.startsWith('AUTH='))
      .map((each) => each.slice('AUTH='.length));
    const { byeReason: bye } = this.#client;
    return loginFault(this.#settings, error, { bye, challenge: this.#challenge, mechanisms });
  }
}

export interface ConnectionOptions {
  readonly signal?: AbortSignal | undefined;
  /** Around each login, also that of a connection in the place of one that has broken. Default: one attempt. */
  readonly logIn?: LogIn | undefined;
  /** This connection is to wait for news. */
  readonly idles?: boolean;
  /** What is known of mails that break connections. Default: nothing. */
  readonly breaks?: Breaks;
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** `1:3,7`: UIDs in ascending order, runs of them joined. */
function rangeOf(uids: readonly number[]): string {
  const sorted = [...uids].sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const uid of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && uid <= last[1] + 1) last[1] = uid;
    else ranges.push([uid, uid]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${String(from)}:${String(to)}`)).join(',');
}
