import type { Code } from '@lanceur/core';
import type { Chain, ChainOptions } from './chain.js';

export type Place = 'target' | 'source' | 'archive' | 'ledger' | 'clock' | 'process';

export type When = 'before a poll' | 'when a document has just been placed';

/** What becomes of the documents that lie in the source while the fault lasts. */
export type Meanwhile =
  /** Nothing reaches the COLD, all of them stay. */
  | 'wait'
  /** The one that has just been placed is in the COLD, and still in the source; the others wait. */
  | 'placed'
  /** Those that fit, or can be read, are taken; the others wait. */
  | 'some'
  /** All are in the COLD, and still in the source. */
  | 'settle late'
  /** All are taken. */
  | 'go on';

/** Where an operator, or the program that polls, meets it. */
export type Where =
  /** `run()` rejects. */
  | 'thrown'
  /** In the report's `left`. */
  | 'left'
  /** In the report's `left`, and counted in `counts.notSettled`. */
  | 'not settled'
  /** The ledger cannot be opened, so that there is no launcher. */
  | 'not started';

export interface Seen {
  readonly where: Where;
  readonly code: Code;
  /** The English message; `…` stands for paths, numbers and the words of the operating system. */
  readonly says: string;
}

/** One row of the matrix: a fault at a place, and what is to come of it. */
export interface Fault {
  readonly place: Place;
  /** Reads on from the place: "is full". */
  readonly fault: string;
  /** What has to be there to make it; asked when the test runs. */
  readonly needs?: readonly (() => boolean)[];
  readonly chain?: ChainOptions;
  /** Default: before a poll. */
  readonly when?: When;
  begin(chain: Chain): void | Promise<void>;
  /** Mended, and no more than an operator would do. */
  end(chain: Chain): void | Promise<void>;
  /** Absent if an operator has nothing to know. */
  readonly sees?: Seen;
  readonly meanwhile: Meanwhile;
  /** What there is to say beside: that all go on by themselves, once each, holds for each row. */
  readonly note?: string;
  /** Further demands while it lasts, after a poll. */
  during?(chain: Chain): void | Promise<void>;
}
