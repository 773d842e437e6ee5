import { describe, expect, test } from 'vitest';
import type { DocumentGroup, ItemRef, Listener, Planned, Session } from '@lanceur/core';
import { LanceurError, reason } from '@lanceur/core';
import {
  contentOf,
  deliveryOf,
  memoryCold,
  memoryDocument,
  memoryListener,
  sentAs,
  sentOf,
} from '@lanceur/core/testing';

const code = (code: string) => expect.objectContaining({ code }) as Error;

async function refsOf(session: Session): Promise<readonly ItemRef[]> {
  const refs: ItemRef[] = [];
  for await (const ref of session.list()) refs.push(ref);
  return refs;
}

async function only(listener: Listener): Promise<{ session: Session; ref: ItemRef }> {
  const session = await listener.connect();
  const [ref] = await refsOf(session);
  if (ref === undefined) throw new Error('nothing is listed');
  return { session, ref };
}

describe('the memory listener', () => {
  test('keeps what is rejected in quarantine, with the reason, until it is put back', async () => {
    const listener = memoryListener({ items: [{ name: 'a.pdf', content: 'one' }] });
    const { session, ref } = await only(listener);
    const why = reason('TOO_BIG', { name: 'a.pdf', size: 3, limit: 2 });
    await session.settle([{ ref, end: 'reject', reason: why }]);
    expect(listener.items).toEqual([]);
    expect(listener.quarantine).toMatchObject([{ item: { id: 'a.pdf' }, end: 'reject', reason: why }]);
    expect(await session.restore?.([ref])).toMatchObject([{ id: 'a.pdf', version: ref.version }]);
    expect(listener.quarantine).toEqual([]);
  });

  test('puts an item back unchanged, or under another id with the same mark', async () => {
    const listener = memoryListener({ items: [{ name: 'a.pdf', same: 'message-1' }] });
    const { session, ref } = await only(listener);
    await session.settle([{ ref, end: 'accept' }]);
    listener.putBack('a.pdf');
    expect(await refsOf(session)).toMatchObject([{ id: 'a.pdf', version: ref.version }]);
    await session.settle([{ ref, end: 'accept' }]);
    listener.putBack('a.pdf', { as: 'b' });
    expect(await refsOf(session)).toMatchObject([{ id: 'b', version: ref.version, same: 'message-1' }]);
  });

  test('renumbers like a mailbox: old references are gone, marks stay', async () => {
    const listener = memoryListener({ items: [{ name: 'mail', id: '1:7', same: 'message-1' }] });
    const { session, ref } = await only(listener);
    listener.renumber((id) => id.replace(/^1:/u, '2:'));
    await expect(session.open(ref)).rejects.toThrow(code('GONE'));
    expect(await refsOf(session)).toMatchObject([{ id: '2:7', same: 'message-1' }]);
  });

  test('delivers torn bytes to who reads while it is rewritten, and says so at the end', async () => {
    const listener = memoryListener({ items: [{ name: 'a', content: 'a'.repeat(20) }], chunkBytes: 2 });
    const { session, ref } = await only(listener);
    const [document] = (await session.open(ref)).documents;
    const read: string[] = [];
    const reading = async () => {
      for await (const chunk of document?.open() ?? []) {
        read.push(String(chunk));
        if (read.length === 1) listener.change('a', 'b'.repeat(20));
      }
    };
    await expect(reading()).rejects.toThrow(code('CHANGED'));
    expect(read[0]).toBe('aa');
    expect(read.at(-1)).toBe('bb');
    expect(read.join('')).toHaveLength(20);
  });

  test('opens nothing that is not ready, which no launcher may ask for', async () => {
    const notReady = reason('NOT_QUIET', { seconds: 1, quiet: 30 });
    const listener = memoryListener({ items: [{ name: 'a.pdf', notReady }] });
    const { session, ref } = await only(listener);
    expect(ref.notReady).toEqual(notReady);
    await expect(session.open(ref)).rejects.toThrow(code('INTERNAL'));
    listener.makeReady('a.pdf');
    await session.open(ref);
  });

  test('refuses a second session where there is one only, until the first is closed or its process dies', async () => {
    const listener = memoryListener({ concurrentSessions: false });
    const other = listener.seenBy();
    const session = await listener.connect();
    await expect(other.connect()).rejects.toThrow(code('SOURCE_FAILED'));
    await session.close();
    await other.connect();
    await expect(listener.connect()).rejects.toThrow(code('SOURCE_FAILED'));
    other.cut();
    await listener.connect();
  });

  test('ends the session with its settlement where its traits say so, all of it in one step', async () => {
    const steps: string[] = [];
    const listener = memoryListener({
      items: [{ name: 'a' }, { name: 'b' }],
      settleEndsSession: true,
      step: (name) => {
        steps.push(name);
        return Promise.resolve();
      },
    });
    const session = await listener.connect();
    const refs = await refsOf(session);
    steps.length = 0;
    await session.settle(refs.map((ref) => ({ ref, end: 'accept' })));
    expect(steps).toEqual(['before settle', 'after settle']);
    await expect(refsOf(session)).rejects.toThrow(code('CLOSED'));
  });

  test('reads nothing for a delivery that is disposed of, or a session that is closed', async () => {
    const listener = memoryListener({ items: [{ name: 'a' }] });
    const { session, ref } = await only(listener);
    const [disposed, cut] = [await session.open(ref), await session.open(ref)];
    await disposed[Symbol.asyncDispose]();
    await expect(contentOf(documentOf(disposed))).rejects.toThrow(code('CLOSED'));
    await session.close();
    await expect(contentOf(documentOf(cut))).rejects.toThrow(code('CLOSED'));
  });

  test('fails when it is told to, before the effect or after it, once', async () => {
    const listener = memoryListener({ items: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] });
    listener.failNext('connect');
    await expect(listener.connect()).rejects.toThrow(code('SOURCE_FAILED'));
    const session = await listener.connect();

    listener.failNext('list', new Error('cut'), { after: 2 });
    const seen: string[] = [];
    await expect(
      (async () => {
        for await (const { id } of session.list()) seen.push(id);
      })(),
    ).rejects.toThrow('cut');
    expect(seen).toEqual(['a', 'b']);

    const refs = await refsOf(session);
    const batch = refs.map((ref) => ({ ref, end: 'accept' }) as const);
    listener.failNext('settle', undefined, { after: 1, done: true });
    await expect(session.settle(batch)).rejects.toThrow(code('SOURCE_FAILED'));
    expect(listener.items.map(({ id }) => id)).toEqual(['c']);
    expect((await session.settle(batch)).map(({ how }) => how)).toEqual(['gone', 'gone', 'removed']);
  });

  test('lets a process die before an effect, so that it does not take place, and after it, so that it does', async () => {
    for (const [moment, left] of [
      ['before settle', 1],
      ['after settle', 0],
    ] as const) {
      const listener = memoryListener({ items: [{ name: 'a' }] });
      let died: () => void = () => undefined;
      const death = new Promise<void>((resolve) => (died = resolve));
      const doomed = listener.seenBy((name) => {
        if (name !== moment) return Promise.resolve();
        died();
        return new Promise(() => undefined);
      });
      const { session, ref } = await only(doomed);
      void session.settle([{ ref, end: 'accept' }]);
      await death;
      expect(listener.items).toHaveLength(left);
    }
  });

  test('wakes who watches when something comes, and no longer than wanted', async () => {
    const listener = memoryListener();
    let woken = 0;
    const watch = listener.watch?.(() => woken++);
    listener.put({ name: 'a' });
    listener.change('a', 'other');
    expect(woken).toBe(2);
    await watch?.[Symbol.asyncDispose]();
    listener.put({ name: 'b' });
    expect(woken).toBe(2);
  });

  test('objects to a test that asks for what cannot be', () => {
    const listener = memoryListener({ items: [{ name: 'a' }] });
    expect(() => listener.put({ name: 'a' })).toThrow(RangeError);
    expect(() => listener.change('b', '')).toThrow(RangeError);
    expect(() => listener.remove('b')).toThrow(RangeError);
    expect(() => listener.putBack('a')).toThrow(RangeError);
  });
});

