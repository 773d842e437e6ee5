import { isAscii, isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { issue, type Issue } from '../issues.js';

/** What the first bytes of an XML tell (XML 1.0, appendix F). */
export interface Beginning {
  /** Bytes before the text: its byte order mark. */
  readonly mark: number;
  /** `ascii`: an encoding in which ASCII stands for itself; which one is told by the whole text. */
  readonly family: 'ascii' | 'utf-8' | 'utf-16le' | 'utf-16be' | 'utf-32';
}

/** @param head - the first four bytes, or all there are */
export function beginningOf(head: Uint8Array): Beginning {
  const [a, b, c, d] = head;
  if (a === 0xff && b === 0xfe) {
    return c === 0 && d === 0 ? { mark: 4, family: 'utf-32' } : { mark: 2, family: 'utf-16le' };
  }
  if (a === 0xfe && b === 0xff) return { mark: 2, family: 'utf-16be' };
  if (a === 0xef && b === 0xbb && c === 0xbf) return { mark: 3, family: 'utf-8' };
  if (a === 0 && b === 0) return { mark: 0, family: 'utf-32' };
  if (b === 0 && a !== undefined) return { mark: 0, family: c === 0 ? 'utf-32' : 'utf-16le' };
  if (a === 0 && b !== undefined) return { mark: 0, family: 'utf-16be' };
  return { mark: 0, family: 'ascii' };
}

/** The encoding that an XML declares, as it writes it. */
export function declaredIn(head: Buffer): string | undefined {
  const declaration = /^\s*<\?xml\s[^>]*?\?>/u.exec(head.toString('latin1', 0, 1024))?.[0];
  return /\sencoding\s*=\s*(["'])\s*([\w.:-]+)\s*\1/u.exec(declaration ?? '')?.[2];
}

export interface DecodedText {
  readonly text: string;
  readonly issues: readonly Issue[];
}

/**
 * Bytes as text, by what they are: many senders declare one encoding and write another. What is valid UTF-8 and holds
 * more than ASCII is UTF-8; by chance that hardly happens. Otherwise what is declared, if it can be, with the
 * characters that Windows adds to ISO-8859-1 (`€`, `’`, `œ`).
 */
export function decodeText(
  bytes: Buffer,
  {
    file,
    family,
    declared,
  }: { readonly file: string; readonly family: Beginning['family']; readonly declared: string | undefined },
): DecodedText {
  const label = declared?.toLowerCase();
  if (family !== 'ascii') {
    const said =
      label === undefined || label === family || (label === 'utf-16' && family.startsWith('utf-16'));
    const valid = isUtf8(bytes);
    return {
      text: valid ? bytes.toString() : decodeMixed(bytes, true),
      issues: [
        ...(said ? [] : [issue('WRONG_ENCODING', { file, declared: declared ?? '', found: family })]),
        ...(valid ? [] : [issue('MIXED_ENCODING', { file })]),
      ],
    };
  }
  const single = singleByte(label);
  if (isAscii(bytes)) {
    const known = label === undefined || single !== undefined || isUtf8Label(label) || isAsciiLabel(label);
    const found = known ? [] : [issue('WRONG_ENCODING', { file, declared: declared ?? '', found: 'ASCII' })];
    return { text: bytes.toString('latin1'), issues: found };
  }
  if (isUtf8(bytes)) {
    const said = label === undefined || isUtf8Label(label);
    const issues = said ? [] : [issue('WRONG_ENCODING', { file, declared: declared ?? '', found: 'UTF-8' })];
    return { text: bytes.toString(), issues };
  }
  const mixed = hasUtf8Within(bytes, single === undefined);
  return {
    text: mixed ? decodeMixed(bytes, single === undefined) : (single ?? decodeWindows)(bytes),
    issues: [
      ...(single === undefined
        ? [issue('WRONG_ENCODING', { file, declared: declared ?? 'UTF-8', found: 'windows-1252' })]
        : []),
      ...(mixed ? [issue('MIXED_ENCODING', { file })] : []),
    ],
  };
}

function isUtf8Label(label: string): boolean {
  return label === 'utf-8' || label === 'utf8';
}

function isAsciiLabel(label: string): boolean {
  return label === 'us-ascii' || label === 'ascii';
}

const LATIN_1 = new Set([
  'iso-8859-1',
  'iso8859-1',
  'iso_8859-1',
  'latin1',
  'latin-1',
  'windows-1252',
  'cp1252',
]);
const LATIN_9 = new Set(['iso-8859-15', 'iso8859-15', 'iso_8859-15', 'latin9', 'latin-9']);
/** Encodings of one byte a character, in which ASCII stands for itself, that Node knows. */
const OTHERS = /^(?:iso-8859-(?:[2-8]|10|13|14|16)|windows-(?:874|125[013-8])|macintosh|koi8-[ru])$/u;

/** The decoder for a declared encoding of one byte a character. */
function singleByte(label: string | undefined): ((bytes: Buffer) => string) | undefined {
  if (label === undefined) return undefined;
  if (LATIN_1.has(label)) return decodeWindows;
  if (LATIN_9.has(label)) return decodeLatin9;
  if (!OTHERS.test(label)) return undefined;
  return (bytes) => new TextDecoder(label).decode(bytes);
}

/** What windows-1252 has where ISO-8859-1 has control characters that no XML may hold; five places stay empty. */
const WINDOWS = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
/** By hand: Node's own decoder took windows-1252 for ISO-8859-1 in some versions. */
function decodeWindows(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[\x80-\x9f]/gu, (c) => WINDOWS.charAt(c.charCodeAt(0) - 0x80));
}

const LATIN_9_PLACES: Readonly<Record<string, string>> = {
  '¤': '€',
  '¦': 'Š',
  '¨': 'š',
  '´': 'Ž',
  '¸': 'ž',
  '¼': 'Œ',
  '½': 'œ',
  '¾': 'Ÿ',
};

function decodeLatin9(bytes: Buffer): string {
  return decodeWindows(bytes).replace(/[¤¦¨´¸¼½¾]/gu, (c) => LATIN_9_PLACES[c] ?? c);
}

/** A sequence of UTF-8, written as ISO-8859-1. */
const SEQUENCE = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/gu;
/**
 * The sequences of French text that mean nothing read as windows-1252 (`Ã©`, `â€™`): `É»`, which could be either, is
 * none of them.
 */
const CERTAIN_SEQUENCE = /\xc3[\x80-\xbf]|\xe2\x80[\x90-\xbf]|\xe2\x82\xac/gu;

function hasUtf8Within(bytes: Buffer, expected: boolean): boolean {
  return bytes.toString('latin1').search(expected ? SEQUENCE : CERTAIN_SEQUENCE) !== -1;
}

/** Each sequence of UTF-8 as such, and every other byte as windows-1252. */
function decodeMixed(bytes: Buffer, expected: boolean): string {
  const raw = bytes.toString('latin1');
  const pieces: string[] = [];
  let at = 0;
  for (const found of raw.matchAll(expected ? SEQUENCE : CERTAIN_SEQUENCE)) {
    const end = found.index + found[0].length;
    const sequence = bytes.subarray(found.index, end);
    if (!isUtf8(sequence)) continue;
    pieces.push(decodeWindows(bytes.subarray(at, found.index)), sequence.toString());
    at = end;
  }
  pieces.push(decodeWindows(bytes.subarray(at)));
  return pieces.join('');
}
