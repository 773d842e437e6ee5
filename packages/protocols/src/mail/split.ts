import { HEADER_BYTES, parseHeaders, type Headers } from './headers.js';
import { fieldsOf, partFromFields, type Part } from './part.js';
import { NO_PARTS } from './problems.js';

/** Takes what is in a part as it comes, still in its transfer encoding. A chunk is valid only during the call. */
export interface PartSink {
  write(chunk: Buffer): void;
  end(): void;
}

export interface SplitHandler {
  /** The mail's own header. */
  header(headers: Headers): void;
  /**
   * A part that is no multipart begins, in the order of the mail; `undefined`: nobody wants its content. An attached
   * message begins with `headers` of its own, and its parts follow while it lasts.
   */
  part(part: Part): PartSink | undefined;
  /** The header of an attached message, once it has come. */
  messageHeader(part: Part, headers: Headers): void;
  /** A part, or a whole level of parts, is not as it should be; in a few words. */
  problem(what: string, part: Part): void;
}

export interface SplitLimits {
  /** Levels of multiparts and attached messages; what is deeper is one part. */
  readonly depth: number;
  /** Parts of one mail. */
  readonly parts: number;
}

export const SPLIT_LIMITS: SplitLimits = { depth: 50, parts: 10_000 };

/** How a mail ended. */
export interface SplitEnd {
  /**
   * Whether the mail itself shows that it is whole: `true` if its outermost multipart was closed, `false` if it was not,
   * `undefined` if it is no multipart.
   */
  readonly closed: boolean | undefined;
  /** Its parts were more than allowed: those beyond were passed over. */
  readonly tooManyParts: boolean;
}

/** A multipart, or an attached message. */
interface Frame {
  readonly part: Part;
  /** `--boundary` of a multipart; `undefined` for a message. */
  readonly delimiter: Buffer | undefined;
  /** Who gets an attached message as it came. */
  readonly sink: PartSink | undefined;
  /** For the numbers of its parts. */
  readonly prefix: string;
  children: number;
  ended: boolean;
}

const LF = 10;
const CR = 13;
const DASH = 45;
/** RFC 2046, section 5.1.1, allows 70; longer ones are seen. */
const LONGEST_DELIMITER = 1000;
const LINE_OF_DELIMITER = Buffer.from('\n--');
const NOTHING = Buffer.alloc(0);

/**
 * Takes a mail apart while it arrives, with memory for one header: parts are told by their delimiter lines (RFC 2046,
 * section 5.1.1), which may come cut into any pieces, without end, in the wrong order, with LF alone. Everything is
 * bounded: header, depth, number of parts.
 */
export class MailSplitter {
  readonly #handler: SplitHandler;
  readonly #limits: SplitLimits;
  readonly #frames: Frame[] = [];
  #sink: PartSink | undefined;
  #leaf: Part | undefined;
  #inHeader = true;
  /** Pieces of the header that is coming in, up to {@link HEADER_BYTES}. */
  #header: Buffer[] = [];
  #headerBytes = 0;
  /** What cannot be told yet: a line end, or the beginning of a delimiter line. */
  #held: Buffer = NOTHING;
  #atLineStart = true;
  #parts = 0;
  #tooMany = false;

  constructor(handler: SplitHandler, limits: SplitLimits = SPLIT_LIMITS) {
    this.#handler = handler;
    this.#limits = limits;
  }

  write(chunk: Buffer): void {
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = NOTHING;
    while (rest.length > 0) {
      const taken = this.#inHeader ? this.#headerLines(rest, false) : this.#body(rest, false);
      if (taken === 0) break;
      rest = rest.subarray(taken);
    }
    // A copy: the chunk is its giver's.
    if (rest.length > 0) this.#held = Buffer.from(rest);
  }

