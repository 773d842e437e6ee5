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
import { Interrupted, type Breaks } from '../mail/breaks.js';
import type { HoldingRoom } from '../mail/holding.js';
import { expectNotTooLarge } from '../mail/largest.js';
import { sourceError } from './errors.js';
import { fetchMail } from './fetch.js';
import { InTurn } from './in-turn.js';
import { itemsOf } from './list.js';
import type { Connection } from './login.js';
import { maildropOf, type Maildrop } from './maildrop.js';
import type { Settings } from './options.js';
import { settleAll } from './settle.js';
import { WireError } from './wire.js';

export interface SessionContext {
  readonly settings: Settings;
  readonly memory: SourceMemory;
  readonly room: HoldingRoom;
  readonly breaks: Breaks;
  readonly signal: AbortSignal | undefined;
  /** Logs in anew. */
  connect(): Promise<Connection>;
  /** Gives the account to the next session. */
  leave(): void;
  note(error: LanceurError): LanceurError;
}

interface Open {
  readonly connection: Connection;
  readonly turns: InTurn;
  readonly maildrop: Maildrop;
}

/** The most time that a farewell may take: whoever closes does not wait for a dead server. */
const FAREWELL_MS = 2000;

/**
 * The mailbox as one login shows it. The numbers of mails are good for one connection, so that all is known by UIDL; a
 * connection that the server ends while nothing is under way (its idle time) is replaced by the next that is asked for.
 */
export class Pop3Session implements Session {
  readonly #context: SessionContext;
  #connection: Connection | undefined;
  #opening: Promise<Open> | undefined;
  #turns: InTurn | undefined;
  #settling: Promise<readonly Settled[]> | undefined;
  #closing: Promise<void> | undefined;
  readonly #abort = () => this.#end('stopped on request');

  constructor(context: SessionContext, connection: Connection) {
    this.#context = context;
    this.#connection = connection;
    context.signal?.addEventListener('abort', this.#abort, { once: true });
  }

  async *list(): AsyncGenerator<ItemRef> {
    this.#expectOpen();
    const { memory, settings } = this.#context;
    try {
      const open = () => this.#open();
      for await (const ref of itemsOf({ open, memory, settings })) {
        this.#expectOpen();
        yield ref;
      }
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async open(
    ref: ItemRef,
    wants?: Wants,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Delivery> {
    this.#expectOpen(options.signal);
    try {
      const delivery = await this.#fetch(ref, wants);
      if (options.signal?.aborted !== true) return delivery;
      await delivery[Symbol.asyncDispose]();
      throw new LanceurError('ABORTED');
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async settle(batch: readonly Settlement[]): Promise<readonly Settled[]> {
    this.#expectOpen();
    const { settings } = this.#context;
    try {
      const { connection, turns, maildrop } = await this.#open();
      const { wire, client } = connection;
      this.#settling = settleAll({ wire, client, turns, maildrop, settings }, batch);
      return await this.#settling;
    } catch (error) {
      throw this.#failure(error);
    } finally {
      // With or without an answer: after QUIT there is no session, and without it nothing has been deleted.
      this.#end('the session has ended');
    }
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#farewell());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A connection that breaks at another mail is replaced, and so is the first that breaks at this one. */
  async #fetch(ref: ItemRef, wants: Wants | undefined): Promise<Delivery> {
    const { settings, room, breaks } = this.#context;
    for (let interruptions = 0; ; interruptions++) {
      const { connection, turns, maildrop } = await this.#open();
      const [mail, ...others] = maildrop.mails.get(ref.id) ?? [];
      if (mail === undefined) throw new LanceurError('GONE', { name: ref.name });
      if (others.length > 0) throw new LanceurError('UIDL_SHARED', { uidl: ref.id, others: others.length });
      expectNotTooLarge(ref.name, mail.size, settings);
      try {
        const delivery = await fetchMail({ wire: connection.wire, turns, room, settings, ref, mail, wants });
        breaks.came(ref.id);
        return delivery;
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        // Closed, or stopped on request: nobody waits for a new one.
        if (this.#closing !== undefined || this.#context.signal?.aborted === true) throw error.why;
        breaks.interrupted(ref.id, ref.name, error, interruptions);
      }
    }
  }

  /** The connection with its mailbox; a new one if the last has died. */
  async #open(): Promise<Open> {
    if (this.#connection !== undefined && !this.#connection.wire.isAlive) {
      this.#connection = undefined;
      this.#opening = undefined;
      this.#turns = undefined;
    }
    this.#opening ??= this.#enter();
    return await this.#opening;
  }

  async #enter(): Promise<Open> {
    const connection = (this.#connection ??= await this.#connect());
    const maildrop = await maildropOf(connection.client, this.#place());
    const turns = new InTurn(connection.pipelining);
    this.#turns = turns;
    return { connection, turns, maildrop };
  }

  async #connect(): Promise<Connection> {
    const connection = await this.#context.connect();
    try {
      this.#expectOpen();
      return connection;
    } catch (error) {
      // Whoever closed the session meanwhile has ended the connections that there were.
      connection.wire.destroy(new WireError('closed', 'the session was closed'));
      throw error;
    }
  }

  /** QUIT, which deletes nothing that is not being settled; one that is under way for that is waited for. */
  async #farewell(): Promise<void> {
    const connection = this.#connection;
    const isIdle = this.#opening === undefined || this.#turns?.isIdle === true;
    if (connection?.wire.isAlive === true && (isIdle || this.#settling !== undefined)) {
      const timer = setTimeout(() => this.#end('it was closed'), FAREWELL_MS);
      await (this.#settling ?? connection.client.QUIT()).catch(() => undefined);
      clearTimeout(timer);
    }
    this.#end('it was closed');
  }

  #end(why: string): void {
    this.#closing ??= Promise.resolve();
    this.#context.signal?.removeEventListener('abort', this.#abort);
    this.#connection?.wire.destroy(new WireError('closed', why));
    this.#connection = undefined;
    this.#context.leave();
  }

  #place() {
    const { address, login } = this.#context.settings;
    return { address, user: login.user, hide: login.hide };
  }

  #failure(error: unknown): LanceurError {
    if (this.#context.signal?.aborted === true && !LanceurError.is(error)) return new LanceurError('ABORTED');
    return this.#context.note(sourceError(error, this.#place()));
  }

  #expectOpen(signal?: AbortSignal): void {
    if (this.#context.signal?.aborted === true || signal?.aborted === true) throw new LanceurError('ABORTED');
    if (this.#closing !== undefined) throw new LanceurError('CLOSED', { what: 'the session' });
  }
}
