import { LanceurError, type Delivery, type ItemRef, type Wants } from '@lanceur/core';
import { Interrupted } from '../mail/breaks.js';
import type { HoldingRoom } from '../mail/holding.js';
import { IncomingMail } from '../mail/incoming.js';
import { expectNotTooLarge } from '../mail/largest.js';
import { ReplyError } from './client.js';
import { said, sourceError } from './errors.js';
import type { InTurn } from './in-turn.js';
import type { Listed } from './maildrop.js';
import type { Settings } from './options.js';
import { WireError, type Wire } from './wire.js';

/** What one mail is fetched with. */
export interface Fetch {
  readonly wire: Wire;
  readonly turns: InTurn;
  readonly room: HoldingRoom;
  readonly settings: Settings;
  readonly ref: ItemRef;
  readonly mail: Listed;
  readonly wants: Wants | undefined;
}

/** Some servers count the dot at the end, or what was put before a dot. */
const COUNTING = 5;

/** A mail that comes larger than it may be goes by, so that the next can follow, up to so many times as much. */
const ENDLESS = 2;

/**
 * RETR: the mail is taken apart while it arrives, and what is wanted of it is kept until the delivery is closed, in
 * memory or in the spool, so that the next mail can follow on the same connection.
 *
 * @throws LanceurError `DOCUMENT_UNREADABLE` if the server refuses this mail; `MAIL_CUT_SHORT`, `MAIL_TOO_LARGE`; of scope
 *   `source` or `system`.
 * @throws Interrupted if the connection broke, or the server says that it has trouble.
 */
export async function fetchMail(fetch: Fetch): Promise<Delivery> {
  const { wire, ref, settings, wants, room } = fetch;
  const shelf = room.shelf(wire);
  const incoming = new IncomingMail({ documents: settings.documents, wants, name: ref.name, shelf });
  try {
    const octets = await retrieve(fetch, incoming);
    const { documents, attributes, end } = await incoming.end();
    const { size } = fetch.mail;
    const isShort = size !== undefined && octets < size - COUNTING;
    if (isShort && settings.exactSizes && end.closed !== true) {
      throw new LanceurError('MAIL_CUT_SHORT', { name: ref.name, got: octets, size });
    }
    return {
      ref,
      documents,
      attributes: { ...attributes, uidl: ref.id },
      [Symbol.asyncDispose]: () => shelf.close(),
    };
  } catch (error) {
    await shelf.close();
    throw error;
  }
}

/** How many octets came. */
async function retrieve(
  { wire, turns, mail, ref, settings }: Fetch,
  incoming: IncomingMail,
): Promise<number> {
  const place = { address: settings.address, user: settings.login.user, hide: settings.login.hide };
  let octets = 0;
  let refusal: ReplyError | undefined;
  let failure: { readonly error: unknown } | undefined;
  await new Promise<void>((resolve, reject) => {
    turns.send(wire, `RETR ${String(mail.number)}`, {
      status(line) {
        if (line.startsWith('+OK')) return true;
        refusal = new ReplyError(line);
        return false;
      },
      data(chunk) {
        octets += chunk.length;
        if (octets > ENDLESS * settings.largestMail) {
          wire.destroy(new WireError('protocol', 'the server sent a mail without end'));
          return;
        }
        if (failure !== undefined || octets > settings.largestMail) return;
        try {
          incoming.write(chunk);
        } catch (error) {
          // The rest of the answer has to go by all the same: the next one follows it.
          failure = { error };
        }
      },
      done: resolve,
      failed: (error, isDue) => {
        // One that was too large already is nothing to be tried again.
        if (octets > settings.largestMail) resolve();
        else reject(new Interrupted(sourceError(error, place), isDue));
      },
    });
  });
  if (failure !== undefined) throw failure.error;
  expectNotTooLarge(ref.name, octets, settings);
  if (refusal !== undefined) throw refusedMail(refusal, ref, place);
  return octets;
}

/**
 * One mail that the server cannot give does not stop the rest, unless it says that the trouble is its own. Of that, RFC
 * 3206's codes say nothing: Dovecot gives them for a damaged mail as well. It is counted like a connection that breaks.
 */
function refusedMail(
  refusal: ReplyError,
  ref: ItemRef,
  place: Parameters<typeof sourceError>[1],
): LanceurError | Interrupted {
  if (refusal.code !== undefined) {
    const why = sourceError(refusal, place);
    return refusal.code.startsWith('SYS/') ? new Interrupted(why, true) : why;
  }
  return new LanceurError('DOCUMENT_UNREADABLE', { name: ref.name, why: place.hide(said(refusal)) });
}
