import type { Case } from './syntax.js';

// No letter with case stands above; of what lies below, these two blocks hold none either (Han, Hangul).
const LAST_WITH_CASE = 0x1ffff;
const WITHOUT_CASE: readonly (readonly [number, number])[] = [
  [0x2e80, 0xa63f],
  [0xac00, 0xfaff],
];

/**
 * What Python's `re.IGNORECASE` takes for the same letter as `code`, itself included: the letters of one lower case,
 * and lower-case letters of one upper case (CPython: `re._casefix`). So `i` also takes `İ` and `ı`, `s` takes `ſ`,
 * `k` the Kelvin sign; `ß` and `SS` stay two things.
 */
export function sameLetters(code: number, compared: Case): readonly number[] {
  if (compared === 'exact') return [code];
  if (compared === 'ascii') return isAsciiLetter(code) ? [code, code ^ 0x20] : [code];
  return caseTable().get(code) ?? [code];
}

/** The letters outside of a range that are the same as one within it. */
export function sameAsInRange(from: number, to: number, compared: Case): readonly number[] {
  if (compared === 'exact') return [];
  const candidates = compared === 'ascii' ? asciiLetters() : caseTable().keys();
  const others = new Set<number>();
  for (const code of candidates) {
    if (code < from || code > to) continue;
    for (const other of sameLetters(code, compared)) if (other < from || other > to) others.add(other);
  }
  return [...others];
}

/** One letter in lower case, of one character as it was: `İ` becomes `i`. */
function lowered(letter: string): string {
  const lower = letter.toLowerCase();
  return Array.from(lower).length === 1 ? lower : (Array.from(lower)[0] ?? letter);
}

let table: ReadonlyMap<number, readonly number[]> | undefined;

/** Each letter that has others of the same, with all of them. Made once, when the first pattern ignores case. */
function caseTable(): ReadonlyMap<number, readonly number[]> {
  if (table !== undefined) return table;
  const byUpper = new Map<string, Set<number>>();
  for (let code = 0; code <= LAST_WITH_CASE; code++) {
    const block = WITHOUT_CASE.find(([from]) => from === code);
    if (block !== undefined) code = block[1] + 1;
    const letter = String.fromCodePoint(code);
    const lower = lowered(letter);
    const upper = lower.toUpperCase();
    if (upper === letter && lower === letter) continue;
    const same = byUpper.get(upper) ?? new Set();
    byUpper.set(upper, same.add(code).add(lower.codePointAt(0) ?? code));
  }
  const made = new Map<number, readonly number[]>();
  for (const same of byUpper.values()) {
    if (same.size > 1) for (const code of same) made.set(code, [...same]);
  }
  return (table = made);
}

function isAsciiLetter(code: number): boolean {
  return (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
}

function asciiLetters(): readonly number[] {
  return Array.from({ length: 128 }, (_, code) => code).filter(isAsciiLetter);
}
