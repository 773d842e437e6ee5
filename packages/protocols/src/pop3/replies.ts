/** Takes the answers of a server as they come. Chunks are valid only during the call. */
export interface ReplyHandler {
  /** A status line without its end. Whether lines follow it, up to the one that is a dot. */
  status(line: string): 'lines follow' | 'complete';
  /** The lines that follow, with their ends, unstuffed. */
  data(chunk: Buffer): void;
  /** The dot has come. */
  end(): void;
  /** What came is no POP3. */
  broken(why: string): void;
}

const LF = 10;
const CR = 13;
const DOT = 46;
const STUFFED = Buffer.from('\r\n.');
/** RFC 2449, section 4, allows 512 octets. */
const LONGEST_STATUS = 8192;

type State =
  /** In a status line. */
  | 'status'
  | 'text'
  /** After CR. */
  | 'cr'
  /** At the beginning of a line. */
  | 'line'
  /** After a dot at the beginning of a line, which is not part of the text. */
  | 'dot'
  /** After that, CR. */
  | 'dotCr';

/**
 * Reads POP3 answers from a stream that may be cut anywhere (RFC 1939, section 3): the end is CR LF dot CR LF over any
 * number of chunks and nothing else, and a dot that was put before a line is taken away. A line that ends in LF alone
 * begins no other one: servers that pass such lines on do not stuff after them.
 */
export class ReplyReader {
  readonly #handler: ReplyHandler;
  #state: State = 'status';
  #status = '';

  constructor(handler: ReplyHandler) {
    this.#handler = handler;
  }

  /** Whether an answer has begun and is not complete. */
  get isInside(): boolean {
    return this.#state !== 'status' || this.#status !== '';
  }

  /** Takes a chunk; how many of its bytes: all, unless `stop` said so after an answer. */
  push(chunk: Buffer, stop: () => boolean = () => false): number {
    let at = 0;
    while (at < chunk.length) {
      at = this.#state === 'status' ? this.#readStatus(chunk, at) : this.#readText(chunk, at);
      if (at === -1) return chunk.length;
      if (this.#state === 'status' && stop()) break;
    }
    return at;
  }

  #readStatus(chunk: Buffer, from: number): number {
    const lf = chunk.indexOf(LF, from);
    const end = lf === -1 ? chunk.length : lf;
    this.#status += chunk.toString('latin1', from, end);
    if (this.#status.length > LONGEST_STATUS) {
      this.#handler.broken('a line of more than 8 KB where an answer should begin');
      return -1;
    }
    if (lf === -1) return chunk.length;
    const line = this.#status.endsWith('\r') ? this.#status.slice(0, -1) : this.#status;
    this.#status = '';
    if (!/^(?:\+OK|-ERR|\+ )(?=$|[ \S])|^\+$/u.test(line)) {
      this.#handler.broken(`"${line.slice(0, 80)}" where an answer should begin`);
      return -1;
    }
    if (this.#handler.status(line) === 'lines follow') this.#state = 'line';
    return lf + 1;
  }

  #readText(chunk: Buffer, start: number): number {
    let from = start;
    let at = start;
    while (at < chunk.length) {
      switch (this.#state) {
        case 'text': {
          const hit = chunk.indexOf(STUFFED, at);
          if (hit === -1) {
            this.#give(chunk, from, chunk.length);
            this.#state = tailOf(chunk, at);
            return chunk.length;
          }
          this.#give(chunk, from, hit + 2);
          this.#state = 'dot';
          at = from = hit + 3;
          break;
        }
        case 'cr':
          this.#state = chunk[at] === LF ? 'line' : chunk[at] === CR ? 'cr' : 'text';
          at++;
          break;
        case 'line':
          if (chunk[at] !== DOT) {
            this.#state = 'text';
            break;
          }
          this.#give(chunk, from, at);
          this.#state = 'dot';
          at = from = at + 1;
          break;
        case 'dot':
          if (chunk[at] !== CR) {
            this.#state = 'text';
            break;
          }
          this.#state = 'dotCr';
          at = from = at + 1;
          break;
        case 'dotCr':
          if (chunk[at] === LF) {
            this.#state = 'status';
            this.#handler.end();
            return at + 1;
          }
          this.#handler.data(Buffer.from('\r'));
          this.#state = chunk[at] === CR ? 'cr' : 'text';
          if (this.#state === 'cr') at++;
          break;
        case 'status':
          return at;
      }
    }
    this.#give(chunk, from, at);
    return at;
  }

  #give(chunk: Buffer, from: number, to: number): void {
    if (to > from) this.#handler.data(chunk.subarray(from, to));
  }
}

/** Where a chunk of text without `\r\n.` leaves off, seen from `from`. */
function tailOf(chunk: Buffer, from: number): State {
  const last = chunk.length - 1;
  if (chunk[last] === CR) return 'cr';
  return chunk[last] === LF && last > from - 1 && last - 1 >= from && chunk[last - 1] === CR
    ? 'line'
    : 'text';
}
