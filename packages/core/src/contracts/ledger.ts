import type { Reason } from '../reasons.js';
import type { Check } from './check.js';
import type { ItemRef, Receipt, Sent } from './item.js';
import type { End, How, UsedFolder } from './listener.js';
import type { Planned } from './submitter.js';

/** Who asks: a launcher, with the source that it watches and the fingerprint of what it wants. */
export interface Viewer {
  readonly launcher: string;
  readonly source: string;
  /** Of filter, expander and grouper together: what was skipped under another one is looked at again. */
  readonly fingerprint: string;
}

/** A submission as the ledger remembers it. */
export interface SubmissionRecord extends Planned {
  readonly state: 'planned' | 'submitting' | 'submitted' | 'refused';
  /** Attempts that count: begun, and not given back because the failure was not the document's. */
  readonly attempts: number;
  /** Documents that an attempt cut short has placed: not sent again, whatever becomes of the attempts after it. */
  readonly have?: readonly Sent[];
  /** While `submitting`: an operator has said to send it if `find` cannot tell. */
  readonly insist?: boolean;
  /** Once `submitted`. */
  readonly receipt?: Receipt;
  /** Why the last attempt failed, or why it was refused. */
  readonly reason?: Reason;
}

/** What is being done with an item, by whom, until when. */
export interface ClaimRecord {
  readonly fence: number;
  /** Milliseconds since 1970, by the ledger's clock. */
  readonly until: number;
  /** Whether nothing else ran beside it, so that a crash is its own doing. */
  readonly alone: boolean;
}

/** All that the ledger remembers of an item. JSON. */
export interface ItemRecord {
  readonly source: string;
  readonly id: string;
  readonly version: string;
  readonly name: string;
  readonly size?: number;
  readonly same?: string;
  /** The launcher that began it. Once planned, no other one works on it. */
  readonly launcher: string;
  /**
   * - `idle`: known, nothing under way (skipped; or it was gone or changed when it was opened).
   * - `open`: begun.
   * - `ended`: its end is decided, the source has not been told or has not done it.
   * - `settled`: the source has done its part, see `how`.
   */
  readonly state: 'idle' | 'open' | 'ended' | 'settled';
  /** Raised when the item is to be sent anew; part of each submission's id. */
  readonly epoch: number;
  /** Frozen when it is first planned: a retry never regroups. Absent until then. */
  readonly submissions?: readonly SubmissionRecord[];
  /** Names of its documents that nothing wants, frozen with the plan. */
  readonly unwanted?: readonly string[];
  /** Failures to open or expand it. */
  readonly attempts: number;
  /** Times the process was lost while it worked on this item alone. */
  readonly crashes: number;
  /** A process was lost while it worked on this item among others: it runs last, and alone. */
  readonly suspect: boolean;
  /** Not tried before this time (ledger's clock); 0 = at once. */
  readonly notBefore: number;
  /** Why it failed last, or why it has the end that it has. */
  readonly reason?: Reason;
  readonly end?: End;
  readonly how?: How;
  /**
   * How it had been settled before it came back or was replayed, as long as it has not been found in its source: a
   * listing, or a ref in a queue, may be older than the settling, and nobody may have put it back yet.
   */
  readonly was?: { readonly end: End; readonly how: How; readonly reason?: Reason };
  readonly claim?: ClaimRecord;
  /** The fence of the newest claim; 0 = never claimed. */
  readonly fence: number;
  /** Launchers that found nothing wanted in it, with their fingerprint. */
  readonly skippedBy?: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly changedAt: number;
  /** When a listing held it last; refreshed about once a day. */
  readonly listedAt: number;
}

/** What is to be done with a listed item. */
export type Verdict =
  /** Never seen. `known` are records that bear the same `same`: see {@link Ledger.carry}. */
  | { readonly is: 'new'; readonly known?: readonly { readonly id: string; readonly version: string }[] }
  /** Begun before. `jobs`: those it still has to reach, once planned. `suspect`: run it last, and alone. */
  | { readonly is: 'retry'; readonly suspect: boolean; readonly jobs?: readonly string[] }
  /** All that is left is to settle it with its source. */
  | { readonly is: 'settleOnly' }
  /** This launcher has looked into it and wants nothing of it. */
  | { readonly is: 'skipped'; readonly listedAt: number }
  /** Settled, and still listed as it should be. */
  | {
      readonly is: 'done';
      readonly at: number;
      readonly end: End;
      readonly reason?: Reason;
      readonly listedAt: number;
    }
  /** Accepted and removed, and now back unchanged. */
  | { readonly is: 'returned'; readonly at: number; readonly listedAt: number }
  /** Begun by another launcher. */
  | { readonly is: 'owned'; readonly launcher: string }
  | {
      readonly is: 'wait';
      readonly why: 'busy' | 'backoff';
      readonly until: number;
      readonly reason?: Reason;
    };

/** The right to work on an item, as long as nobody else has claimed it since. */
export interface Claim {
  readonly item: ItemRecord;
  readonly viewer: Viewer;
  readonly fence: number;
}

export interface ClaimOptions {
  /** How long the claim lasts unless a write renews it, in milliseconds. */
  readonly leaseMs: number;
  /** Nothing else runs beside it. A suspect is claimed only so. Default false. */
  readonly alone?: boolean;
}

