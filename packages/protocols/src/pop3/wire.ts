import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { messageOf } from '@lanceur/core';
import { isTlsError, type Server } from '../mail/server.js';
import { ReplyReader } from './replies.js';

/** What a connection broke with. `what` tells a TLS failure from others. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly what: 'connection' | 'tls' | 'silence' | 'protocol' | 'closed';
  /** The operating system's, Node's or OpenSSL's; `''` where there is none. */
  readonly code: string;
  /** How long nothing has come, with `silence`. */
  readonly seconds: number | undefined;

  constructor(what: WireError['what'], message: string, options: ErrorOptions & { seconds?: number } = {}) {
    super(message, options);
    const { cause, seconds } = options;
    this.what = what;
    this.code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    this.seconds = seconds;
  }
}

/** One answer that is waited for. `failed` comes at most once, and then nothing else. */
export interface Expected {
  /** A status line; whether lines follow it. */
  status(line: string): boolean;
  data?(chunk: Buffer): void;
  /** The answer is complete. */
  done(): void;
  /** @param isDue - whether this answer was the one that was to come, or had begun. */
  failed(error: WireError, isDue: boolean): void;
}

/**
 * A connection on which commands may follow one another without waiting: answers come in the order of the commands
 * (RFC 2449, section 6.6). Whatever goes wrong, every answer that is waited for fails, once, within `silence`.
 */
