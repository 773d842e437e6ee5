import { LanceurError, messageOf, reason, safeNames, type ItemRef } from '@lanceur/core';
import type { FetchMessageObject, FetchQueryObject } from 'imapflow';
import { attributesOf } from '../mail/attributes.js';
import { choiceOf } from '../mail/choose.js';
import { messageName } from '../mail/file-names.js';
import { parseHeaders, type Headers } from '../mail/headers.js';
import type { Part } from '../mail/part.js';
import { markOf } from '../mail/same.js';
import { isPacked, type Range } from '../mail/winmail.js';
import { certain } from './certain.js';
import { Refused } from './faults.js';
import type { Connection } from './connection.js';
import { idOf } from './ids.js';
import type { Settings } from './options.js';
import { partsOf, type FoundPart } from './structure.js';

/** A document of a mail, and what has to be fetched for it. */
export interface KnownDocument {
  /** Safe, unique in its mail. */
  readonly name: string;
  /** Before it was made unique. */
  readonly title: string;
  readonly mediaType: string;
  /** `''` = the whole mail. */
  readonly section: string;
  /** The transfer encoding. */
  readonly encoding: string;
  /** Encoded, as the server counts them. */
  readonly octets: number | undefined;
  /** It is only this of what the section decodes to. */
  readonly within?: Range;
  /** It holds others, which are known once it has been read, and are the documents in its place. */
  readonly packed?: Part;
}

/** What is known of a mail without its content. It never changes (RFC 3501, section 2.3.1.1). */
export interface KnownMail {
  readonly uid: number;
  readonly ref: ItemRef;
  readonly documents: readonly KnownDocument[];
  readonly attributes: Readonly<Record<string, string>>;
  /** When the server received it. */
  readonly received: Date | undefined;
  /** Why its structure cannot be told; it has no documents then. */
  readonly problem?: string;
}

/** What a part is by its own header. */
const PART_HEADERS = ['content-type', 'content-disposition', 'content-transfer-encoding', 'content-id'];

const QUERY: FetchQueryObject = {
  uid: true,
  size: true,
  internalDate: true,
  bodyStructure: true,
  headers: ['date', 'message-id', 'subject', 'from', 'to', ...PART_HEADERS],
};

const LONGEST_NAME = 200;

/**
 * What is known of these mails; those that are gone are left out. A mail that the server cannot tell about keeps no
 * other from being told: it comes with its problem.
 */
export async function describe(
  connection: Connection,
  settings: Settings,
  uids: readonly number[],
): Promise<readonly KnownMail[]> {
  const { rows, refused } = await rowsOf(connection, uids);
  const known: KnownMail[] = [];
  for (const row of rows) known.push(await mailOf(connection, settings, row));
  const told = new Set(rows.map((row) => row.uid));
  const missing = uids.filter((uid) => !told.has(uid));
  if (missing.length > 0) {
    // A row may have been lost on the way because it made no sense; a mail that is there is never left out.
    for (const uid of await connection.present(missing)) {
      const problem = refused.get(uid) ?? 'the server says nothing of it that can be understood';
      known.push(unknownMail(connection, uid, problem));
    }
  }
  return known.sort((a, b) => a.uid - b.uid);
}

async function rowsOf(
  connection: Connection,
  uids: readonly number[],
): Promise<{ readonly rows: readonly FetchMessageObject[]; readonly refused: ReadonlyMap<number, string> }> {
  const [first] = uids;
  const fetch = () => connection.fetch(uids, QUERY);
  try {
    const isOne = uids.length === 1 && first !== undefined;
    const rows = await (isOne ? connection.patiently(first, `mail ${String(first)}`, fetch) : fetch());
    return { rows, refused: new Map() };
  } catch (error) {
    const isBreak = connection.isBreak(error);
    if (!(error instanceof Refused) && !isBreak && !LanceurError.is(error, 'MAIL_UNREADABLE')) throw error;
    if (uids.length === 1 && first !== undefined) {
      if (isBreak) throw error;
      const why = error instanceof LanceurError ? String(error.reason.data?.['why']) : messageOf(error);
      return { rows: [], refused: new Map([[first, why]]) };
    }
    if (isBreak) await connection.revive();
    // One bad mail makes some servers refuse them all, or break the connection.
    const half = Math.ceil(uids.length / 2);
    const [one, other] = [
      await rowsOf(connection, uids.slice(0, half)),
      await rowsOf(connection, uids.slice(half)),
    ];
    return { rows: [...one.rows, ...other.rows], refused: new Map([...one.refused, ...other.refused]) };
  }
}

