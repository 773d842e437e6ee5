import { decodeText } from './charset.js';

/** A file in a TNEF stream, by where its bytes stand in it. */
export interface TnefFile {
  /** As its sender called it, not yet safe; absent where the stream does not tell. */
  readonly name?: string;
  /** In lower case; absent where the stream does not tell. */
  readonly mediaType?: string;
  /** Whether it is shown inside the text rather than brought along. */
  readonly inline: boolean;
  /** In bytes, from the beginning of the stream. */
  readonly start: number;
  /** In bytes. */
  readonly size: number;
}

/** What kept a file, or what follows, from being read. */
export type TnefProblem =
  /** It does not begin as TNEF. */
  | 'none'
  /** It ends in the middle of something. */
  | 'cut'
  /** The sum of what an attachment holds is not what the stream says. */
  | 'sum'
  /** Something is longer than what it is in, or of a kind that there is not. */
  | 'malformed'
  /** An attached message of Outlook, which is no file. */
  | 'message'
  /** An object or a link, which is no file. */
  | 'object'
  | 'too many';

export interface TnefContent {
  /** Those that came whole. */
  readonly files: readonly TnefFile[];
  readonly problems: readonly TnefProblem[];
}

/** Attachments of one stream. */
const MOST_FILES = 10_000;
/** Longer names are not read. */
const LONGEST_NAME = 4096;

// MS-OXTNEF, section 2.1.1 and 2.1.3.1 (attribute ids without their type, which not every writer gets right).
const SIGNATURE = 0x223e9f78;
const LEVEL_MESSAGE = 1;
const LEVEL_ATTACHMENT = 2;
const OEM_CODE_PAGE = 0x9007;
const ATTACH_DATA = 0x800f;
const ATTACH_TITLE = 0x8010;
const ATTACH_TRANSPORT_NAME = 0x9001;
const ATTACH_BEGINS = 0x9002;
const ATTACH_PROPERTIES = 0x9005;

// MS-OXPROPS: PidTagDisplayName, PidTagAttachData*, -Filename, -Method, -LongFilename, -MimeTag, -Flags, PidTagAttachmentHidden.
const DISPLAY_NAME = 0x3001;
const DATA = 0x3701;
const FILENAME = 0x3704;
const METHOD = 0x3705;
const LONG_FILENAME = 0x3707;
const MIME_TAG = 0x370e;
const FLAGS = 0x3714;
const HIDDEN = 0x7ffe;
const METHOD_MESSAGE = 5;
const RENDERED_IN_BODY = 4;

// MS-OXCDATA, section 2.11.1.
const STRING8 = 0x1e;
const UNICODE = 0x1f;
const BINARY = 0x102;
const OBJECT = 0x0d;
const MULTIPLE = 0x1000;
/** With the padding to four bytes that they have here (MS-OXTNEF, section 2.1.3.4). */
const FIXED: ReadonlyMap<number, number> = new Map([
  [0x02, 4],
  [0x03, 4],
  [0x04, 4],
  [0x05, 8],
  [0x06, 8],
  [0x07, 8],
  [0x0a, 4],
  [0x0b, 4],
  [0x14, 8],
  [0x40, 8],
  [0x48, 16],
]);

interface Range {
  readonly start: number;
  readonly size: number;
}

/** An attachment while its attributes come in. */
interface Attachment {
  names: Map<number, string>;
  mediaType: string | undefined;
  method: number;
  hidden: boolean;
  data: Range | undefined;
  /** Its properties could not be read to their end: a name may be lacking. */
  odd: boolean;
  problem: TnefProblem | undefined;
}

/** The next bytes: to be had, or only to be passed. */
interface Step {
  readonly bytes: number;
  readonly keep: boolean;
}

/** What of an attribute is still to come. */
interface Room {
  left: number;
}

const NOTHING = Buffer.alloc(0);

/**
 * Finds the files in a TNEF stream (MS-OXTNEF; Outlook's `winmail.dat`) while it comes in, cut into any pieces, with memory
 * for a name: it says where they are, and holds none of them. Reads nothing of the message itself. Never throws, and gives no
 * file of which a byte is missing or whose sum is wrong.
 */
export class TnefScanner {
  readonly #files: TnefFile[] = [];
  readonly #problems = new Set<TnefProblem>();
  readonly #steps = this.#stream();
  #codePage = '';
  #current: Attachment | undefined;
  /** Nothing is under way: here the stream may end. */
  #between = false;
  #step: Step | undefined;
  /** Of the step. */
  #passed = 0;
  #kept: Buffer[] = [];
  #offset = 0;
  /** Of all bytes since it was last set to 0. */
  #sum = 0;

  constructor() {
    this.#advance(NOTHING);
  }

