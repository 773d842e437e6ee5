// A source of one's own: the rows of an outbox that some other program fills, here an array.
import { Readable } from 'node:stream';
import { LanceurError, type Listener, type Session } from '@lanceur/core';

export interface Row {
  readonly id: number;
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Accepting a row deletes it; a rejected one stays, and the ledger remembers it. */
export function outbox(rows: Row[]): Listener {
  const find = (id: string): Row | undefined => rows.find((row) => String(row.id) === id);
  return {
    source: 'outbox',
    address: 'outbox in memory',
    traits: { concurrentSessions: true, settleEndsSession: false, keeps: false },
    connect: (options = {}) => {
      if (options.signal?.aborted === true) return Promise.reject(new LanceurError('ABORTED'));
      return Promise.resolve(session());
    },
  };

  function session(): Session {
    return {
      async *list() {
        for (const { id, name, bytes } of [...rows]) {
          const size = bytes.length;
          yield await Promise.resolve({
            id: String(id),
            version: '',
            name,
            size,
            documents: [{ name, size }],
          });
        }
      },
      open(ref, wants = () => true) {
        const row = find(ref.id);
        if (row === undefined) return Promise.reject(new LanceurError('GONE', { name: ref.name }));
        const document = { name: row.name, size: row.bytes.length, open: () => Readable.from([row.bytes]) };
        return Promise.resolve({
          ref,
          documents: [document].filter(wants),
          attributes: { row: ref.id },
          [Symbol.asyncDispose]: () => Promise.resolve(),
        });
      },
      settle(batch) {
        return Promise.resolve(
          batch.map(({ ref, end }) => {
            const at = rows.findIndex((row) => String(row.id) === ref.id);
            if (at < 0) return { ref, how: 'gone' as const };
            if (end !== 'accept') return { ref, how: 'kept' as const };
            rows.splice(at, 1);
            return { ref, how: 'removed' as const };
          }),
        );
      },
      close: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
}
