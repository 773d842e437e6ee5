import { decodeRaw, decodeText } from './charset.js';
import { decodeWords } from './words.js';

/** A header value with parameters: `attachment; filename="a.pdf"`. */
export interface Parameterized {
  /** What stands before the first parameter, in lower case: `attachment`. */
  readonly value: string;
  /** Readable text by name in lower case, RFC 2231 and RFC 2047 undone: `filename`. */
  readonly parameters: ReadonlyMap<string, string>;
}

const MOST = 1000;

/**
 * Reads a value with parameters (RFC 2045, section 5.1) as it came, one character a byte, however it is quoted: a quote
 * that is never closed, quotes inside quotes, blanks without quotes, a path with backslashes.
 */
export function parseParameters(raw: string): Parameterized {
  const { value, after } = firstWord(raw);
  const pairs: [string, string][] = [];
  let at = after;
  while (at < raw.length && pairs.length < MOST) {
    const equals = raw.indexOf('=', at);
    const next = raw.indexOf(';', at);
    if (equals === -1) break;
    if (next !== -1 && next < equals) {
      at = next + 1;
      continue;
    }
    const name = raw.slice(at, equals).trim().toLowerCase();
    const { text, end } = name.includes('name') ? nameAt(raw, equals + 1) : wordAt(raw, equals + 1);
    if (name !== '') pairs.push([name, text]);
    at = end;
  }
  return { value, parameters: decodeParameters(pairs) };
}

/**
 * The parameters as text, from names and values as they came: what a server's BODYSTRUCTURE has (RFC 3501, section
 * 7.4.2), where RFC 2231's `filename*0*` are parameters like others. The first of two that share a name counts.
 */
function decodeParameters(pairs: Iterable<readonly [string, string]>): ReadonlyMap<string, string> {
  const plain = new Map<string, string>();
  const extended = new Map<string, Segment[]>();
  for (const [rawName, value] of pairs) {
    const name = rawName.toLowerCase();
    const [, base, index, star] = EXTENDED.exec(name) ?? [];
    if (base === undefined) {
      if (!plain.has(name)) plain.set(name, value);
      continue;
    }
    const segments = extended.get(base) ?? [];
    const whole = index === undefined;
    const segment = { index: whole ? 0 : Number(index), encoded: whole || star === '*', value };
    if (!segments.some((s) => s.index === segment.index)) segments.push(segment);
    extended.set(base, segments);
  }
  const decoded = new Map<string, string>();
  for (const [name, value] of plain) decoded.set(name, readable(value));
  for (const [name, segments] of extended) decoded.set(name, joined(segments));
  return decoded;
}

interface Segment {
  readonly index: number;
  /** Percent-encoded (RFC 2231, section 4). */
  readonly encoded: boolean;
  readonly value: string;
}

/** `name*`, `name*0`, `name*0*`. */
const EXTENDED = /^([^*]+)\*(?:(\d{1,6})(\*)?)?$/u;