export class Wire {
  readonly #timeoutMs: number;
  readonly #expected: Expected[] = [];
  readonly #reader: ReplyReader;
  readonly #listeners = {
    data: (chunk: Buffer) => this.#read(chunk),
    error: (error: Error) => this.destroy(brokenBy(error)),
    end: () => this.destroy(new WireError('closed', 'the server closed the connection')),
    close: () => this.destroy(new WireError('closed', 'the connection was closed')),
  };
  #socket: Socket;
  #current: Expected | undefined;
  #error: WireError | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pauses = 0;
  /** An answer has been asked for after which nothing may be read before TLS is there. */
  #isTurningSafe = false;

  private constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    this.#reader = new ReplyReader({
      status: (line) => this.#status(line),
      data: (chunk) => this.#current?.data?.(chunk),
      end: () => this.#complete(),
      broken: (why) => this.destroy(new WireError('protocol', `the server sent ${why}`)),
    });
    this.#attach(socket);
  }

  /** Connects, over TLS from the start where the settings say so. The greeting is the first answer: expect it at once. */
  static async open(server: Server, signal?: AbortSignal): Promise<Wire> {
    const { host, port, tls, tlsOptions, timeoutMs } = server;
    const socket =
      tls === 'implicit' ? connectTls({ ...tlsOptions, host, port }) : connectTcp({ host, port });
    await connected(socket, tls === 'implicit' ? 'secureConnect' : 'connect', timeoutMs, signal);
    return new Wire(socket, timeoutMs);
  }

  /** A method, since the compiler takes a field that was looked at before an await for unchanged after it. */
  #failure(): WireError {
    return this.#error ?? new WireError('closed', 'the connection was closed');
  }

  get isAlive(): boolean {
    return this.#error === undefined;
  }

  /** The first answer of a server comes unasked. */
  greeting(expected: Expected): void {
    this.#expect(expected);
  }

  /** Sends a command line; `expected` gets its answer. Does not wait for those before. */
  send(line: string, expected: Expected): void {
    if (this.#error !== undefined) {
      expected.failed(this.#error, false);
      return;
    }
    this.#expect(expected);
    this.#hold(this.#socket);
    this.#socket.write(`${line}\r\n`);
  }

  /** Lines that are sent in one turn leave in one packet. */
  #hold(socket: Socket): void {
    if (socket.writableCorked > 0) return;
    socket.cork();
    process.nextTick(() => socket.uncork());
  }

  /**
   * Sends STLS, and after +OK turns the connection into a safe one (RFC 2595, section 4). Nothing may come between.
   *
   * @returns whether the server agreed. @throws WireError
   */
  async startTls(server: Server, signal?: AbortSignal): Promise<boolean> {
    this.#isTurningSafe = true;
    const isOk = await new Promise<boolean>((resolve, reject) => {
      let agreed = false;
      this.send('STLS', {
        status: (line) => {
          agreed = line.startsWith('+OK');
          return false;
        },
        done: () => resolve(agreed),
        failed: reject,
      });
    });
    // Something may have come right behind the answer.
    if (this.#error !== undefined) throw this.#failure();
    if (!isOk) {
      this.#isTurningSafe = false;
      return false;
    }
    const plain = this.#socket;
    this.#detach(plain);
    const secure = connectTls({ ...server.tlsOptions, host: server.host, socket: plain });
    this.#socket = secure;
    try {
      await connected(secure, 'secureConnect', this.#timeoutMs, signal);
    } catch (error) {
      plain.destroy();
      this.destroy(error instanceof WireError ? error : brokenBy(error as Error));
      throw error;
    }
    this.#isTurningSafe = false;
    this.#attach(secure);
    return true;
  }

  /** The rest of an answer has to wait. Counted: as many `resume` as `pause`. */
  pause(): void {
    if (++this.#pauses === 1) this.#socket.pause();
    this.#watch();
  }

  resume(): void {
    if (--this.#pauses === 0) this.#socket.resume();
    this.#watch();
  }

  destroy(error: WireError): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    clearTimeout(this.#timer);
    this.#socket.destroy();
    const waiting = this.#current === undefined ? this.#expected : [this.#current, ...this.#expected];
    this.#current = undefined;
    for (const [i, expected] of waiting.splice(0).entries()) expected.failed(error, i === 0);
    this.#expected.length = 0;
  }

  #attach(socket: Socket): void {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    for (const [event, listener] of Object.entries(this.#listeners)) socket.on(event, listener);
  }

  #detach(socket: Socket): void {
    for (const [event, listener] of Object.entries(this.#listeners)) socket.off(event, listener);
    // An error that nobody listens to ends the process.
    socket.on('error', ignored);
  }

  #read(chunk: Buffer): void {
    this.#timer?.refresh();
    try {
      const taken = this.#reader.push(chunk, () => this.#error !== undefined || this.#isBeforeTls());
      if (taken === chunk.length || !this.#isBeforeTls()) return;
      const why = 'the server, or somebody in between, went on talking before TLS was there';
      this.destroy(new WireError('tls', why));
    } catch (error) {
      this.destroy(new WireError('protocol', messageOf(error), { cause: error }));
    }
  }

  #isBeforeTls(): boolean {
    return this.#isTurningSafe && this.#current === undefined && this.#expected.length === 0;
  }

  #expect(expected: Expected): void {
    this.#expected.push(expected);
    this.#watch();
  }

  #status(line: string): 'lines follow' | 'complete' {
    const expected = this.#expected.shift();
    if (expected === undefined) {
      // A server that ends the session on its own says so first.
      this.destroy(new WireError('closed', `the server ended the session: ${line}`));
      return 'complete';
    }
    this.#current = expected;
    if (expected.status(line)) return 'lines follow';
    this.#complete();
    return 'complete';
  }

  #complete(): void {
    const expected = this.#current;
    this.#current = undefined;
    this.#watch();
    expected?.done();
  }

  /** Silence counts while an answer is due and we are the ones who listen. */
  #watch(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const isDue = this.#current !== undefined || this.#expected.length > 0;
    if (!isDue || this.#pauses > 0 || this.#error !== undefined) return;
    const ms = this.#timeoutMs;
    this.#timer = setTimeout(() => {
      this.destroy(silence(ms));
    }, ms);
  }
}

function ignored(): void {
  // Whoever waits is told by `connected`, or by the wire's own listener.
}

/** Resolves on `event`. Leaves no listener behind, but one that keeps errors from ending the process. */
async function connected(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  socket.on('error', ignored);
  await new Promise<void>((resolve, reject) => {
    const done = () => settle();
    const failed = (error: Error) => settle(brokenBy(error));
    const closed = () => settle(new WireError('closed', 'the server closed the connection'));
    const aborted = () => settle(new WireError('closed', 'stopped on request'));
    const late = () => settle(silence(ms));
    const timer = setTimeout(late, ms);
    const settle = (error?: WireError) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      socket.off(event, done).off('error', failed).off('close', closed);
      if (error === undefined) {
        resolve();
        return;
      }
      socket.destroy();
      reject(error);
    };
    signal?.addEventListener('abort', aborted, { once: true });
    socket.once(event, done).once('error', failed).once('close', closed);
    if (signal?.aborted === true) aborted();
  });
}

function brokenBy(error: Error): WireError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return new WireError(isTlsError(code) ? 'tls' : 'connection', messageOf(error), { cause: error });
}

function silence(ms: number): WireError {
  const seconds = Math.max(1, Math.round(ms / 1000));
  return new WireError('silence', `the server has not answered for ${String(seconds)} s`, { seconds });
}
