const PAD = 0x3d;
const AMPERSAND = 0x26;
const SEMICOLON = 0x3b;
const LONGEST_REFERENCE = 10;

const ALPHABET = 1;
const BLANK = 2;
/** What each byte is. URL-safe characters count as the ones that they stand for. */
const CLASSES = new Uint8Array(256);
for (const c of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_')
  CLASSES[c.charCodeAt(0)] = ALPHABET;
for (const c of ' \t\r\n') CLASSES[c.charCodeAt(0)] = BLANK;

const NOTHING = Buffer.alloc(0);

/**
 * Decodes base64 (RFC 4648, section 4) piece by piece, however it is cut. Blanks are skipped, also as character
 * references (`&#13;`, which XML writers make of a carriage return), and padding may be missing; anything else that
 * does not belong there is skipped and counted.
 */
export class Base64 {
  /** Bytes that do not belong into base64. */
  rubbish = 0;
  /** Characters after the last whole group of four, which wait for the rest. */
  #rest: Buffer = NOTHING;
  #reference = '';
  /** Whether padding has been seen: what comes after it begins a new group. */
  #padded = false;

  decode(piece: Buffer): Buffer {
    const { length } = this.#rest;
    if (length === 0 && this.#reference === '') return this.#decodePiece(piece);
    // The group that the last piece left open is closed first, so that what follows is decoded at once.
    const missing = 4 - length;
    const group = this.#decodeCareful(piece.subarray(0, missing));
    return joined(group, this.#decodePiece(piece.subarray(missing)));
  }

  /** What was left. One character alone says nothing, and is rubbish. */
  end(): Buffer {
    if (this.#reference !== '') this.rubbish += this.#reference.length;
    const rest = this.#rest;
    this.#rest = NOTHING;
    this.#reference = '';
    if (rest.length === 1) this.rubbish++;
    return rest.length > 1 ? decodeWhole(rest) : NOTHING;
  }

  /** Node's decoder skips what it does not know: only a result of full length means that there was nothing. */
  #decodePiece(piece: Buffer): Buffer {
    if (this.#padded || this.#rest.length > 0 || this.#reference !== '') return this.#decodeCareful(piece);
    const body = piece.subarray(0, endOfBody(piece));
    const blanks = lineEndsIn(body);
    if (blanks === undefined) return this.#decodeCareful(piece);
    const characters = body.length - blanks;
    const cut = beforeLast(characters & 3, body);
    const decoded = decodeWhole(body.subarray(0, cut));
    if (decoded.length !== (characters >> 2) * 3) return this.#decodeCareful(piece);
    return cut === piece.length ? decoded : joined(decoded, this.#decodeCareful(piece.subarray(cut)));
  }

  #decodeCareful(piece: Buffer): Buffer {
    const clean = Buffer.allocUnsafe(this.#rest.length + piece.length);
    let length = this.#rest.copy(clean);
    let decoded: Buffer | undefined;
    for (const byte of piece) {
      if (this.#reference !== '') {
        const referred = this.#refer(byte);
        if (referred === undefined) continue;
        if (CLASSES[referred] === ALPHABET) clean[length++] = referred;
        else if (CLASSES[referred] !== BLANK) this.rubbish++;
        continue;
      }
      switch (CLASSES[byte]) {
        case ALPHABET:
          // Another text of base64 behind the first: it is read on, and it is odd.
          if (this.#padded) this.rubbish++;
          this.#padded = false;
          clean[length++] = byte;
          break;
        case BLANK:
          break;
        default:
          if (byte === AMPERSAND) {
            this.#reference = '&';
          } else if (byte !== PAD) {
            this.rubbish++;
          } else if (!this.#padded) {
            this.#padded = true;
            const group = decodeWhole(clean.subarray(0, length));
            decoded = decoded === undefined ? group : joined(decoded, group);
            length = 0;
          }
      }
    }
    const whole = length & ~3;
    const last = decodeWhole(clean.subarray(0, whole));
    this.#rest = Buffer.from(clean.subarray(whole, length));
    return decoded === undefined ? last : joined(decoded, last);
  }

  /** The byte that a reference stands for, once it is whole; 0 for one that stands for none. */
  #refer(byte: number): number | undefined {
    if (byte !== SEMICOLON && this.#reference.length < LONGEST_REFERENCE) {
      this.#reference += String.fromCharCode(byte);
      return undefined;
    }
    const [, hex, decimal] = /^&#(?:x([0-9a-fA-F]+)|([0-9]+))$/u.exec(this.#reference) ?? [];
    this.#reference = '';
    const code = hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal ?? 0);
    return code < 256 ? code : 0;
  }
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * How many bytes the line ends of a text take whose lines are all of one length, but the first and the last;
 * `undefined` where they are not. Blanks that it does not see show in the length of what is decoded.
 */
function lineEndsIn(text: Buffer): number | undefined {
  const first = text.indexOf(LINE_FEED);
  if (first === -1) return 0;
  const second = text.indexOf(LINE_FEED, first + 1);
  const each = text[first - 1] === CARRIAGE_RETURN ? 2 : 1;
  if (second === -1) return each;
  const width = second - first;
  let count = 0;
  for (let i = first; i < text.length; i += width) {
    if (text[i] !== LINE_FEED || (each === 2 && text[i - 1] !== CARRIAGE_RETURN)) return undefined;
    count += each;
  }
  return count;
}

/** Where the padding begins, or the blanks before the end. */
function endOfBody(text: Buffer): number {
  let end = text.length;
  while (end > 0 && CLASSES[text[end - 1] ?? 0] !== ALPHABET && text.length - end < 8) end--;
  return end;
}

/** Where the last characters begin, blanks not counted. */
function beforeLast(characters: number, text: Buffer): number {
  let at = text.length;
  for (let left = characters; left > 0 && at > 0; at--) {
    if (CLASSES[text[at - 1] ?? 0] === ALPHABET) left--;
  }
  return at;
}

function decodeWhole(bytes: Buffer): Buffer {
  return bytes.length === 0 ? NOTHING : Buffer.from(bytes.toString('latin1'), 'base64');
}

function joined(a: Buffer, b: Buffer): Buffer {
  if (a.length === 0) return b;
  return b.length === 0 ? a : Buffer.concat([a, b]);
}
