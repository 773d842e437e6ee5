import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { safeNames } from '@lanceur/core';
import type { ActesFields, ActesKind } from './actes/fields.js';
import { readActes } from './actes/read.js';
import { readChorus } from './chorus/read.js';
import type { ChorusFields, ChorusKind } from './chorus/fields.js';
import type { HeliosFields, HeliosKind } from './helios/fields.js';
import { readHelios } from './helios/read.js';
import { issue, type Issue } from './issues.js';
import type { Limits } from './limits.js';
import type { Total } from './total.js';
import type { XmlElement } from './xml/element.js';
import { readXml, type ReadXml } from './xml/read.js';

/** An XML file, wherever it lies. */
export interface XmlFile {
  /** As its sender named it. What an Actes message does not say itself is read from it. */
  readonly name: string;
  /** The content, from its beginning; may be called several times. */
  open(): Promise<Readable>;
}

export interface DecodeXmlOptions {
  /**
   * A folder of the caller's own, for the attachments: they live as long as it does. Absolute; or what makes it once it
   * is needed, since most messages carry nothing.
   */
  readonly folder: string | (() => Promise<string>);
  readonly limits: Limits;
  readonly signal?: AbortSignal | undefined;
  /** What has come out of all that the XML is a part of. */
  readonly total?: Total | undefined;
}

/** A file that was inside an XML. */
export interface XmlDocument {
  /** As its sender named it, made safe, unique in its XML without regard to case. */
  readonly name: string;
  /** `piece_jointe`; for invoices `facture` (TypePJ 01) and `piece_jointe` (02). */
  readonly role: string;
  /** In bytes. */
  readonly size: number;
  /** Where the file has several invoices: which one it belongs to, counted from 0. */
  readonly invoice?: number;
  /** The bytes are in this file, by its absolute path. */
  readonly localPath: string;
  open(): Promise<Readable>;
}

/** A file that a message names, to be matched with what lies beside it. */
export interface NamedFile {
  readonly name: string;
  /** `arrete` for the act, `autre_document_attache` for its annexes, `message` for a form of an archive, `document` elsewhere. */
  readonly role: string;
}

/** What one XML says. `type` and `kind` tell which fields it has. */
export type DecodedXml = DecodedActes | DecodedHelios | DecodedChorus;

interface Decoded {
  /** The fields as flat text, for an indexer. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The files that were inside it. */
  readonly documents: readonly XmlDocument[];
  readonly lists: readonly NamedFile[];
  readonly issues: readonly Issue[];
  /** Everything that was read, except the attachments' bytes. */
  readonly raw: XmlElement;
}

export type DecodedActes = {
  readonly [K in ActesKind]: Decoded & {
    readonly type: 'acte_nature';
    readonly kind: K;
    readonly fields: ActesFields[K];
  };
}[ActesKind];

export type DecodedHelios = {
  readonly [K in HeliosKind]: Decoded & {
    readonly type: 'helios';
    readonly kind: K;
    readonly fields: HeliosFields[K];
  };
}[HeliosKind];

export type DecodedChorus = {
  readonly [K in ChorusKind]: Decoded & {
    readonly type: 'chorus_fact';
    readonly kind: K;
    readonly fields: ChorusFields;
  };
}[ChorusKind];

/**
 * An XML of one of the three types, decoded; its attachments as files. `undefined` where it is none of them.
 *
 * @throws LanceurError `ENVELOPE_DAMAGED` for what is cut short or not well-formed, `ENVELOPE_UNSAFE` for a DTD,
 * `ENVELOPE_TOO_BIG` for what exceeds a limit; what opening or reading it throws; the signal's reason.
 */
export async function decodeXml(file: XmlFile, options: DecodeXmlOptions): Promise<DecodedXml | undefined> {
  const read = await readXml(file, options);
  return read === undefined ? undefined : withStrays(decodedBy(read), read);
}

function decodedBy(read: ReadXml): DecodedXml {
  switch (read.type) {
    case 'acte_nature':
      return readActes(read);
    case 'helios':
      return readHelios(read);
    case 'chorus_fact':
      return readChorus(read);
  }
}

/** With the attachments that stand where no schema has any: they are files all the same. */
function withStrays<D extends DecodedXml>(decoded: D, { name, attachments }: ReadXml): D {
  const placed = new Set(decoded.documents.map(({ localPath }) => localPath));
  const strays = attachments.filter(
    ({ localPath, size, damaged }) => size > 0 && damaged === undefined && !placed.has(localPath),
  );
  if (strays.length === 0) return decoded;
  const taken = decoded.documents.map((document) => document.name);
  const wanted = strays.map(({ innerName }, i) => innerName ?? `PJ ${String(i + 1)}`);
  const names = safeNames([...taken, ...wanted]).slice(taken.length);
  const documents = strays.map(({ localPath, size }, i): XmlDocument => ({
    name: names[i] ?? '',
    role: 'piece_jointe',
    size,
    localPath,
    open: () => Promise.resolve(createReadStream(localPath)),
  }));
  return {
    ...decoded,
    documents: [...decoded.documents, ...documents],
    issues: [
      ...decoded.issues,
      ...documents.map((document) => issue('ATTACHMENT_STRAY', { file: name, name: document.name })),
    ],
  };
}
