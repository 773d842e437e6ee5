import { bodyName, documentName } from './file-names.js';
import type { Part } from './part.js';

/** What of a mail is a document. All that is not asked for is left in the mail, and nobody is asked about it. */
export interface MailDocuments {
  /** The files that it brings along ("pièces jointes"). Default true. */
  readonly attachments?: boolean;
  /** The mail itself, as it came, as `<subject>.eml`. Default false. */
  readonly message?: boolean;
  /** Its text, as `body.txt` or `body.html` (or both, where it has both). Default false. */
  readonly body?: boolean;
  /** Images that its text shows, if they have more than this many bytes (0 = all of them). Default: none. */
  readonly inlineAbove?: number;
  /** The attachments of messages that are attached to it, beside those messages. Default false. */
  readonly attached?: boolean;
  /** What Outlook packs into `winmail.dat` (TNEF), as the attachments that it is; `false`: that file itself. Default true. */
  readonly winmail?: boolean;
}

/**
 * - `attachment`: a file, an attached message.
 * - `inline`: an image that the text shows.
 * - `body`: the text, and what belongs to it: its other forms, what a bounce says to programs.
 * - `signature`: of the mail, or something else that is for programs alone; never a document.
 * - `container`: a multipart.
 */
export type PartRole = 'attachment' | 'inline' | 'body' | 'signature' | 'container';

/** What a part is in its mail, by its own header and those of the parts around it, so that it can be told while the mail arrives. */
export function roleOf(part: Part): PartRole {
  if (part.type.startsWith('multipart/')) return 'container';
  if (isSignature(part) || isForPrograms(part)) return 'signature';
  if (part.disposition === 'attachment') return 'attachment';
  if (part.inline) return 'inline';
  const parent = part.parent?.type;
  if (parent === 'multipart/report') return isReportBody(part) ? 'body' : 'attachment';
  if (!part.type.startsWith('text/')) return 'attachment';
  // The other forms of one text have no name of their own in any client.
  if (parent === 'multipart/alternative') return 'body';
  return part.name === undefined ? 'body' : 'attachment';
}

/** Whether a part is a document by these settings, and what it is called; asked before it is fetched. */
export function choiceOf(
  part: Part,
  documents: MailDocuments,
  subject?: string,
):
  { readonly name: string; /** Only if it has more bytes than this. */ readonly above?: number } | undefined {
  const isInside = attachedIn(part) !== undefined;
  if (isInside && documents.attached !== true) return undefined;
  switch (roleOf(part)) {
    case 'attachment': {
      const asked = isInside ? documents.attached === true : documents.attachments !== false;
      return asked ? { name: documentName(part, subject) } : undefined;
    }
    case 'inline':
      if (isInside || documents.inlineAbove === undefined) return undefined;
      return {
        name: documentName(part),
        ...(documents.inlineAbove > 0 && { above: documents.inlineAbove }),
      };
    case 'body':
      return documents.body === true && !isInside ? { name: bodyName(part) } : undefined;
    case 'signature':
    case 'container':
      return undefined;
  }
}

/** The attached message that a part is in, the innermost one. */
function attachedIn(part: Part): Part | undefined {
  for (let outer = part.parent; outer !== undefined; outer = outer.parent) {
    if (outer.type === 'message/rfc822') return outer;
  }
  return undefined;
}

/** RFC 1847, section 2.1: the second part of a signed mail. */
function isSignature(part: Part): boolean {
  return part.parent?.type === 'multipart/signed' && SIGNATURES.has(part.type);
}

const SIGNATURES = new Set([
  'application/pgp-signature',
  'application/pkcs7-signature',
  'application/x-pkcs7-signature',
]);

/** What a Mac knows of a file beside its content (RFC 1740, section 5); the "Version: 1" of an encrypted mail (RFC 3156, section 4). */
function isForPrograms({ type, parent }: Part): boolean {
  return (
    (type === 'application/applefile' && parent?.type === 'multipart/appledouble') ||
    (type === 'application/pgp-encrypted' && parent?.type === 'multipart/encrypted')
  );
}

/** RFC 6522: a text, a form for programs, and perhaps the mail in question, which is a file to people. */
function isReportBody(part: Part): boolean {
  return part.name === undefined && part.type !== 'message/rfc822';
}
