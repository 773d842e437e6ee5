import { Readable } from 'node:stream';
import Pop3Command from 'node-pop3';
import { WireError, type Expected, type Wire } from './wire.js';

/** A server said -ERR. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError';
  /** The response code (RFC 2449, section 8; RFC 3206) in capitals, without brackets: `IN-USE`. */
  readonly code: string | undefined;
  /** What the server said after it. */
  readonly text: string;

  constructor(line: string) {
    const [, code, text = ''] = /^-ERR ?(?:\[([^\]\s]{1,60})\] ?)?(.*)$/su.exec(line) ?? [];
    super(line);
    this.code = code?.toUpperCase();
    this.text = text;
  }
}

/**
 * node-pop3's command layer on a connection of ours: it thinks that it writes to a socket, and its commands are answered
 * by {@link Wire}. Only for commands that go one at a time and hold no secret: it trims what it sends. See
 * docs/decisions/0010-pop3-on-a-connection-of-our-own.md.
 */
export class Pop3Client extends Pop3Command {
  readonly #wire: Wire;

  constructor(wire: Wire, host: string) {
    super({ user: '', password: '', host });
    this.#wire = wire;
    const socket = { write: (text: string) => this.#write(text) };
    this._socket = socket as unknown as Pop3Command['_socket'];
  }

  /** It is connected, and the session logs in. */
  override connect(): Promise<void> {
    return Promise.resolve();
  }

  override _connect(): Promise<string> {
    return Promise.resolve('');
  }

  /** One command with a one-line answer, as it is: nothing is trimmed. @throws ReplyError, WireError */
  ask(line: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#wire.send(line, oneLine(resolve, reject));
    });
  }

  /** The same with the whole status line, for a step of a dialogue that goes on with `+`. */
  async askRaw(line: string): Promise<string> {
    let status = '';
    await new Promise<string>((resolve, reject) => {
      const expected = oneLine(resolve, reject);
      this.#wire.send(line, {
        ...expected,
        status: (answer) => {
          status = answer;
          return expected.status(answer);
        },
      });
    });
    return status;
  }

  #write(text: string): boolean {
    const line = text.replace(/\r\n$/u, '');
    const chunks: Buffer[] = [];
    let status = '';
    let bytes = 0;
    this.#wire.send(line, {
      status: (answer) => {
        status = answer;
        return answer.startsWith('+OK') && hasLines(line);
      },
      data: (chunk) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > LONGEST_ANSWER)
          this.#wire.destroy(new WireError('protocol', 'the server sent a list without end'));
      },
      done: () => {
        if (status.startsWith('-')) this.#fail(new ReplyError(status));
        else this.emit('response', status.slice(4), Readable.from([Buffer.concat(chunks)]));
      },
      failed: (error) => this.#fail(error),
    });
    return true;
  }

  #fail(error: ReplyError | WireError): void {
    // Of several that were sent, the first answer was taken for all of them.
    if (this.listenerCount('error') > 0) this.emit('error', error);
    // Its listener for the answer that does not come would stay for good.
    this.removeAllListeners('response');
  }
}

/** Expects one line; without `+OK ` it is what the server said. */
export function oneLine(resolve: (text: string) => void, reject: (error: Error) => void): Expected {
  let status = '';
  return {
    status: (line) => {
      status = line;
      return false;
    },
    done: () => {
      if (status.startsWith('-')) reject(new ReplyError(status));
      else resolve(status.replace(/^\+(?:OK)? ?/u, ''));
    },
    failed: reject,
  };
}

/** A million mails are listed in less. */
const LONGEST_ANSWER = 64 * 1024 * 1024;

function hasLines(line: string): boolean {
  return /^(?:CAPA|LIST|UIDL)$/u.test(line);
}
