import type { Decision } from '../contracts/filter.js';
import { LanceurError } from '../errors.js';
import { fingerprintOf } from '../fingerprint.js';
import { reason } from '../reasons.js';
import { ACCEPTED, type DescribedFilter } from './described.js';
import { globPattern } from './glob-pattern.js';
import type { Pattern } from './pattern.js';
import { isBetweenSlashes, pythonPattern } from './python-pattern.js';

export interface NameFilterOptions {
  /**
   * How long one name may keep a regular expression busy, in milliseconds, before it is cut off with
   * `PATTERN_TOO_SLOW`. From 1 to 10,000; default 100. Concerns only patterns that can run wild, such as `/(a+)+$/`.
   */
  readonly timeLimitMs?: number;
}

/**
 * EzGED's "filtre de nom de fichier": accepts documents by their name.
 *
 * ```ts
 * nameFilter('*.*');                                // every name
 * nameFilter('*.pdf; *.tif');                       // as on Windows: A.PDF too
 * nameFilter('/(?!brouillon).*\\.pdf$/i');          // a regular expression, as Python's re.match
 * nameFilter(['*.pdf', '/FAC_\\d{6}\\.xml$/']);     // either
 * ```
 *
 * Between slashes stands a regular expression of Python, matched from the start of the name and not to its end; its
 * flags come after the second slash. All else is a glob of Windows, or several with `;` between them. Names and
 * patterns are compared in NFC; blanks around a pattern are no part of it. `docs/filters.md` has the details.
 *
 * @throws LanceurError `INVALID_PATTERN` for a pattern that cannot be read, with the reason and the place;
 *   `INVALID_OPTION` for no pattern at all, or an option out of range.
 */
export function nameFilter(
  pattern: string | readonly string[],
  options: NameFilterOptions = {},
): DescribedFilter {
  const timeLimitMs = checkedLimit(options.timeLimitMs ?? 100);
  const texts: readonly unknown[] = Array.isArray(pattern) ? pattern : [pattern];
  if (texts.length === 0 || !texts.every((text) => typeof text === 'string')) {
    if (texts.some((text) => text instanceof RegExp)) {
      throw invalid('pattern', "a text: a regular expression is written as '/…/i'", String(pattern));
    }
    throw invalid('pattern', 'a pattern or a list of patterns', pattern);
  }
  const normalized = texts.flatMap((text) => separated(text.normalize('NFC').trim()));
  const patterns = normalized.map((text): Pattern => patternOf(text, timeLimitMs));
  const text = normalized.join('; ');
  const refused: Decision = Object.freeze({
    accepted: false,
    reason: reason('NAME_REFUSED', { filter: text }),
  });
  return {
    text,
    fingerprint: fingerprintOf('name-filter', normalized, timeLimitMs),
    advice: patterns.flatMap(({ advice }, n) => advice.map((hint) => `${normalized[n] ?? ''}: ${hint}`)),
    decide({ name }) {
      const normalizedName = name.normalize('NFC');
      if (patterns.some(({ test }) => test(normalizedName))) return ACCEPTED;
      return refused;
    },
  };
}

/** `*.pdf; *.tif` as two patterns; what is between slashes is one. */
function separated(text: string): readonly string[] {
  if (isBetweenSlashes(text)) return [text];
  const globs = text
    .split(';')
    .map((glob) => glob.trim())
    .filter((glob) => glob !== '');
  return globs.length === 0 ? [''] : globs;
}

function patternOf(text: string, timeLimitMs: number): Pattern {
  return isBetweenSlashes(text) ? pythonPattern(text, timeLimitMs) : globPattern(text);
}

function checkedLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= 10_000) return limit;
  throw invalid('timeLimitMs', 'a whole number from 1 to 10000', limit);
}

function invalid(option: string, expected: string, found: unknown = 'undefined'): LanceurError {
  return new LanceurError('INVALID_OPTION', { option, expected, found: JSON.stringify(found) });
}
