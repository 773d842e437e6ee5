import {
  LanceurError,
  messageOf,
  reason,
  type ItemRef,
  type Reason,
  type Settled,
  type Settlement,
  type SourceMemory,
} from '@lanceur/core';
import type { CopyResponseObject, ImapFlow } from 'imapflow';
import type { Connection } from './connection.js';
import { Copies, type Copied } from './copies.js';
import { Refused } from './faults.js';
import { forgetFormerIds, presentIds } from './former-ids.js';
import { idOf, uidOf } from './ids.js';
import { saysMissing, targetPath } from './mailbox-name.js';
import { isSame, type Settings } from './options.js';
import { Removing } from './removing.js';

const BATCH = 200;

/** A settlement of a mail that is in the mailbox. */
interface Present {
  readonly uid: number;
  readonly settlement: Settlement;
}

type Answer = Omit<Settled, 'ref'>;

/** Where mails are now, by the UIDs that they had. */
type Places = ReadonlyMap<number, Copied | 'somewhere'>;

/** Does with mails what their end asks for. */
export class Settling {
  readonly #connection: Connection;
  readonly #settings: Settings;
  readonly #memory: SourceMemory;
  readonly #copies: Copies;
  readonly #removing: Removing;
  readonly #paths = new Map<string, string>();

  constructor(
    connection: Connection,
    settings: Settings,
    memory: SourceMemory,
    signal: AbortSignal | undefined,
  ) {
    this.#connection = connection;
    this.#settings = settings;
    this.#memory = memory;
    this.#copies = new Copies(connection, settings, memory, signal);
    this.#removing = new Removing(connection, memory);
  }

