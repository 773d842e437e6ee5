import { decodeWords } from './words.js';

/** The most bytes of one header block that are looked at. What a block holds beyond is left out. */
export const HEADER_BYTES = 1024 * 1024;

export interface Headers {
  /** The first field of that name as it came: unfolded, one character a byte. `name` in lower case. */
  raw(name: string): string | undefined;
  /** The first field of that name as readable text, in one line: encoded words decoded, blanks trimmed. */
  text(name: string): string | undefined;
  /** All fields in their order, `name` in lower case, values as they came. */
  readonly fields: readonly HeaderField[];
}

export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

/**
 * The fields of a header block (RFC 5322, section 2.2), up to its empty line if it has one. Takes lines that end in LF
 * alone, skips lines that are no field (`From …` of an mbox), and reads at most {@link HEADER_BYTES}.
 */
export function parseHeaders(block: Uint8Array): Headers {
  const bytes = Buffer.from(block.buffer, block.byteOffset, Math.min(block.byteLength, HEADER_BYTES));
  const fields: { name: string; lines: string[] }[] = [];
  for (const line of bytes.toString('latin1').split('\n')) {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (text === '') break;
    if (/^[ \t]/u.test(text)) {
      fields.at(-1)?.lines.push(text);
      continue;
    }
    const colon = text.indexOf(':');
    const name = text.slice(0, Math.max(colon, 0)).trimEnd().toLowerCase();
    if (!FIELD_NAME.test(name)) continue;
    fields.push({ name, lines: [text.slice(colon + 1)] });
  }
  return new Fields(fields.map(({ name, lines }) => ({ name, value: lines.join('').trim() })));
}

// RFC 5322, section 3.6.8: printable US-ASCII without the colon.
const FIELD_NAME = /^[!-9;-~]{1,200}$/u;

class Fields implements Headers {
  readonly fields: readonly HeaderField[];
  readonly #first = new Map<string, string>();

  constructor(fields: readonly HeaderField[]) {
    this.fields = fields;
    for (const { name, value } of fields) if (!this.#first.has(name)) this.#first.set(name, value);
  }

  raw(name: string): string | undefined {
    return this.#first.get(name);
  }

  text(name: string): string | undefined {
    const raw = this.raw(name);
    return raw === undefined ? undefined : decodeWords(raw).replace(/\s+/gu, ' ').trim();
  }
}
