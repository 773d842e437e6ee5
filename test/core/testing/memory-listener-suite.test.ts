import { describe, test } from 'vitest';
import { listenerSuite, type MemoryListenerOptions } from '@lanceur/core/testing';
import { memoryBench } from './memory-bench.js';

const kinds: Readonly<Record<string, MemoryListenerOptions>> = {
  'a memory source that loses what it accepts': {},
  'a memory source that moves what it accepts': { after: 'move' },
  'a memory source that keeps everything': { after: 'keep', rejects: 'keep' },
  'a memory source like a POP3 server': { concurrentSessions: false, settleEndsSession: true },
  'a memory source that lists no documents, and reads in small pieces': {
    listsDocuments: false,
    chunkBytes: 4096,
  },
};

const awkward = ['../a.pdf', 'A.pdf', 'a.PDF', 'con', 'x:y', 'trailing. ', '\u202eevil.pdf', ''];

for (const [kind, options] of Object.entries(kinds)) {
  describe(kind, () => {
    const suite = listenerSuite({
      create: () => memoryBench(options),
      names: awkward,
      ...(options.rejects === 'keep' && { without: ['restore'] as const }),
    });
    for (const c of suite) test(c.name, c.run);
  });
}