  /** The mail has ended. */
  end(): SplitEnd {
    let rest = this.#held;
    this.#held = NOTHING;
    while (rest.length > 0) {
      rest = rest.subarray(this.#inHeader ? this.#headerLines(rest, true) : this.#body(rest, true));
    }
    if (this.#inHeader) this.#endHeader();
    const [outermost] = this.#frames;
    const closed = outermost?.delimiter === undefined ? undefined : outermost.ended;
    this.#closeTo(0, false);
    return { closed, tooManyParts: this.#tooMany };
  }

  // ── headers ─────────────────────────────────────────────────────────────────────────────────────────

  /** Takes whole lines up to the empty one; how many bytes that is. */
  #headerLines(bytes: Buffer, last: boolean): number {
    let at = 0;
    while (at < bytes.length) {
      const lf = bytes.indexOf(LF, at);
      if (lf === -1) {
        const isShort = bytes.length - at < LONGEST_DELIMITER;
        if (isShort && !last && this.#atLineStart) return at;
        const match = last && this.#atLineStart ? this.#matching(bytes, at, bytes.length) : undefined;
        if (match !== undefined) {
          this.#endHeader();
          return at;
        }
        // A line without end: none of it can be a delimiter, and what follows is not the beginning of a line.
        this.#keepHeader(bytes.subarray(at));
        this.#atLineStart = false;
        return bytes.length;
      }
      const isEmpty = lf === at || (lf === at + 1 && bytes[at] === CR);
      if (this.#atLineStart && (isEmpty || this.#matching(bytes, at, lf) !== undefined)) {
        if (isEmpty) {
          this.#raw(bytes.subarray(at, lf + 1));
          this.#endHeader();
          return lf + 1;
        }
        // A part without an empty line has no content; the delimiter is read as such.
        this.#endHeader();
        return at;
      }
      this.#keepHeader(bytes.subarray(at, lf + 1));
      this.#atLineStart = true;
      at = lf + 1;
    }
    return at;
  }

  #keepHeader(bytes: Buffer): void {
    this.#raw(bytes);
    const room = HEADER_BYTES - this.#headerBytes;
    if (room > 0) this.#header.push(Buffer.from(bytes.subarray(0, room)));
    this.#headerBytes += bytes.length;
  }

  #endHeader(): void {
    const headers = parseHeaders(Buffer.concat(this.#header));
    const tooLong = this.#headerBytes > HEADER_BYTES;
    this.#header = [];
    this.#headerBytes = 0;
    this.#inHeader = false;
    this.#atLineStart = true;
    const outer = this.#frames.at(-1);
    if (outer === undefined) this.#handler.header(headers);
    else if (outer.delimiter === undefined) this.#handler.messageHeader(outer.part, headers);
    const part = this.#partFrom(headers, outer);
    if (tooLong) this.#handler.problem('its header is longer than 1 MB and was read in part', part);
    this.#begin(part);
  }

  #partFrom(headers: Headers, outer: Frame | undefined): Part {
    const fields = fieldsOf(headers);
    const parent = outer?.part;
    if (outer?.delimiter !== undefined) {
      return partFromFields(fields, { path: `${outer.prefix}${String(++outer.children)}`, parent });
    }
    // The mail itself, or an attached one: a multipart has no number of its own (RFC 3501, section 6.4.5).
    const prefix = outer?.prefix ?? '';
    const single = partFromFields(fields, { path: `${prefix}1`, parent });
    return single.type.startsWith('multipart/') ? { ...single, path: prefix.replace(/\.$/u, '') } : single;
  }

  // ── parts ───────────────────────────────────────────────────────────────────────────────────────────

  #begin(part: Part): void {
    this.#leaf = part;
    this.#parts++;
    if (this.#parts > this.#limits.parts) {
      this.#tooMany = true;
      return;
    }
    const mayNest = this.#frames.length < this.#limits.depth;
    if (part.type.startsWith('multipart/')) {
      if (part.boundary !== undefined && part.boundary.trimEnd() !== '' && mayNest) {
        // Of its lines, blanks at the end do not count; then they cannot count here either.
        this.#enter(part, Buffer.from(`--${part.boundary.trimEnd()}`, 'latin1'), undefined);
        return;
      }
      const why = mayNest ? 'it does not say what separates its parts' : 'it is nested too deep';
      this.#handler.problem(`${why}, so that none of them was read`, part);
      return;
    }
    const sink = this.#handler.part(part);
    // An encoded message (RFC 2046, section 5.2.1, forbids it) is a file like others.
    if (part.type === 'message/rfc822' && PLAIN.has(part.encoding) && mayNest) {
      this.#enter(part, undefined, sink);
      this.#inHeader = true;
      return;
    }
    this.#sink = sink;
  }

  #enter(part: Part, delimiter: Buffer | undefined, sink: PartSink | undefined): void {
    const prefix = part.path === '' ? '' : `${part.path}.`;
    this.#frames.push({ part, delimiter, sink, prefix, children: 0, ended: false });
    this.#leaf = undefined;
  }

