import type { Readable } from 'node:stream';
import type { Reason } from '../reasons.js';

/** What is known of a document before it is opened; all that a filter or a grouper decides on. */
export interface DocumentInfo {
  /** The name that the source calls it by: a file name, never a path. */
  readonly name: string;
  /** In bytes. */
  readonly size?: number;
  /** RFC 2046, in lower case, without parameters. */
  readonly mediaType?: string;
  /**
   * It holds documents that are known only once it has been opened (a sub-folder taken as one entry): the filter
   * decides on its name, the grouper on what comes out of it.
   */
  readonly container?: boolean;
}

/**
 * What a source settles as one: a file, a document with its index file, a sub-folder, a mail. Plain JSON, so that
 * a queue can carry it from one process to another.
 */
export interface ItemRef {
  /** Names the item within its source, for good: a relative path, a UIDVALIDITY with a UID, a UIDL. */
  readonly id: string;
  /** Changes whenever the content may have changed (size and mtime of a file); `''` where content never changes. */
  readonly version: string;
  /** For people: a file name, the subject of a mail. Not yet safe to print. */
  readonly name: string;
  /** In bytes. */
  readonly size?: number;
  /**
   * Survives renumbering and putting back (EMAILID; else Message-ID, date and size). An item that is no longer
   * listed passes its memory on to the one that carries the same mark; two that are listed together are never merged.
   */
  readonly same?: string;
  /** Where the listing already knows what is inside. */
  readonly documents?: readonly DocumentInfo[];
  /**
   * Listed, never opened: why. A listener lists what it cannot take yet, or ever; what it left out would look gone.
   */
  readonly notReady?: Reason;
}

/** A document of a delivery that can be read. */
export interface SourceDocument extends DocumentInfo {
  /** Safe for Windows and POSIX (see `safeName`), unique in its delivery without regard to case. */
  readonly name: string;
  /** Set by an expander that finds several deliveries in one: `type#ordinal`, the same at every expansion. */
  readonly group?: string;
  /**
   * The bytes are in this file, by its absolute path. A submitter may give that file a further name where its user has
   * said so; it reads through `open()` all the same, since only that tells whether the document is still what was listed.
   */
  readonly localPath?: string;
  /**
   * The content, from its beginning; may be called any number of times, also at once. The stream errors with
   * `CHANGED` or `GONE` if the document is no longer what was listed, at its end at the latest.
   */
  open(): Readable;
}

/** An item that has been opened. Close it (`[Symbol.asyncDispose]()`) when its documents have been read. */
export interface Delivery extends AsyncDisposable {
  readonly ref: ItemRef;
  readonly documents: readonly SourceDocument[];
  /** What the source knows beside the content: the subject and sender of a mail, the folder of a file. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** A document as it was handed over. */
export interface Sent {
  /** Its name in the delivery (`SourceDocument.name`). */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
  /** The name under which the COLD has it, where the submitter knows it and it is another. */
  readonly placedAs?: string;
  /** The submitter's own note, by which its `find` recognises the document. No one else reads it. */
  readonly mark?: string;
}

/** The proof that a COLD has a group. */
export interface Receipt {
  readonly submissionId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly documents: readonly Sent[];
}
