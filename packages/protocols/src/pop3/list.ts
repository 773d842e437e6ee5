import { reason, type ItemRef, type Reason, type SourceMemory } from '@lanceur/core';
import { dateOf } from '../mail/attributes.js';
import { BREAKS_OF_ONE } from '../mail/breaks.js';
import { HEADER_BYTES, parseHeaders, type Headers } from '../mail/headers.js';
import { tooLarge } from '../mail/largest.js';
import { markOf } from '../mail/same.js';
import { ReplyError } from './client.js';
import type { InTurn } from './in-turn.js';
import type { Connection } from './login.js';
import type { Listed, Maildrop } from './maildrop.js';
import type { Settings } from './options.js';
import { Pages, type Remembered } from './pages.js';
import { WireError } from './wire.js';

/** Since when a launcher that starts "from now" has been watching. */
const START = 'start';
/** Headers that are fetched before what was learnt is written down. */
const BATCH = 1000;
const LONGEST_NAME = 200;
/** The answer to TOP may be so many times as long as a mail may be. */
const ENDLESS = 2;
const NO_DATE = 'the server does not give its header for now, so that it is not known when it came';
/** So often in a listing altogether, before it is given up. */
const MOST_BREAKS = 20;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The mailbox on the connection that there is now. */
export interface ListedOn {
  readonly connection: Connection;
  readonly turns: InTurn;
  readonly maildrop: Maildrop;
}

export interface Listing {
  /** On a new connection if the last has broken. */
  open(): Promise<ListedOn>;
  readonly memory: SourceMemory;
  readonly settings: Settings;
}

/**
 * The mails of the mailbox. The header of each is fetched once (TOP), for its name and its mark, and remembered; all
 * that a further poll costs is UIDL and LIST. The content is never fetched for listing.
 */
export async function* itemsOf(listing: Listing): AsyncGenerator<ItemRef> {
  const { memory, settings } = listing;
  const { maildrop } = await listing.open();
  const pages = await Pages.read(memory);
  const start = await startOf(listing, maildrop, pages);
  pages.keepOnly((uidl) => maildrop.mails.has(uidl));
  const mails = [...maildrop.mails];
  for (let from = 0; from < mails.length; from += BATCH) {
    const batch = mails.slice(from, from + BATCH);
    await learn(listing, pages, batch);
    await pages.write();
    for (const [uidl, copies] of batch) {
      const known = pages.get(uidl);
      const name = nameOf(uidl, known);
      const before = notReady(settings, name, known, start);
      yield refOf(uidl, copies, known, before ?? tooLarge(name, copies[0]?.size, settings));
    }
  }
  await pages.write();
}

function refOf(
  uidl: string,
  copies: readonly Listed[],
  known: Remembered | undefined,
  left: Reason | undefined,
): ItemRef {
  const [mail] = copies;
  const why = copies.length > 1 ? reason('UIDL_SHARED', { uidl, others: copies.length - 1 }) : left;
  return {
    id: uidl,
    version: '',
    name: nameOf(uidl, known),
    ...(mail?.size !== undefined && { size: mail.size }),
    ...(known?.s !== undefined && { same: known.s }),
    ...(why !== undefined && { notReady: why }),
  };
}

function nameOf(uidl: string, known: Remembered | undefined): string {
  return known?.n ?? `mail ${uidl}`;
}

/**
 * A mail that does not say when it came is taken: nothing is lost for want of a date. One that the server does not let say
 * so now waits for the next poll.
 */
function notReady(
  { from }: Settings,
  name: string,
  known: Remembered | undefined,
  start: string | undefined,
): Reason | undefined {
  if (from === undefined) return undefined;
  if (from === 'now')
    return isOlder(known, start) ? reason('BEFORE_START', { from: start ?? '' }) : undefined;
  if (known === undefined) return reason('MAIL_UNREADABLE', { name, why: NO_DATE });
  if (known.d === undefined || known.d >= from) return undefined;
  return reason('BEFORE_START', { from: new Date(from).toISOString() });
}

/**
 * Noted when the launcher began; or, should the ids have changed since, stamped by a server more than a day before: clocks
 * differ, and a new mail must not pass for an old one.
 */
function isOlder(known: Remembered | undefined, start: string | undefined): boolean {
  if (known?.o === 1) return true;
  const began = Date.parse(start ?? '');
  return known?.d !== undefined && known.w !== 1 && known.d < began - DAY_MS;
}

