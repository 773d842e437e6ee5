import { LanceurError, openSpool, type ItemRef, type Listener, type SourceDocument } from '@lanceur/core';
import { contentOf, type SeededRandom } from '@lanceur/core/testing';
import { HoldingRoom } from '../../../../packages/protocols/dist/mail/holding.js';
import { IncomingMail } from '../../../../packages/protocols/dist/mail/incoming.js';
import type { MailDocuments } from '../../../../packages/protocols/dist/mail/choose.js';
import type { Document } from './structure.js';

/** What came of a mail: its documents and what is said of it, or the code of the error that it ended in. */
export type Outcome =
  | { readonly documents: readonly Document[]; readonly problems: string | undefined }
  | { readonly error: string };

/** No mail takes so long, on any machine. */
const LONGEST_MS = 60_000;

/** All mails of a mailbox, in their order; an `Error` for what ended as no mail may. */
export async function readMailbox(listener: Listener, count: number): Promise<readonly (Outcome | Error)[]> {
  const session = await listener.connect();
  try {
    const refs: ItemRef[] = [];
    for await (const ref of session.list()) refs.push(ref);
    if (refs.length !== count) throw new Error(`${String(refs.length)} of ${String(count)} mails are listed`);
    const outcomes: (Outcome | Error)[] = [];
    for (const ref of refs) {
      const outcome = await bounded(async () => {
        const delivery = await session.open(ref);
        try {
          return {
            documents: await contentsOf(delivery.documents),
            problems: delivery.attributes['problems'],
          };
        } finally {
          await delivery[Symbol.asyncDispose]();
        }
      });
      outcomes.push(outcome);
    }
    return outcomes;
  } finally {
    await session.close();
  }
}

/** A mail by what reads it for POP3, its bytes cut into pieces by chance. */
export async function readPieces(
  bytes: Buffer,
  documents: MailDocuments,
  folder: string,
  random: SeededRandom,
): Promise<Outcome | Error> {
  const spool = await openSpool(folder);
  const shelf = new HoldingRoom(() => Promise.resolve(spool)).shelf({ pause: () => {}, resume: () => {} });
  try {
    return await bounded(async () => {
      const incoming = new IncomingMail({ documents, wants: undefined, name: 'a mail', shelf });
      const longest = random.pick(bytes.length > 20_000 ? [5000, 100_000] : [1, 3, 80, 5000]);
      for (let at = 0; at < bytes.length;) {
        const end = at + 1 + random.int(longest);
        incoming.write(Buffer.from(bytes.subarray(at, end)));
        at = end;
      }
      const arrived = await incoming.end();
      return { documents: await contentsOf(arrived.documents), problems: arrived.attributes.problems };
    });
  } finally {
    await shelf.close();
    await spool[Symbol.asyncDispose]();
  }
}

async function contentsOf(documents: readonly SourceDocument[]): Promise<readonly Document[]> {
  const found: Document[] = [];
  for (const document of documents) found.push({ name: document.name, content: await contentOf(document) });
  return found;
}

/** Errors of ours that say what is wrong with the mail are outcomes. */
async function bounded(read: () => Promise<Outcome>): Promise<Outcome | Error> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<Error>((resolve) => {
    timer = setTimeout(() => resolve(new Error('it takes too long')), LONGEST_MS);
  });
  try {
    return await Promise.race([read(), tooLong]);
  } catch (error) {
    if (LanceurError.is(error) && error.scope === 'document') return { error: error.code };
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    clearTimeout(timer);
  }
}
