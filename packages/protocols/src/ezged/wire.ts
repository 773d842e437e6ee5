import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { LanceurError, type Clock } from '@lanceur/core';
import { connectTo, NoConnection, wordsFor } from './connect.js';
import type { Settings } from './options.js';

/** An answer, read to its end. */
export interface Reply {
  readonly status: number;
  /** `Set-Cookie`, as they came. */
  readonly cookies: readonly string[];
  readonly location: string | undefined;
  readonly type: string;
  readonly body: string;
}

/** The connection failed; nothing can be said of what the other side did with what it had got. */
export class WireFailure extends Error {
  readonly kind: 'unreachable' | 'unsafe' | 'stalled' | 'cut' | 'garbled';
  /** A connection that had been kept was closed by the other side just then: worth a fresh one. */
  readonly stale: boolean;

  constructor(kind: WireFailure['kind'], why: string, stale = false) {
    super(why);
    this.kind = kind;
    this.stale = stale;
  }
}

export interface Sending {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly length: number;
  readonly signal?: AbortSignal | undefined;
  /** How long nothing may move. Default: the setting. */
  readonly stallMs?: number;
  /** On a connection of its own instead of one that was kept. */
  readonly fresh?: boolean;
}

/** A request whose body is being sent. */
export interface Outgoing {
  /** Resolves when there is room for more. @throws WireFailure; {@link EarlyReply} */
  write(bytes: Uint8Array): Promise<void>;
  /** Sends the end of the body, and waits for the answer, aborted or not. @throws WireFailure */
  end(bytes: Uint8Array): Promise<Reply>;
  /** @throws WireFailure, {@link EarlyReply} if it can no longer be ended. */
  checked(): Promise<void>;
  /** Whether the other side may have all of it. */
  readonly handedOver: boolean;
  /** Aborted once the exchange is over, well or not. */
  readonly over: AbortSignal;
  /** Cuts the connection: the other side must take what it has got for unfinished (RFC 9112, section 8). */
  drop(): void;
}

/** The answer came before the body had been sent. */
export class EarlyReply extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super('it answered before it had the whole request');
    this.reply = reply;
  }
}

/** No answer of these services comes near it. */
const LONGEST_ANSWER = 4 * 1024 * 1024;

/** HTTP/1.1 to one server: connections are kept, redirects are not followed, silence is cut off. */
export class Wire {
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #agent: Agent;

  constructor(settings: Settings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#agent = new ConnectingAgent(settings);
  }

  /** @throws WireFailure; `ABORTED`. */
  async post(sending: Omit<Sending, 'length' | 'fresh'>, body: string): Promise<Reply> {
    const bytes = Buffer.from(body);
    const send = async (fresh: boolean): Promise<Reply> => {
      const outgoing = this.begin({ ...sending, length: bytes.length, fresh });
      return await outgoing.end(bytes);
    };
    try {
      return await send(false);
    } catch (error) {
      if (error instanceof WireFailure && error.stale) return await send(true);
      throw error;
    }
  }

