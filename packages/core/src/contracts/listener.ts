import type { Reason } from '../reasons.js';
import type { Check } from './check.js';
import type { Delivery, DocumentInfo, ItemRef, Sent } from './item.js';
import type { SourceMemory } from './ledger.js';

/** How an item ends: `accept` and `reject` speak for themselves; `aside` was submitted in part, and is kept whole. */
export type End = 'accept' | 'reject' | 'aside';

/** What the source is asked to do with an item that has ended. JSON: a later process can carry it out. */
export interface Settlement {
  readonly ref: ItemRef;
  readonly end: End;
  /** Why it was rejected or put aside. */
  readonly reason?: Reason;
  /** What was handed over, for a source that compares before it deletes. */
  readonly sent?: readonly Sent[];
  /** Names of documents that nothing wants and that the user lets go (`discardUnwanted`). */
  readonly discard?: readonly string[];
}

/**
 * What became of it:
 * - `removed`: it is out of the listing (deleted, moved, in quarantine).
 * - `kept`: it stays listed, as configured.
 * - `gone`: it was not there; it may come back.
 * - `changed`: it is no longer what was handed over, and stays in the source (or is back there).
 * - `failed`: nothing was done; it is asked again at the next poll.
 */
export type How = 'removed' | 'kept' | 'gone' | 'changed' | 'failed';

export interface Settled {
  readonly ref: ItemRef;
  readonly how: How;
  /** With `failed`: why. */
  readonly reason?: Reason;
}

/** Which documents of an item are wanted; by default all. Asked once for each that the source calls by name. */
export type Wants = (document: DocumentInfo) => boolean;

export interface ListenerTraits {
  /** Whether several sessions may be open at once (a folder, IMAP), or one only (POP3). */
  readonly concurrentSessions: boolean;
  /** Whether `settle` ends the session, so that it comes last (POP3's QUIT). */
  readonly settleEndsSession: boolean;
  /** Whether accepting loses nothing: the item is kept, or moved as a whole. */
  readonly keeps: boolean;
}

export interface ConnectOptions {
  readonly signal?: AbortSignal;
  /** What the listener wants to find again at the next run, also of another process. Default: memory of this object. */
  readonly memory?: SourceMemory;
}

/** Watches one source: a folder, a mailbox. Makes sessions, and keeps none open. */
export interface Listener {
  /** The name under which the ledger knows the source. */
  readonly source: string;
  /** Where it is now (`directory F:\depots`): a change behind the same name is an error until it is adopted. */
  readonly address: string;
  readonly traits: ListenerTraits;
  /** Folders that it reads or writes, so that overlapping ones can be refused. */
  readonly folders?: readonly UsedFolder[];
  /** @throws LanceurError of scope `source`; `ABORTED`, or an `AbortError`, if the signal is aborted. */
  connect(options?: ConnectOptions): Promise<Session>;
  /** Calls `wake` when something may have come. A hint: polling is the truth. */
  watch?(wake: () => void): AsyncDisposable;
  /** Tries on the real source what a run would need, and says what would not work. Leaves nothing behind. */
  check?(): Promise<readonly Check[]>;
  /** How the source is now, from memory, without asking it. */
  health?(): Reason | undefined;
}

/** A folder that a block reads or writes. */
export interface UsedFolder {
  /** For the message: `source`, `target of job 87`, `staging`, `quarantine`. */
  readonly role: string;
  /** Absolute. */
  readonly path: string;
  /** Whether documents are taken from it; such a folder must hold none of the others, unless in `except`. */
  readonly watched?: boolean;
  /** Whether a COLD takes what lies in it; none of the others, its fellows apart, may lie inside. */
  readonly fed?: boolean;
  /** With `watched`: whether sub-folders are looked into. Default true. */
  readonly recursive?: boolean;
  /** With `watched`: absolute paths inside it that are never looked into. */
  readonly except?: readonly string[];
}

/**
 * A connection to the source. `open` may be called several times at once; a session that cannot do so serialises
 * (or better, batches) inside. All methods may throw a LanceurError of scope `source`, which ends the session.
 */
export interface Session extends AsyncDisposable {
  /** What the source holds. Ending without throwing means: that was all. Each (id, version) comes once. */
  list(): AsyncIterable<ItemRef>;
  /**
   * Never called for an item that is not ready.
   *
   * @param wants - documents for which it says no are left out of the delivery, and not fetched. Of a container it is
   *   asked for the container, not for what is inside.
   * @throws LanceurError `GONE` or `CHANGED` if the item is no longer what was listed; of scope `document` if this
   *   item alone cannot be read.
   */
  open(ref: ItemRef, wants?: Wants, options?: { readonly signal?: AbortSignal }): Promise<Delivery>;
  /**
   * Does with the items what their end asks for. What it returns is real (POP3: after +OK to QUIT). Idempotent: it
   * completes what an earlier process began. Throwing means "not known", and everything is asked again.
   */
  settle(batch: readonly Settlement[]): Promise<readonly Settled[]>;
  /**
   * Puts rejected items back where they are listed, if it still has them; the refs that are listed again.
   * For `launcher.retryRejected()`.
   */
  restore?(refs: readonly ItemRef[]): Promise<readonly ItemRef[]>;
  /** Releases the connection. Idempotent. The same as `[Symbol.asyncDispose]()`. */
  close(): Promise<void>;
}
