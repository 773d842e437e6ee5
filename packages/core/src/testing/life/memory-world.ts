import type { Clock } from '../../clock.js';
import type { Ledger } from '../../contracts/ledger.js';
import { memoryCold, type Arrival } from '../memory-cold.js';
import { memoryListener, type MemoryListener } from '../memory-listener.js';
import type { HeldItem, MemoryItem } from '../memory-source.js';
import type { Story } from './story.js';
import type { LifeTime } from './time.js';
import {
  itemOf,
  type LifeBlocks,
  type LifeItem,
  type LifeKept,
  type LifeProcess,
  type LifeWorld,
} from './world.js';

/** What a memory world can be made with, beside what its story says. */
export interface MemoryWorldOptions {
  /** What protects the source against a writer that does not wait; see `MemoryListenerOptions`. */
  readonly guards?: { readonly streamEnd?: boolean; readonly content?: boolean };
}

/** How long a server that allows one session only holds it for a client that is dead. */
const LINGERS_MS = 5_000;

/** A source and a COLD in memory, as the story wants them, with a ledger of the caller's. */
export function memoryWorld(
  story: Story,
  o: {
    readonly time: LifeTime;
    readonly clock: Clock;
    readonly ledger: (process: LifeProcess) => Promise<Ledger>;
  },
  options: MemoryWorldOptions = {},
): LifeWorld {
  const { source: like } = story;
  const listener = memoryListener({
    concurrentSessions: like.concurrentSessions,
    settleEndsSession: like.settleEndsSession,
    after: like.after,
    rejects: like.rejects,
    listsDocuments: like.listsDocuments,
    chunkBytes: 16,
    ...(options.guards && { guards: options.guards }),
  });
  const cold = memoryCold({ jobs: ['87', '88'], ...story.cold, now: o.clock.now });
  const contentsOf = remembering((item: HeldItem) => item.documents.map(({ bytes }) => bytes.toString()));
  const arrived = remembering(({ job, bytes, submissionId }: Arrival) => ({
    job,
    submissionId,
    content: bytes.toString(),
  }));
  const heldAs = (name: string) => listener.items.find((item) => item.name === name);
  const views = new Set<MemoryListener>();
  let renumbered = 0;
  let putBack = 0;

  return {
    source: {
      put: (item) => void listener.put(asMemoryItem(item)),
      rewrite(item, how) {
        const held = heldAs(item.name);
        if (held !== undefined) listener.change(held.id, item.documents, how);
        return held !== undefined;
      },
      remove(name) {
        const held = heldAs(name);
        if (held !== undefined) listener.remove(held.id);
        return held !== undefined;
      },
      renumber() {
        // Nobody who was listing or reading goes on as if nothing had happened.
        for (const view of views) view.cut();
        const generation = ++renumbered;
        listener.renumber((id) => `${itemOf(id)}@${String(generation)}`);
      },
      putBack(name, { anew }) {
        const left = listener.left.find(({ item }) => item.name === name);
        if (left === undefined || heldAs(name) !== undefined) return false;
        listener.putBack(left.item.id, anew ? { as: `${name}~${String(++putBack)}` } : {});
        return true;
      },
      holds: () => listener.items.map(contentsOf),
      keeps: () =>
        listener.left.flatMap(({ item, end }): readonly LifeKept[] =>
          end === 'accept' && like.after === 'remove' ? [] : [{ end, contents: contentsOf(item) }],
        ),
    },
    cold: {
      arrivals: () => cold.arrivals.map(arrived),
      eat: () => void cold.eat(),
    },
    async enter(process): Promise<LifeBlocks> {
      const own = listener.seenBy(process.step);
      views.add(own);
      const cut = () => {
        own.cut();
      };
      return {
        listener: own,
        submitter: cold.seenBy(process.step),
        ledger: await o.ledger(process),
        died: like.concurrentSessions
          ? cut
          : () => {
              o.time.after(LINGERS_MS, cut);
            },
      };
    },
    close: () => Promise.resolve(),
  };
}

function asMemoryItem({ name, same, documents }: LifeItem): MemoryItem {
  return { name, documents, ...(same !== undefined && { same }) };
}

/** The same function, which works out its result once for each object. */
function remembering<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const value = make(key);
    known.set(key, value);
    return value;
  };
}
