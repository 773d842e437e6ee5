import { createHash } from 'node:crypto';
import { LanceurError, type ItemRef, type SourceMemory } from '@lanceur/core';
import type { CopyResponseObject } from 'imapflow';
import { Connection } from './connection.js';
import { Refused } from './faults.js';
import type { Settings } from './options.js';

/** A mail that is to be copied, as it is in the selected folder. */
interface Original {
  readonly uid: number;
  readonly ref: ItemRef;
}

/** A mail in another folder. */
export interface Copied {
  readonly uidValidity: string;
  readonly uid: number;
}

/** Where a copy is if it was made: in this folder, at this UID or above. JSON. */
interface Note {
  readonly path: string;
  readonly uidValidity: string;
  readonly from: number;
}

/** An original of which a copy may have been made. */
interface Attempt {
  readonly original: Original;
  readonly note: Note;
  /** So many copies of mails that cannot be told from it may have been made. */
  readonly others: number;
}

/** So much of a mail is compared, and its size. */
const SAMPLE = 64 * 1024;
const LAST_UID = 2 ** 32 - 1;

/**
 * Copies of mails that are to leave their folder, for a server that has no MOVE. What COPY is about to do is remembered, so
 * that a copy which was made before a crash is found, and not made again.
 *
 * It is found by its beginning and its size among the mails that have come into the folder since. Mails that are alike
 * are counted: there must be more than the others among them can have made, or one would be deleted that has no copy.
 */
export class Copies {
  readonly #connection: Connection;
  readonly #settings: Settings;
  readonly #memory: SourceMemory;
  readonly #signal: AbortSignal | undefined;
  /** What is known in this session, by id: `undefined` = it was looked for, and there is none. */
  readonly #known = new Map<string, Copied | 'somewhere' | undefined>();

  constructor(
    connection: Connection,
    settings: Settings,
    memory: SourceMemory,
    signal: AbortSignal | undefined,
  ) {
    this.#connection = connection;
    this.#settings = settings;
    this.#memory = memory;
    this.#signal = signal;
  }