async function mailOf(
  connection: Connection,
  settings: Settings,
  row: FetchMessageObject,
): Promise<KnownMail> {
  const headers = parseHeaders(row.headers ?? new Uint8Array());
  const subject = headers.text('subject');
  if (row.bodyStructure === undefined) {
    const problem = 'the server does not tell its structure (BODYSTRUCTURE)';
    return { ...unknownMail(connection, row.uid, problem), ...partial(row, headers) };
  }
  const { parts, problems } = await certain(connection, row.uid, partsOf(row.bodyStructure, headers));
  const documents = documentsOf(settings, parts, subject, row.size);
  const mark = markOf({
    emailId: row.emailId,
    messageId: headers.raw('message-id'),
    date: headers.raw('date'),
    size: row.size,
  });
  return {
    uid: row.uid,
    ref: {
      id: idOf(connection.mailbox.uidValidity, row.uid),
      version: '',
      name:
        subject === undefined || subject === '' ? `mail ${String(row.uid)}` : subject.slice(0, LONGEST_NAME),
      ...(row.size !== undefined && { size: row.size }),
      ...(mark !== undefined && { same: mark }),
      // What is packed has names that are not known yet: then the listing tells none.
      ...(!documents.some(({ packed }) => packed !== undefined) && {
        documents: documents.map(({ name, mediaType }) => ({ name, mediaType })),
      }),
    },
    documents,
    attributes: {
      ...attributesOf(headers),
      mailbox: connection.mailbox.path,
      ...(problems.length > 0 && { problems: problems.join('\n') }),
    },
    ...partial(row, headers),
  };
}

function partial(row: FetchMessageObject, headers: Headers): { readonly received: Date | undefined } {
  const { internalDate } = row;
  const received = internalDate instanceof Date ? internalDate : new Date(headers.raw('date') ?? '');
  return { received: Number.isNaN(received.getTime()) ? undefined : received };
}

/** Listed all the same, so that it does not look gone; opening it says what is wrong. */
function unknownMail(connection: Connection, uid: number, problem: string): KnownMail {
  const ref = { id: idOf(connection.mailbox.uidValidity, uid), version: '', name: `mail ${String(uid)}` };
  return { uid, ref, documents: [], attributes: {}, received: undefined, problem };
}

function documentsOf(
  { documents: wanted }: Settings,
  parts: readonly FoundPart[],
  subject: string | undefined,
  size: number | undefined,
): readonly KnownDocument[] {
  const found: Omit<KnownDocument, 'name'>[] = [];
  if (wanted.message === true) {
    const title = messageName(subject);
    found.push({ title, mediaType: 'message/rfc822', section: '', encoding: '', octets: size });
  }
  for (const { part, section, subject: inner } of parts) {
    const choice = choiceOf(part, wanted, inner);
    if (choice === undefined) continue;
    if (choice.above !== undefined && decodedSize(part.encoding, part.size ?? 0) <= choice.above) continue;
    found.push({
      title: choice.name,
      mediaType: part.type,
      section,
      encoding: part.encoding,
      octets: part.size,
      ...(isPacked(part, wanted) && { packed: part }),
    });
  }
  return named(found);
}

/** With names that are unique in their mail, in its order. */
export function named(documents: readonly Omit<KnownDocument, 'name'>[]): readonly KnownDocument[] {
  const names = safeNames(documents.map(({ title }) => title));
  return documents.map((document, i) => ({ ...document, name: names[i] ?? document.title }));
}

/** About: base64 has 78 characters for 57 bytes. */
function decodedSize(encoding: string, octets: number): number {
  return encoding === 'base64' ? Math.floor((octets * 57) / 78) : octets;
}

/** A mail that was there before `from`: listed, and never looked into. */
export function tooOld(uidValidity: string, uid: number, from: Date, known?: KnownMail): ItemRef {
  const notReady = reason('BEFORE_START', { from: from.toISOString() });
  if (known !== undefined) return { ...known.ref, notReady };
  return { id: idOf(uidValidity, uid), version: '', name: `mail ${String(uid)}`, notReady };
}
