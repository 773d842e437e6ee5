import { LanceurError, nameFilter } from '@lanceur/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { needs } from '../../support/needs.js';
import { pythonFlags, pythonSource, trickyName } from './python-regex.arbitrary.js';
import { askPython, pythonIsRecent, type PythonCase } from './python.js';

/** What Python reads and a name filter refuses, on purpose. */
const REFUSED_ON_PURPOSE =
  /conditional groups|names of characters|may not have matched|cannot ignore case|what may be empty/u;

describe.skipIf(!needs('python3', { works: pythonIsRecent }))('a regular expression, beside Python', () => {
  it('accepts and refuses what re.match does, for thousands of patterns and names', () => {
    const cases = fc
      .sample(fc.tuple(pythonSource, pythonFlags, fc.array(trickyName, { minLength: 1, maxLength: 12 })), {
        numRuns: Number(process.env['RUNS'] ?? 3_000),
        seed: Number(process.env['SEED'] ?? 20_240_215),
      })
      .map(([source, flags, names]) => ({
        source: source.normalize('NFC'),
        flags,
        names: names.map((name) => name.normalize('NFC')),
      }))
      .filter(({ source }) => source !== '');

    const answers = askPython(cases);
    const differences = cases.flatMap((one, n) => {
      const python = answers[n] ?? null;
      if (python === 'broken') return [];
      const ours = answerOf(one);
      return same(ours, python) ? [] : [{ ...one, python, ours }];
    });

    expect(answers.filter((answer) => answer !== null).length).toBeGreaterThan(cases.length / 2);
    expect(differences.slice(0, 5)).toEqual([]);
  });
});

function answerOf({ source, flags, names }: PythonCase): readonly boolean[] | string {
  try {
    const filter = nameFilter(`/${source}/${flags}`, { timeLimitMs: 5_000 });
    return names.map((name) => filter.decide({ name }).accepted);
  } catch (error) {
    if (LanceurError.is(error, 'INVALID_PATTERN')) return error.message;
    throw error;
  }
}

function same(ours: readonly boolean[] | string, python: readonly boolean[] | null): boolean {
  if (typeof ours === 'string') return python === null || REFUSED_ON_PURPOSE.test(ours);
  return python !== null && ours.every((accepted, n) => accepted === python[n]);
}
