import type { KnownMail } from './mails.js';

/** Mails whose structure is kept in memory, so that what stays in a mailbox is not asked for at every poll. */
const MOST_KNOWN = 20_000;

/** What a listener knows over its sessions. A mail never changes under its UID, so none of it grows old. */
export class KnownMails {
  readonly #byUid = new Map<number, KnownMail>();
  #uidValidity: string | undefined;

  get(uidValidity: string, uid: number): KnownMail | undefined {
    return uidValidity === this.#uidValidity ? this.#byUid.get(uid) : undefined;
  }

  add(uidValidity: string, mail: KnownMail): void {
    // What could not be told may be told next time.
    if (mail.problem !== undefined) return;
    if (uidValidity !== this.#uidValidity) {
      this.#byUid.clear();
      this.#uidValidity = uidValidity;
    }
    const [oldest] = this.#byUid.keys();
    if (this.#byUid.size >= MOST_KNOWN && oldest !== undefined) this.#byUid.delete(oldest);
    this.#byUid.set(mail.uid, mail);
  }
}