  /** @throws Refused, LanceurError of scope `source`: what became of them is not known. */
  async settle(batch: readonly Settlement[]): Promise<readonly Settled[]> {
    const settled: Settled[] = [];
    for (let i = 0; i < batch.length; i += BATCH)
      settled.push(...(await this.#some(batch.slice(i, i + BATCH))));
    return settled;
  }

  async #some(batch: readonly Settlement[]): Promise<readonly Settled[]> {
    const { uidValidity } = this.#connection.mailbox;
    const refs = batch.map(({ ref }) => ref);
    const ids = await presentIds(this.#memory, refs);
    const located = batch.map((settlement) => {
      const { id } = settlement.ref;
      return { settlement, uid: uidOf(ids.get(id) ?? id, uidValidity) };
    });
    const uids = located.flatMap(({ uid }) => (uid === undefined ? [] : [uid]));
    const there = await this.#connection.present(uids);
    const present = located.filter((each): each is Present => each.uid !== undefined && there.has(each.uid));
    const accepted = present.filter(({ settlement }) => settlement.end === 'accept');
    const others = present.filter(({ settlement }) => settlement.end !== 'accept');
    const answers = new Map([...(await this.#accept(accepted)), ...(await this.#quarantine(others))]);
    const settled = located.map(({ settlement: { ref }, uid }): Settled => {
      const answer = uid === undefined ? undefined : answers.get(uid);
      return { ref, ...(answer ?? { how: 'gone' }) };
    });
    await this.#forget(
      settled.filter(({ how }) => how === 'removed' || how === 'gone').map(({ ref }) => ref),
    );
    return settled;
  }

  async #accept(items: readonly Present[]): Promise<ReadonlyMap<number, Answer>> {
    const { after } = this.#settings;
    switch (after.do) {
      case 'keep':
        return new Map(items.map(({ uid }) => [uid, { how: 'kept' }]));
      case 'flag':
        return await this.#each(items, 'marked', (uids) => this.#flag(uids, after.flags));
      case 'remove':
        return await this.#each(items, 'deleted', (uids) => this.#remove(uids));
      case 'move':
        return await this.#each(items, `moved to ${after.to}`, async (_, present) => {
          await this.#move(present, after.to, after.create);
          return { how: 'removed' };
        });
    }
  }

  async #quarantine(items: readonly Present[]): Promise<ReadonlyMap<number, Answer>> {
    const { quarantine } = this.#settings;
    return await this.#each(items, `moved to ${quarantine}`, async (_, present) => {
      const places = await this.#move(present, quarantine, true);
      await this.#remember(present, places);
      return { how: 'removed' };
    });
  }

  /** All at once; where the server refuses that, one by one, so that one mail does not hold up the others. */
  async #each(
    items: readonly Present[],
    what: string,
    act: (uids: readonly number[], items: readonly Present[]) => Promise<Answer>,
  ): Promise<ReadonlyMap<number, Answer>> {
    if (items.length === 0) return new Map();
    const uids = items.map(({ uid }) => uid);
    try {
      const answer = await act(uids, items);
      return await this.#verified(uids, what, answer);
    } catch (error) {
      if (!(error instanceof Refused) && !LanceurError.is(error, 'MAIL_NOT_SETTLED')) throw error;
      // What the account or the server lacks, it lacks for all of them.
      if (items.length === 1 || !(error instanceof Refused) || error.code === 'OVERQUOTA') {
        const answer: Answer = { how: 'failed', reason: this.#whyNot(what, error) };
        return new Map(uids.map((uid) => [uid, answer]));
      }
      const answers = new Map<number, Answer>();
      for (const item of items) for (const each of await this.#each([item], what, act)) answers.set(...each);
      return answers;
    }
  }

  /** What the server said that it did is looked at: `removed` is a word that others rely on. */
  async #verified(
    uids: readonly number[],
    what: string,
    answer: Answer,
  ): Promise<ReadonlyMap<number, Answer>> {
    const still = answer.how === 'removed' ? await this.#connection.present(uids) : new Set<number>();
    return new Map(
      uids.map((uid) => {
        if (!still.has(uid)) return [uid, answer];
        const why = 'the server said that it was done, and it is still there';
        return [uid, { how: 'failed', reason: reason('MAIL_NOT_SETTLED', { what, why }) }];
      }),
    );
  }

  #whyNot(what: string, error: Refused | LanceurError): Reason {
    if (error instanceof LanceurError) return error.reason;
    const why = messageOf(error);
    if (error.code !== 'OVERQUOTA') return reason('MAIL_NOT_SETTLED', { what, why });
    const mailbox = this.#settings.after.do === 'move' ? this.#settings.after.to : this.#settings.quarantine;
    return reason('MAILBOX_FULL', { user: this.#settings.login.user, mailbox, why });
  }

  async #flag(uids: readonly number[], flags: readonly string[]): Promise<Answer> {
    const { permanentFlags } = this.#connection.mailbox;
    const allowed = (flag: string): boolean =>
      permanentFlags === undefined ||
      permanentFlags.has('\\*') ||
      [...permanentFlags].some((f) => isSame(f, flag));
    const refused = flags.filter((flag) => !allowed(flag));
    if (refused.length > 0) {
      const why = `the mailbox takes no such flag: ${refused.join(', ')}`;
      throw new LanceurError('MAIL_NOT_SETTLED', { what: 'marked', why });
    }
    await this.#connection.run('STORE', (client) =>
      client.messageFlagsAdd(uids.join(','), [...flags], { uid: true, silent: true }),
    );
    return { how: 'kept' };
  }

  async #remove(uids: readonly number[]): Promise<Answer> {
    await this.#removing.remove(uids);
    return { how: 'removed' };
  }

  /** The places that they have there, where those are known. */
  async #move(items: readonly Present[], folder: string, create: boolean): Promise<Places> {
    const connection = this.#connection;
    const uids = items.map(({ uid }) => uid);
    const path = await this.#pathOf(folder);
    if (connection.has('MOVE')) {
      const move = (client: ImapFlow) => client.messageMove(uids.join(','), path, { uid: true });
      return placesIn(await this.#intoFolder(path, create, () => connection.run('MOVE', move)));
    }
    // A copy that cannot be followed by deleting is of no use.
    await this.#removing.expectRemovable(uids, 'moved');
    const originals = items.map(({ uid, settlement: { ref } }) => ({ uid, ref }));
    const made = await this.#copies.made(originals, path);
    const others = originals.filter(({ uid }) => !made.has(uid));
    const copy = () => this.#intoFolder(path, create, () => this.#copies.make(others, path));
    const places = others.length === 0 ? new Map<number, Copied>() : placesIn(await copy());
    await this.#removing.remove(uids);
    return new Map([...made, ...places]);
  }

  async #intoFolder<T>(path: string, create: boolean, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (!create || !saysMissing(error)) throw error;
      await this.#connection.run('CREATE', (client) => client.mailboxCreate(path));
      return await act();
    }
  }

  async #pathOf(folder: string): Promise<string> {
    const known = this.#paths.get(folder);
    if (known !== undefined) return known;
    const { path } = await targetPath(this.#connection, folder);
    this.#paths.set(folder, path);
    return path;
  }

  async #forget(refs: readonly ItemRef[]): Promise<void> {
    if (refs.length === 0) return;
    await forgetFormerIds(this.#memory, refs);
    await this.#removing.forget(refs);
    if (!this.#connection.has('MOVE')) await this.#copies.forget(refs);
  }

  /** A mail without any mark of its own is found again in the quarantine by its UID there alone. */
  async #remember(items: readonly Present[], places: Places): Promise<void> {
    const entries = items.flatMap(({ uid, settlement: { ref } }) => {
      const there = places.get(uid);
      if (ref.same !== undefined || there === undefined || there === 'somewhere') return [];
      return [[quarantineKey(ref.id), idOf(there.uidValidity, there.uid)] as const];
    });
    if (entries.length > 0) await this.#memory.write(new Map(entries));
  }
}

/** As the server tells them (COPYUID, RFC 4315). */
function placesIn({ uidValidity, uidMap }: CopyResponseObject): Places {
  if (uidValidity === undefined || uidMap === undefined) return new Map();
  return new Map([...uidMap].map(([from, uid]) => [from, { uidValidity: String(uidValidity), uid }]));
}

export function quarantineKey(id: string): string {
  return `rejected ${id}`;
}