function documentOf({ documents: [document] }: Awaited<ReturnType<Session['open']>>) {
  if (document === undefined) throw new Error('the delivery is empty');
  return document;
}

describe('the memory COLD', () => {
  const group = (...names: string[]): DocumentGroup => ({
    key: 'pdf',
    job: '87',
    documents: names.map((name) => memoryDocument(name, name)),
  });
  const planned = (id: string, ...documents: string[]): Planned => ({ id, key: 'pdf', job: '87', documents });

  test('remembers what arrived, in order, also once it is eaten', async () => {
    const cold = memoryCold();
    await cold.submit(group('a', 'b'), { submissionId: '1' });
    expect(cold.eat()).toHaveLength(2);
    await cold.submit(group('c'), { submissionId: '2' });
    expect(cold.arrivals.map(({ name, submissionId }) => [name, submissionId])).toEqual([
      ['a', '1'],
      ['b', '1'],
      ['c', '2'],
    ]);
    expect(cold.waiting.map(({ name }) => name)).toEqual(['c']);
    expect(await cold.find?.(planned('1', 'a', 'b'))).toMatchObject({ is: 'found' });
  });

  test('breaks a group in two where it does not appear in one step, and knows which part is there', async () => {
    const cold = memoryCold({ atomicGroup: false });
    cold.failNext('place', undefined, { after: 1 });
    await expect(cold.submit(group('a', 'b'), { submissionId: '1' })).rejects.toThrow(code('TARGET_FAILED'));
    const have = [sentAs('a', Buffer.from('a'))];
    expect(await cold.find?.(planned('1', 'a', 'b'))).toEqual({ is: 'partial', have });
    await cold.submit(group('a', 'b'), { submissionId: '1', have });
    expect(cold.arrivals.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(await cold.find?.(planned('1', 'a', 'b'))).toMatchObject({ is: 'found' });
  });

  test('says unknown where it cannot tell which part is there', async () => {
    const cold = memoryCold({ atomicGroup: false, partial: false });
    cold.failNext('place', undefined, { after: 1 });
    await expect(cold.submit(group('a', 'b'), { submissionId: '1' })).rejects.toThrow();
    expect(await cold.find?.(planned('1', 'a', 'b'))).toEqual({ is: 'unknown' });
  });

  test('can leave in doubt what has arrived', async () => {
    const cold = memoryCold();
    cold.failNext('place', undefined, { done: true });
    await expect(cold.submit(group('a'), { submissionId: '1' })).rejects.toThrow(code('IN_DOUBT'));
    expect(cold.waiting).toHaveLength(1);
    expect(await cold.find?.(planned('1', 'a'))).toMatchObject({ is: 'found' });
  });

  test('refuses a document when it is told to, and has nothing of the group', async () => {
    const cold = memoryCold();
    cold.failNext('place', new LanceurError('DOCUMENT_REFUSED', { name: 'a', job: '87', why: 'not a PDF' }));
    await expect(cold.submit(group('a'))).rejects.toThrow(code('DOCUMENT_REFUSED'));
    expect(cold.arrivals).toEqual([]);
  });

  test('is down for one job, or for all', async () => {
    const cold = memoryCold();
    cold.down('87');
    await expect(cold.submit(group('a'))).rejects.toMatchObject({
      code: 'TARGET_FAILED',
      scope: 'target',
      job: '87',
    });
    await cold.submit({ ...group('b'), job: '88' });
    cold.down();
    cold.up('87');
    await expect(cold.submit({ ...group('c'), job: '88' })).rejects.toThrow(code('TARGET_FAILED'));
    cold.up();
    await cold.submit(group('a'));
    expect(cold.arrivals.map(({ name }) => name)).toEqual(['b', 'a']);
  });

  test('knows nothing more of what it was told to forget', async () => {
    const cold = memoryCold();
    await cold.submit(group('a'), { submissionId: '1' });
    await cold.forget?.(['1']);
    expect(await cold.find?.(planned('1', 'a'))).toEqual({ is: 'absent' });
    expect(cold.arrivals).toHaveLength(1);
  });

  test('answers as it is told, once', async () => {
    const cold = memoryCold();
    cold.answerNext({ is: 'unknown' });
    expect(await cold.find?.(planned('1', 'a'))).toEqual({ is: 'unknown' });
    expect(await cold.find?.(planned('1', 'a'))).toEqual({ is: 'absent' });
  });

  test('lets a process that froze before it placed place nothing, once another one has looked', async () => {
    const cold = memoryCold();
    let wake: () => void = () => undefined;
    const frozen = new Promise<void>((resolve) => (wake = resolve));
    let begun: () => void = () => undefined;
    const asleep = new Promise<void>((resolve) => (begun = resolve));
    const sleeper = cold.seenBy((name) => {
      if (name !== 'before place') return Promise.resolve();
      begun();
      return frozen;
    });
    const attempt = sleeper.submit(group('a'), { submissionId: '1' });
    await asleep;
    expect(await cold.find?.(planned('1', 'a'))).toEqual({ is: 'absent' });
    wake();
    await expect(attempt).rejects.toThrow(code('LEASE_LOST'));
    expect(cold.arrivals).toEqual([]);
  });

  test('refuses a job that it does not have', async () => {
    await expect(memoryCold({ jobs: ['1'] }).submit(group('a'))).rejects.toThrow(code('UNKNOWN_JOB'));
  });
});

describe('a delivery made by hand', () => {
  test('is called as its first document, and tells when it is disposed of', async () => {
    let disposed = 0;
    const delivery = deliveryOf([memoryDocument('a.pdf', 'one')], {
      onDispose: () => {
        disposed += 1;
      },
    });
    expect(delivery.ref).toEqual({ id: 'a.pdf', version: '1', name: 'a.pdf' });
    await delivery[Symbol.asyncDispose]();
    expect(disposed).toBe(1);
  });

  test('has documents that can be read again and again, as bytes', async () => {
    const document = memoryDocument('é.txt', 'é');
    expect(document.size).toBe(2);
    expect(await contentOf(document)).toEqual(Buffer.from('é'));
    expect(await sentOf(document)).toEqual(sentAs('é.txt', Buffer.from('é')));
    expect(await contentOf(memoryDocument('empty', ''))).toHaveLength(0);
  });
});
