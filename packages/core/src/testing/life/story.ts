/**
 * A story is all that a simulated life follows from, as plain data: it can be printed, kept, and made shorter by taking
 * parts out, without what is left taking another course for the sake of a different draw.
 */

/** What the source is like. */
export interface StorySource {
  /** As a folder or IMAP; if not, as POP3. */
  readonly concurrentSessions: boolean;
  readonly settleEndsSession: boolean;
  readonly after: 'remove' | 'move' | 'keep';
  readonly rejects: 'quarantine' | 'keep';
  /** Whether a listing tells which documents are in an item. */
  readonly listsDocuments: boolean;
  /** Whether its items bear a mark that survives renumbering. */
  readonly same: boolean;
}

/** What the COLD can tell. */
export interface StoryCold {
  readonly find: boolean;
  /** Whether `find` can say which documents of a group are there. */
  readonly partial: boolean;
  readonly atomicGroup: boolean;
}

/** How the launchers are set. Times in milliseconds. */
export interface StoryPolicy {
  readonly inDoubt: 'resubmit' | 'reject';
  readonly unwanted: 'leave' | 'accept' | 'reject';
  readonly discardUnwanted: boolean;
  readonly attempts: number;
  readonly crashes: number;
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

/** A document is named by what becomes of it: `pdf` and `xml` have a job, `log` has none, `tmp` the filter refuses. */
export type DocumentKind = 'pdf' | 'xml' | 'log' | 'tmp';

/** An item that comes into the source. */
export interface StoryItem {
  /** Its name for the story; the source's own id may change. */
  readonly name: string;
  /** When it comes, after the beginning. */
  readonly at: number;
  readonly documents: readonly DocumentKind[];
  /** Opening it kills the process, until it is repaired. */
  readonly poison?: boolean;
  /** So often its own fault makes opening or submitting it fail, until it is repaired. */
  readonly failures?: { readonly on: 'open' | 'submit'; readonly times: number; readonly final?: boolean };
}

/**
 * A moment in the life of a process, counted over all its lives: its step with this number; or the nth of those whose
 * name begins so, such as `before place`, `after submitting`.
 */
export type Moment = number | { readonly at: string; readonly nth: number };

/** A process that drives a launcher, and is started again whenever it has died. */
export interface StoryProcess {
  readonly name: string;
  /** The launcher's id: processes that share it share their work. */
  readonly launcher: string;
  /** What its launcher takes. Two launchers on one source should not take the same. */
  readonly takes: readonly DocumentKind[];
  /**
   * - `run`: `launcher.run()`, again and again.
   * - `loop`: `for await (const ref of launcher.list()) await launcher.process(ref)`.
   * - `queue`: what it lists goes into a queue that all such processes work from, and is delivered at least once.
   */
  readonly drive: 'run' | 'loop' | 'queue';
  readonly at: number;
  /** Between two polls. */
  readonly everyMs: number;
  /** How often a step takes time, and how long at most. */
  readonly slow: { readonly chance: number; readonly ms: number };
  readonly dies: readonly Moment[];
  /** It stands still then, as a machine does that is suspended. */
  readonly freezes: readonly { readonly when: Moment; readonly ms: number }[];
  /** How long until it is started again. */
  readonly restartMs: number;
  /** Whether it groups differently after each restart, as after a change of the configuration. */
  readonly regroups: boolean;
}

/** Something that happens, `at` milliseconds after the beginning. */
export type StoryEvent = { readonly at: number } & (
  | {
      readonly do: 'rewrite';
      readonly item: string;
      /** Under the same version: the volume's clock is coarse. */ readonly unnoticed: boolean;
    }
  /** Somebody takes it away. */
  | { readonly do: 'remove'; readonly item: string }
  /** It is not to be seen for a while, as on a share that flickers. */
  | { readonly do: 'hide'; readonly item: string; readonly ms: number }
  /** The source gives all its items new ids. */
  | { readonly do: 'renumber' }
  /** Somebody puts it back where it was, once it has left; or, with `anew`, as a mail that gets another id. */
  | { readonly do: 'putBack'; readonly item: string; readonly anew: boolean }
  /** An operator has all rejected items retried, from this process. */
  | { readonly do: 'retry'; readonly process: string }
  /** The COLD does not answer; only one job's, if one is named. */
  | { readonly do: 'outage'; readonly job?: string; readonly ms: number }
  | { readonly do: 'sourceOutage'; readonly ms: number }
  | { readonly do: 'ledgerOutage'; readonly ms: number }
  /** The next call of this kind fails; with `done`, it does its work and the answer is lost. */
  | { readonly do: 'fault'; readonly on: FaultyCall; readonly done: boolean }
  /** The machine's clock is set. */
  | { readonly do: 'jump'; readonly ms: number }
  /** The COLD takes what waits for it. */
  | { readonly do: 'eat' }
);

export type FaultyCall = 'connect' | 'list' | 'open' | 'settle' | 'submit' | 'find' | 'write';

export interface Story {
  readonly seed: number;
  readonly source: StorySource;
  readonly cold: StoryCold;
  readonly policy: StoryPolicy;
  readonly items: readonly StoryItem[];
  readonly processes: readonly StoryProcess[];
  readonly events: readonly StoryEvent[];
  /** How rejected items get another chance at the end: by hand, or by `retryRejected()`. */
  readonly repair: 'putBack' | 'retry';
  /** How long things happen, in milliseconds; then all is calm. */
  readonly busyMs: number;
}

/** The COLD job that takes a kind of document. */
export const JOBS: Readonly<Partial<Record<DocumentKind, string>>> = { pdf: '87', xml: '88' };