  begin(sending: Sending): Outgoing {
    const { url, timeouts } = this.#settings;
    const { path, headers, length, signal, fresh = false, stallMs = timeouts.stallMs } = sending;
    const base = url.pathname === '/' ? '' : url.pathname;
    const request = httpRequest({
      method: 'POST',
      host: url.hostname,
      path: `${base}${path}`,
      headers: { ...headers, host: url.host, 'content-length': length },
      ...(fresh ? { createConnection: connectionFor(this.#settings) } : { agent: this.#agent }),
    });
    return new Exchange(request, this.#clock, stallMs, signal);
  }

  /** Closes connections that are kept; those in use are not disturbed. */
  close(): void {
    for (const sockets of Object.values(this.#agent.freeSockets))
      for (const socket of sockets ?? []) socket.destroy();
  }
}

class Exchange implements Outgoing {
  readonly #request: ClientRequest;
  readonly #clock: Clock;
  readonly #stallMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #reply: Promise<Reply>;
  readonly #over = new AbortController();
  readonly #abort = (): void => void this.#request.destroy(new LanceurError('ABORTED'));
  #early: Reply | undefined;
  #failure: Error | undefined;
  #ending = false;
  /** The operating system has taken all of it. */
  #flushed = false;
  /** Changes with every sign of life. */
  #moves = 0;
  /** Whether it is the other side that is waited for. */
  #waits = false;
  #wake: () => void = () => undefined;

  constructor(request: ClientRequest, clock: Clock, stallMs: number, signal: AbortSignal | undefined) {
    this.#request = request;
    this.#clock = clock;
    this.#stallMs = stallMs;
    this.#signal = signal;
    this.#reply = this.#answered();
    this.#reply.then(
      (reply) => {
        if (!this.#ending) this.#early = reply;
        this.#finish();
      },
      (error: unknown) => {
        this.#failure = error as Error;
        this.#finish();
      },
    );
    request.on('finish', () => {
      // It is told as well when the last write has just failed.
      this.#flushed = request.socket !== null && request.socket.errored === null;
    });
    request.on('drain', () => {
      this.#wake();
    });
    if (signal?.aborted === true) this.#abort();
    signal?.addEventListener('abort', this.#abort);
    void this.#watch();
  }

  /**
   * What the system has never taken from us cannot have arrived. Windows sends while it still says that it has not: there
   * the attempt counts.
   */
  get handedOver(): boolean {
    return this.#ending && (this.#flushed || process.platform === 'win32');
  }

  get over(): AbortSignal {
    return this.#over.signal;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#refuse();
    this.#moves++;
    if (this.#request.write(bytes)) return;
    this.#waits = true;
    await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#waits = false;
    this.#refuse();
  }

  async checked(): Promise<void> {
    // What a kept connection still held of an earlier exchange must not pass for the answer to this one: it would be read
    // in this turn of the event loop.
    if (this.#request.reusedSocket) await new Promise((resolve) => setImmediate(resolve));
    this.#refuse();
  }

  async end(bytes: Uint8Array): Promise<Reply> {
    this.#refuse();
    this.#ending = true;
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#moves++;
    this.#waits = true;
    this.#request.end(bytes);
    return await this.#reply;
  }

  drop(): void {
    this.#finish();
    this.#request.destroy();
  }

  #refuse(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#early === undefined) return;
    this.#request.destroy();
    throw new EarlyReply(this.#early);
  }

  async #answered(): Promise<Reply> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      this.#request.on('response', resolve);
      this.#request.on('error', reject);
      this.#request.on('close', () => reject(new Error('closed')));
    }).catch((error: unknown) => {
      throw this.#failureOf(error);
    });
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        this.#moves++;
        size += chunk.length;
        if (size > LONGEST_ANSWER) throw new WireFailure('garbled', 'its answer does not end');
        chunks.push(chunk);
      }
    } catch (error) {
      throw this.#failureOf(error);
    }
    return {
      status: response.statusCode ?? 0,
      cookies: response.headers['set-cookie'] ?? [],
      location: response.headers.location,
      type: response.headers['content-type'] ?? '',
      body: Buffer.concat(chunks).toString('utf8'),
    };
  }

  #failureOf(error: unknown): Error {
    if (error instanceof WireFailure || LanceurError.is(error)) return error;
    if (error instanceof NoConnection) return new WireFailure(error.kind, error.message);
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code.startsWith('HPE_')) return new WireFailure('garbled', wordsFor(error));
    return new WireFailure('cut', wordsFor(error), this.#request.reusedSocket && code !== '');
  }

  /** Counts silence in naps of half its limit, so that a clock that jumps ends nothing. */
  async #watch(): Promise<void> {
    let silent = 0;
    let seen = -1;
    while (silent < 2) {
      await this.#clock.sleep(this.#stallMs / 2, this.#over.signal);
      if (this.#over.signal.aborted) return;
      silent = this.#waits && this.#moves === seen ? silent + 1 : 0;
      seen = this.#moves;
    }
    const why = this.#flushed ? 'no answer comes' : 'it takes no more bytes';
    this.#request.destroy(new WireFailure('stalled', why));
  }

  #finish(): void {
    this.#waits = false;
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#over.abort();
    this.#wake();
  }
}

/** Gives `http` connections that were made our way, TLS or not: to `http` they are all the same. */
class ConnectingAgent extends Agent {
  readonly #connect;

  constructor(settings: Settings) {
    super({ keepAlive: true, maxFreeSockets: settings.connections });
    this.#connect = connectionFor(settings);
  }

  override createConnection(options: unknown, done?: (error: Error | null, stream: Duplex) => void): Duplex {
    return this.#connect(options, done);
  }
}

type Connected = (error: Error | null, stream: Duplex) => void;

function connectionFor(settings: Settings): (options: unknown, done?: Connected) => Duplex {
  return (_options, done) => {
    connectTo(settings).then(
      (socket) => done?.(null, socket),
      (error: unknown) => done?.(error as Error, undefined as never),
    );
    // Given later: http takes it from the callback.
    return undefined as unknown as Duplex;
  };
}
