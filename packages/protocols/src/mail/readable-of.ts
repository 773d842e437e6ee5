import { Readable } from 'node:stream';

/** A stream of what is in memory already. Lighter than `Readable.from`, of which each mail would pay for a generator. */
export function readableOf(pieces: readonly Buffer[]): Readable {
  let next = 0;
  return new Readable({
    read() {
      this.push(pieces[next++] ?? null);
    },
  });
}
