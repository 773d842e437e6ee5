import type { Clock } from '../../clock.js';
import type { Ledger } from '../../contracts/ledger.js';
import type { End, Listener } from '../../contracts/listener.js';
import type { ColdSubmitter } from '../../contracts/submitter.js';
import type { Step } from '../step.js';

/** An item as a life puts it into a source. Every name and every content begins with the item's name; see {@link itemOf}. */
export interface LifeItem {
  readonly name: string;
  readonly same?: string;
  readonly documents: readonly LifeDocument[];
}

export interface LifeDocument {
  readonly name: string;
  /** Unlike that of any other document, and as long as that which it replaces. */
  readonly content: string;
}

/** What has left the listing and can still be found: in quarantine, or where accepted items are moved. */
export interface LifeKept {
  readonly end: End;
  readonly contents: readonly string[];
}

/**
 * The source itself, as the people see it who put documents there. Its methods do at once what they say, and answer
 * false where there is nothing to do it to.
 */
export interface LifeSource {
  /** What the launcher calls the item of this name, as an operator would who asks for it. Default: the same. */
  nameOf?(name: string): string;
  put(item: LifeItem): void;
  /** Other bytes in the same place; `unnoticed`: so that the listing does not show it. */
  rewrite(item: LifeItem, options: { readonly unnoticed: boolean }): boolean;
  remove(name: string): boolean;
  /** All items get new ids. Absent where the source does no such thing. */
  renumber?(): void;
  /** An item that has left is back, unchanged; with `anew` under another id. Absent as above. */
  putBack?(name: string, options: { readonly anew: boolean }): boolean;
  /** The contents of each item that is there, also while it is being settled. */
  holds(): readonly (readonly string[])[];
  keeps(): readonly LifeKept[];
}

/** The COLD itself. */
export interface LifeCold {
  /** All that ever came, in order. */
  arrivals(): readonly { readonly job: string; readonly content: string; readonly submissionId: string }[];
  /** It takes what waits for it. */
  eat(): void;
}

/** What a process that begins is given of the world: everything that it does there goes through its steps. */
export interface LifeProcess {
  readonly name: string;
  readonly clock: Clock;
  readonly step: Step;
}

/** The blocks of one process. */
export interface LifeBlocks {
  readonly listener: Listener;
  readonly submitter: ColdSubmitter;
  /** Shared with the other processes, as a database is. */
  readonly ledger: Ledger;
  /** The process is dead: what the operating system and the servers do then. */
  died(): void;
}

/** Where a life takes place. */
export interface LifeWorld {
  readonly source: LifeSource;
  readonly cold: LifeCold;
  enter(process: LifeProcess): Promise<LifeBlocks>;
  close(): Promise<void>;
}

/** The story's name of the item that a name, an id or a content belongs to. */
export function itemOf(text: string): string {
  return /^[^-.#@~]*/u.exec(text)?.[0] ?? text;
}
