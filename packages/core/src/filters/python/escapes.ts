import type { Reader } from './reader.js';
import type { Category, Refuse } from './syntax.js';

const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92 };
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const CATEGORIES: Readonly<Record<string, Category>> = { d: 'digit', w: 'word', s: 'space' };

/** `\d`, `\W` and their like, of an escape without its backslash. */
export function categoryOf(letter: string): { readonly is: Category; readonly negated: boolean } | undefined {
  const is = CATEGORIES[letter.toLowerCase()];
  return is && { is, negated: letter !== letter.toLowerCase() };
}

/**
 * The character that an escape stands for where it means the same inside and outside of a class: `\n`, `\x41`,
 * `\u00e9`, `\U0001f600`, `\.`. The reader is behind the escape's letter.
 */
export function escapedCharacter(letter: string, reader: Reader, refuse: Refuse): number {
  const at = reader.at - 2;
  const control = CONTROLS[letter];
  if (control !== undefined) return control;

  const digits = HEX_DIGITS[letter];
  if (digits !== undefined) {
    const hex = reader.takeWhile(/^[0-9a-fA-F]$/, digits);
    if (hex.length < digits) refuse(`\\${letter} needs ${String(digits)} hexadecimal digits`, at);
    const code = parseInt(hex, 16);
    if (code > 0x10ffff) refuse(`\\${letter}${hex} is no character`, at);
    return code;
  }
  if (letter === 'N')
    refuse('names of characters (\\N{…}) are not supported: write the character, or \\uXXXX', at);
  if (/^[a-zA-Z0-9]$/.test(letter)) refuse(`Python knows no escape \\${letter}`, at);
  return letter.codePointAt(0) ?? 0;
}

/** `\0`, `\012`, `\377`: the first digit has been read. */
export function octalCharacter(first: string, reader: Reader, refuse: Refuse): number {
  const at = reader.at - 2;
  const octal = first + reader.takeWhile(/^[0-7]$/, 2);
  const code = parseInt(octal, 8);
  if (code > 0o377) refuse(`\\${octal} is above \\377, the last octal escape`, at);
  return code;
}
