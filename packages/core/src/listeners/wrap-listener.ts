import type { Listener, Session } from '../contracts/listener.js';

/** What a wrapped session does by itself; the rest is the inner session's. */
export type SessionChanges = Partial<Pick<Session, 'list' | 'open' | 'settle' | 'restore'>>;

/**
 * A listener that does what another one does, except for what `change` says of each of its sessions: documents renamed,
 * attributes added, items left out. Its name, address and traits, and what it has beside sessions (`watch`, `check`,
 * `health`), are the inner one's.
 *
 * ```ts
 * wrapListener(imap({ … }), (session) => ({
 *   async *list() {
 *     for await (const ref of session.list()) yield { ...ref, name: ref.name.toUpperCase() };
 *   },
 * }));
 * ```
 *
 * What renames documents does so in `list` (`documents`), in `open`, and in what `open` asks `wants` about, or the filter
 * sees one name and the COLD another. An item that `list` leaves out looks gone: give it a `notReady` instead.
 */
export function wrapListener(inner: Listener, change: (session: Session) => SessionChanges): Listener {
  const { source, address, traits, folders } = inner;
  return {
    source,
    address,
    traits,
    ...(folders !== undefined && { folders }),
    connect: async (options) => wrapSession(await inner.connect(options), change),
    ...(inner.watch !== undefined && { watch: inner.watch.bind(inner) }),
    ...(inner.check !== undefined && { check: inner.check.bind(inner) }),
    ...(inner.health !== undefined && { health: inner.health.bind(inner) }),
  };
}

function wrapSession(session: Session, change: (session: Session) => SessionChanges): Session {
  const own = change(session);
  const restore = own.restore ?? session.restore?.bind(session);
  return {
    list: own.list ?? (() => session.list()),
    open: own.open ?? ((ref, wants, options) => session.open(ref, wants, options)),
    settle: own.settle ?? ((batch) => session.settle(batch)),
    ...(restore !== undefined && { restore }),
    close: () => session.close(),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}
