import type { SourceMemory } from '@lanceur/core';

/** Where no ledger gives a memory: as long as the listener lives. */
export function memoryOfObject(): SourceMemory {
  const entries = new Map<string, string>();
  return {
    read: (keys) =>
      Promise.resolve(
        new Map(
          keys.flatMap((key) => {
            const value = entries.get(key);
            return value === undefined ? [] : [[key, value] as const];
          }),
        ),
      ),
    write(changes) {
      for (const [key, value] of changes) {
        if (value === undefined) entries.delete(key);
        else entries.set(key, value);
      }
      return Promise.resolve();
    },
  };
}
