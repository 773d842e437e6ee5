import { LanceurError, type ItemRef } from '@lanceur/core';

/** An item's id: the mailbox's UIDVALIDITY and the mail's UID, which together name it for good (RFC 3501, section 2.3.1.1). */
export function idOf(uidValidity: string, uid: number): string {
  return `${uidValidity}/${String(uid)}`;
}

/** The UID of an item, or `undefined` if it is of another UIDVALIDITY: the mailbox was renumbered. */
export function uidOf(id: string, uidValidity: string): number | undefined {
  const [, validity, uid] = /^(\d{1,20})\/([1-9]\d{0,9})$/u.exec(id) ?? [];
  return validity === uidValidity && uid !== undefined ? Number(uid) : undefined;
}

/** @throws LanceurError `GONE`. */
export function expectUid(ref: ItemRef, uidValidity: string): number {
  const uid = uidOf(ref.id, uidValidity);
  if (uid === undefined) throw new LanceurError('GONE', { name: ref.name });
  return uid;
}
