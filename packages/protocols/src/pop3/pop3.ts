import {
  LanceurError,
  openSpool,
  type Check,
  type ConnectOptions,
  type Listener,
  type ListenerTraits,
  type Reason,
  type Session,
  type SourceMemory,
  type UsedFolder,
} from '@lanceur/core';
import { memoryOfObject } from '../memory-of-object.js';
import { Breaks } from '../mail/breaks.js';
import { HoldingRoom } from '../mail/holding.js';
import { LoginPause } from '../mail/login-pause.js';
import { takeAccount } from './accounts.js';
import { check } from './check.js';
import { login, type Connection } from './login.js';
import { settingsOf, type Pop3Options, type Settings } from './options.js';
import { Pop3Session } from './session.js';

/**
 * Watches a mailbox by POP3 ("POP"): Gmail, Microsoft 365, a server of one's own, or a local stunnel.
 *
 * ```ts
 * const listener = pop3({ host: 'pop.gmail.com', user: 'factures@mairie.fr', password, spool: 'D:/lanceur/spool' });
 * const session = await listener.connect();
 * for await (const ref of session.list()) {
 *   if (ref.notReady) continue;
 *   await using delivery = await session.open(ref);
 *   await use(delivery.documents);
 *   accepted.push({ ref, end: 'accept' });
 * }
 * await session.settle(accepted); // deletes them, and ends the session
 * ```
 *
 * An item is a mail, its id is its UIDL, its documents are its attachments (see {@link Pop3Options.documents}). A mail
 * is fetched once, whole, and only when it is opened; what it brings is read from memory or from the spool. It is
 * deleted when the server has confirmed QUIT. A rejected mail stays in the mailbox.
 *
 * @throws LanceurError `INVALID_OPTION`, `UNKNOWN_OPTION`.
 */
export function pop3(options: Pop3Options): Pop3Listener {
  return new Pop3(settingsOf(options));
}

/** A listener that can be checked. POP3 has nothing that wakes. */
export interface Pop3Listener extends Listener {
  readonly folders: readonly UsedFolder[];
  check(): Promise<readonly Check[]>;
  health(): Reason | undefined;
}

class Pop3 implements Pop3Listener {
  readonly source: string;
  readonly address: string;
  readonly traits: ListenerTraits;
  readonly folders: readonly UsedFolder[];
  readonly #settings: Settings;
  readonly #memory: SourceMemory = memoryOfObject();
  readonly #pause: LoginPause;
  readonly #breaks = new Breaks();
  #health: Reason | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#pause = new LoginPause(settings.login.user, settings.clock);
    this.source = settings.source;
    this.address = settings.address;
    this.traits = { concurrentSessions: false, settleEndsSession: true, keeps: !settings.deletes };
    this.folders = [{ role: 'spool of the mailbox', path: settings.spool }];
  }

  async connect({ signal, memory = this.#memory }: ConnectOptions = {}): Promise<Session> {
    if (signal?.aborted === true) throw new LanceurError('ABORTED');
    const leaveAccount = await this.#enter(signal);
    const room = new HoldingRoom(() => openSpool(this.#settings.spool));
    const leave = () => {
      void room.leave();
      leaveAccount();
    };
    const connect = () => this.#logIn(memory, signal);
    const note = (error: LanceurError) => this.#note(error);
    try {
      const connection = await connect();
      this.#health = undefined;
      const [settings, breaks] = [this.#settings, this.#breaks];
      const context = { settings, memory, room, breaks, signal, connect, leave, note };
      return new Pop3Session(context, connection);
    } catch (error) {
      leave();
      throw error;
    }
  }

  async check(): Promise<readonly Check[]> {
    const leave = await this.#enter();
    try {
      return await check(this.#settings);
    } finally {
      leave();
    }
  }

  health(): Reason | undefined {
    return this.#health;
  }

  async #enter(signal?: AbortSignal): Promise<() => void> {
    const { server, login: account, address } = this.#settings;
    const name = JSON.stringify([account.user, server.host, server.port]);
    const leave = await takeAccount(name, server.timeoutMs, signal);
    if (leave !== undefined) return leave;
    if (signal?.aborted === true) throw new LanceurError('ABORTED');
    const why = 'another session of this process has it';
    throw this.#note(new LanceurError('MAILBOX_BUSY', { path: address, why }));
  }

  async #logIn(memory: SourceMemory, signal: AbortSignal | undefined): Promise<Connection> {
    const { server, login: account, address } = this.#settings;
    try {
      const place = { address, user: account.user, hide: account.hide };
      return await this.#pause.around(memory, () => login(server, account, place, signal), signal);
    } catch (error) {
      throw LanceurError.is(error) ? this.#note(error) : error;
    }
  }

  #note(error: LanceurError): LanceurError {
    if (error.scope === 'source') this.#health = error.reason;
    return error;
  }
}
