import { LanceurError } from '@lanceur/core';
import { ImapFlow, type FetchMessageObject, type FetchQueryObject, type SearchObject } from 'imapflow';
import { commandFault, loginFault, Refused } from './faults.js';
import type { Settings } from './options.js';

/** What this end asks for never needs more; a server that sends more is not waited for. */
const LARGEST_LITERAL = 64 * 1024 * 1024;
/** A command may be answered slowly, but not for ever: so many times the time that the server may say nothing. */
const PATIENCE = 10;
const LONGEST_LOGOUT_MS = 3000;

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
  readonly #client: ImapFlow;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.#client.close();
  /** The code of the last tagged answer: imapflow turns some refusals into a mere `false`. */
  #lastCode: string | undefined;
  #failure: unknown;
  #closed = false;

  private constructor(settings: Settings, secret: string, signal: AbortSignal | undefined, idles: boolean) {
    this.#settings = settings;
    this.#signal = signal;
    this.#client = new ImapFlow(clientOptions(settings, secret, idles));
    // Without a listener, a reset connection would end the process.
    this.#client.on('error', (error) => {
      this.#failure ??= error;
    });
    this.#client.on('response', ({ code }) => {
      this.#lastCode = code?.toUpperCase();
    });
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /**
   * @param o.fresh - the last token was refused: ask for a new one.
   * @param o.idles - this connection is to wait for news.
   * @throws LanceurError `ABORTED`, or of scope `source`.
   */
  static async open(
    settings: Settings,
    o: { readonly signal?: AbortSignal | undefined; readonly fresh?: boolean; readonly idles?: boolean } = {},
  ): Promise<Connection> {
    const { signal } = o;
    if (signal?.aborted === true) throw new LanceurError('ABORTED');
    const secret = await settings.login.secret(o.fresh);
    if (isAborted(signal)) throw new LanceurError('ABORTED');
    const connection = new Connection(settings, secret, signal, o.idles === true);
    try {
      await connection.#bounded(connection.#client.connect());
      return connection;
    } catch (error) {
      await connection.close();
      if (isAborted(signal)) throw new LanceurError('ABORTED');
      throw loginFault(settings, error);
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

  /** What the server says of itself in its greeting. */
  get greeting(): string {
    return this.#client.greeting ?? '';
  }

  get mailbox(): SelectedMailbox {
    const { mailbox } = this.#client;
    if (mailbox === false) throw this.#fault('SELECT', new Error('the connection was cut'));
    return {
      path: mailbox.path,
      uidValidity: String(mailbox.uidValidity),
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
    try {
      const answer = await this.#bounded(command(this.#client));
      if (answer !== false && answer !== undefined) return answer;
    } catch (error) {
      throw this.#fault(name, error);
    }
    if (!this.#client.usable) throw this.#fault(name, this.#failure ?? new Error('the connection was cut'));
    throw new Refused(name, 'NO', this.#lastCode, '');
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
          new LanceurError('SOURCE_STALLED', {
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
    );
  }
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

function clientOptions(settings: Settings, secret: string, idles: boolean) {
  const { server, login } = settings;
  const { timeoutMs } = server;
  return {
    host: server.host,
    port: server.port,
    secure: server.tls === 'implicit',
    doSTARTTLS: server.tls === 'implicit' ? undefined : server.tls === 'starttls',
    tls: server.tlsOptions,
    auth: {
      user: login.user,
      ...(login.mechanism === 'password' ? { pass: secret } : { accessToken: secret }),
    },
    logger: false as const,
    emitLogs: false,
    clientInfo: { name: 'Lanceur', vendor: false as const, 'support-url': false as const },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableAutoIdle: true,
    ...(idles && { maxIdleTime: Math.max(1, Math.min(IDLE_MS, timeoutMs - 1000)) }),
    // Parts are undone here, by the decoders that say what was not well formed.
    disableBinary: true,
    disableCompression: true,
    // Nothing of what ENABLE turns on is of use here, and some of it changes what is read.
    disableAutoEnable: true,
    disableIMAP4rev2: true,
    maxLineLength: LARGEST_LITERAL,
    maxLiteralSize: LARGEST_LITERAL,
    maxResponseSize: 2 * LARGEST_LITERAL,
  };
}

/** RFC 2177 allows 29 minutes; routers forget a quiet connection sooner. */
const IDLE_MS = 9 * 60_000;
