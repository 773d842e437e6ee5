import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Delivery, DocumentInfo, ItemRef, SourceDocument } from '../../contracts/item.js';
import type { How, Listener, Session, Settlement } from '../../contracts/listener.js';
import { isAbort, LanceurError, messageOf } from '../../errors.js';
import { folded, safeName } from '../../names.js';
import { reason } from '../../reasons.js';
import { contentOf, sentOf } from '../documents.js';
import { bytes, large } from './content.js';
import { needed, type SuiteCase } from '../suite.js';

/** What some sources cannot do; the cases that need it are left out of the suite. */
export type ListenerCapability =
  /** What is in the source never changes (a mailbox). */
  | 'change'
  /** Every rewriting shows in the item's version. */
  | 'changeUnnoticed'
  /** Nothing leaves the source but through its settlement. */
  | 'remove'
  /** Every item holds one document. */
  | 'putSeveral'
  /** All that is in the source can be taken at once. */
  | 'putUnready'
  /** `session.restore`: what was rejected cannot be put back by the listener. */
  | 'restore';

/** A real source with a listener on it, for one case. */
export interface ListenerBench {
  readonly listener: Listener;
  /** Another listener object on the same source, as the next process would make it. */
  again(): Promise<Listener>;
  /**
   * Puts an item that can be taken at once: a file, a mail with this one attachment. Its `ItemRef.name`, or the name of
   * its only document, is `name`.
   */
  put(name: string, content: Uint8Array): Promise<void>;
  /** Puts an item with several documents: a folder, a mail with attachments. */
  putSeveral?(
    name: string,
    documents: readonly { readonly name: string; readonly content: Uint8Array }[],
  ): Promise<void>;
  /** Puts an item that cannot be taken yet. */
  putUnready?(name: string, content: Uint8Array): Promise<void>;
  /** Somebody rewrites an item of one document in place, through a file that may be open. It is ready again at once. */
  change?(name: string, content: Uint8Array): Promise<void>;
  /** The same, with a content of the same size, and nothing that shows in the version. */
  changeUnnoticed?(name: string, content: Uint8Array): Promise<void>;
  /** Somebody takes an item away. */
  remove?(name: string): Promise<void>;
  /** The content of an item of one document, read past the listener; `undefined` if it is not where items are listed. */
  read(name: string): Promise<Uint8Array | undefined>;
  dispose(): Promise<void>;
}

export interface ListenerSubject {
  /** A new, empty source. */
  create(): Promise<ListenerBench>;
  readonly without?: readonly ListenerCapability[];
  /** Names of several documents that `putSeveral` can put into one item. Default: such as every file system takes. */
  readonly names?: readonly string[];
}

type Body = (bench: ListenerBench) => Promise<void>;

/**
 * What every {@link Listener} must do, as cases for any test runner. Each runs on a source of its own, and they do
 * not disturb each other.
 *
 * ```ts
 * for (const c of listenerSuite({ create: myBench, without: ['change'] })) test(c.name, c.run);
 * ```
 */
