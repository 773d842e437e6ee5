import { describe, test } from 'vitest';
import { submitterSuite, type MemoryColdOptions } from '@lanceur/core/testing';
import { coldBench } from './memory-bench.js';

const kinds: Readonly<Record<string, MemoryColdOptions>> = {
  'a memory COLD': { jobs: ['87'] },
  'a memory COLD that takes documents one by one': { atomicGroup: false },
  'a memory COLD that cannot be asked': { find: false },
};

for (const [kind, options] of Object.entries(kinds)) {
  describe(kind, () => {
    const suite = submitterSuite({
      create: () => coldBench(options),
      ...(options.find === false && { without: ['find'] as const }),
    });
    for (const c of suite) test(c.name, c.run);
  });
}
