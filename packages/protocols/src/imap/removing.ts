import { LanceurError, type ItemRef, type SourceMemory } from '@lanceur/core';
import type { Connection } from './connection.js';
import { idOf } from './ids.js';

/**
 * Deletes mails, these and no others. Without UIDPLUS (RFC 4315), EXPUNGE takes all that anybody has marked as deleted,
 * so that it is used only where that is nothing else. What is about to be marked is remembered then: a process that died
 * between marking and EXPUNGE must not look like a person who has not decided yet.
 */
export class Removing {
  readonly #connection: Connection;
  readonly #memory: SourceMemory;

  constructor(connection: Connection, memory: SourceMemory) {
    this.#connection = connection;
    this.#memory = memory;
  }

  /** @throws LanceurError `MAIL_NOT_SETTLED`; Refused. */
  async remove(uids: readonly number[]): Promise<void> {
    if (!this.#connection.has('UIDPLUS')) {
      await this.expectRemovable(uids, 'deleted');
      await this.#memory.write(new Map(this.#idsOf(uids).map((id) => [markedKey(id), ''])));
    }
    const range = uids.join(',');
    await this.#connection.run('STORE and EXPUNGE', (client) => client.messageDelete(range, { uid: true }));
  }

  /** @throws LanceurError `MAIL_NOT_SETTLED`. */
  async expectRemovable(uids: readonly number[], what: 'deleted' | 'moved'): Promise<void> {
    if (this.#connection.has('UIDPLUS')) return;
    const mine = new Set(uids);
    const marked = (await this.#connection.search({ deleted: true })).filter((uid) => !mine.has(uid));
    if (marked.length === 0) return;
    const ids = this.#idsOf(marked);
    const ours = await this.#memory.read(ids.map(markedKey));
    const others = String(marked.length - ours.size);
    if (others === '0') return;
    const why =
      what === 'deleted'
        ? `the server deletes single mails only together with the ${others} others that are marked as deleted (it has no UIDPLUS)`
        : `the server has neither MOVE nor UIDPLUS, and ${others} other mails are marked as deleted, which would go as well`;
    throw new LanceurError('MAIL_NOT_SETTLED', { what, why });
  }

  /** They have left. */
  async forget(refs: readonly ItemRef[]): Promise<void> {
    if (this.#connection.has('UIDPLUS')) return;
    const marked = await this.#memory.read(refs.map(({ id }) => markedKey(id)));
    if (marked.size > 0) await this.#memory.write(new Map([...marked.keys()].map((key) => [key, undefined])));
  }

  #idsOf(uids: readonly number[]): readonly string[] {
    const { uidValidity } = this.#connection.mailbox;
    return uids.map((uid) => idOf(uidValidity, uid));
  }
}

function markedKey(id: string): string {
  return `deleting ${id}`;
}
