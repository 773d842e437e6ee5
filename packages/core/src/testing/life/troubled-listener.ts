import type { Delivery, ItemRef } from '../../contracts/item.js';
import type { Listener, Session, Settled, Settlement } from '../../contracts/listener.js';
import { LanceurError } from '../../errors.js';
import type { Actor } from './actor.js';
import type { Auditor } from './auditor.js';
import type { Readers } from './readers.js';
import type { Trouble } from './trouble.js';
import { itemOf } from './world.js';

/** What troubled blocks share. */
export interface Watched {
  readonly actor: Actor;
  readonly trouble: Trouble;
  readonly auditor: Auditor;
  readonly readers: Readers;
}

/** A listener to which happens what the story says, and which the auditor watches. */
export function troubledListener(listener: Listener, watched: Watched): Listener {
  const { trouble } = watched;
  return {
    source: listener.source,
    address: listener.address,
    traits: listener.traits,
    ...(listener.folders && { folders: listener.folders }),
    async connect(options) {
      refuseIfDown(trouble, 'connect', listener);
      const session = await listener.connect(options);
      if (trouble.strikes('connect') === undefined) return troubledSession(session, listener, watched);
      await session.close();
      throw failed('connect', listener);
    },
  };
}

function troubledSession(
  session: Session,
  listener: Listener,
  { actor, trouble, auditor, readers }: Watched,
): Session {
  return {
    async *list() {
      const fault = trouble.strikes('list');
      for await (const ref of session.list()) {
        if (trouble.is(`item ${itemOf(ref.name)}`)) continue;
        yield ref;
        if (fault !== undefined) throw failed('list', listener);
        refuseIfDown(trouble, 'list', listener);
      }
    },
    async open(ref, wants, options) {
      refuseIfDown(trouble, 'open', listener);
      const name = itemOf(ref.name);
      if (trouble.is(`item ${name}`)) throw new LanceurError('GONE', { name: ref.name });
      if (trouble.strikes('open') !== undefined) throw failed('open', listener);
      const done = readers.begin(name, actor);
      try {
        const delivery = await actor.living(() => session.open(ref, wants, options));
        if (trouble.kills(name)) actor.die(`as it opens ${name}`);
        const fails = trouble.fails(name, 'open');
        if (fails === undefined) return await actor.living(() => Promise.resolve(read(delivery, done)));
        auditor.faulty(name, fails.final);
        throw openingFailed(name, fails.final);
      } catch (error) {
        done();
        throw error;
      }
    },
    async settle(batch) {
      refuseIfDown(trouble, 'settle', listener);
      const fault = trouble.strikes('settle');
      if (fault === 'before') throw failed('settle', listener);
      const seen = batch.filter(({ ref }) => !trouble.is(`item ${itemOf(ref.name)}`));
      for (const { ref, end, reason } of seen) auditor.settles(itemOf(ref.name), end, reason);
      const { standstills } = actor;
      const settled = await session.settle(seen);
      if (actor.standstills > standstills) for (const { ref } of seen) auditor.settlesLate(itemOf(ref.name));
      if (fault === 'after') throw failed('settle', listener);
      return inOrder(batch, settled);
    },
    ...(session.restore && {
      restore: async (refs: readonly ItemRef[]) => (await session.restore?.(refs)) ?? [],
    }),
    close: () => session.close(),
    [Symbol.asyncDispose]: () => session.close(),
  };
}

function openingFailed(name: string, final: boolean): LanceurError {
  const why = 'the story wants it so';
  return final
    ? new LanceurError('EXPAND_FAILED', { name, why })
    : new LanceurError('DOCUMENT_UNREADABLE', { name, why });
}

/** What could not be seen is gone for the one who looks. */
function inOrder(batch: readonly Settlement[], settled: readonly Settled[]): readonly Settled[] {
  return batch.map(
    ({ ref }) =>
      settled.find((s) => s.ref.id === ref.id && s.ref.version === ref.version) ?? { ref, how: 'gone' },
  );
}

function read(delivery: Delivery, done: () => void): Delivery {
  return {
    ref: delivery.ref,
    documents: delivery.documents,
    attributes: delivery.attributes,
    async [Symbol.asyncDispose]() {
      done();
      await delivery[Symbol.asyncDispose]();
    },
  };
}

function refuseIfDown(trouble: Trouble, what: string, listener: Listener): void {
  if (trouble.is('source')) throw failed(what, listener);
}

function failed(what: string, { address }: Listener): LanceurError {
  return new LanceurError('SOURCE_FAILED', { path: address, why: `${what} failed` });
}