  /** UIDs of originals whose copy is in the folder, and its place there, where that is known. */
  async made(
    originals: readonly Original[],
    path: string,
  ): Promise<ReadonlyMap<number, Copied | 'somewhere'>> {
    const unknown = originals.filter(({ ref }) => !this.#known.has(ref.id));
    const attempts = await this.#attempts(unknown, path);
    for (const { original } of attempts) this.#known.set(original.ref.id, undefined);
    for (const [id, copied] of await this.#find(attempts, path)) this.#known.set(id, copied);
    return new Map(
      originals.flatMap(({ uid, ref }) => {
        const copied = this.#known.get(ref.id);
        return copied === undefined ? [] : [[uid, copied] as const];
      }),
    );
  }

  /** @throws Refused: nothing was copied. */
  async make(originals: readonly Original[], path: string): Promise<CopyResponseObject> {
    const before = await this.#remember(originals, path);
    const range = originals.map(({ uid }) => uid).join(',');
    try {
      const copied = await this.#connection.run('COPY', (client) =>
        client.messageCopy(range, path, { uid: true }),
      );
      for (const { ref } of originals) this.#known.set(ref.id, 'somewhere');
      return copied;
    } catch (error) {
      // A COPY that is refused leaves nothing behind (RFC 3501, section 6.4.7).
      if (error instanceof Refused) await this.#memory.write(before);
      throw error;
    }
  }

  /** The originals have left. */
  async forget(refs: readonly ItemRef[]): Promise<void> {
    const stored = await this.#memory.read(refs.flatMap((ref) => [noteKey(ref.id), triesKey(ref)]));
    if (stored.size === 0) return;
    const leaving = new Set(refs.map(({ id }) => id));
    const changes = new Map<string, undefined>(refs.map((ref) => [noteKey(ref.id), undefined]));
    for (const key of new Set(refs.map(triesKey))) {
      const others = idsIn(stored.get(key)).filter((id) => !leaving.has(id));
      // As long as one of them may look for its copy, those of the others count.
      if ((await this.#memory.read(others.map(noteKey))).size === 0) changes.set(key, undefined);
    }
    await this.#memory.write(changes);
  }

  /** Before COPY; what was remembered until now. */
  async #remember(
    originals: readonly Original[],
    path: string,
  ): Promise<ReadonlyMap<string, string | undefined>> {
    const place = await placeOf(this.#connection, path);
    if (place === undefined) return new Map();
    const keys = originals.flatMap(({ ref }) => [noteKey(ref.id), triesKey(ref)]);
    const stored = await this.#memory.read(keys);
    const changes = new Map<string, string>();
    for (const { ref } of originals) {
      const earlier = noteIn(stored.get(noteKey(ref.id)));
      const isSamePlace = earlier?.path === place.path && earlier.uidValidity === place.uidValidity;
      changes.set(noteKey(ref.id), JSON.stringify(isSamePlace ? earlier : place));
      const key = triesKey(ref);
      const tries = idsIn(changes.get(key) ?? stored.get(key));
      changes.set(key, JSON.stringify([...tries, ref.id]));
    }
    await this.#memory.write(changes);
    return new Map(keys.map((key) => [key, stored.get(key)]));
  }

  async #attempts(originals: readonly Original[], path: string): Promise<readonly Attempt[]> {
    if (originals.length === 0) return [];
    const keys = originals.flatMap(({ ref }) => [noteKey(ref.id), triesKey(ref)]);
    const stored = await this.#memory.read(keys);
    return originals.flatMap((original) => {
      const { ref } = original;
      const note = noteIn(stored.get(noteKey(ref.id)));
      if (note?.path !== path) return [];
      const others = idsIn(stored.get(triesKey(ref))).filter((id) => id !== ref.id).length;
      return [{ original, note, others }];
    });
  }

  /** The copies that are proven, by id. On a connection of its own, since that one has to select their folder. */
  async #find(attempts: readonly Attempt[], path: string): Promise<ReadonlyMap<string, Copied>> {
    const prints = new Map<Attempt, Print>();
    for (const attempt of attempts) {
      const print = await printOf(this.#connection, attempt.original.uid);
      if (print !== undefined) prints.set(attempt, print);
    }
    if (prints.size === 0) return new Map();
    const there = await Connection.open(this.#settings, { signal: this.#signal });
    try {
      await there.run('SELECT', (client) => client.mailboxOpen(path, { readOnly: true }));
      return await proven(there, prints);
    } catch (error) {
      // Where nothing can be looked at, nothing is proven.
      if (error instanceof Refused) return new Map();
      throw error;
    } finally {
      await there.close();
    }
  }
}

interface Print {
  readonly size: number;
  readonly digest: string;
}

async function proven(
  there: Connection,
  prints: ReadonlyMap<Attempt, Print>,
): Promise<ReadonlyMap<string, Copied>> {
  const { uidValidity } = there.mailbox;
  const open = [...prints].filter(([{ note }]) => note.uidValidity === uidValidity);
  const found = new Map<string, Copied>();
  if (open.length === 0) return found;
  const first = Math.min(...open.map(([{ note }]) => note.from));
  const copies = await likeThese(there, first, new Set(open.map(([, { size }]) => size)));
  const taken = new Set<number>();
  for (const [{ original, note, others }, { digest }] of open) {
    const alike = copies.filter((copy) => copy.digest === digest && copy.uid >= note.from);
    const own = alike.find(({ uid }) => !taken.has(uid));
    if (own === undefined || alike.length <= others) continue;
    taken.add(own.uid);
    found.set(original.ref.id, { uidValidity, uid: own.uid });
  }
  return found;
}

/** What has come into the selected folder from a UID on and has one of these sizes. */
async function likeThese(
  there: Connection,
  first: number,
  sizes: ReadonlySet<number>,
): Promise<readonly { readonly uid: number; readonly digest: string }[]> {
  const uids = await there.search({ uid: `${String(first)}:${String(LAST_UID)}`, deleted: false });
  const rows = await there.fetch(
    uids.filter((uid) => uid >= first),
    { size: true },
  );
  const copies: { uid: number; digest: string }[] = [];
  for (const { uid, size } of rows) {
    if (size === undefined || !sizes.has(size)) continue;
    const print = await printOf(there, uid);
    if (print !== undefined) copies.push({ uid, digest: print.digest });
  }
  return copies.sort((a, b) => a.uid - b.uid);
}

/** `undefined` for a mail that the server cannot read. */
async function printOf(connection: Connection, uid: number): Promise<Print | undefined> {
  try {
    const [row] = await connection.patiently(uid, `mail ${String(uid)}`, () =>
      connection.fetch([uid], { size: true, source: { start: 0, maxLength: SAMPLE } }),
    );
    if (row?.source === undefined || row.size === undefined) return undefined;
    const digest = createHash('sha256')
      .update(`${String(row.size)}\n`)
      .update(row.source)
      .digest('hex');
    return { size: row.size, digest };
  } catch (error) {
    if (error instanceof Refused || LanceurError.is(error, 'MAIL_UNREADABLE')) return undefined;
    throw error;
  }
}

/** Where the next mail of a folder will be; `undefined` if the folder is not there, or the server does not say. */
async function placeOf(connection: Connection, path: string): Promise<Note | undefined> {
  const query = { uidNext: true, uidValidity: true };
  try {
    const { uidNext, uidValidity } = await connection.run('STATUS', async (client) => {
      try {
        return await client.status(path, query);
      } catch (error) {
        if ((error as { readonly code?: unknown }).code === 'NotFound') return false;
        throw error;
      }
    });
    if (uidNext === undefined || uidValidity === undefined) return undefined;
    return { path, uidValidity: String(uidValidity), from: uidNext };
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

function noteKey(id: string): string {
  return `copying ${id}`;
}

/** The ids of mails that may be taken for this one, one for each COPY that was begun. */
function triesKey({ same, name, size }: ItemRef): string {
  if (same !== undefined) return `copies ${same}`;
  const likeness = JSON.stringify([name, size ?? null]);
  return `copies ${createHash('sha256').update(likeness).digest('hex').slice(0, 40)}`;
}

function noteIn(text: string | undefined): Note | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Note);
}

function idsIn(text: string | undefined): readonly string[] {
  return text === undefined ? [] : (JSON.parse(text) as readonly string[]);
}
