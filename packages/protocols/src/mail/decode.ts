import { Uuencoded } from './uuencode.js';

/** Undoes a transfer encoding (RFC 2045, section 6), piece by piece. What it gives is valid until the next call. */
export interface Decoder {
  write(encoded: Buffer): Buffer;
  end(): Buffer;
  /** What was not as it should be, in a few words; `undefined` if all was well. Complete after `end`. */
  problem(): string | undefined;
}

/** The decoder for a `Content-Transfer-Encoding`; of an unknown one nothing is undone, and said. */
export function decoderFor(encoding: string): Decoder {
  const word = /^[^\s;]*/u.exec(encoding.trim().toLowerCase())?.[0] ?? '';
  if (word === 'base64') return new Base64();
  if (word === 'quoted-printable') return new QuotedPrintable();
  if (UUENCODE.has(word)) return new Uuencoded();
  return new Identity(IDENTITIES.has(word) ? undefined : word);
}

const LF = 10;
const CR = 13;
const UUENCODE = new Set(['x-uuencode', 'x-uue', 'uuencode', 'uue']);
/** Encodings that change nothing, in lower case. */
export const IDENTITIES: ReadonlySet<string> = new Set(['', '7bit', '8bit', 'binary']);
const NOTHING = Buffer.alloc(0);

class Identity implements Decoder {
  readonly #unknown: string | undefined;

  constructor(unknown: string | undefined) {
    this.#unknown = unknown;
  }

  write(encoded: Buffer): Buffer {
    return encoded;
  }

  end(): Buffer {
    return NOTHING;
  }

  problem(): string | undefined {
    return this.#unknown === undefined
      ? undefined
      : `it is in an unknown encoding (${this.#unknown.slice(0, 40)}) and is delivered as it came`;
  }
}

// By character code: 0 to 63 its value, and what it is otherwise.
const PAD = 64;
const BLANK = 65;
const RUBBISH = 66;
const BASE64 = new Uint8Array(256).fill(RUBBISH);
for (const [i, c] of Buffer.from(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
).entries()) {
  BASE64[c] = i;
}
for (const blank of '\r\n \t') BASE64[blank.charCodeAt(0)] = BLANK;
BASE64['='.charCodeAt(0)] = PAD;
// The other alphabet of RFC 4648, section 5: passing them over would shift all that follows.
BASE64['-'.charCodeAt(0)] = 62;
BASE64['_'.charCodeAt(0)] = 63;

/** Blanks, line ends and padding: all that may follow the last character. */
function isAside(byte = 0): boolean {
  return BASE64[byte] === BLANK || BASE64[byte] === PAD;
}

/**
 * As mail clients do, characters outside the alphabet are passed over (RFC 2045, section 6.8), and padding in the
 * middle begins anew: some programs join encoded pieces. What is well formed goes through Node's own decoder, twenty
 * times as fast.
 */
class Base64 implements Decoder {
  #bits = 0;
  #count = 0;
  #rubbish = 0;
  #cut = false;

  write(encoded: Buffer): Buffer {
    if (this.#count === 0) return this.#quickly(encoded);
    // Byte by byte to the next whole group.
    const rest = Math.min(4 - this.#count, encoded.length);
    const first = this.#carefully(encoded.subarray(0, rest));
    return Buffer.concat([
      first,
      this.#count === 0 ? this.#quickly(encoded.subarray(rest)) : this.#carefully(encoded.subarray(rest)),
    ]);
  }

  /** Whole groups by Node's decoder, which passes over what it does not know: believed only if nothing was. */
  #quickly(encoded: Buffer): Buffer {
    // The padding at the end, and the group that it fills, are not for the fast way.
    let end = encoded.length;
    while (end > 0 && isAside(encoded[end - 1])) end--;
    let lines = 0;
    let lf = encoded.indexOf(LF);
    const isCrLf = lf > 0 && encoded[lf - 1] === CR;
    for (; lf !== -1 && lf < end; lf = encoded.indexOf(LF, lf + 1)) {
      if ((encoded[lf - 1] === CR) !== isCrLf) return this.#carefully(encoded);
      lines++;
    }
    const characters = end - lines * (isCrLf ? 2 : 1);
    const left = characters % 4;
    const cut = end - left;
    const isSplit = encoded.subarray(Math.max(cut, 0), end).some((byte) => (BASE64[byte] ?? RUBBISH) >= PAD);
    if (cut <= 0 || isSplit) return this.#carefully(encoded);
    const decoded = Buffer.from(encoded.toString('latin1', 0, cut), 'base64');
    if (decoded.length !== ((characters - left) / 4) * 3) return this.#carefully(encoded);
    if (cut === encoded.length) return decoded;
    const rest = this.#carefully(encoded.subarray(cut));
    return rest.length === 0 ? decoded : Buffer.concat([decoded, rest]);
  }

  #carefully(encoded: Buffer): Buffer {
    const decoded = Buffer.allocUnsafe(Math.ceil((encoded.length + 4) / 4) * 3);
    let at = 0;
    let bits = this.#bits;
    let count = this.#count;
    let i = 0;
    while (i < encoded.length) {
      const value = BASE64[encoded[i++] ?? 0] ?? RUBBISH;
      if (value < PAD) {
        bits = (bits << 6) | value;
        if (++count === 4) {
          decoded[at] = bits >>> 16;
          decoded[at + 1] = bits >>> 8;
          decoded[at + 2] = bits;
          at += 3;
          bits = 0;
          count = 0;
        }
      } else if (value === PAD) {
        at += this.#flush(bits, count, decoded, at);
        bits = 0;
        count = 0;
      } else if (value === RUBBISH) {
        this.#rubbish++;
      }
    }
    this.#bits = bits;
    this.#count = count;
    return decoded.subarray(0, at);
  }

