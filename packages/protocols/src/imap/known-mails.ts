import type { KnownMail } from './mails.js';

/** Mails whose structure is kept in memory as long as they are in the mailbox, so that it is not asked for at every poll. */
const MOST_KNOWN = 20_000;
/** Of those that come when there is no room left: enough for what a launcher opens at once. */
const MOST_PASSING = 1000;

/**
 * What a listener knows over its sessions. A mail never changes under its UID, so none of it grows old. A listing goes
 * through a mailbox from its beginning each time: where there is no room left, what is there stays, since putting out the
 * oldest for the newest would put out each one before it is asked for.
 */
export class KnownMails {
  readonly #staying = new Map<number, KnownMail>();
  readonly #passing = new Map<number, KnownMail>();
  #uidValidity: string | undefined;

  get(uidValidity: string, uid: number): KnownMail | undefined {
    if (uidValidity !== this.#uidValidity) return undefined;
    return this.#staying.get(uid) ?? this.#passing.get(uid);
  }

  add(uidValidity: string, mail: KnownMail): void {
    // What could not be told may be told next time.
    if (mail.problem !== undefined) return;
    if (uidValidity !== this.#uidValidity) {
      this.#staying.clear();
      this.#passing.clear();
      this.#uidValidity = uidValidity;
    }
    if (this.#staying.has(mail.uid) || this.#staying.size < MOST_KNOWN) {
      this.#staying.set(mail.uid, mail);
      return;
    }
    const [oldest] = this.#passing.keys();
    if (this.#passing.size >= MOST_PASSING && oldest !== undefined) this.#passing.delete(oldest);
    this.#passing.set(mail.uid, mail);
  }

  /** Makes room: of this mailbox only these are still there. */
  retain(uidValidity: string, uids: readonly number[]): void {
    if (uidValidity !== this.#uidValidity) return;
    const there = new Set(uids);
    for (const known of [this.#staying, this.#passing]) {
      for (const uid of known.keys()) if (!there.has(uid)) known.delete(uid);
    }
  }
}
