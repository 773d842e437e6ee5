import { LanceurError } from '@lanceur/core';
import { Total } from '../total.js';

export interface ExpansionLimits {
  readonly expandedBytes: number;
  readonly ratio: number;
  /** Bytes of one attachment, where there is such a limit, with the name of the option. */
  readonly each?: { readonly option: string; readonly bytes: number } | undefined;
}

/** A file may always become this large, whatever it was before. */
const ALWAYS = 1024 * 1024;

/** Counts what comes out of one XML, so that no bomb fills the disk. */
export class Expansion {
  readonly #name: string;
  readonly #limits: ExpansionLimits;
  readonly #total: Total;

  /** @param total - where the XML is part of something larger. */
  constructor(name: string, limits: ExpansionLimits, total = new Total()) {
    this.#name = name;
    this.#limits = limits;
    this.#total = total;
  }

  /**
   * Of one file: `packed` bytes have become `size`, of which `added` are new.
   *
   * @throws LanceurError `ENVELOPE_TOO_BIG`.
   */
  count({
    packed,
    size,
    added,
  }: {
    readonly packed: number;
    readonly size: number;
    readonly added: number;
  }): void {
    const { expandedBytes, ratio, each } = this.#limits;
    if (this.#total.add(added) > expandedBytes) throw this.#exceeded('expandedBytes', expandedBytes);
    if (each !== undefined && size > each.bytes) throw this.#exceeded(each.option, each.bytes);
    if (size > ALWAYS && size > packed * ratio) throw this.#exceeded('ratio', ratio);
  }

  #exceeded(option: string, limit: number): LanceurError {
    return new LanceurError('ENVELOPE_TOO_BIG', { name: this.#name, option, limit });
  }
}
