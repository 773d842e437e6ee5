import { LanceurError } from '@lanceur/core';

export function invalid(option: string, expected: string, found: unknown): LanceurError {
  return new LanceurError('INVALID_OPTION', { option, expected, found: shown(found) });
}

export function atLeast(option: string, value: unknown, least: number): void {
  if (typeof value === 'number' && value >= least && value !== Infinity) return;
  throw invalid(option, `a number from ${String(least)} up`, value);
}

function shown(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'function') return String(value);
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