/** One step in an item's life; see `ledger/transitions.ts` for what each does. */
export type Change =
  | { readonly type: 'planned'; readonly groups: readonly Planned[]; readonly unwanted: readonly string[] }
  | { readonly type: 'submitting'; readonly submission: string; readonly sent: readonly Sent[] }
  | { readonly type: 'submitted'; readonly submission: string; readonly receipt: Receipt }
  /** It is not in the COLD, or only `have` is; not the document's fault: the attempt is given back. */
  | { readonly type: 'notSubmitted'; readonly submission: string; readonly have?: readonly Sent[] }
  /**
   * It cannot be told whether it is in the COLD, and the policy is to send it again, but for what it is known to
   * `have`: the attempt counts.
   */
  | { readonly type: 'resubmit'; readonly submission: string; readonly have?: readonly Sent[] }
  /** The document's fault; of the item where no submission is named. The last attempt refuses, or rejects. */
  | {
      readonly type: 'failed';
      readonly submission?: string;
      readonly reason: Reason;
      readonly attempts: number;
      /** Documents of the submission that are in the COLD all the same. */
      readonly have?: readonly Sent[];
    }
  | {
      readonly type: 'refused';
      readonly submission: string;
      readonly reason: Reason;
      readonly have?: readonly Sent[];
    }
  | { readonly type: 'ended'; readonly end: End; readonly reason?: Reason }
  /** It was gone or changed when it was opened. Releases the claim. */
  | { readonly type: 'voided'; readonly reason: Reason }
  /** Nothing in it is wanted here. Releases the claim. */
  | { readonly type: 'skipped' }
  /** The source has answered; `failed` leaves it ended. Releases the claim. */
  | { readonly type: 'settled'; readonly how: How; readonly reason?: Reason }
  /** Lets go of it; tried again after `delayMs` at the earliest. */
  | { readonly type: 'released'; readonly delayMs?: number };

/** Which items: all conditions that are given must hold. */
export interface Query {
  readonly source?: string;
  readonly id?: string;
  /** The item's name, or that of one of its documents; letter case counts. */
  readonly name?: string;
  /** Of a document that was handed over. */
  readonly sha256?: string;
  readonly state?: ItemRecord['state'];
  readonly end?: End;
  /** Of the reason why it was rejected, or of one of its refused submissions. */
  readonly code?: Reason['code'];
}

/** What a listener remembers between runs, by key. */
export interface SourceMemory {
  read(keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** `undefined` forgets the key. */
  write(entries: ReadonlyMap<string, string | undefined>): Promise<void>;
}

/**
 * Remembers what became of every item, so that a crash loses nothing and repeats nothing. Shared by all processes
 * that drive launchers on the same sources; each call is atomic and durable when it resolves. Errors are of scope
 * `system`, `LEASE_LOST` apart.
 */
export interface Ledger {
  /** What is to be done with each, in the order given. Reads only. */
  classify(viewer: Viewer, refs: readonly ItemRef[]): Promise<readonly Verdict[]>;
  /** The right to work on an item, or the verdict why not. A suspect that is not claimed `alone` is refused with `retry`. */
  claim(viewer: Viewer, ref: ItemRef, options: ClaimOptions): Promise<Claim | Verdict>;
  /**
   * All the changes or none; none at all renews the lease.
   * @throws LanceurError `LEASE_LOST` if somebody else has claimed the item since.
   */
  write(claim: Claim, changes: readonly Change[], leaseMs: number): Promise<Claim>;
  /** The items of the source that are open or ended, whoever began them. */
  unfinished(source: string): AsyncIterable<ItemRecord>;
  /**
   * Gives records of items that are no longer listed to the same items under their new id. A pair is passed over if
   * the new id is known, or the old one is unknown, claimed, or bears another `same`.
   */
  carry(
    source: string,
    pairs: readonly {
      readonly to: ItemRef;
      readonly from: { readonly id: string; readonly version: string };
    }[],
  ): Promise<void>;
  /** These were in a listing. */
  listed(source: string, refs: readonly ItemRef[]): Promise<void>;
  /**
   * Forgets items that are settled or idle since `changedBefore` and were listed last before `listedBefore`; how many.
   * The caller answers for a complete listing since then.
   */
  prune(
    source: string,
    o: { readonly changedBefore: number; readonly listedBefore: number },
  ): Promise<number>;
  /**
   * Makes items open again that nobody is working on; how many. `missing` sends only what has no receipt, under the
   * same submission ids; `everything` sends all of it anew.
   */
  replay(which: Query, what: 'missing' | 'everything'): Promise<number>;
  /** The records that match, oldest first. */
  find(which: Query): AsyncIterable<ItemRecord>;
  /**
   * Ties the source's name to its address.
   * @throws LanceurError `SOURCE_MOVED` if it was tied to another one, unless `adopt`, which ties it anew and hands
   *   what other launchers have begun there to this one.
   */
  bind(viewer: Viewer, address: string, options?: { readonly adopt?: boolean }): Promise<void>;
  memory(source: string): SourceMemory;
  readonly folders?: readonly UsedFolder[];
  check?(): Promise<readonly Check[]>;
  /** Ends its use of files and connections. Idempotent. */
  close(): Promise<void>;
}
