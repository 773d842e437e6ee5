import { LanceurError } from '@lanceur/core';
import { ReplyError, type Pop3Client } from './client.js';
import { said, type Place } from './errors.js';

/** A mail by what UIDL and LIST say of it; its number is good for one connection. */
export interface Listed {
  readonly number: number;
  /** Octets as the server counts them; `undefined` if LIST does not have it. */
  readonly size: number | undefined;
}

/** What is in the mailbox, as one connection sees it. */
export interface Maildrop {
  /** By UIDL, in the order of the mailbox. Of those that share one, all. */
  readonly mails: ReadonlyMap<string, readonly Listed[]>;
}

/**
 * Asks for the unique ids and sizes of all mails (RFC 1939, section 7).
 *
 * @throws LanceurError `UIDL_MISSING` if the server does not have unique ids, or not for every mail.
 */
export async function maildropOf(client: Pop3Client, place: Place): Promise<Maildrop> {
  const uidls = await listing(client.UIDL(), place);
  const sizes = new Map<number, number>();
  for (const [number = '', size = ''] of linesOf(await client.LIST())) {
    if (DIGITS.test(number) && DIGITS.test(size)) sizes.set(Number(number), Number(size));
  }
  const mails = new Map<string, Listed[]>();
  for (const [number = '', ...words] of uidls) {
    const uidl = words.join(' ');
    if (!DIGITS.test(number) || !UIDL.test(uidl)) {
      const why = `it lists ${JSON.stringify(`${number} ${uidl}`.slice(0, 100))}`;
      throw new LanceurError('UIDL_MISSING', { path: place.address, why });
    }
    const same = mails.get(uidl);
    const mail = { number: Number(number), size: sizes.get(Number(number)) };
    if (same === undefined) mails.set(uidl, [mail]);
    else same.push(mail);
  }
  const nameless = sizes.size - uidls.length;
  if (nameless > 0) {
    const why = `${String(nameless)} mails have none`;
    throw new LanceurError('UIDL_MISSING', { path: place.address, why });
  }
  return { mails };
}

async function listing(answer: Promise<unknown>, place: Place): Promise<readonly string[][]> {
  try {
    return linesOf(await answer);
  } catch (error) {
    if (!(error instanceof ReplyError) || error.code !== undefined) throw error;
    throw new LanceurError('UIDL_MISSING', { path: place.address, why: place.hide(said(error)) });
  }
}

/** node-pop3 gives lines cut at each blank. */
function linesOf(lines: unknown): readonly string[][] {
  return (lines as readonly string[][]).map((words) => words.filter((word) => word !== ''));
}

const DIGITS = /^\d{1,15}$/u;
/** RFC 1939 allows 70 characters from 0x21 to 0x7e; longer ones do no harm, nor do blanks inside. */
const UIDL = /^[ -~]{1,250}$/u;
