import { safeName } from '@lanceur/core';
import type { Part } from './part.js';

/**
 * The file name that a part's header gives, as mail clients show it: `filename` of the disposition, else `name` of the
 * type. NFC, in one line, without the folders of an absolute path; `undefined` where there is none.
 */
export function fileNameIn(
  disposition: ReadonlyMap<string, string>,
  type: ReadonlyMap<string, string>,
): string | undefined {
  for (const name of [
    disposition.get('filename'),
    disposition.get('name'),
    type.get('name'),
    type.get('filename'),
  ]) {
    const clean = cleaned(name ?? '');
    if (clean !== '') return clean;
  }
  return undefined;
}

/**
 * The name of a part as a document: its own; else, for an attached message, its subject; else one from its type and
 * place: `part-2.pdf`. Never empty, safe for Windows and POSIX, not yet unique in its mail.
 */
export function documentName(part: Part, subject?: string): string {
  if (part.name !== undefined) return safeName(part.name);
  if (part.type === 'message/rfc822') return messageName(subject, `part-${part.path}`);
  return `part-${part.path === '' ? '1' : part.path}.${extensionFor(part.type)}`;
}

/** The name of a message as a document: `Facture 12.eml`. */
export function messageName(subject: string | undefined, otherwise = 'message'): string {
  const clean = cleaned(subject ?? '');
  return safeName(`${safeName(clean === '' ? otherwise : clean, SUBJECT_BYTES)}.eml`);
}

/** The name of a mail's text as a document: `body.html`. */
export function bodyName(part: Part): string {
  return `body.${extensionFor(part.type)}`;
}

const SUBJECT_BYTES = 150;

function cleaned(name: string): string {
  const line = name.normalize('NFC').replace(/\s+/gu, ' ').trim();
  // A path of the sender's disk; a slash inside a name that is none stays, and becomes `_`.
  return /^(?:[a-z]:[\\/]|[\\/]|\.\.?[\\/])/iu.test(line) ? line.slice(line.search(/[^\\/]*$/u)) : line;
}

function extensionFor(type: string): string {
  return EXTENSIONS[type] ?? (type.startsWith('text/') ? 'txt' : 'bin');
}

/** Whether files have such an extension: `pdf`, and not what is behind the dot of `M.Dupont`. */
export function isKnownExtension(extension: string): boolean {
  return KNOWN.has(extension);
}

/** What people send to a town hall, by its registered type (IANA Media Types). */
const EXTENSIONS: Readonly<Record<string, string>> = {
  'application/json': 'json',
  'application/msword': 'doc',
  'application/octet-stream': 'bin',
  'application/pdf': 'pdf',
  'application/pkcs7-mime': 'p7m',
  'application/pkcs7-signature': 'p7s',
  'application/rtf': 'rtf',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.ms-powerpoint': 'ppt',
  'application/vnd.oasis.opendocument.spreadsheet': 'ods',
  'application/vnd.oasis.opendocument.text': 'odt',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/x-pdf': 'pdf',
  'application/xml': 'xml',
  'application/zip': 'zip',
  'application/gzip': 'gz',
  'image/bmp': 'bmp',
  'image/gif': 'gif',
  'image/jpeg': 'jpg',
  'image/jpg': 'jpg',
  'image/png': 'png',
  'image/svg+xml': 'svg',
  'image/tiff': 'tif',
  'image/webp': 'webp',
  'message/rfc822': 'eml',
  'text/calendar': 'ics',
  'text/csv': 'csv',
  'text/html': 'html',
  'text/plain': 'txt',
  'text/xml': 'xml',
};

const KNOWN: ReadonlySet<string> = new Set([
  ...Object.values(EXTENSIONS),
  // Of files that are mostly sent as octets.
  ...'7z asc bz2 cer crt dat docm dwg dxf htm jpeg key log md mp3 mp4 msg odg odp ott'.split(' '),
  ...'pages pgp ppsx rar sig tar tgz tiff vcf wav xlsb xlsm xps'.split(' '),
]);
