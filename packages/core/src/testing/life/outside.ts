import type { Ledger, SourceMemory } from '../../contracts/ledger.js';
import type { LifeTime } from './time.js';

/** A ledger that does input and output: the life's clock stands still until each call has come back. */
export function outside(ledger: Ledger, time: LifeTime): Ledger {
  const memory = (source: string): SourceMemory => {
    const inner = ledger.memory(source);
    return {
      read: (keys) => time.outside(() => inner.read(keys)),
      write: (entries) => time.outside(() => inner.write(entries)),
    };
  };
  return {
    classify: (viewer, refs) => time.outside(() => ledger.classify(viewer, refs)),
    claim: (viewer, ref, options) => time.outside(() => ledger.claim(viewer, ref, options)),
    write: (claim, changes, leaseMs) => time.outside(() => ledger.write(claim, changes, leaseMs)),
    async *unfinished(source) {
      yield* await time.outside(() => all(ledger.unfinished(source)));
    },
    carry: (source, pairs) => time.outside(() => ledger.carry(source, pairs)),
    listed: (source, refs) => time.outside(() => ledger.listed(source, refs)),
    prune: (source, options) => time.outside(() => ledger.prune(source, options)),
    replay: (which, what) => time.outside(() => ledger.replay(which, what)),
    async *find(which) {
      yield* await time.outside(() => all(ledger.find(which)));
    },
    bind: (viewer, address, options) => time.outside(() => ledger.bind(viewer, address, options)),
    memory,
    close: () => time.outside(() => ledger.close()),
  };
}

async function all<T>(from: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const one of from) found.push(one);
  return found;
}
