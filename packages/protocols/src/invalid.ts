import { LanceurError } from '@lanceur/core';
import type { Words } from './words.js';

export function invalid(option: string, expected: string, found: unknown): LanceurError {
  return new LanceurError('INVALID_OPTION', { option, expected, found: shown(found) });
}

/** The same in both languages, and with what was found in words of one's own. */
export function invalidInWords(option: string, expected: Words, found: Words): LanceurError {
  return new LanceurError('INVALID_OPTION', {
    option,
    expected: expected.en,
    expected_fr: expected.fr,
    found: found.en,
    found_fr: found.fr,
  });
}

export function atLeast(option: string, value: unknown, least: number): void {
  if (typeof value === 'number' && value >= least && value !== Infinity) return;
  throw invalid(option, `a number from ${String(least)} up`, value);
}

function shown(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'function') return String(value);
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