export function listenerSuite(subject: ListenerSubject): readonly SuiteCase[] {
  const cases: SuiteCase[] = [];
  const promise = (name: string, body: Body, ...needs: readonly ListenerCapability[]) => {
    if (needs.some((capability) => subject.without?.includes(capability) === true)) return;
    const run = async () => {
      const bench = await subject.create();
      try {
        await body(bench);
      } finally {
        await bench.dispose();
      }
    };
    cases.push({ name, run });
  };

  // ── listing ─────────────────────────────────────────────────────────────────────────────────────────

  promise('an empty source lists nothing, and ends well', async ({ listener }) => {
    assert.deepEqual(await refsOf(listener), []);
  });

  promise('everything that is there is listed, each item once', async (bench) => {
    for (const name of ['a.pdf', 'b.pdf', 'c.pdf']) await bench.put(name, bytes(name));
    const refs = await refsOf(bench.listener);
    assert.equal(refs.length, 3);
    assert.equal(new Set(refs.map(keyOf)).size, 3, 'two items share their id and version');
    for (const name of ['a.pdf', 'b.pdf', 'c.pdf']) refIn(refs, name);
  });

  promise('the same item has the same id and version at every listing, in every process', async (bench) => {
    await bench.put('a.pdf', bytes('one'));
    const before = refIn(await refsOf(bench.listener), 'a.pdf');
    await bench.put('b.pdf', bytes('another'));
    assert.equal(keyOf(refIn(await refsOf(bench.listener), 'a.pdf')), keyOf(before));
    assert.equal(keyOf(refIn(await refsOf(await bench.again()), 'a.pdf')), keyOf(before));
  });

  promise('reading an item does not change its id and version', async (bench) => {
    await bench.put('a.pdf', bytes('one'));
    const ref = refIn(await refsOf(bench.listener), 'a.pdf');
    await opened(bench.listener, ref, (delivery) => Promise.all(delivery.documents.map(contentOf)));
    assert.equal(keyOf(refIn(await refsOf(bench.listener), 'a.pdf')), keyOf(ref));
  });

  promise('a reference is plain JSON', async (bench) => {
    await bench.put('a.pdf', bytes('one'));
    const ref = refIn(await refsOf(bench.listener), 'a.pdf');
    assert.deepEqual(throughJson(ref), ref);
  });

  promise(
    'an item that is not ready is still listed, with its reason',
    async (bench) => {
      await needed(bench.putUnready, 'putUnready')('slow.pdf', bytes('not all of it'));
      const ref = refIn(await refsOf(bench.listener), 'slow.pdf');
      assert.ok(ref.notReady, 'it is listed as if it could be taken');
      assert.ok(ref.notReady.message.length > 0);
    },
    'putUnready',
  );

  promise(
    'an item that is not ready keeps no other from being taken',
    async (bench) => {
      await needed(bench.putUnready, 'putUnready')('slow.pdf', bytes('not all of it'));
      await bench.put('a.pdf', bytes('one'));
      const ref = refIn(await refsOf(bench.listener), 'a.pdf');
      assert.equal(ref.notReady, undefined);
      assert.deepEqual(await readAll(bench.listener, ref), [bytes('one')]);
    },
    'putUnready',
  );

  promise(
    'a changed item never passes for the one that was listed',
    async (bench) => {
      await bench.put('a.pdf', bytes('before'));
      const before = refIn(await refsOf(bench.listener), 'a.pdf');
      await needed(bench.change, 'change')('a.pdf', bytes('after!'));
      const after = (await refsOf(bench.listener)).filter((ref) => isFor(ref, 'a.pdf'));
      assert.ok(after.length > 0, 'the changed item is no longer listed');
      assert.ok(!after.some((ref) => keyOf(ref) === keyOf(before)), 'it has the id and version that it had');
      await assert.rejects(readAll(bench.listener, before), isCode('CHANGED', 'GONE'));
    },
    'change',
  );

  // ── opening and reading ─────────────────────────────────────────────────────────────────────────────

  promise('a delivery holds the bytes that are in the source', async (bench) => {
    const content = large(300_000);
    await bench.put('a.pdf', content);
    const ref = refIn(await refsOf(bench.listener), 'a.pdf');
    await opened(bench.listener, ref, async (delivery) => {
      assert.equal(keyOf(delivery.ref), keyOf(ref));
      assert.equal(delivery.documents.length, 1);
      assertSameBytes(await contentOf(only(delivery)), content);
    });
  });

  promise('an empty document is delivered, empty', async (bench) => {
    await bench.put('empty.pdf', bytes(''));
    const ref = refIn(await refsOf(bench.listener), 'empty.pdf');
    assert.deepEqual(await readAll(bench.listener, ref), [bytes('')]);
  });

  promise('a size that is announced is the size that is read', async (bench) => {
    await bench.put('a.pdf', large(70_001));
    const ref = refIn(await refsOf(bench.listener), 'a.pdf');
    await opened(bench.listener, ref, async (delivery) => {
      const document = only(delivery);
      const content = await contentOf(document);
      assert.equal(document.size ?? content.length, content.length);
    });
  });

  promise('a document can be opened several times, and at once', async (bench) => {
    const content = large(300_000);
    await bench.put('a.pdf', content);
    const ref = refIn(await refsOf(bench.listener), 'a.pdf');
    await opened(bench.listener, ref, async (delivery) => {
      const document = only(delivery);
      for (const read of await Promise.all([contentOf(document), contentOf(document)])) {
        assertSameBytes(read, content);
      }
      assertSameBytes(await contentOf(document), content);
    });
  });

  promise('several items can be open at once', async (bench) => {
    const names = ['a.pdf', 'b.pdf', 'c.pdf', 'd.pdf'];
    for (const name of names) await bench.put(name, bytes(`content of ${name}`));
    await connected(bench.listener, async (session) => {
      const refs = await listed(session);
      const deliveries = await Promise.all(names.map((name) => session.open(refIn(refs, name))));
      const contents = await Promise.all(deliveries.map((delivery) => contentOf(only(delivery))));
      await Promise.all(deliveries.map((delivery) => delivery[Symbol.asyncDispose]()));
      assert.deepEqual(
        contents,
        names.map((name) => bytes(`content of ${name}`)),
      );
    });
  });

  promise('a document that is read in part, and let go, holds nothing up', async (bench) => {
    await bench.put('a.pdf', large(2_000_000));
    await bench.put('b.pdf', bytes('two'));
    await connected(bench.listener, async (session) => {
      const refs = await listed(session);
      const delivery = await session.open(refIn(refs, 'a.pdf'));
      const stream = only(delivery).open();
      await once(stream, 'readable');
      const closed = once(stream, 'close');
      stream.destroy();
      await closed;
      await delivery[Symbol.asyncDispose]();
      const other = await session.open(refIn(refs, 'b.pdf'));
      assertSameBytes(await contentOf(only(other)), bytes('two'));
      await other[Symbol.asyncDispose]();
    });
  });

  promise('a delivery can be disposed of twice, and before it was read', async (bench) => {
    await bench.put('a.pdf', bytes('one'));
    await connected(bench.listener, async (session) => {
      const delivery = await session.open(refIn(await listed(session), 'a.pdf'));
      await delivery[Symbol.asyncDispose]();
      await delivery[Symbol.asyncDispose]();
    });
  });

  promise(
    'every document of an item is delivered',
    async (bench) => {
      const documents = ['one.pdf', 'two.xml', 'three.txt'].map((name) => ({ name, content: bytes(name) }));
      await needed(bench.putSeveral, 'putSeveral')('envelope', documents);
      const [ref] = await refsOf(bench.listener);
      assert.ok(ref, 'it is not listed');
      const contents = (await readAll(bench.listener, ref)).map(String);
      for (const { name } of documents) assert.ok(contents.includes(name), `${name} is missing`);
    },
    'putSeveral',
  );

  promise(
    "every document's name is safe, and unique without regard to case",
    async (bench) => {
      const names = subject.names ?? ['a.pdf', 'b c.pdf', 'é.pdf', 'a.b.pdf', '.hidden'];
      const documents = names.map((name, i) => ({ name, content: bytes(String(i)) }));
      await needed(bench.putSeveral, 'putSeveral')('envelope', documents);
      const [ref] = await refsOf(bench.listener);
      assert.ok(ref, 'it is not listed');
      await opened(bench.listener, ref, (delivery) => {
        for (const { name } of delivery.documents) assert.equal(name, safeName(name));
        const distinct = new Set(delivery.documents.map(({ name }) => folded(name)));
        assert.equal(distinct.size, delivery.documents.length, 'two documents share a name');
        return Promise.resolve();
      });
    },
    'putSeveral',
  );

  promise(
    'what is not wanted is left out of the delivery, and each document is asked about once',
    async (bench) => {
      const documents = ['one.pdf', 'two.xml', 'three.pdf'].map((name) => ({ name, content: bytes(name) }));
      await needed(bench.putSeveral, 'putSeveral')('envelope', documents);
      await connected(bench.listener, async (session) => {
        const [ref] = await listed(session);
        assert.ok(ref, 'it is not listed');
        const asked: DocumentInfo[] = [];
        const delivery = await session.open(ref, (info) => {
          asked.push(info);
          return info.container === true || info.name.endsWith('.pdf');
        });
        assert.equal(new Set(asked.map(({ name }) => name)).size, asked.length, 'one was asked about twice');
        const isContainer = asked.some(({ container }) => container);
        const contents = await Promise.all(delivery.documents.map(contentOf));
        await delivery[Symbol.asyncDispose]();
        const expected = isContainer ? ['one.pdf', 'three.pdf', 'two.xml'] : ['one.pdf', 'three.pdf'];
        const delivered = contents.map(String).filter((content) => documents.some((d) => d.name === content));
        assert.deepEqual(delivered.sort(), expected);
      });
    },
    'putSeveral',
  );

  promise(
    'an item that left the source is GONE when it is opened',
    async (bench) => {
      await bench.put('a.pdf', bytes('one'));
      const ref = refIn(await refsOf(bench.listener), 'a.pdf');
      await needed(bench.remove, 'remove')('a.pdf');
      await assert.rejects(readAll(bench.listener, ref), isCode('GONE'));
    },
    'remove',
  );

  promise(
    'the stream of a document that is rewritten under way does not end well with torn bytes',
    async (bench) => {
      const [before, after] = [large(2_000_000, 1), large(2_000_000, 2)];
      await bench.put('a.pdf', before);
      const ref = refIn(await refsOf(bench.listener), 'a.pdf');
      await opened(bench.listener, ref, async (delivery) => {
        const stream = only(delivery).open();
        const chunks: Uint8Array[] = [];
        let changed = false;
        const reading = (async () => {
          for await (const chunk of stream) {
            chunks.push(chunk as Uint8Array);
            if (!changed) await needed(bench.change, 'change')('a.pdf', after);
            changed = true;
          }
        })();
        const error: unknown = await reading.then(
          () => undefined,
          (e: unknown) => e,
        );
        if (error === undefined) assertSameBytes(Buffer.concat(chunks), before);
        else assert.ok(isCode('CHANGED', 'GONE')(error), `an error of another kind: ${messageOf(error)}`);
      });
    },
    'change',
  );

  // ── settling ────────────────────────────────────────────────────────────────────────────────────────

  promise('an accepted item is gone from the next listing, or is kept and said to be', async (bench) => {
    await bench.put('a.pdf', bytes('one'));
    await bench.put('b.pdf', bytes('two'));
    const how = await settleOne(bench.listener, await acceptedIn(bench.listener, 'a.pdf'));
    assert.ok(how === 'removed' || how === 'kept', `it is ${how}`);
    const refs = await refsOf(bench.listener);
    assert.equal(
      refs.some((ref) => isFor(ref, 'a.pdf')),
      how === 'kept',
    );
    refIn(refs, 'b.pdf');
  });

  promise('settling answers for every item that it was asked about, once', async (bench) => {
    const names = ['a.pdf', 'b.pdf', 'c.pdf'];
    for (const name of names) await bench.put(name, bytes(name));
    const batch: Settlement[] = [];
    for (const name of names) batch.push(await acceptedIn(bench.listener, name));
    const settled = await connected(bench.listener, (session) => session.settle(batch));
    assert.deepEqual(settled.map(({ ref }) => keyOf(ref)).sort(), batch.map(({ ref }) => keyOf(ref)).sort());
    for (const { how } of settled) assert.ok(how === 'removed' || how === 'kept', `it is ${how}`);
  });

  promise('settling nothing is fine', async ({ listener }) => {
    assert.deepEqual(await connected(listener, (session) => session.settle([])), []);
  });

  promise('settling twice loses nothing, and answers again', async (bench) => {
    await bench.put('a.pdf', bytes('one'));
    await bench.put('b.pdf', bytes('two'));
    const settlement = await acceptedIn(bench.listener, 'a.pdf');
    const first = await settleOne(bench.listener, settlement);
    const second = await settleOne(bench.listener, settlement);
    assert.ok(second === first || second === 'gone', `first ${first}, then ${second}`);
    assertSameBytes(await bench.read('b.pdf'), bytes('two'));
  });

  promise('a settlement read back from JSON works in another process', async (bench) => {
    await bench.put('a.pdf', bytes('one'));
    const settlement = throughJson(await acceptedIn(bench.listener, 'a.pdf'));
    const listener = await bench.again();
    const how = await settleOne(listener, settlement);
    assert.ok(how === 'removed' || how === 'kept', `it is ${how}`);
    assert.equal(
      (await refsOf(listener)).some((ref) => isFor(ref, 'a.pdf')),
      how === 'kept',
    );
  });

  promise('a reference read back from JSON can be opened in another process', async (bench) => {
    await bench.put('a.pdf', bytes('one'));
    const ref = throughJson(refIn(await refsOf(bench.listener), 'a.pdf'));
    assert.deepEqual(await readAll(await bench.again(), ref), [bytes('one')]);
  });

  promise('a rejected item leaves the listing, or is kept and said to be', async (bench) => {
    await bench.put('a.pdf', bytes('one'));
    await bench.put('b.pdf', bytes('two'));
    const ref = refIn(await refsOf(bench.listener), 'a.pdf');
    const how = await settleOne(bench.listener, rejection(ref));
    assert.ok(how === 'removed' || how === 'kept', `it is ${how}`);
    const refs = await refsOf(bench.listener);
    assert.equal(
      refs.some((r) => isFor(r, 'a.pdf')),
      how === 'kept',
    );
    assertSameBytes(await bench.read('b.pdf'), bytes('two'));
  });

  promise(
    'a rejected item can be put back, and is what it was',
    async (bench) => {
      await bench.put('a.pdf', bytes('one'));
      const ref = refIn(await refsOf(bench.listener), 'a.pdf');
      await settleOne(bench.listener, rejection(ref));
      const listener = await bench.again();
      const restored = await connected(listener, async (session) => {
        assert.ok(session.restore, "the session offers no restore: say so with without: ['restore']");
        return session.restore([ref]);
      });
      assert.equal(restored.length, 1, 'it was not put back');
      const back = refIn(await refsOf(listener), 'a.pdf');
      assert.equal(keyOf(restored[0] ?? ref), keyOf(back));
      assert.ok(
        keyOf(back) === keyOf(ref) || (ref.same !== undefined && back.same === ref.same),
        'it passes for another',
      );
      assert.deepEqual(await readAll(listener, back), [bytes('one')]);
    },
    'restore',
  );

  promise(
    'putting back what was never rejected does nothing',
    async (bench) => {
      await bench.put('a.pdf', bytes('one'));
      const ref = refIn(await refsOf(bench.listener), 'a.pdf');
      await settleOne(bench.listener, await acceptedIn(bench.listener, 'a.pdf'));
      const before = (await refsOf(bench.listener)).map(keyOf);
      await connected(bench.listener, async (session) => session.restore?.([ref]));
      assert.deepEqual((await refsOf(bench.listener)).map(keyOf), before);
    },
    'restore',
  );

  promise(
    'accepting removes what was handed over, and leaves what has changed since',
    async (bench) => {
      await bench.put('a.pdf', bytes('before'));
      await bench.put('b.pdf', bytes('two'));
      const settlements = [
        await acceptedIn(bench.listener, 'a.pdf'),
        await acceptedIn(bench.listener, 'b.pdf'),
      ];
      await needed(bench.change, 'change')('a.pdf', bytes('after!'));
      const settled = await connected(bench.listener, (session) => session.settle(settlements));
      assert.equal(howOf(settled, settlements[0]), 'changed');
      assert.notEqual(howOf(settled, settlements[1]), 'changed');
      assertSameBytes(await bench.read('a.pdf'), bytes('after!'));
      refIn(await refsOf(bench.listener), 'a.pdf');
    },
    'change',
  );

  promise(
    'a document that was rewritten under the same version is not deleted unread',
    async (bench) => {
      await bench.put('a.pdf', bytes('before'));
      const settlement = await acceptedIn(bench.listener, 'a.pdf');
      await needed(bench.changeUnnoticed, 'changeUnnoticed')('a.pdf', bytes('after!'));
      const how = await settleOne(bench.listener, settlement);
      assert.ok(how === 'changed' || bench.listener.traits.keeps, `it is ${how}`);
      if (how === 'changed' || how === 'kept') assertSameBytes(await bench.read('a.pdf'), bytes('after!'));
    },
    'changeUnnoticed',
  );

  promise(
    'rejecting does not touch what has changed since',
    async (bench) => {
      await bench.put('a.pdf', bytes('before'));
      const ref = refIn(await refsOf(bench.listener), 'a.pdf');
      await needed(bench.change, 'change')('a.pdf', bytes('after!'));
      assert.equal(await settleOne(bench.listener, rejection(ref)), 'changed');
      assertSameBytes(await bench.read('a.pdf'), bytes('after!'));
    },
    'change',
  );

  promise(
    'an item that left by itself is settled as gone',
    async (bench) => {
      await bench.put('a.pdf', bytes('one'));
      const settlement = await acceptedIn(bench.listener, 'a.pdf');
      await needed(bench.remove, 'remove')('a.pdf');
      assert.equal(await settleOne(bench.listener, settlement), 'gone');
    },
    'remove',
  );

  promise('an item set aside is never lost: it is kept, or out of the listing', async (bench) => {
    await bench.put('a.pdf', bytes('one'));
    const ref = refIn(await refsOf(bench.listener), 'a.pdf');
    const aside = reason('PARTLY_UNWANTED', { names: 'b.txt' });
    const how = await settleOne(bench.listener, { ref, end: 'aside', reason: aside, sent: [] });
    assert.ok(how === 'removed' || how === 'kept', `it is ${how}`);
    assert.equal(
      (await refsOf(bench.listener)).some((r) => isFor(r, 'a.pdf')),
      how === 'kept',
    );
  });

  // ── sessions ────────────────────────────────────────────────────────────────────────────────────────

  promise('closing a session twice is fine, and so is disposing of it', async ({ listener }) => {
    const session = await listener.connect();
    await session.close();
    await session.close();
    await session[Symbol.asyncDispose]();
  });

  promise('a session that is closed leaves the source free for the next one', async (bench) => {
    await bench.put('a.pdf', bytes('one'));
    for (let i = 0; i < 3; i++) assert.equal((await refsOf(bench.listener)).length, 1);
  });

  promise('an aborted connect rejects with ABORTED', async ({ listener }) => {
    const connecting = listener.connect({ signal: AbortSignal.abort() });
    await assert.rejects(connecting, (error) => isAbort(error) || isCode('ABORTED')(error));
    await (await listener.connect()).close();
  });

  promise('the traits are the truth', async (bench) => {
    await bench.put('a.pdf', bytes('one'));
    const { concurrentSessions, keeps } = bench.listener.traits;
    if (concurrentSessions) {
      const sessions = await Promise.all([bench.listener.connect(), bench.listener.connect()]);
      const listings = await Promise.all(sessions.map(listed));
      await Promise.all(sessions.map((session) => session.close()));
      assert.deepEqual(
        listings.map((refs) => refs.length),
        [1, 1],
      );
    }
    const how = await settleOne(bench.listener, await acceptedIn(bench.listener, 'a.pdf'));
    assert.ok(how !== 'kept' || keeps, 'it keeps what it accepts, and its traits say that it does not');
    if (!bench.listener.traits.settleEndsSession) {
      await bench.put('b.pdf', bytes('two'));
      const settlement = await acceptedIn(bench.listener, 'b.pdf');
      await connected(bench.listener, async (session) => {
        await session.settle([settlement]);
        await listed(session);
      });
    }
  });

  promise('the source has a name and an address', ({ listener }) => {
    assert.ok(listener.source.length > 0);
    assert.ok(listener.address.length > 0);
    return Promise.resolve();
  });

  return cases;
}