function joined(segments: readonly Segment[]): string {
  const inOrder = [...segments].sort((a, b) => a.index - b.index);
  const [first] = inOrder;
  if (first === undefined) return '';
  if (!inOrder.some((s) => s.encoded)) return readable(inOrder.map((s) => s.value).join(''));
  const [, charset, start] = /^([^']*)'[^']*'(.*)$/su.exec(first.value) ?? [];
  const bytes = inOrder.map((segment, i) => {
    const text = i === 0 && start !== undefined ? start : segment.value;
    return Buffer.from(segment.encoded ? unescaped(text) : text, 'latin1');
  });
  return decodeText(Buffer.concat(bytes), charset);
}

/** A value that stands alone: encoded words are not allowed there and are everywhere; so is RFC 2231 without its star. */
function readable(value: string): string {
  if (value.includes('=?')) return decodeWords(value);
  const [, charset, text] =
    /^(utf-8|iso-8859-\d{1,2}|windows-\d{4})'[^']{0,20}'(.*%.*)$/isu.exec(value) ?? [];
  if (text !== undefined) return decodeText(Buffer.from(unescaped(text), 'latin1'), charset);
  return decodeRaw(value);
}

function unescaped(text: string): string {
  return text.replace(/%([0-9a-f]{2})/giu, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** `application / pdf (as sent)` is `application/pdf`; parameters follow behind a semicolon, or behind a blank alone. */
function firstWord(raw: string): { readonly value: string; readonly after: number } {
  const [whole = '', first, second] = FIRST_WORD.exec(raw) ?? [];
  if (first !== undefined) {
    const value = second === undefined ? first : `${first}/${second}`;
    return { value: value.toLowerCase(), after: whole.length };
  }
  const semicolon = raw.indexOf(';');
  const end = semicolon === -1 ? raw.length : semicolon;
  return { value: raw.slice(0, end).trim().toLowerCase(), after: end + 1 };
}

// Comments (RFC 5322, section 3.2.2) without others in them. All of it is bounded: a header may have a megabyte.
const ASIDE = String.raw`(?:[ \t]|\([^()]{0,500}\))*`;
const TOKEN = String.raw`([^\s()<>@,;:\\"/[\]?=]{1,127})`;
const FIRST_WORD = new RegExp(
  String.raw`^${ASIDE}${TOKEN}${ASIDE}(?:/${ASIDE}${TOKEN}${ASIDE})?(?:;|$|(?<=[ \t)])(?=[\w*.-]{1,100}[ \t]*=))`,
  'u',
);

/** The value of a boundary and the like: what is in quotes, or a token; what follows may lack its semicolon. */
function wordAt(raw: string, from: number): { readonly text: string; readonly end: number } {
  WORD.lastIndex = from;
  const [whole = '', inQuotes, token = ''] = WORD.exec(raw) ?? [];
  if (inQuotes === undefined && token.startsWith('"')) return nameAt(raw, from);
  return { text: inQuotes === undefined ? token : unquoted(inQuotes), end: from + whole.length };
}

const WORD = /[ \t]*(?:"((?:[^"\\]|\\.){0,1000})"|([^\s;]*))/suy;

/** The value of a name, which begins at `from`, and where what follows it begins. */
function nameAt(raw: string, from: number): { readonly text: string; readonly end: number } {
  let start = from;
  while (raw[start] === ' ' || raw[start] === '\t') start++;
  if (raw[start] !== '"') {
    const end = raw.indexOf(';', start);
    return end === -1
      ? { text: raw.slice(start).trim(), end: raw.length }
      : { text: raw.slice(start, end).trim(), end: end + 1 };
  }
  const closing = closingQuote(raw, start + 1);
  if (closing === undefined) {
    const end = raw.indexOf(';', start);
    const until = end === -1 ? raw.length : end;
    return { text: unquoted(raw.slice(start + 1, until).trim()), end: until + 1 };
  }
  return { text: unquoted(raw.slice(start + 1, closing)), end: closing + 1 };
}

/** Where the quoted text ends: at a quote that a semicolon, the end or a parameter follows; other quotes belong to the text. */
function closingQuote(raw: string, from: number): number | undefined {
  for (let at = from; at < raw.length; at++) {
    if (raw[at] === '\\' && (raw[at + 1] === '"' || raw[at + 1] === '\\')) {
      at++;
      continue;
    }
    if (raw[at] !== '"') continue;
    let after = at + 1;
    while (raw[after] === ' ' || raw[after] === '\t') after++;
    if (after >= raw.length || raw[after] === ';') return at;
    PARAMETER.lastIndex = after;
    if (after > at + 1 && PARAMETER.test(raw)) return at;
  }
  return undefined;
}

const PARAMETER = /[\w-]{1,40}(?:\*\d{0,3}\*?)?=/uy;

/** Of Windows' paths the backslashes stay: nobody escapes anything but quotes and backslashes. */
function unquoted(text: string): string {
  return text.replace(/\\(["\\])/gu, '$1');
}
