import type { Decoder } from './decode.js';

const LF = 10;
const CR = 13;
/** A line has 61 characters and what some writers put behind it; longer ones are none, and bound what is held. */
const LONGEST_LINE = 1000;
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Uuencode as a transfer encoding (`x-uuencode`; POSIX.1-2017, uuencode): between `begin 644 name` and `end`, lines of a
 * count and characters of 6 bits each. What stands around that is no content. A mail tells the name in its header.
 */
export class Uuencoded implements Decoder {
  #line: Buffer = NOTHING;
  /** `none`: it is no uuencode at all, and goes through as it is. */
  #state: 'before' | 'inside' | 'after' | 'none' = 'before';
  #broken = 0;

  write(encoded: Buffer): Buffer {
    const input = this.#line.length === 0 ? encoded : Buffer.concat([this.#line, encoded]);
    const lines: Buffer[] = [];
    let at = 0;
    for (let lf = input.indexOf(LF); lf !== -1; lf = input.indexOf(LF, at)) {
      if (this.#state === 'none') break;
      lines.push(this.#decoded(input.subarray(at, lf + 1)));
      at = lf + 1;
    }
    const rest = input.subarray(at);
    this.#line = NOTHING;
    if (this.#state === 'none') lines.push(rest);
    else if (this.#state === 'before' && rest.length > LONGEST_LINE) lines.push(this.#decoded(rest));
    // Of a line that never ends the beginning is enough to see that it is none.
    else this.#line = Buffer.from(rest.subarray(0, LONGEST_LINE + 1));
    return Buffer.concat(lines);
  }

  end(): Buffer {
    return this.#line.length === 0 ? this.#line : this.#decoded(this.#line);
  }

  problem(): string | undefined {
    if (this.#state === 'none') return 'it is said to be uuencoded, is not, and is delivered as it came';
    if (this.#state === 'inside') return 'the end of its uuencoded content is missing: it may be cut';
    if (this.#broken > 0) return `${String(this.#broken)} lines in it are no uuencode and were left out`;
    return undefined;
  }

  /** @param raw - a line with its end */
  #decoded(raw: Buffer): Buffer {
    const text = raw.toString('latin1', 0, 12);
    switch (this.#state) {
      case 'none':
        return raw;
      case 'before':
        if (raw.every((byte) => byte <= 32)) return NOTHING;
        this.#state = /^begin [0-7]{3,4} /u.test(text) ? 'inside' : 'none';
        return this.#state === 'none' ? raw : NOTHING;
      case 'inside':
        if (/^end\s*$/u.test(text)) this.#state = 'after';
        else return this.#content(withoutEnd(raw));
        return NOTHING;
      case 'after':
        return NOTHING;
    }
  }

  #content(line: Buffer): Buffer {
    if (line.length === 0) return NOTHING;
    const count = sixBits(line[0]);
    const bytes = Buffer.alloc(count);
    const isLine = line.every((each) => each >= 32 && each <= 96) && line.length <= LONGEST_LINE;
    // Blanks at the end, which stand for zeros, get lost on the way.
    if (!isLine) {
      this.#broken++;
      return NOTHING;
    }
    for (let to = 0, from = 1; to < count; to += 3, from += 4) {
      const [a, b, c, d] = [0, 1, 2, 3].map((i) => sixBits(line[from + i])) as [
        number,
        number,
        number,
        number,
      ];
      bytes[to] = (a << 2) | (b >> 4);
      if (to + 1 < count) bytes[to + 1] = ((b & 15) << 4) | (c >> 2);
      if (to + 2 < count) bytes[to + 2] = ((c & 3) << 6) | d;
    }
    return bytes;
  }
}

function withoutEnd(line: Buffer): Buffer {
  let end = line.length;
  while (line[end - 1] === LF || line[end - 1] === CR) end--;
  return line.subarray(0, end);
}

/** A blank and a grave accent are both zero. */
function sixBits(character = 32): number {
  return (character - 32) & 63;
}