  end(): Buffer {
    const decoded = Buffer.alloc(2);
    const length = this.#flush(this.#bits, this.#count, decoded, 0);
    this.#count = 0;
    return decoded.subarray(0, length);
  }

  problem(): string | undefined {
    const problems = [
      ...(this.#rubbish > 0
        ? [`${String(this.#rubbish)} characters in it are no base64 and were passed over`]
        : []),
      ...(this.#cut ? ['its base64 ends in the middle of a byte'] : []),
    ];
    return problems.length === 0 ? undefined : problems.join('; ');
  }

  /** The bytes of a group that is cut short by padding or the end. */
  #flush(bits: number, count: number, into: Buffer, at: number): number {
    if (count === 1) this.#cut = true;
    if (count < 2) return 0;
    const left = bits << (6 * (4 - count));
    into[at] = left >>> 16;
    if (count === 3) into[at + 1] = left >>> 8;
    return count - 1;
  }
}

const EQUALS = 61;

class QuotedPrintable implements Decoder {
  /** The end of a line that is not there yet: an escape cut in two, blanks that may stand before a line end. */
  #held: Buffer = NOTHING;
  #broken = 0;

  write(encoded: Buffer): Buffer {
    const input = this.#held.length === 0 ? encoded : Buffer.concat([this.#held, encoded]);
    const decoded = Buffer.allocUnsafe(input.length);
    let at = 0;
    let i = 0;
    while (i < input.length) {
      const byte = input[i] ?? 0;
      if (byte === EQUALS) {
        const taken = this.#escape(input, i, decoded, at);
        if (taken === undefined) break;
        at += taken.written;
        i += taken.read;
      } else if (byte === 32 || byte === 9) {
        const end = blanksEnd(input, i);
        const isOpen = end === input.length || (input[end] === CR && end + 1 === input.length);
        if (isOpen && end - i < LONGEST_LINE) break;
        // Blanks at the end of a line were added on the way (RFC 2045, section 6.7, rule 3).
        const atLineEnd = input[end] === LF || (input[end] === CR && input[end + 1] === LF);
        if (!atLineEnd) at += input.copy(decoded, at, i, end);
        i = end;
      } else {
        decoded[at++] = byte;
        i++;
      }
    }
    this.#held = Buffer.from(input.subarray(i));
    return decoded.subarray(0, at);
  }

  end(): Buffer {
    const held = this.#held;
    this.#held = NOTHING;
    // A soft line break, or blanks, before nothing at all.
    if (held.length === 0 || /^(?:=?[ \t]*\r?|[ \t]+)$/u.test(held.toString('latin1'))) return NOTHING;
    this.#broken++;
    return held;
  }

  problem(): string | undefined {
    return this.#broken === 0
      ? undefined
      : `${String(this.#broken)} escapes in it are no quoted-printable and were left as they came`;
  }

  /** `undefined`: the rest of it has not come yet. */
  #escape(
    input: Buffer,
    i: number,
    decoded: Buffer,
    at: number,
  ): { readonly read: number; readonly written: number } | undefined {
    const high = HEX[input[i + 1] ?? 0] ?? NOT_HEX;
    const low = HEX[input[i + 2] ?? 0] ?? NOT_HEX;
    if (i + 2 < input.length && high !== NOT_HEX && low !== NOT_HEX) {
      decoded[at] = high * 16 + low;
      return { read: 3, written: 1 };
    }
    const end = blanksEnd(input, i + 1);
    if (input[end] === LF) return { read: end + 1 - i, written: 0 };
    if (input[end] === CR && input[end + 1] === LF) return { read: end + 2 - i, written: 0 };
    const more = end === input.length || (input[end] === CR && end + 1 === input.length);
    const half = i + 2 >= input.length && high !== NOT_HEX;
    if ((more || half) && input.length - i < LONGEST_LINE) return undefined;
    this.#broken++;
    decoded[at] = EQUALS;
    return { read: 1, written: 1 };
  }
}

/** No writer makes longer ones (RFC 5322, section 2.1.1); bounds what is held back. */
const LONGEST_LINE = 1000;
const NOT_HEX = 255;
const HEX = new Uint8Array(256).fill(NOT_HEX);
for (const [i, c] of Buffer.from('0123456789abcdef').entries()) {
  HEX[c] = i;
  HEX[String.fromCharCode(c).toUpperCase().charCodeAt(0)] = i;
}

function blanksEnd(input: Buffer, from: number): number {
  let end = from;
  while (input[end] === 32 || input[end] === 9) end++;
  return end;
}
