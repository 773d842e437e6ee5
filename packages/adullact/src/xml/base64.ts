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
  /** Whether blanks have been seen: then every piece is cleaned before it is decoded. */
  #wrapped = false;

  decode(piece: Buffer): Buffer {
    return this.#wrapped || this.#rest.length > 0 ? this.#decodeCareful(piece) : this.#decodeFast(piece);
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
  #decodeFast(piece: Buffer): Buffer {
    if (this.#padded) return this.#decodeCareful(piece);
    const whole = piece.length & ~3;
    const decoded = decodeWhole(piece.subarray(0, whole));
    if (decoded.length !== (whole / 4) * 3) return this.#decodeCareful(piece);
    const rest = piece.subarray(whole);
    return rest.length === 0 ? decoded : joined(decoded, this.#decodeCareful(rest));
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
          this.#wrapped = true;
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

function decodeWhole(bytes: Buffer): Buffer {
  return bytes.length === 0 ? NOTHING : Buffer.from(bytes.toString('latin1'), 'base64');
}

function joined(a: Buffer, b: Buffer): Buffer {
  if (a.length === 0) return b;
  return b.length === 0 ? a : Buffer.concat([a, b]);
}
