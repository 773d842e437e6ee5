import {
  LanceurError,
  type Delivery,
  type ItemRef,
  type Session,
  type Settled,
  type Settlement,
  type SourceMemory,
  type Wants,
} from '@lanceur/core';
import { expectNotTooLarge } from '../mail/largest.js';
import { Connection } from './connection.js';
import { deliveryOf } from './delivery.js';
import { Refused, sourceFault } from './faults.js';
import { presentIds } from './former-ids.js';
import { Gather } from './gather.js';
import { expectUid } from './ids.js';
import type { KnownMails } from './known-mails.js';
import { listing } from './listing.js';
import type { LogIn } from './log-in.js';
import { describe, type KnownMail } from './mails.js';
import type { Settings } from './options.js';
import { Reader } from './reader.js';
import { restore } from './restoring.js';
import { Settling } from './settling.js';
import type { Start } from './start.js';
import { unpacked } from './unpack.js';

const MOST_DESCRIBED = 100;

export interface SessionParts {
  readonly settings: Settings;
  readonly connection: Connection;
  readonly logIn: LogIn;
  readonly mails: KnownMails;
  readonly memory: SourceMemory;
  readonly start: Start | undefined;
  readonly signal: AbortSignal | undefined;
  note(error: LanceurError): LanceurError;
}

/** A connection with the mailbox selected. */
export class ImapSession implements Session {
  readonly #parts: SessionParts;
  readonly #uidValidity: string;
  readonly #reader: Reader;
  readonly #settling: Settling;
  readonly #structures: Gather<{ readonly uid: number; readonly name: string }, KnownMail>;

  constructor(parts: SessionParts) {
    const { settings, connection, memory, signal } = parts;
    this.#parts = parts;
    this.#uidValidity = connection.mailbox.uidValidity;
    this.#reader = new Reader(connection, {
      exact: isExact(settings, connection),
      largestMail: settings.largestMail,
    });
    this.#settling = new Settling(connection, settings, memory, signal);
    this.#structures = new Gather(
      (asked) => this.#describe(asked),
      (batch) => batch.length < MOST_DESCRIBED,
    );
  }

  async *list(): AsyncGenerator<ItemRef> {
    const { connection, settings, mails, memory, start } = this.#parts;
    try {
      await connection.awaken();
      yield* listing(connection, settings, mails, memory, start);
    } catch (error) {
      throw this.#fault(error);
    }
  }

  async open(
    ref: ItemRef,
    wants?: Wants,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Delivery> {
    if (options.signal?.aborted === true) throw new LanceurError('ABORTED');
    try {
      const { connection, mails, memory, settings } = this.#parts;
      await connection.awaken();
      const id = (await presentIds(memory, [ref])).get(ref.id) ?? ref.id;
      const uid = expectUid({ ...ref, id }, this.#uidValidity);
      const found =
        mails.get(this.#uidValidity, uid) ?? (await this.#structures.ask({ uid, name: ref.name }));
      if (found.problem !== undefined) {
        throw new LanceurError('MAIL_UNREADABLE', { name: ref.name, why: found.problem });
      }
      expectNotTooLarge(ref.name, found.ref.size, settings);
      const mail = await unpacked(found, ref.name, this.#reader, settings);
      if (mail !== found) mails.add(this.#uidValidity, mail);
      const wanted = mail.documents.filter(
        ({ name, mediaType }) => wants === undefined || wants({ name, mediaType }),
      );
      const contents = await this.#reader.small(uid, ref.name, wanted);
      return deliveryOf(ref, mail, wanted, contents, this.#reader);
    } catch (error) {
      throw this.#fault(error);
    }
  }

  async settle(batch: readonly Settlement[]): Promise<readonly Settled[]> {
    try {
      await this.#parts.connection.awaken();
      return await this.#settling.settle(batch);
    } catch (error) {
      throw this.#fault(error);
    }
  }

  async restore(refs: readonly ItemRef[]): Promise<readonly ItemRef[]> {
    const { settings, logIn, memory, signal } = this.#parts;
    let connection: Connection | undefined;
    try {
      connection = await Connection.open(settings, { signal, logIn });
      return await restore(connection, settings, memory, refs);
    } catch (error) {
      throw this.#fault(error);
    } finally {
      await connection?.close();
    }
  }

  async close(): Promise<void> {
    await this.#parts.connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #describe(
    asked: readonly { readonly uid: number; readonly name: string }[],
  ): Promise<readonly (KnownMail | Error)[]> {
    const { connection, settings, mails } = this.#parts;
    const uids = [...new Set(asked.map(({ uid }) => uid))];
    const found = new Map<number, KnownMail>();
    for (const mail of await describe(connection, settings, uids)) {
      mails.add(this.#uidValidity, mail);
      found.set(mail.uid, mail);
    }
    return asked.map(({ uid, name }) => found.get(uid) ?? new LanceurError('GONE', { name }));
  }

  #fault(error: unknown): LanceurError {
    const { settings, note } = this.#parts;
    return note(LanceurError.is(error) && !(error instanceof Refused) ? error : sourceFault(settings, error));
  }
}

/** Exchange estimates sizes (its setting ConvertHtmlToMime, EnableExactRFC822Size), and says who it is. */
function isExact({ sizes }: Settings, connection: Connection): boolean {
  return sizes === undefined ? !/microsoft exchange/iu.test(connection.greeting) : sizes === 'exact';
}
