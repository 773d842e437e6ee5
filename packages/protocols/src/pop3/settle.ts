import { reason, type Settled, type Settlement } from '@lanceur/core';
import { oneLine, ReplyError, type Pop3Client } from './client.js';
import { said } from './errors.js';
import type { InTurn } from './in-turn.js';
import type { Maildrop } from './maildrop.js';
import type { Settings } from './options.js';
import type { Wire } from './wire.js';

export interface Settling {
  readonly wire: Wire;
  readonly client: Pop3Client;
  readonly turns: InTurn;
  readonly maildrop: Maildrop;
  readonly settings: Settings;
}

/**
 * Marks accepted mails (DELE), then ends the session: a mail is deleted when the server has said +OK to QUIT, and not
 * before (RFC 1939, section 6). Rejected mails, and those set aside, stay.
 *
 * @throws ReplyError, WireError: it is not known what became of any of them.
 */
export async function settleAll(
  settling: Settling,
  batch: readonly Settlement[],
): Promise<readonly Settled[]> {
  const { client } = settling;
  const settled = await Promise.all(batch.map((settlement) => settleOne(settling, settlement)));
  await client.QUIT();
  return settled;
}

async function settleOne(
  { wire, turns, maildrop, settings }: Settling,
  { ref, end }: Settlement,
): Promise<Settled> {
  const copies = maildrop.mails.get(ref.id);
  const [mail] = copies ?? [];
  if (mail === undefined) return { ref, how: 'gone' };
  if (end !== 'accept' || !settings.deletes) return { ref, how: 'kept' };
  if (copies !== undefined && copies.length > 1) {
    return { ref, how: 'failed', reason: reason('UIDL_SHARED', { uidl: ref.id, others: copies.length - 1 }) };
  }
  try {
    await new Promise<string>((resolve, reject) => {
      turns.send(wire, `DELE ${String(mail.number)}`, oneLine(resolve, reject));
    });
    return { ref, how: 'removed' };
  } catch (error) {
    if (!(error instanceof ReplyError)) throw error;
    const why = settings.login.hide(said(error));
    return { ref, how: 'failed', reason: reason('MAILBOX_FAILED', { path: settings.address, why }) };
  }
}