async function connected<T>(listener: Listener, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await listener.connect();
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

async function listed(session: Session): Promise<readonly ItemRef[]> {
  const refs: ItemRef[] = [];
  for await (const ref of session.list()) refs.push(ref);
  return refs;
}

function refsOf(listener: Listener): Promise<readonly ItemRef[]> {
  return connected(listener, listed);
}

async function opened<T>(
  listener: Listener,
  ref: ItemRef,
  use: (delivery: Delivery) => Promise<T>,
): Promise<T> {
  return connected(listener, async (session) => {
    const delivery = await session.open(ref);
    try {
      return await use(delivery);
    } finally {
      await delivery[Symbol.asyncDispose]();
    }
  });
}

function readAll(listener: Listener, ref: ItemRef): Promise<readonly Buffer[]> {
  return opened(listener, ref, (delivery) => Promise.all(delivery.documents.map(contentOf)));
}

/** The item as it is accepted once all of it has been handed over. */
async function acceptedIn(listener: Listener, name: string): Promise<Settlement> {
  const ref = refIn(await refsOf(listener), name);
  const sent = await opened(listener, ref, (delivery) => Promise.all(delivery.documents.map(sentOf)));
  return { ref, end: 'accept', sent };
}

function rejection(ref: ItemRef): Settlement {
  return {
    ref,
    end: 'reject',
    reason: reason('DOCUMENT_REFUSED', { name: ref.name, job: '87', why: 'not a PDF' }),
  };
}

async function settleOne(listener: Listener, settlement: Settlement): Promise<How> {
  const settled = await connected(listener, (session) => session.settle([settlement]));
  assert.equal(settled.length, 1, 'it was not answered once');
  return howOf(settled, settlement);
}

function howOf(
  settled: readonly { readonly ref: ItemRef; readonly how: How }[],
  asked: Settlement | undefined,
): How {
  const answer = settled.find(({ ref }) => asked !== undefined && keyOf(ref) === keyOf(asked.ref));
  assert.ok(answer, 'there is no answer for the item');
  return answer.how;
}

function refIn(refs: readonly ItemRef[], name: string): ItemRef {
  const ref = refs.find((r) => isFor(r, name));
  assert.ok(ref, `${name} is not listed`);
  return ref;
}

function isFor(ref: ItemRef, name: string): boolean {
  return ref.name === name || ref.documents?.some((document) => document.name === name) === true;
}

function only(delivery: Delivery): SourceDocument {
  const [document] = delivery.documents;
  assert.ok(document, 'the delivery is empty');
  assert.equal(delivery.documents.length, 1, 'the delivery holds more than was put');
  return document;
}

function keyOf({ id, version }: ItemRef): string {
  return JSON.stringify([id, version]);
}

function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function isCode(...codes: Parameters<typeof LanceurError.is>[1][]): (error: unknown) => boolean {
  return (error) => LanceurError.is(error, ...codes);
}

/** Buffers are compared as such: a difference of two megabytes is no help to a reader. */
function assertSameBytes(found: Uint8Array | undefined, expected: Uint8Array): void {
  assert.ok(found, 'it is not there');
  assert.equal(found.length, expected.length, 'it has another size');
  assert.ok(Buffer.from(found).equals(expected), 'it has another content');
}
