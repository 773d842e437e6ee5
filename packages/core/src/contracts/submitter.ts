import type { Reason } from '../reasons.js';
import type { Check } from './check.js';
import type { DocumentGroup } from './grouper.js';
import type { Receipt, Sent } from './item.js';
import type { UsedFolder } from './listener.js';

/** A submission as the ledger keeps it: a group without the means to read it. JSON. */
export interface Planned {
  /** The submission's id, the same at every attempt. */
  readonly id: string;
  readonly key: string;
  readonly job: string;
  /** Names of its documents. */
  readonly documents: readonly string[];
  /** What the last attempt said it would place, as given to `beforePlacing`. */
  readonly sent?: readonly Sent[];
}

export interface SubmitOptions {
  /** Names this submission over all its attempts. Default: a random one. */
  readonly submissionId?: string;
  /**
   * A whole number that grows with each claim under which the submission is attempted: a process that was frozen may go on with an attempt
   * after another one has begun its own, and must not touch what belongs to an attempt with a higher fence. Default: there
   * is no other.
   */
  readonly fence?: number;
  readonly signal?: AbortSignal;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Documents of the group that are there already, from an earlier attempt: not placed again, and part of the receipt. */
  readonly have?: readonly Sent[];
  /** The most bytes that one document may have. Default: no limit. */
  readonly documentBytes?: number;
  /**
   * Called once, just before the first step that cannot be undone, when every document has been read to its end.
   * If it rejects, nothing is placed and `submit` rejects with the same error.
   */
  beforePlacing?(sent: readonly Sent[]): Promise<void>;
}

/** Of which attempts nothing is needed any more. */
export interface ForgetOptions {
  /** The newest attempts that are meant, as {@link SubmitOptions.fence}. Default: all. */
  readonly fence?: number;
}

export type Found =
  | { readonly is: 'found'; readonly receipt: Receipt }
  | { readonly is: 'partial'; readonly have: readonly Sent[] }
  | { readonly is: 'absent' }
  | { readonly is: 'unknown' };

export interface SubmitterTraits {
  /** Whether `find` can tell what became of a submission. */
  readonly find: boolean;
  /** Whether a group of several documents appears in one step. */
  readonly atomicGroup: boolean;
}

/**
 * Puts a group of documents in front of a COLD job.
 *
 * `submit` may be called several times at once, for different submissions. Before `beforePlacing` nothing is in the
 * COLD. After it, an error of scope `document` means that the COLD refused the group and has nothing of it; the code
 * `IN_DOUBT`, or an error that is no `LanceurError`, that it is not known; any other that the group is not there as a
 * whole. A launcher asks `find`, where there is one, after each error that came after `beforePlacing`.
 *
 * Where there is no `find`, the error's own `have` says which documents of the group are there all the same, those of
 * `SubmitOptions.have` included: they are not sent again.
 */
export interface ColdSubmitter {
  readonly traits: SubmitterTraits;
  /** The jobs that it has a target for, where they are known when it is built. */
  readonly jobs?: readonly string[];
  readonly folders?: readonly UsedFolder[];
  /**
   * Resolves when the group is in the COLD, as durably as the target allows.
   * @throws LanceurError of scope `document`, `target` (with its `job`) or `stale`.
   */
  submit(group: DocumentGroup, options?: SubmitOptions): Promise<Receipt>;
  /**
   * What became of a submission whose attempt was cut short. First takes away what an older attempt, frozen rather
   * than dead, would need to place it after all; then looks.
   * @throws LanceurError of scope `target` if the target does not answer.
   */
  find?(planned: Planned): Promise<Found>;
  /** Whether `find` can tell anything of this job; for one that is made of several. Default: wherever there is a `find`. */
  canFind?(job: string): boolean;
  /**
   * What became of these is durable in the ledger: what `find` would have needed may go, and not before. Never throws
   * for what is not there.
   */
  forget?(submissionIds: readonly string[], options?: ForgetOptions): Promise<void>;
  /** Tries on the real target what a submission would need. Leaves nothing behind. */
  check?(): Promise<readonly Check[]>;
  /** How the targets are now, from memory. */
  health?(): Reason | undefined;
}
