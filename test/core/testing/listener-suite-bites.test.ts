import { Readable } from 'node:stream';
import type { Delivery, ItemRef, Listener, Session, Settlement, SourceDocument } from '@lanceur/core';
import {
  deliveryOf,
  listenerSuite,
  type MemoryListener,
  type MemoryListenerOptions,
} from '@lanceur/core/testing';
import { bites, type Mutant } from './bites.js';
import { memoryBench } from './memory-bench.js';

type Break = (session: Session, listener: Listener) => Partial<Session>;

function mutant(broken: string, foundBy: string, breaks: Break, options: MemoryListenerOptions = {}): Mutant {
  const wrap = (listener: Listener): Listener => ({
    ...listener,
    async connect(how) {
      const session = await listener.connect(how);
      return { ...bound(session), ...breaks(session, listener) };
    },
  });
  return { broken, foundBy, suite: () => listenerSuite({ create: () => memoryBench(options, wrap) }) };
}

function unsound(
  broken: string,
  foundBy: string,
  options: MemoryListenerOptions,
  more: Partial<Listener> = {},
): Mutant {
  const wrap = (listener: Listener): Listener => ({ ...listener, ...more });
  return { broken, foundBy, suite: () => listenerSuite({ create: () => memoryBench(options, wrap) }) };
}

function bound(session: Session): Session {
  return {
    list: () => session.list(),
    open: (ref, wants, how) => session.open(ref, wants, how),
    settle: (batch) => session.settle(batch),
    restore: async (refs) => (await session.restore?.(refs)) ?? [],
    close: () => session.close(),
    [Symbol.asyncDispose]: () => session.close(),
  };
}

async function* listed(
  session: Session,
  each: (ref: ItemRef, i: number) => readonly ItemRef[],
): AsyncGenerator<ItemRef> {
  let i = 0;
  for await (const ref of session.list()) yield* each(ref, i++);
}

const listing =
  (each: (ref: ItemRef, i: number) => readonly ItemRef[]): Break =>
  (session) => ({ list: () => listed(session, each) });

const delivering =
  (change: (delivery: Delivery) => Delivery): Break =>
  (session) => ({ open: async (ref, wants) => change(await session.open(ref, wants)) });

const eachDocument = (change: (document: SourceDocument, i: number) => SourceDocument): Break =>
  delivering((delivery) => ({ ...delivery, documents: delivery.documents.map(change) }));

/** Takes an id and nothing else for an item, whatever its version. */
const blind: Break = (session) => {
  const now = async (ref: ItemRef) => {
    for await (const current of session.list()) if (current.id === ref.id) return current;
    return ref;
  };
  return {
    list: () => listed(session, (ref) => [{ ...ref, version: '' }]),
    open: async (ref, wants) => session.open(await now(ref), wants),
  };
};

let tick = 0;
const known = new WeakSet<ItemRef>();

