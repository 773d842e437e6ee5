import type { ItemRef, SourceMemory } from '@lanceur/core';
import { tooLarge } from '../mail/largest.js';
import type { Connection } from './connection.js';
import { asTheyWere } from './former-ids.js';
import { describe, tooOld } from './mails.js';
import type { KnownMails } from './known-mails.js';
import type { Settings } from './options.js';
import type { Start } from './start.js';

/** So many mails are described by one FETCH. */
const BATCH = 200;

/** All that is in the mailbox and not marked as deleted, in the order of its arrival there. */
export async function* listing(
  connection: Connection,
  settings: Settings,
  mails: KnownMails,
  memory: SourceMemory,
  start: Start | undefined,
): AsyncGenerator<ItemRef> {
  const { uidValidity } = connection.mailbox;
  const uids = await connection.search({ deleted: false });
  mails.retain(uidValidity, uids);
  const recent = await receivedSince(connection, start);
  const isOld = (uid: number): boolean => uid < (start?.uid ?? 0) || recent?.has(uid) === false;
  for (let i = 0; i < uids.length; i += BATCH) {
    const batch = uids.slice(i, i + BATCH);
    const unknown = batch.filter((uid) => !isOld(uid) && mails.get(uidValidity, uid) === undefined);
    const described = new Map<number, ItemRef>();
    for (const mail of await describe(connection, settings, unknown)) {
      mails.add(uidValidity, mail);
      described.set(mail.uid, mail.ref);
    }
    const refs: ItemRef[] = [];
    for (const uid of batch) {
      const known = mails.get(uidValidity, uid);
      const ref = known?.ref ?? described.get(uid);
      const before =
        start?.date !== undefined && known?.received !== undefined && known.received < start.date;
      if (start !== undefined && (isOld(uid) || before))
        refs.push(tooOld(uidValidity, uid, start.from, known));
      // It has gone in the meantime where there is none.
      else if (ref !== undefined) refs.push(bounded(ref, settings));
    }
    yield* await asTheyWere(memory, refs);
  }
}

function bounded(ref: ItemRef, settings: Settings): ItemRef {
  const notReady = tooLarge(ref.name, ref.size, settings);
  return notReady === undefined ? ref : { ...ref, notReady };
}

/** The server's SINCE knows days only, and which time zone it takes is its own; a day more is asked for. */
async function receivedSince(
  connection: Connection,
  start: Start | undefined,
): Promise<ReadonlySet<number> | undefined> {
  if (start?.date === undefined) return undefined;
  const since = new Date(start.date.getTime() - 24 * 3600 * 1000);
  return new Set(await connection.search({ since, deleted: false }));
}
