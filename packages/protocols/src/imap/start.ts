import type { SourceMemory } from '@lanceur/core';
import type { SelectedMailbox } from './connection.js';
import type { Settings } from './options.js';

const KEY = 'start';

interface Stored {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly uidValidity: string;
  readonly uidNext: number;
}

/** From where on mail is taken. */
export interface Start {
  /** Mails below this UID are too old. */
  readonly uid: number;
  /** So are those that the server received before. */
  readonly date: Date | undefined;
  /** For messages. */
  readonly from: Date;
}

/**
 * Where taking begins. `from: 'now'` is remembered by UID at the first connection, so that a mail which was received
 * before and is moved in afterwards is taken; in a mailbox that has been renumbered since, its moment has to do.
 */
export async function startOf(
  { from, clock }: Settings,
  mailbox: SelectedMailbox,
  memory: SourceMemory,
): Promise<Start | undefined> {
  if (from === undefined) return undefined;
  if (from !== 'now') return { uid: 0, date: from, from };
  const stored = parsed((await memory.read([KEY])).get(KEY));
  const { uidValidity, uidNext } = mailbox;
  if (stored === undefined) {
    const now: Stored = { at: clock.now(), uidValidity, uidNext };
    await memory.write(new Map([[KEY, JSON.stringify(now)]]));
    return { uid: uidNext, date: undefined, from: new Date(now.at) };
  }
  const began = new Date(stored.at);
  return stored.uidValidity === uidValidity
    ? { uid: stored.uidNext, date: undefined, from: began }
    : { uid: 0, date: began, from: began };
}

function parsed(text: string | undefined): Stored | undefined {
  if (text === undefined) return undefined;
  try {
    const { at, uidValidity, uidNext } = JSON.parse(text) as Partial<Stored>;
    if (typeof at !== 'number' || typeof uidValidity !== 'string' || typeof uidNext !== 'number')
      return undefined;
    return { at, uidValidity, uidNext };
  } catch {
    return undefined;
  }
}
