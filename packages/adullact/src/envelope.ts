import type { Readable } from 'node:stream';
import type { Issue } from './issues.js';

/** The three types of envelope, by the names that EzGED gives them ("regroupement par extension"). */
export type EnvelopeType = 'acte_nature' | 'helios' | 'chorus_fact';

/**
 * How an envelope came:
 * - `deposit`: what Pastell deposits for a dossier ("dépôt GED"): its files with their metadata, in a folder or a zip.
 * - `archive`: an @ctes archive (`…EACT--….tar.gz`).
 * - `message`: the XML alone, with what it carries.
 */
export type Shape = 'deposit' | 'archive' | 'message';

/** A file of an envelope. */
export interface EnvelopeDocument {
  /** As its sender named it, made safe for Windows and POSIX, unique in its envelope without regard to case. */
  readonly name: string;
  /** What it is in its envelope: `arrete`, `autre_document_attache`, `fichier_pes`; see docs/adullact.md. */
  readonly role: string;
  /** In bytes. */
  readonly size: number;
  /** The content, from its beginning; may be called any number of times, until the envelope is disposed of. */
  open(): Readable;
}

/** What all envelopes have. Close it (`[Symbol.asyncDispose]()`) when its documents have been read. */
export interface EnvelopeBase<
  Type extends EnvelopeType,
  Kind extends string,
  Fields,
> extends AsyncDisposable {
  readonly type: Type;
  /** Which message it is. */
  readonly kind: Kind;
  readonly shape: Shape;
  /** Of the folder, the archive or the file that it was. Not yet safe to print. */
  readonly name: string;
  readonly fields: Fields;
  /** The fields and the metadata as text, for an indexer. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly documents: readonly EnvelopeDocument[];
  /** What is odd about it, and was read all the same. */
  readonly issues: readonly Issue[];
  /** All that was read, except the attachments' bytes. */
  readonly raw: unknown;
}

/** An envelope of any type: `type` and `kind` tell which fields it has. */
export type Envelope = EnvelopeBase<EnvelopeType, string, unknown>;
