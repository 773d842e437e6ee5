import type { Readable } from 'node:stream';
import type { ActesFields, ActesKind, ActMessage } from './actes/fields.js';
import type { ChorusFields, ChorusKind } from './chorus/fields.js';
import type { HeliosFields, HeliosKind, PesHeader } from './helios/fields.js';
import type { Issue } from './issues.js';
import type { Role } from './pastell/roles.js';

/** The three types of envelope, by the names that EzGED gives them ("regroupement par extension"). */
export type EnvelopeType = 'acte_nature' | 'helios' | 'chorus_fact';

/**
 * How an envelope came:
 * - `deposit`: what Pastell deposits for a dossier ("dépôt GED"): its files, with their metadata or without, in a folder
 *   or a zip.
 * - `archive`: an @ctes archive (`…EACT--….tar.gz`), or its files.
 * - `message`: the XML alone, with what it carries.
 */
export type Shape = 'deposit' | 'archive' | 'message';

/** A file of an envelope. */
export interface EnvelopeDocument {
  /** As its sender named it, made safe for Windows and POSIX, unique in its envelope without regard to case. */
  readonly name: string;
  /** What it is in its envelope. */
  readonly role: Role;
  /** The field of the deposit that lists it: `arrete`, `facture_pj_02`. */
  readonly field?: string;
  /** For an attachment of a file with several invoices: which of `fields.invoices` it belongs to, counted from 0. */
  readonly invoice?: number;
  /** In bytes. */
  readonly size: number;
  /** Where it lies unpacked, as long as the envelope is open. Absolute. */
  readonly localPath?: string;
  /** The content, from its beginning; may be called any number of times, until the envelope is closed. */
  open(): Readable;
}

/** One XML of an envelope, as it was read. `type` and `kind` tell which fields it has. */
export type Message = {
  readonly [K in keyof MessageFields]: {
    readonly type: TypeOfKind<K>;
    readonly kind: K;
    readonly fields: MessageFields[K];
    /** Its file, as it is called in `documents`. */
    readonly file: string;
    /** Its fields as text. */
    readonly attributes: Readonly<Record<string, string>>;
  };
}[keyof MessageFields];

type MessageFields = ActesFields & HeliosFields & Readonly<Record<ChorusKind, ChorusFields>>;

type TypeOfKind<K> = K extends ActesKind ? 'acte_nature' : K extends HeliosKind ? 'helios' : 'chorus_fact';

/** What all envelopes have. Close it (`close()`, `[Symbol.asyncDispose]()`) when its documents have been read. */
export interface EnvelopeParts extends AsyncDisposable {
  readonly shape: Shape;
  /** Of the folder, the archive or the file that it was. Not yet safe to print. */
  readonly name: string;
  /** The fields of all its messages and of its metadata, as text, for an indexer. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly documents: readonly EnvelopeDocument[];
  /** Every XML of the regulations in it, the one that `kind` and `fields` are from first. */
  readonly messages: readonly Message[];
  /** What is odd about it, and was read all the same. */
  readonly issues: readonly Issue[];
  /** The metadata and the XMLs as they were read, except the attachments' bytes. */
  readonly raw: RawEnvelope;
  /** Lets go of what was unpacked. Idempotent. The same as `[Symbol.asyncDispose]()`. */
  close(): Promise<void>;
}

/** What was read of an envelope, as it stood. */
export interface RawEnvelope {
  /** All fields of the metadata file, and the files that it lists. */
  readonly metadata?: {
    readonly file: string;
    readonly flux?: string;
    readonly data: Readonly<Record<string, string>>;
    readonly files: readonly {
      readonly field: string;
      readonly content: string;
      readonly original?: string;
    }[];
  };
  /** The elements of each XML. */
  readonly messages: readonly { readonly file: string; readonly root: unknown }[];
}

/**
 * What is said of an envelope by one message. The kind `deposit` is that of a deposit in which no XML says it (an act as
 * a PDF, an invoice without its flow): its fields are those of the metadata, under the same names.
 */
interface Said<Type extends EnvelopeType, Kind extends string, Fields> extends EnvelopeParts {
  readonly type: Type;
  /** Which message it is: the name of its root element. */
  readonly kind: Kind;
  readonly fields: Fields;
}

export type ActesEnvelope =
  | { readonly [K in ActesKind]: Said<'acte_nature', K, ActesFields[K]> }[ActesKind]
  | Said<'acte_nature', 'deposit', ActMessage>;

export type HeliosEnvelope =
  | { readonly [K in HeliosKind]: Said<'helios', K, HeliosFields[K]> }[HeliosKind]
  | Said<'helios', 'deposit', PesHeader>;

export type ChorusEnvelope = Said<'chorus_fact', ChorusKind | 'deposit', ChorusFields>;

/** An envelope of any type: `type` and `kind` tell which fields it has. */
export type Envelope = ActesEnvelope | HeliosEnvelope | ChorusEnvelope;
