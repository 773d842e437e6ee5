import type { Reason } from '@lanceur/core';

/** A file of an item, as a {@link Completeness} sees it. */
export interface SeenFile {
  /** Its name; within a sub-folder that is taken as one, its path there, with `/`. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtimeMs: number;
  /**
   * Bytes of its content; fewer where it ends.
   * @throws Node's error if it cannot be read; the item is then not ready, and says so.
   */
  read(start: number, length: number): Promise<Uint8Array>;
}

/** An item as it is seen in a listing. */
export interface SeenItem {
  /** Relative path, with `/`. */
  readonly id: string;
  /** Of the file, of the stem, or of the sub-folder. */
  readonly name: string;
  /** Whether it is a sub-folder that is taken as one. */
  readonly folder: boolean;
  /** Without junk and done-files. */
  readonly files: readonly SeenFile[];
  /** How long it has been left alone, in milliseconds, by the volume's clock and by what earlier listings saw. */
  readonly leftAloneMs: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** When a listing saw it first, as far as is remembered. */
  readonly firstSeen: number;
  /** Whether a file of this name lies beside it; inside it for `inside: true`. */
  has(name: string, options?: { readonly inside?: boolean }): boolean;
}

/**
 * Says whether an item is whole, or still being written. Made by {@link quiet}, {@link doneFile}, {@link endMarks},
 * {@link extensions}, {@link all} and {@link any}; write your own for a format of your own.
 *
 * It is asked at every listing until it has nothing to say against the item's present version.
 */
export interface Completeness {
  /** The least time that an item must have been left alone before it can be called whole. Default: none. */
  readonly quietMs?: number;
  /** Whether it reads content. Its consent is then remembered as long as the version stays. Default false. */
  readonly reads?: boolean;
  /** Names that it gives a meaning of their own: files so called are no documents, and leave with their item. */
  isDoneFile?(name: string): boolean;
  /** The done-files that go with an item of this name. Needed where there is `isDoneFile`. */
  doneFilesOf?(name: string): readonly string[];
  /** Why the item is not whole yet; `undefined` if it is. */
  missing(item: SeenItem): Reason | undefined | Promise<Reason | undefined>;
}
