import { LanceurError } from '@lanceur/core';
import type { Limits } from '../limits.js';
import { Total } from '../total.js';

/** Smaller than this, nothing is a bomb: a page of blanks packs a thousand times. */
const HARMLESS = 1024 * 1024;

/** Counts what comes out of an envelope, and ends it where a limit is. */
export class Budget {
  readonly #name: string;
  readonly #limits: Limits;
  readonly #total: Total;
  #entries = 0;

  /**
   * @param name - of the envelope, for the message.
   * @param total - where it is part of something larger.
   */
  constructor(name: string, limits: Limits, total = new Total()) {
    this.#name = name;
    this.#limits = limits;
    this.#total = total;
  }

  /** Folders in folders. @throws LanceurError `ENVELOPE_TOO_BIG`. */
  depth(depth: number): void {
    if (depth > this.#limits.depth) throw this.#exceeded('depth');
  }

  /** @throws LanceurError `ENVELOPE_TOO_BIG`. */
  entries(count: number): void {
    this.#entries += count;
    if (this.#entries > this.#limits.entries) throw this.#exceeded('entries');
  }

  /** Bytes that travelled, against the limit of their kind. @throws LanceurError `ENVELOPE_TOO_BIG`. */
  packed(bytes: number, option: 'actesBytes' | 'expandedBytes'): void {
    if (bytes > this.#limits[option]) throw this.#exceeded(option);
  }

  /**
   * The chunks as they come, counted.
   * @param packedSoFar - bytes that they were made of, so far.
   * @throws LanceurError `ENVELOPE_TOO_BIG`, in time.
   */
  async *counted(
    chunks: AsyncIterable<unknown>,
    packedSoFar: () => number,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    let bytes = 0;
    for await (const each of chunks) {
      const chunk = each as Uint8Array;
      bytes += chunk.length;
      if (this.#total.add(chunk.length) > this.#limits.expandedBytes) throw this.#exceeded('expandedBytes');
      if (bytes > HARMLESS && bytes > this.#limits.ratio * packedSoFar()) throw this.#exceeded('ratio');
      yield chunk;
    }
  }

  #exceeded(option: keyof Limits): LanceurError {
    return new LanceurError('ENVELOPE_TOO_BIG', { name: this.#name, limit: this.#limits[option], option });
  }
}
