import { LanceurError, safeName } from '@lanceur/core';
import type { MailDocuments } from './choose.js';
import { documentName } from './file-names.js';
import type { Part } from './part.js';
import type { TnefContent, TnefFile, TnefProblem } from './tnef.js';

/** A document by where its bytes stand in what a part decodes to. */
export interface PackedDocument {
  /** Safe, not yet unique in its mail. */
  readonly name: string;
  readonly mediaType: string;
  /** Of the part, in bytes; absent for the part itself. */
  readonly within?: Range;
}

export interface Range {
  readonly start: number;
  readonly size: number;
}

/**
 * Whether a part that is chosen as a document is what Outlook packs attachments into, and they are wanted instead.
 * What is inside is known only once it has been read.
 */
export function isPacked({ type, name }: Part, { winmail = true }: MailDocuments): boolean {
  return winmail && (TYPES.has(type) || /^winmail\.dat$/iu.test(name ?? ''));
}

const TYPES = new Set(['application/ms-tnef', 'application/vnd.ms-tnef']);

/**
 * The documents in such a part: the files that it holds; and it itself, as the last, if it holds anything else that could not
 * be read. One without attachments has but the look of the text, which is for programs alone: no document.
 */
export function packedIn(
  part: Part,
  { files, problems }: TnefContent,
  { inlineAbove }: MailDocuments,
): readonly PackedDocument[] {
  const isAsked = ({ inline, size }: TnefFile): boolean =>
    !inline || (inlineAbove !== undefined && (inlineAbove === 0 || size > inlineAbove));
  return [
    ...files.filter(isAsked).map((file, i) => ({
      name: nameOf(part, file, i + 1),
      mediaType: file.mediaType ?? 'application/octet-stream',
      within: { start: file.start, size: file.size },
    })),
    ...(problems.length > 0 ? [{ name: documentName(part), mediaType: part.type }] : []),
  ];
}

function nameOf(
  part: Part,
  { name, mediaType = 'application/octet-stream' }: TnefFile,
  ordinal: number,
): string {
  if (name !== undefined) return safeName(name);
  const { name: _ofPart, ...nameless } = part;
  return documentName({ ...nameless, path: `${part.path}-${String(ordinal)}`, type: mediaType });
}

/** What could not be read in such a part, in a few words. */
export function packedProblem(problem: TnefProblem): string {
  return `${PROBLEMS[problem]}, so that it is handed over itself as well`;
}

const PROBLEMS: Readonly<Record<TnefProblem, string>> = {
  none: 'it is said to be Outlook’s (TNEF) and is not',
  cut: 'its end is missing',
  sum: 'an attachment in it is damaged',
  malformed: 'something in it is not as TNEF should be',
  message: 'a message that is attached in it can be opened by Outlook alone',
  object: 'an object or a link in it is no file',
  'too many': 'it holds too many attachments',
};

/**
 * The bytes of a range, from those of the whole. Ends the source as soon as it has them.
 * @throws LanceurError `CHANGED` if they are not there (any more).
 */
export async function* within(
  whole: AsyncIterable<Buffer>,
  { start, size }: Range,
  name: string,
): AsyncGenerator<Buffer> {
  let at = 0;
  const end = start + size;
  if (size === 0) return;
  for await (const piece of whole) {
    const part = piece.subarray(Math.max(0, start - at), Math.max(0, end - at));
    at += piece.length;
    if (part.length > 0) yield part;
    if (at >= end) return;
  }
  throw new LanceurError('CHANGED', { name });
}
