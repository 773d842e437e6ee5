import { createReadStream } from 'node:fs';
import { extensionOf, safeNames } from '@lanceur/core';
import { issue, type Issue } from '../issues.js';
import type { XmlDocument } from '../xml-file.js';
import type { Attachment } from './attachments.js';

/** An attachment where it stands in its XML. */
export interface Place {
  /** What stands in place of its content: its number. `undefined`: there was none. */
  readonly number: string | undefined;
  /** As its sender named it, if he did. */
  readonly name: string | undefined;
  /** What to call it otherwise, without extension. */
  readonly otherwise: string;
  readonly mediaType: string | undefined;
  readonly role: string;
  readonly invoice?: number;
  /** Whether having no content is odd. */
  readonly mayBeEmpty?: boolean;
}

export interface Documents {
  readonly documents: readonly XmlDocument[];
  /** For each place, the name of its document, if there is one. */
  readonly names: readonly (string | undefined)[];
  readonly issues: readonly Issue[];
}

/** The attachments as documents, with the names that their senders gave them. */
export function documentsOf(attachments: readonly Attachment[], places: readonly Place[]): Documents {
  const issues: Issue[] = [];
  const found = places.map((place) => {
    const attachment = place.number === undefined ? undefined : attachments[Number(place.number)];
    const wanted = wantedName(place, attachment);
    const problem = problemOf(attachment, wanted, place);
    if (problem !== undefined) issues.push(problem);
    if (attachment === undefined || attachment.size === 0 || attachment.damaged !== undefined)
      return undefined;
    if (attachment.rubbish > 0) {
      issues.push(issue('ATTACHMENT_ODD', { name: wanted, count: attachment.rubbish }));
    }
    return { place, attachment, wanted };
  });
  const there = found.filter((one) => one !== undefined);
  const safe = safeNames(there.map(({ wanted }) => wanted));
  const documents = there.map(({ place, attachment, wanted }, i) => {
    const name = safe[i] ?? wanted;
    if (place.name !== undefined && name !== place.name.normalize('NFC')) {
      issues.push(issue('ATTACHMENT_RENAMED', { name: place.name, file: name }));
    }
    return documentOf(name, place, attachment);
  });
  let next = 0;
  return {
    documents,
    names: found.map((one) => (one === undefined ? undefined : documents[next++]?.name)),
    issues,
  };
}

function documentOf(name: string, { role, invoice }: Place, { size, localPath }: Attachment): XmlDocument {
  return {
    name,
    role,
    size,
    ...(invoice !== undefined && { invoice }),
    localPath,
    open: () => Promise.resolve(createReadStream(localPath)),
  };
}

function problemOf(attachment: Attachment | undefined, name: string, place: Place): Issue | undefined {
  if (attachment?.damaged !== undefined) {
    return issue('ATTACHMENT_UNREADABLE', { name, why: attachment.damaged });
  }
  if (attachment === undefined || attachment.size === 0) {
    return place.mayBeEmpty === true ? undefined : issue('ATTACHMENT_EMPTY', { name });
  }
  if (attachment.packed === undefined || isZipName(place.name)) return undefined;
  return issue('ATTACHMENT_PACKED', { name, why: attachment.packed });
}

/** Chorus Pro cuts names here, and with them the extension. */
const CUT = 50;

/** A name is cut or missing in some XMLs, and whole in the zip that the attachment came in. */
function wantedName({ name, otherwise, mediaType }: Place, attachment: Attachment | undefined): string {
  const inner = attachment?.innerName;
  if (attachment?.packed !== undefined && !isZipName(name)) return `${name ?? otherwise}.zip`;
  if (name === undefined) return inner ?? otherwise + extensionFor(mediaType);
  if (inner === undefined) return name;
  const isCut =
    inner.length > name.length && name.length >= CUT - 1 && inner.startsWith(name.normalize('NFC'));
  // A zip with one file in it, sent as it was: what is handed over is that file.
  return isCut || (isZipName(name) && !isZipName(inner)) ? inner : name;
}

/** Files that are a zip inside. */
const ZIPS = new Set([
  'zip',
  'docx',
  'xlsx',
  'pptx',
  'docm',
  'xlsm',
  'odt',
  'ods',
  'odp',
  'odg',
  'epub',
  'jar',
  'kmz',
]);

function isZipName(name: string | undefined): boolean {
  return name !== undefined && ZIPS.has(extensionOf(name));
}

const EXTENSIONS: ReadonlyMap<string, string> = new Map([
  ['application/pdf', '.pdf'],
  ['application/xml', '.xml'],
  ['text/xml', '.xml'],
  ['image/jpeg', '.jpg'],
  ['image/png', '.png'],
  ['image/tiff', '.tif'],
]);

function extensionFor(mediaType: string | undefined): string {
  return EXTENSIONS.get(mediaType?.toLowerCase() ?? '') ?? '';
}
