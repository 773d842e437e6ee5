import type { Clock } from '../clock.js';
import type { Expander } from '../contracts/expander.js';
import type { Listener } from '../contracts/listener.js';
import type { Reason } from '../reasons.js';
import type { ProtocolName, Row } from './row.js';
import type { SecretRef } from './secret-ref.js';

/**
 * Makes the blocks of a row: what a host has of EzGED's "Protocole". Ready-made: `directoryProtocol`, `imapProtocol` and
 * `popProtocol` beside the listeners of `@lanceur/protocols`, `adullactProtocol` in `@lanceur/adullact`.
 */
export interface Protocol<P extends ProtocolName> {
  /** The protocol of the rows that it takes. */
  readonly name: P;
  /** @throws LanceurError `INVALID_OPTION` for what cannot work. */
  blocks(row: Extract<Row, { readonly protocol: P }>, context: ProtocolContext): SourceBlocks;
}

/** Any of them. */
export type AnyProtocol = { readonly [P in ProtocolName]: Protocol<P> }[ProtocolName];

export interface SourceBlocks {
  readonly listener: Listener;
  /** What unpacks its deliveries. */
  readonly expand?: Expander;
}

/** What a protocol may ask of the scenario around the row. */
export interface ProtocolContext {
  /** A private folder on a local disk. */
  readonly spool?: string;
  readonly clock?: Clock;
  /** What else makes an item of a folder whole, from a protocol that wraps this one. */
  readonly whole?: WholeRule;
  /** A function that gets the secret; it throws `SECRET_MISSING`. */
  secret(ref: SecretRef): () => Promise<string>;
  /** Keeps another secret in the place of this one; `undefined` where there is no place. */
  keeperOf(ref: SecretRef): ((secret: string) => Promise<void>) | undefined;
  /** The certificates in a file. @throws LanceurError `INVALID_OPTION` if it cannot be read. */
  certificates(file: string): string;
  /** The blocks that another protocol of the host makes: for one that wraps it. @throws LanceurError `PROTOCOL_MISSING`. */
  blocksOf(row: Row, more?: { readonly whole?: WholeRule }): SourceBlocks;
}

/** An item of a folder, as {@link WholeRule} sees it. */
export interface SeenInFolder {
  /** Whether it is a sub-folder that is taken as one. */
  readonly folder: boolean;
  readonly files: readonly {
    readonly name: string;
    /** In bytes. */
    readonly size: number;
    read(start: number, length: number): Promise<Uint8Array>;
  }[];
  has(name: string, options?: { readonly inside?: boolean }): boolean;
}

/** Says whether an item of a folder is whole: what `@lanceur/protocols/directory` calls a `Completeness`. */
export interface WholeRule {
  readonly reads?: boolean;
  isDoneFile?(name: string): boolean;
  doneFilesOf?(name: string): readonly string[];
  /** `undefined` if it is whole. */
  missing(item: SeenInFolder): Reason | undefined | Promise<Reason | undefined>;
}
