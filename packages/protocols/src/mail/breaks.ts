import { LanceurError, messageOf } from '@lanceur/core';

/** A connection broke while a mail was waited for, which says nothing of that mail, or while it was the one that came. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  /** What broke, of scope `source`. */
  readonly why: LanceurError;
  /** Whether the connection broke in the middle of this mail's answer, or instead of it. */
  readonly isAtFault: boolean;

  constructor(why: LanceurError, isAtFault: boolean) {
    super(messageOf(why));
    this.why = why;
    this.isAtFault = isAtFault;
  }
}

/** So often a connection breaks at a mail before that counts against the mail: networks fail as well. */
export const BREAKS_OF_ONE = 3;
/** Mails that are blamed while none comes: from there on it is the server that is to blame, whatever it breaks at. */
const MOST_BLAMED = 5;
/** Other mails that one may have to wait for, each of which broke the connection. */
const MOST_INTERRUPTIONS = 50;

/**
 * Tells a mail at which a server breaks every connection (it crashes on it, or a virus scanner on the way does) from a
 * server that breaks connections: the first fails by itself, the others go on. Kept over sessions, so that what is
 * broken for hours does not count against mail after mail.
 */
export class Breaks {
  readonly #byMail = new Map<string, number>();
  #blamed = 0;

  /** A mail came. */
  came(id: string): void {
    this.#byMail.delete(id);
    this.#blamed = 0;
  }

  /**
   * A connection broke. Returns if it is worth while to go on with a new one.
   *
   * @param before - interruptions of this mail before, in this attempt.
   * @throws LanceurError `MAIL_UNREADABLE` for the mail at fault; of scope `source` where there is none.
   */
  interrupted(id: string, name: string, { why, isAtFault }: Interrupted, before: number): void {
    if (before >= MOST_INTERRUPTIONS) throw why;
    if (!isAtFault) return;
    if (this.#blamed >= MOST_BLAMED) throw why;
    const count = (this.#byMail.get(id) ?? 0) + 1;
    this.#byMail.set(id, count);
    if (count < BREAKS_OF_ONE) return;
    this.#byMail.delete(id);
    this.#blamed++;
    throw new LanceurError('MAIL_UNREADABLE', { name, why: `each time, ${messageOf(why)}` });
  }
}
