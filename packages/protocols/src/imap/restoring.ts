import { LanceurError, type ItemRef, type SourceMemory } from '@lanceur/core';
import type { CopyResponseObject } from 'imapflow';
import type { Connection } from './connection.js';
import { asTheyWere, rememberFormerIds } from './former-ids.js';
import { describe } from './mails.js';
import { idOf, uidOf } from './ids.js';
import { selectMailbox } from './mailbox-name.js';
import type { Settings } from './options.js';
import { quarantineKey } from './settling.js';

const BATCH = 200;

/**
 * Moves mails back from the quarantine, where it still has them; their refs under the UIDs that they have now. On a
 * connection of its own, since that one has to select the quarantine.
 */
export async function restore(
  connection: Connection,
  settings: Settings,
  memory: SourceMemory,
  refs: readonly ItemRef[],
): Promise<readonly ItemRef[]> {
  try {
    await selectMailbox(connection, settings, settings.quarantine);
  } catch (error) {
    // Nothing was ever rejected.
    if (LanceurError.is(error, 'MAILBOX_GONE')) return [];
    throw error;
  }
  const found = await findAll(connection, settings, memory, refs);
  if (found.size === 0) return [];

  const uids = [...found.values()];
  const target = settings.mailbox;
  const path = await mailboxPath(connection, settings, target);
  const places = await moveBack(connection, uids, path);
  const ids = new Map(
    [...found].flatMap(([{ id, same }, uid]) => {
      const now = places.get(uid);
      return same === undefined && now !== undefined ? [[id, now] as const] : [];
    }),
  );
  await rememberFormerIds(memory, ids);
  await memory.write(new Map([...found.keys()].map((ref) => [quarantineKey(ref.id), undefined])));
  await selectMailbox(connection, settings, target);
  return await asTheyWere(memory, await listedAgain(connection, settings, [...found.keys()]));
}

/** The UID in the quarantine of each that is there. */
async function findAll(
  connection: Connection,
  settings: Settings,
  memory: SourceMemory,
  refs: readonly ItemRef[],
): Promise<ReadonlyMap<ItemRef, number>> {
  const found = new Map<ItemRef, number>();
  const { uidValidity } = connection.mailbox;
  const there = await connection.search({ deleted: false });
  const remembered = await memory.read(refs.map((ref) => quarantineKey(ref.id)));
  for (const ref of refs) {
    const uid = uidOf(remembered.get(quarantineKey(ref.id)) ?? '', uidValidity);
    if (uid !== undefined && there.includes(uid)) found.set(ref, uid);
  }
  const wanted = refs.filter((ref) => !found.has(ref) && ref.same !== undefined);
  if (wanted.length === 0) return found;
  const byMark = new Map<string, number[]>();
  for (let i = 0; i < there.length; i += BATCH) {
    for (const { uid, ref } of await describe(connection, settings, there.slice(i, i + BATCH))) {
      if (ref.same !== undefined) byMark.set(ref.same, [...(byMark.get(ref.same) ?? []), uid]);
    }
  }
  for (const ref of wanted) {
    const uid = byMark.get(ref.same ?? '')?.shift();
    if (uid !== undefined) found.set(ref, uid);
  }
  return found;
}

async function mailboxPath(connection: Connection, settings: Settings, name: string): Promise<string> {
  const quarantine = connection.mailbox.path;
  await selectMailbox(connection, settings, name);
  const { path } = connection.mailbox;
  await connection.run('SELECT', (client) => client.mailboxOpen(quarantine));
  return path;
}

/** The ids that they have there, where the server tells them, by the UIDs that they had here. */
async function moveBack(
  connection: Connection,
  uids: readonly number[],
  path: string,
): Promise<ReadonlyMap<number, string>> {
  const range = uids.join(',');
  if (connection.has('MOVE')) {
    return placesIn(await connection.run('MOVE', (client) => client.messageMove(range, path, { uid: true })));
  }
  const copied = await connection.run('COPY', (client) => client.messageCopy(range, path, { uid: true }));
  const mine = new Set(uids);
  const others = (await connection.search({ deleted: true })).filter((uid) => !mine.has(uid));
  // It stays in the quarantine as well rather than that EXPUNGE takes what a person has marked.
  if (!connection.has('UIDPLUS') && others.length > 0) return placesIn(copied);
  await connection.run('STORE and EXPUNGE', (client) => client.messageDelete(range, { uid: true }));
  return placesIn(copied);
}

function placesIn({ uidValidity, uidMap }: CopyResponseObject): ReadonlyMap<number, string> {
  if (uidValidity === undefined) return new Map();
  return new Map([...(uidMap ?? [])].map(([from, uid]) => [from, idOf(String(uidValidity), uid)]));
}

/** Those that are listed again: by their own id where UIDs came back, else by their mark, the newest first. */
async function listedAgain(
  connection: Connection,
  settings: Settings,
  refs: readonly ItemRef[],
): Promise<readonly ItemRef[]> {
  const uids = await connection.search({ deleted: false });
  const newest = uids.slice(-(refs.length * 2 + BATCH));
  const mails = [...(await describe(connection, settings, newest))].reverse();
  const taken = new Set<number>();
  return refs.flatMap((ref) => {
    const mail = mails.find(
      (each) =>
        !taken.has(each.uid) &&
        (ref.same === undefined ? each.ref.name === ref.name : each.ref.same === ref.same),
    );
    if (mail === undefined) return [];
    taken.add(mail.uid);
    return [mail.ref];
  });
}
