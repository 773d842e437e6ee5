import type { SetUp } from '../set-ups.js';
import { folderSource } from './folder.js';
import { mailboxSource } from './mailbox.js';

/** A document that is put into a source. */
export interface Put {
  /** It says so itself, see `documents.mjs`. */
  readonly id: string;
  /** In bytes, without its first line. */
  readonly size: number;
  /** What becomes of its item. */
  readonly end: 'accept' | 'reject' | 'aside';
  /** How often a COLD gets it. */
  readonly sent: number;
}

/** Where the documents of a source are, by id: twice what is there twice. */
export interface Places {
  /** In the listing. */
  readonly listed: readonly string[];
  /** Taken out of it, and not yet where they belong. */
  readonly between: readonly string[];
  readonly rejected: readonly string[];
  readonly aside: readonly string[];
  /** Where accepted ones are kept. */
  readonly treated: readonly string[];
  /** What must never be there, not even for an instant: a document that is not whole. */
  readonly broken: readonly string[];
  /** What must not be there when nothing is left to do: the half of a note, a copy that was cut short. */
  readonly unfinished: readonly string[];
}

/**
 * The world's half of a source: it puts documents there, and looks where they are. The launcher's half, which makes the
 * listener, is `<name>.mjs`; what it has to be told (a port) lies in a file of the world's folder.
 */
export interface Source {
  /** The documents of one round: each item is there at once. Under names of their own, or the same every time. */
  put(round: number, names: 'same' | 'own'): Promise<readonly Put[]>;
  look(): Promise<Places>;
  /** Ends what was started for it: a server. */
  close(): Promise<void>;
}

const SOURCES: Readonly<Record<SetUp['source'], (base: string, setUp: SetUp) => Promise<Source>>> = {
  folder: folderSource,
  mailbox: mailboxSource,
};

export async function sourceFor(base: string, setUp: SetUp): Promise<Source> {
  return await SOURCES[setUp.source](base, setUp);
}
