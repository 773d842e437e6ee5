import {
  LanceurError,
  messageOf,
  reason,
  type Reason,
  type Settled,
  type Settlement,
  type SourceMemory,
} from '@lanceur/core';
import type { Connection } from './connection.js';
import { Refused } from './faults.js';
import { uidOf } from './ids.js';
import { saysMissing, targetPath } from './mailbox-name.js';
import { isSame, type Settings } from './options.js';

const BATCH = 200;

/** A settlement of a mail that is in the mailbox. */
interface Present {
  readonly uid: number;
  readonly settlement: Settlement;
}

type Answer = Omit<Settled, 'ref'>;

/** Does with mails what their end asks for. */
export class Settling {
  readonly #connection: Connection;
  readonly #settings: Settings;
  readonly #memory: SourceMemory;
  readonly #paths = new Map<string, string>();

  constructor(connection: Connection, settings: Settings, memory: SourceMemory) {
    this.#connection = connection;
    this.#settings = settings;
    this.#memory = memory;
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
    const located = batch.map((settlement) => ({ settlement, uid: uidOf(settlement.ref.id, uidValidity) }));
    const uids = located.flatMap(({ uid }) => (uid === undefined ? [] : [uid]));
    const there = await this.#connection.present(uids);
    const present = located.filter((each): each is Present => each.uid !== undefined && there.has(each.uid));
    const accepted = present.filter(({ settlement }) => settlement.end === 'accept');
    const others = present.filter(({ settlement }) => settlement.end !== 'accept');
    const answers = new Map([...(await this.#accept(accepted)), ...(await this.#quarantine(others))]);
    return located.map(({ settlement: { ref }, uid }) => {
      const answer = uid === undefined ? undefined : answers.get(uid);
      return { ref, ...(answer ?? { how: 'gone' }) };
    });
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
        return await this.#each(items, `moved to ${after.to}`, async (uids) => {
          await this.#move(uids, after.to, after.create);
          return { how: 'removed' };
        });
    }
  }

  async #quarantine(items: readonly Present[]): Promise<ReadonlyMap<number, Answer>> {
    const { quarantine } = this.#settings;
    return await this.#each(items, `moved to ${quarantine}`, async (uids, present) => {
      const places = await this.#move(uids, quarantine, true);
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

  /**
   * These and no others. Without UIDPLUS (RFC 4315), EXPUNGE takes all that anybody has marked as deleted, so that it is
   * used only where that is nothing else.
   */
  async #remove(uids: readonly number[]): Promise<Answer> {
    const connection = this.#connection;
    const range = uids.join(',');
    if (!connection.has('UIDPLUS')) {
      const mine = new Set(uids);
      const others = (await connection.search({ deleted: true })).filter((uid) => !mine.has(uid));
      if (others.length > 0) {
        const why = `the server deletes single mails only together with the ${String(others.length)} others that are marked as deleted (it has no UIDPLUS)`;
        throw new LanceurError('MAIL_NOT_SETTLED', { what: 'deleted', why });
      }
    }
    await connection.run('STORE and EXPUNGE', (client) => client.messageDelete(range, { uid: true }));
    return { how: 'removed' };
  }

  /** The UIDs that they have there, where the server tells (COPYUID, RFC 4315). */
  async #move(
    uids: readonly number[],
    folder: string,
    create: boolean,
  ): Promise<{ readonly uidValidity: string; readonly uids: ReadonlyMap<number, number> } | undefined> {
    const connection = this.#connection;
    const range = uids.join(',');
    // A copy that cannot be followed by deleting would be made again at every poll.
    if (!connection.has('MOVE')) await this.#expectRemovable(uids);
    const path = await this.#pathOf(folder);
    const act = async () =>
      connection.has('MOVE')
        ? await connection.run('MOVE', (client) => client.messageMove(range, path, { uid: true }))
        : await connection.run('COPY', (client) => client.messageCopy(range, path, { uid: true }));
    const moved = await act().catch(async (error: unknown) => {
      if (!create || !saysMissing(error)) throw error;
      await connection.run('CREATE', (client) => client.mailboxCreate(path));
      return await act();
    });
    if (!connection.has('MOVE')) await this.#remove(uids);
    const { uidValidity, uidMap } = moved;
    return uidValidity === undefined || uidMap === undefined
      ? undefined
      : { uidValidity: String(uidValidity), uids: uidMap };
  }

  async #pathOf(folder: string): Promise<string> {
    const known = this.#paths.get(folder);
    if (known !== undefined) return known;
    const { path } = await targetPath(this.#connection, folder);
    this.#paths.set(folder, path);
    return path;
  }

  async #expectRemovable(uids: readonly number[]): Promise<void> {
    if (this.#connection.has('UIDPLUS')) return;
    const mine = new Set(uids);
    const others = (await this.#connection.search({ deleted: true })).filter((uid) => !mine.has(uid));
    if (others.length === 0) return;
    const why = `the server has neither MOVE nor UIDPLUS, and ${String(others.length)} other mails are marked as deleted, which would go as well`;
    throw new LanceurError('MAIL_NOT_SETTLED', { what: 'moved', why });
  }

  /** A mail without any mark of its own is found again in the quarantine by its UID there alone. */
  async #remember(
    items: readonly Present[],
    places: { readonly uidValidity: string; readonly uids: ReadonlyMap<number, number> } | undefined,
  ): Promise<void> {
    const entries = items.flatMap(({ uid, settlement: { ref } }) => {
      const there = places?.uids.get(uid);
      if (ref.same !== undefined || there === undefined || places === undefined) return [];
      return [[quarantineKey(ref.id), `${places.uidValidity}/${String(there)}`] as const];
    });
    if (entries.length > 0) await this.#memory.write(new Map(entries));
  }
}

export function quarantineKey(id: string): string {
  return `rejected ${id}`;
}