  write(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && this.#step !== undefined) {
      const { bytes, keep } = this.#step;
      const piece = chunk.subarray(at, at + bytes - this.#passed);
      at += piece.length;
      this.#offset += piece.length;
      this.#passed += piece.length;
      let sum = this.#sum;
      for (const byte of piece) sum += byte;
      this.#sum = sum % 0x10000;
      if (keep) this.#kept.push(Buffer.from(piece));
      if (this.#passed === bytes) this.#advance(keep ? Buffer.concat(this.#kept) : NOTHING);
    }
  }

  end(): TnefContent {
    if (this.#step !== undefined) {
      if (this.#between && this.#passed === 0) this.#endAttachment();
      else this.#problems.add(this.#offset < 6 ? 'none' : 'cut');
      this.#step = undefined;
    }
    return { files: this.#files, problems: [...this.#problems] };
  }

  #advance(bytes: Buffer): void {
    this.#kept = [];
    let bytesForIt = bytes;
    do {
      const { value, done } = this.#steps.next(bytesForIt);
      this.#step = done === true ? undefined : value;
      this.#passed = 0;
      bytesForIt = NOTHING;
    } while (this.#step?.bytes === 0);
  }

  *#stream(): Generator<Step, void, Buffer> {
    const head = yield { bytes: 6, keep: true };
    if (head.readUInt32LE(0) !== SIGNATURE) {
      this.#stop('none');
      return;
    }
    for (;;) {
      this.#between = true;
      const header = yield { bytes: 9, keep: true };
      this.#between = false;
      const level = header.readUInt8(0);
      if (level !== LEVEL_MESSAGE && level !== LEVEL_ATTACHMENT) {
        this.#stop('malformed');
        return;
      }
      const id = header.readUInt32LE(1) & 0xffff;
      const size = header.readUInt32LE(5);
      if (level === LEVEL_ATTACHMENT && id === ATTACH_BEGINS) {
        this.#endAttachment();
        if (this.#files.length >= MOST_FILES) {
          this.#stop('too many');
          return;
        }
        this.#current = newAttachment();
      }
      const room = { left: size };
      this.#sum = 0;
      yield* level === LEVEL_MESSAGE ? this.#ofMessage(id, room) : this.#ofAttachment(id, room);
      yield { bytes: room.left, keep: false };
      const found = this.#sum;
      const sum = yield { bytes: 2, keep: true };
      // Of the message nothing is used.
      if (level === LEVEL_ATTACHMENT && sum.readUInt16LE(0) !== found) this.#blame('sum');
    }
  }

  *#ofMessage(id: number, room: Room): Generator<Step, void, Buffer> {
    if (id !== OEM_CODE_PAGE || room.left < 4) return;
    this.#codePage = charsetOf((yield* take(room, 4)).readUInt32LE(0));
  }

  *#ofAttachment(id: number, room: Room): Generator<Step, void, Buffer> {
    const current = this.#current;
    if (current === undefined) {
      if (id !== ATTACH_BEGINS) this.#problems.add('malformed');
      return;
    }
    switch (id) {
      case ATTACH_DATA:
        current.data ??= { start: this.#offset, size: room.left };
        return;
      case ATTACH_TITLE:
      case ATTACH_TRANSPORT_NAME:
        if (room.left > LONGEST_NAME) return;
        current.names.set(id, this.#text(yield* take(room, room.left), STRING8));
        return;
      case ATTACH_PROPERTIES:
        // The sum vouches for the file itself.
        if (!(yield* this.#properties(current, room))) current.odd = true;
    }
  }

  /** Whether they are well formed. */
  *#properties(current: Attachment, room: Room): Generator<Step, boolean, Buffer> {
    if (room.left < 4) return false;
    const count = (yield* take(room, 4)).readUInt32LE(0);
    for (let i = 0; i < count; i++) {
      if (room.left < 4) return false;
      const tag = (yield* take(room, 4)).readUInt32LE(0);
      const id = tag >>> 16;
      if (id >= 0x8000 && !(yield* passName(room))) return false;
      if (!(yield* this.#values(current, id, tag & 0xffff, room))) return false;
    }
    return true;
  }

  *#values(current: Attachment, id: number, type: number, room: Room): Generator<Step, boolean, Buffer> {
    const base = type & ~MULTIPLE;
    const fixed = FIXED.get(base);
    const isCounted = fixed === undefined || base !== type;
    if (fixed === undefined && ![STRING8, UNICODE, BINARY, OBJECT].includes(base)) return false;
    if (isCounted && room.left < 4) return false;
    const count = isCounted ? (yield* take(room, 4)).readUInt32LE(0) : 1;
    for (let i = 0; i < count; i++) {
      if (fixed !== undefined) {
        if (room.left < fixed) return false;
        const value = yield* take(room, fixed);
        if (base === type) noteNumber(current, id, value);
      } else {
        if (room.left < 4) return false;
        const size = (yield* take(room, 4)).readUInt32LE(0);
        if (size > room.left) return false;
        yield* this.#value(current, id, base, size, room);
        // Written without its padding at the end of some streams.
        yield* pass(room, Math.min(-size & 3, room.left));
      }
    }
    return true;
  }

  *#value(
    current: Attachment,
    id: number,
    type: number,
    size: number,
    room: Room,
  ): Generator<Step, void, Buffer> {
    const isText = type === STRING8 || type === UNICODE;
    if (isText && size <= LONGEST_NAME && NAMES.includes(id)) {
      current.names.set(id, this.#text(yield* take(room, size), type));
      return;
    }
    if (isText && size <= LONGEST_NAME && id === MIME_TAG) {
      current.mediaType = this.#text(yield* take(room, size), type).toLowerCase();
      return;
    }
    if (id === DATA && type === BINARY) current.data ??= { start: this.#offset, size };
    yield* pass(room, size);
  }

  #text(bytes: Buffer, type: number): string {
    const text =
      type === UNICODE
        ? bytes.subarray(0, bytes.length & ~1).toString('utf16le')
        : decodeText(bytes, this.#codePage);
    const nul = text.indexOf('\0');
    return nul === -1 ? text : text.slice(0, nul);
  }

  #blame(problem: TnefProblem): void {
    if (this.#current !== undefined) this.#current.problem ??= problem;
    else this.#problems.add(problem);
  }

  #stop(problem: TnefProblem): void {
    this.#problems.add(problem);
    this.#current = undefined;
  }

  /** The attachment is whole: what follows is another, or nothing. */
  #endAttachment(): void {
    const current = this.#current;
    this.#current = undefined;
    if (current === undefined) return;
    const { data, names, mediaType, hidden } = current;
    const problem = current.problem ?? (data === undefined ? lackOf(current) : undefined);
    if (problem !== undefined || data === undefined) {
      this.#problems.add(problem ?? 'object');
      return;
    }
    const name = NAMES.map((each) => names.get(each)?.trim()).find(
      (each) => each !== undefined && each !== '',
    );
    const isImage = (mediaType ?? '').startsWith('image/') || IMAGE_NAME.test(name ?? '');
    this.#files.push({
      ...(name !== undefined && { name }),
      ...(mediaType !== undefined && MEDIA_TYPE.test(mediaType) && { mediaType }),
      inline: hidden && isImage,
      ...data,
    });
  }
}

/** The best first. */
const NAMES: readonly number[] = [LONG_FILENAME, ATTACH_TITLE, FILENAME, ATTACH_TRANSPORT_NAME, DISPLAY_NAME];
const IMAGE_NAME = /\.(?:png|jpe?g|gif|bmp|emf|wmf|tiff?)$/iu;
const MEDIA_TYPE = /^[a-z0-9][\w.+-]{0,126}\/[a-z0-9][\w.+-]{0,126}$/u;

function newAttachment(): Attachment {
  return {
    names: new Map(),
    mediaType: undefined,
    method: 0,
    hidden: false,
    data: undefined,
    odd: false,
    problem: undefined,
  };
}

/** Why an attachment has no bytes of its own. */
function lackOf({ method, odd }: Attachment): TnefProblem {
  if (odd) return 'malformed';
  return method === METHOD_MESSAGE ? 'message' : 'object';
}

function noteNumber(current: Attachment, id: number, value: Buffer): void {
  if (id === METHOD) current.method = value.readUInt32LE(0);
  if (id === HIDDEN && value.readUInt16LE(0) !== 0) current.hidden = true;
  if (id === FLAGS && (value.readUInt32LE(0) & RENDERED_IN_BODY) !== 0) current.hidden = true;
}

/** The name of a named property; whether it is one. */
function* passName(room: Room): Generator<Step, boolean, Buffer> {
  if (room.left < 24) return false;
  yield* pass(room, 16);
  const kind = (yield* take(room, 4)).readUInt32LE(0);
  const number = (yield* take(room, 4)).readUInt32LE(0);
  if (kind === 0) return true;
  const padded = number + (-number & 3);
  if (kind !== 1 || padded > room.left) return false;
  yield* pass(room, padded);
  return true;
}

function* take(room: Room, bytes: number): Generator<Step, Buffer, Buffer> {
  room.left -= bytes;
  return yield { bytes, keep: true };
}

function* pass(room: Room, bytes: number): Generator<Step, void, Buffer> {
  room.left -= bytes;
  yield { bytes, keep: false };
}

/** Windows' number of a code page as the name of a character set. */
function charsetOf(codePage: number): string {
  if (codePage === 65_001) return 'utf-8';
  if (codePage >= 28_591 && codePage <= 28_606) return `iso-8859-${String(codePage - 28_590)}`;
  return codePage >= 1250 && codePage <= 1258 ? `windows-${String(codePage)}` : `cp${String(codePage)}`;
}