  /** Ends the part that is open, and everything inside the frame at `depth`; that frame stays if it is a multipart's. */
  #closeTo(depth: number, whole: boolean): void {
    this.#sink?.end();
    if (!whole && this.#leaf !== undefined && this.#frames.length > 0) {
      this.#handler.problem('the end of what it is in is missing: it may be cut', this.#leaf);
    }
    this.#sink = undefined;
    this.#leaf = undefined;
    while (this.#frames.length > depth) {
      const frame = this.#frames.pop();
      if (frame === undefined) break;
      if (frame.delimiter !== undefined && frame.children === 0) {
        this.#handler.problem(NO_PARTS, frame.part);
      }
      frame.sink?.end();
    }
  }

  // ── content ─────────────────────────────────────────────────────────────────────────────────────────

  /** Takes content up to the next delimiter, or as much as can be told; how many bytes that is. */
  #body(bytes: Buffer, last: boolean): number {
    if (!this.#frames.some((f) => f.delimiter !== undefined)) {
      this.#content(bytes);
      return bytes.length;
    }
    let first = this.#atLineStart;
    let search = 0;
    for (;;) {
      const hit = first ? -1 : bytes.indexOf(LINE_OF_DELIMITER, search);
      if (hit === -1 && !first) break;
      const line = hit + 1;
      const contentEnd = first ? 0 : beforeLineEnd(bytes, hit);
      const lf = first && !couldBegin(bytes) ? line : bytes.indexOf(LF, line);
      if (lf === -1 && !last && bytes.length - line < LONGEST_DELIMITER) {
        this.#content(bytes.subarray(0, contentEnd));
        return contentEnd;
      }
      const lineEnd = lf === -1 ? bytes.length : lf;
      const match = this.#matching(bytes, line, lineEnd);
      if (match !== undefined) {
        // What ends a last delimiter's line may belong to the delimiter of the level above.
        const next = match.isEnd ? beforeLineEnd(bytes, lineEnd) : Math.min(lineEnd + 1, bytes.length);
        this.#content(bytes.subarray(0, contentEnd));
        this.#delimiter(match, bytes.subarray(contentEnd, next));
        return next;
      }
      first = false;
      search = line;
    }
    const end = last ? bytes.length : bytes.length - heldBack(bytes);
    this.#content(bytes.subarray(0, end));
    return end;
  }

  #content(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#atLineStart = false;
    this.#sink?.write(bytes);
    this.#raw(bytes);
  }

  /** What attached messages get as it came: everything that is inside them. */
  #raw(bytes: Buffer): void {
    for (const { sink } of this.#frames) sink?.write(bytes);
  }

  #delimiter({ depth, isEnd }: Match, line: Buffer): void {
    const frame = this.#frames[depth];
    if (frame === undefined) return;
    const inside = this.#frames.slice(depth + 1);
    const skipped = inside.find((f) => f.delimiter !== undefined && !f.ended);
    if (skipped !== undefined) this.#handler.problem('its end is missing', skipped.part);
    this.#closeTo(depth + 1, true);
    this.#raw(line);
    this.#inHeader = !isEnd;
    this.#atLineStart = !isEnd;
    if (isEnd) frame.ended = true;
  }

  /**
   * Which frame a line delimits: the innermost that it fits, else the one of which it has the longest beginning. What stands
   * behind a delimiter does not count (RFC 2046, section 5.1.1).
   */
  #matching(bytes: Buffer, from: number, to: number): Match | undefined {
    if (bytes[from] !== DASH || bytes[from + 1] !== DASH) return undefined;
    let end = to;
    while (end > from && isBlank(bytes[end - 1])) end--;
    let best: (Match & { readonly length: number }) | undefined;
    for (let depth = this.#frames.length - 1; depth >= 0; depth--) {
      const frame = this.#frames[depth];
      const { delimiter, ended = false } = frame ?? {};
      if (delimiter === undefined) continue;
      const { length } = delimiter;
      const left = end - from - length;
      if (left < 0 || delimiter.compare(bytes, from, from + length) !== 0) continue;
      const isEnd = bytes[from + length] === DASH && bytes[from + length + 1] === DASH && left >= 2;
      // One that has ended delimits nothing, nor does what is its own belong to another.
      if (left === 0 || (left === 2 && isEnd)) return ended ? undefined : { depth, isEnd };
      if (ended) continue;
      if (best === undefined || best.length < length) best = { depth, isEnd, length };
    }
    return best;
  }
}

interface Match {
  /** Of its frame. */
  readonly depth: number;
  readonly isEnd: boolean;
}

const PLAIN = new Set(['', '7bit', '8bit', 'binary']);

function isBlank(byte: number | undefined): boolean {
  return byte === CR || byte === 32 || byte === 9;
}

/** Whether a delimiter may begin with these bytes. */
function couldBegin(bytes: Buffer): boolean {
  return bytes[0] === DASH && (bytes.length === 1 || bytes[1] === DASH);
}

/** Where the content ends before a line end whose LF is at `lf`: the line end belongs to the delimiter. */
function beforeLineEnd(bytes: Buffer, lf: number): number {
  return bytes[lf - 1] === CR ? lf - 1 : lf;
}

/** How many bytes at the end may be the beginning of a delimiter and its line end: CR, LF, one dash. */
function heldBack(bytes: Buffer): number {
  const last = bytes.length - 1;
  if (bytes[last] === CR) return 1;
  const lf = bytes[last] === LF ? last : bytes[last] === DASH && bytes[last - 1] === LF ? last - 1 : -1;
  return lf === -1 ? 0 : bytes.length - beforeLineEnd(bytes, lf);
}
