import { describe, expect, test } from 'vitest';
import type { SuiteCase } from '@lanceur/core/testing';

/** A block that is broken in one way, and the case that must find it. */
export interface Mutant {
  readonly broken: string;
  readonly foundBy: string;
  readonly suite: () => readonly SuiteCase[];
}

/** Each mutant is found by its case, and each case finds a mutant: none of them is there for show. */
export function bites(kind: string, sound: readonly SuiteCase[], mutants: readonly Mutant[]): void {
  describe(`the suite for a ${kind}`, () => {
    for (const { broken, foundBy, suite } of mutants) {
      test(`catches one that ${broken}`, async () => {
        const found = suite().find(({ name }) => name === foundBy);
        if (found === undefined) throw new Error(`there is no case "${foundBy}"`);
        await expect(found.run()).rejects.toThrow();
      });
    }

    test('has no case that nothing fails', () => {
      const proven = new Set(mutants.map(({ foundBy }) => foundBy));
      expect(sound.map(({ name }) => name).filter((name) => !proven.has(name))).toEqual([]);
    });

    test('gives every case a name of its own', () => {
      expect(new Set(sound.map(({ name }) => name)).size).toBe(sound.length);
    });
  });
}
