import type { FileKind } from './file-system.js';

// What passes between a root's thread and the program. Tuples, since 100,000 of them are cloned in one listing.

/** kind, size, mtimeNs, changedMs, dev, ino, links. */
export type PackedStat = readonly [FileKind, number, bigint, number, bigint, bigint, number];

/** A name with its stat, with the code of the error that came instead, or with `null` if it is not text. */
export type PackedEntry = readonly [string, PackedStat | string | null];

export interface PackedOpened {
  readonly stat: PackedStat;
  readonly head: Uint8Array;
  readonly after: PackedStat;
  readonly fd?: number;
}

export interface Call {
  stat: { args: [path: string, follow: boolean]; result: PackedStat };
  openFolder: { args: [path: string]; result: number };
  nextEntries: { args: [folder: number]; result: readonly PackedEntry[] };
  closeFolder: { args: [folder: number]; result: void };
  open: { args: [path: string, ahead: number]; result: PackedOpened };
  readNext: { args: [fd: number, length: number]; result: Uint8Array };
  statOpen: { args: [fd: number]; result: PackedStat };
  close: { args: [fd: number]; result: void };
  read: { args: [path: string, start: number, length: number]; result: Uint8Array };
  create: { args: [path: string, bytes: Uint8Array]; result: void };
  append: { args: [path: string, bytes: Uint8Array]; result: void };
  seal: { args: [path: string, mtimeNs: bigint]; result: void };
  makeFolder: { args: [path: string]; result: void };
  move: { args: [from: string, to: string]; result: void };
  link: { args: [from: string, to: string]; result: void };
  remove: { args: [path: string]; result: void };
  removeFolder: { args: [path: string]; result: void };
  syncFolder: { args: [path: string]; result: void };
}

export type CallName = keyof Call;

/** Calls are handed over in batches, and answered in their order. */
export interface Request {
  readonly name: CallName;
  readonly args: readonly unknown[];
  /** Of the number that is shared with the thread, when the call was made: it is dropped if that has changed before it begins. */
  readonly round: number;
}

export type Answer =
  { readonly result: unknown } | { readonly error: { readonly code: string; readonly message: string } };
