import { decoderFor } from '../mail/decode.js';
import { TnefScanner } from '../mail/tnef.js';
import { packedIn, packedProblem } from '../mail/winmail.js';
import { named, type KnownDocument, type KnownMail } from './mails.js';
import type { Settings } from './options.js';
import type { Reader } from './reader.js';

/**
 * The mail with the documents that are packed in its parts in the place of these. Each such part is read once for where they
 * stand in it, and again, from its beginning, by whoever reads one: nothing of it is held.
 *
 * @throws LanceurError as `Reader.pieces` does.
 */
export async function unpacked(
  mail: KnownMail,
  name: string,
  reader: Reader,
  { documents: wanted }: Settings,
): Promise<KnownMail> {
  if (!mail.documents.some(({ packed }) => packed !== undefined)) return mail;
  const problems = mail.attributes['problems'] === undefined ? [] : [mail.attributes['problems']];
  const documents: Omit<KnownDocument, 'name'>[] = [];
  for (const document of mail.documents) {
    const { packed, ...itself } = document;
    if (packed === undefined) {
      documents.push(document);
      continue;
    }
    const decoder = decoderFor(document.encoding);
    const scanner = new TnefScanner();
    for await (const piece of reader.pieces(mail.uid, name, document)) scanner.write(decoder.write(piece));
    scanner.write(decoder.end());
    const content = scanner.end();
    for (const { name: title, mediaType, within } of packedIn(packed, content, wanted)) {
      documents.push({ ...itself, title, mediaType, ...(within !== undefined && { within }) });
    }
    problems.push(...content.problems.map((each) => `${document.name}: ${packedProblem(each)}`));
  }
  const { attributes } = mail;
  return {
    ...mail,
    documents: named(documents),
    attributes: { ...attributes, ...(problems.length > 0 && { problems: problems.join('\n') }) },
  };
}