/** The first listing of a launcher that starts "from now" notes what is there, without fetching any of it. */
async function startOf(
  { settings, memory }: Listing,
  maildrop: Maildrop,
  pages: Pages,
): Promise<string | undefined> {
  if (settings.from !== 'now') return undefined;
  const known = (await memory.read([START])).get(START);
  if (known !== undefined) return known;
  const now = new Date(settings.clock.now()).toISOString();
  for (const uidl of maildrop.mails.keys()) {
    if (pages.get(uidl) === undefined) pages.set(uidl, { o: 1 });
  }
  await pages.write();
  // Last: a process that ends before this begins once more.
  await memory.write(new Map([[START, now]]));
  return now;
}

async function learn(
  listing: Listing,
  pages: Pages,
  mails: readonly (readonly [string, readonly Listed[]])[],
): Promise<void> {
  const { settings } = listing;
  const unknown = mails.filter(([uidl, copies]) => pages.get(uidl) === undefined && copies.length === 1);
  const breaks = new Map<string, number>();
  let left = unknown.map(([uidl]) => uidl);
  for (let times = 0; left.length > 0; times++) {
    const { connection, turns, maildrop } = await listing.open();
    const missed: string[] = [];
    let failure: WireError | undefined;
    await Promise.all(
      left.map(async (uidl) => {
        // By its number on this connection.
        const [mail] = maildrop.mails.get(uidl) ?? [];
        if (mail === undefined) return;
        const answer = await headersOf(connection, turns, mail.number, settings);
        if ('error' in answer) {
          failure = answer.error;
          const count = (breaks.get(uidl) ?? 0) + (answer.isDue ? 1 : 0);
          breaks.set(uidl, count);
          if (count < BREAKS_OF_ONE) {
            missed.push(uidl);
            return;
          }
          // What a server cannot tell without breaking is listed without: opening it says more.
          pages.set(uidl, {});
        } else if ('headers' in answer) {
          pages.set(uidl, answer.headers === undefined ? {} : remembered(answer.headers, mail.size));
        }
      }),
    );
    if (failure !== undefined && times >= MOST_BREAKS) throw failure;
    left = missed;
  }
}

/** `headers` are `undefined` if the server cannot give them; `isLater`: not now, by its own word. */
type Answer =
  | { readonly headers: Headers | undefined }
  | { readonly isLater: true }
  | { readonly error: WireError; readonly isDue: boolean };

function remembered(headers: Headers, size: number | undefined): Remembered {
  const name = headers.text('subject')?.slice(0, LONGEST_NAME);
  const mark = markOf({ messageId: headers.raw('message-id'), date: headers.raw('date'), size });
  const came = arrivalOf(headers);
  return {
    ...(name !== undefined && name !== '' && { n: name }),
    ...(mark !== undefined && { s: mark }),
    ...(came !== undefined && { d: came.at.getTime(), ...(came.isStamped ? {} : { w: 1 as const }) }),
  };
}

/** When the last server took it (RFC 5321, section 4.4, puts that on top); else when it says that it was written. */
function arrivalOf(headers: Headers): { readonly at: Date; readonly isStamped: boolean } | undefined {
  const received = headers.raw('received');
  const stamped = received === undefined ? undefined : dateOf(received.slice(received.lastIndexOf(';') + 1));
  if (stamped !== undefined) return { at: stamped, isStamped: true };
  const written = dateOf(headers.raw('date') ?? '');
  return written === undefined ? undefined : { at: written, isStamped: false };
}

/** TOP is optional (RFC 1939, section 7), and one bad mail stops no other. */
async function headersOf(
  { wire }: Connection,
  turns: InTurn,
  number: number,
  { largestMail }: Settings,
): Promise<Answer> {
  return await new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let isOk = false;
    let isLater = false;
    turns.send(wire, `TOP ${String(number)} 0`, {
      status(line) {
        isOk = line.startsWith('+OK');
        isLater = !isOk && new ReplyError(line).code !== undefined;
        return isOk;
      },
      data(chunk) {
        if (bytes < HEADER_BYTES) chunks.push(chunk);
        bytes += chunk.length;
        // Some servers give the whole mail.
        if (bytes > ENDLESS * largestMail)
          wire.destroy(new WireError('protocol', 'the server sent a header without end'));
      },
      done: () => {
        const headers = isOk ? parseHeaders(Buffer.concat(chunks)) : undefined;
        resolve(isLater ? { isLater } : { headers });
      },
      failed: (error, isDue) => resolve({ error, isDue }),
    });
  });
}