const mutants: readonly Mutant[] = [
  mutant('lists what is not there', 'an empty source lists nothing, and ends well', () => ({
    async *list() {
      await Promise.resolve();
      yield { id: 'ghost', version: '1', name: 'ghost' };
    },
  })),
  mutant(
    'lists an item twice',
    'everything that is there is listed, each item once',
    listing((ref) => [ref, ref]),
  ),
  mutant(
    'numbers items as they come',
    'the same item has the same id and version at every listing, in every process',
    listing((ref) => [{ ...ref, id: String(tick++) }]),
  ),
  mutant('marks what it reads', 'reading an item does not change its id and version', (session) => {
    let reads = 0;
    return {
      list: () => listed(session, (ref) => [{ ...ref, version: `${ref.version}-${String(tick)}` }]),
      open: async (ref) => {
        reads++;
        tick += reads;
        return session.open({ ...ref, version: ref.version.replace(/-.*$/u, '') });
      },
    };
  }),
  mutant(
    'hands out references with dates in them',
    'a reference is plain JSON',
    listing((ref) => [{ ...ref, same: new Date(0) as unknown as string }]),
  ),
  mutant(
    'leaves out what is not ready',
    'an item that is not ready is still listed, with its reason',
    listing((ref) => (ref.notReady ? [] : [ref])),
  ),
  mutant(
    'waits for what is not ready before it goes on',
    'an item that is not ready keeps no other from being taken',
    listing((ref, i) => (i === 0 ? [ref] : [])),
  ),
  mutant('looks at ids alone', 'a changed item never passes for the one that was listed', blind),
  mutant(
    'loses the last byte',
    'a delivery holds the bytes that are in the source',
    eachDocument((document) => ({
      ...document,
      open: () => Readable.from(withoutLastByte(document), { objectMode: false }),
    })),
  ),
  mutant(
    'leaves out empty documents',
    'an empty document is delivered, empty',
    delivering((delivery) => ({
      ...delivery,
      documents: delivery.documents.filter(({ size }) => size !== 0),
    })),
  ),
  mutant(
    'announces an encoded size',
    'a size that is announced is the size that is read',
    eachDocument((document) => ({ ...document, size: Math.ceil(((document.size ?? 0) * 4) / 3) })),
  ),
  mutant(
    'reads a document once only',
    'a document can be opened several times, and at once',
    eachDocument((document) => {
      let opened = 0;
      return { ...document, open: () => (opened++ === 0 ? document.open() : Readable.from([])) };
    }),
  ),
  mutant('holds one item at a time', 'several items can be open at once', (session) => {
    let open = 0;
    return {
      open: async (ref) => {
        if (open++ > 0) throw new Error('another one is open');
        return session.open(ref);
      },
    };
  }),
  mutant(
    'waits for every stream to end',
    'a document that is read in part, and let go, holds nothing up',
    (session) => {
      let reading = 0;
      return {
        open: async (ref) => {
          if (reading > 0) throw new Error('a command is still running');
          const delivery = await session.open(ref);
          return {
            ...delivery,
            documents: delivery.documents.map((document) => ({
              ...document,
              open: () => {
                reading++;
                return document.open().once('end', () => reading--);
              },
            })),
          };
        },
      };
    },
  ),
  mutant(
    'cannot let go of a delivery twice',
    'a delivery can be disposed of twice, and before it was read',
    delivering((delivery) => {
      let disposed = 0;
      return {
        ...delivery,
        [Symbol.asyncDispose]: () =>
          disposed++ === 0 ? Promise.resolve() : Promise.reject(new Error('EBADF')),
      };
    }),
  ),
  mutant(
    'delivers the first document alone',
    'every document of an item is delivered',
    delivering((delivery) => ({ ...delivery, documents: delivery.documents.slice(0, 1) })),
  ),
  mutant(
    'passes names on as they are',
    "every document's name is safe, and unique without regard to case",
    eachDocument((document, i) => ({ ...document, name: i % 2 === 0 ? 'a.pdf' : 'A.pdf' })),
  ),
  mutant(
    'fetches what nobody wants',
    'what is not wanted is left out of the delivery, and each document is asked about once',
    (session) => ({ open: (ref) => session.open(ref) }),
  ),
  mutant(
    'asks twice',
    'what is not wanted is left out of the delivery, and each document is asked about once',
    (session) => ({
      open: (ref, wants) => session.open(ref, (d) => (wants?.(d) ?? true) && (wants?.(d) ?? true)),
    }),
  ),
  mutant(
    'takes what is gone for empty',
    'an item that left the source is GONE when it is opened',
    (session) => ({
      open: async (ref) => session.open(ref).catch(() => deliveryOf([], { ref })),
    }),
  ),
  unsound(
    'does not look again at the end of a stream',
    'the stream of a document that is rewritten under way does not end well with torn bytes',
    { guards: { streamEnd: false } },
  ),
  mutant(
    'says removed and does nothing',
    'an accepted item is gone from the next listing, or is kept and said to be',
    (session) => ({
      settle: (batch) => Promise.resolve(batch.map(({ ref }) => ({ ref, how: 'removed' }))),
      list: () => session.list(),
    }),
  ),
  mutant(
    'answers for the first only',
    'settling answers for every item that it was asked about, once',
    (session) => ({
      settle: async (batch) => (await session.settle(batch)).slice(0, 1),
    }),
  ),
  mutant('cannot settle nothing', 'settling nothing is fine', (session) => ({
    settle: (batch) => (batch.length === 0 ? Promise.reject(new Error('empty set')) : session.settle(batch)),
  })),
  mutant(
    'fails on what is settled already',
    'settling twice loses nothing, and answers again',
    (session) => ({
      settle: async (batch) => {
        const settled = await session.settle(batch);
        if (settled.some(({ how }) => how === 'gone')) throw new Error('no such item');
        return settled;
      },
    }),
  ),
  mutant(
    'knows its references by their identity',
    'a settlement read back from JSON works in another process',
    (session) => {
      return {
        list: () => listed(session, (ref) => (known.add(ref), [ref])),
        settle: (batch) =>
          batch.every(({ ref }) => known.has(ref))
            ? session.settle(batch)
            : Promise.reject(new Error('unknown')),
      };
    },
  ),
  mutant(
    'opens only what it has listed itself',
    'a reference read back from JSON can be opened in another process',
    (session) => ({
      list: () => listed(session, (ref) => (known.add(ref), [ref])),
      open: (ref) => (known.has(ref) ? session.open(ref) : Promise.reject(new Error('unknown'))),
    }),
  ),
  mutant(
    'rejects in word only',
    'a rejected item leaves the listing, or is kept and said to be',
    (session) => ({
      settle: (batch) => Promise.resolve(batch.map(({ ref }) => ({ ref, how: 'removed' }))),
      list: () => session.list(),
    }),
  ),
  mutant('deletes what is rejected', 'a rejected item can be put back, and is what it was', (session) => ({
    settle: (batch) => session.settle(batch.map((settlement) => ({ ...settlement, end: 'accept' }))),
  })),
  mutant(
    'restores from memory',
    'putting back what was never rejected does nothing',
    (session, listener) => ({
      restore: (refs) => {
        for (const { id, name } of refs) (listener as MemoryListener).put({ id, name });
        return Promise.resolve(refs);
      },
      list: () => session.list(),
    }),
  ),
  mutant(
    'deletes whatever bears the id',
    'accepting removes what was handed over, and leaves what has changed since',
    (session) => ({
      settle: async (batch) => {
        const settled = await session.settle(await current(session, batch));
        return settled.map((s, i) => ({ ...s, ref: batch[i]?.ref ?? s.ref }));
      },
    }),
  ),
  unsound(
    'compares versions alone',
    'a document that was rewritten under the same version is not deleted unread',
    { guards: { content: false } },
  ),
  mutant('moves whatever bears the id', 'rejecting does not touch what has changed since', (session) => ({
    settle: async (batch) => {
      const settled = await session.settle(await current(session, batch));
      return settled.map((s, i) => ({ ...s, ref: batch[i]?.ref ?? s.ref }));
    },
  })),
  mutant('takes gone for done', 'an item that left by itself is settled as gone', (session) => ({
    settle: async (batch) => (await session.settle(batch)).map((s) => ({ ...s, how: 'removed' })),
  })),
  mutant(
    'does not know aside',
    'an item set aside is never lost: it is kept, or out of the listing',
    (session) => ({
      settle: async (batch) =>
        (await session.settle(batch.filter(({ end }) => end !== 'aside'))).concat(
          batch.filter(({ end }) => end === 'aside').map(({ ref }) => ({ ref, how: 'failed' })),
        ),
    }),
  ),
  mutant('closes once only', 'closing a session twice is fine, and so is disposing of it', (session) => {
    let closed = 0;
    return {
      close: () => (closed++ === 0 ? session.close() : Promise.reject(new Error('not connected'))),
    };
  }),
  mutant(
    'does not give back its connection',
    'a session that is closed leaves the source free for the next one',
    () => ({ close: () => Promise.resolve() }),
    { concurrentSessions: false },
  ),
  {
    broken: 'ignores the signal',
    foundBy: 'an aborted connect rejects with ABORTED',
    suite: () =>
      listenerSuite({
        create: () => memoryBench({}, (listener) => ({ ...listener, connect: () => listener.connect() })),
      }),
  },
  unsound(
    'keeps what it says to lose',
    'the traits are the truth',
    { after: 'keep' },
    {
      traits: { concurrentSessions: true, settleEndsSession: false, keeps: false },
    },
  ),
  unsound(
    'takes one session and says several',
    'the traits are the truth',
    { concurrentSessions: false },
    {
      traits: { concurrentSessions: true, settleEndsSession: false, keeps: false },
    },
  ),
  unsound(
    'ends its session and does not say so',
    'the traits are the truth',
    { settleEndsSession: true },
    {
      traits: { concurrentSessions: true, settleEndsSession: false, keeps: false },
    },
  ),
  unsound('has no address', 'the source has a name and an address', {}, { address: '' }),
];

async function current(session: Session, batch: readonly Settlement[]): Promise<readonly Settlement[]> {
  const refs: ItemRef[] = [];
  for await (const ref of session.list()) refs.push(ref);
  return batch.map(({ ref, end }) => ({ ref: refs.find(({ id }) => id === ref.id) ?? ref, end }));
}

async function* withoutLastByte(document: SourceDocument): AsyncGenerator<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of document.open()) chunks.push(chunk as Buffer);
  yield Buffer.concat(chunks).subarray(0, -1);
}

bites('listener', listenerSuite({ create: () => memoryBench() }), mutants);
