import type {
  Check,
  ConnectOptions,
  LanceurError,
  Listener,
  ListenerTraits,
  Reason,
  Session,
  SourceMemory,
} from '@lanceur/core';
import { memoryOfObject } from '../memory-of-object.js';
import { Breaks } from '../mail/breaks.js';
import { LoginPause } from '../mail/login-pause.js';
import { check } from './check.js';
import { Connection } from './connection.js';
import { sourceFault } from './faults.js';
import { KnownMails } from './known-mails.js';
import { pausing, renewing, type LogIn } from './log-in.js';
import { selectMailbox } from './mailbox-name.js';
import { settingsOf, type ImapOptions, type Settings } from './options.js';
import { ImapSession } from './session.js';
import { startOf } from './start.js';
import { watch } from './watch.js';

/**
 * Watches a folder of a mailbox by IMAP: each mail is an item, its attachments are the documents.
 *
 * ```ts
 * const session = await imap({ host: 'imap.gmail.com', user, password: () => vault.get('factures') }).connect();
 * for await (const ref of session.list()) {
 *   const { documents } = await session.open(ref, ({ name }) => name.endsWith('.pdf'));
 *   await use(documents);
 *   await session.settle([{ ref, end: 'accept' }]);
 * }
 * await session.close();
 * ```
 *
 * An item's id is the mailbox's UIDVALIDITY and the mail's UID, its `same` the server's own id for the mail, else its
 * Message-ID with date and size. Nothing but what is wanted is fetched. A mail marked as deleted is not listed.
 *
 * @throws LanceurError `INVALID_OPTION`, `UNKNOWN_OPTION`.
 */
export function imap(options: ImapOptions): ImapListener {
  return new Imap(settingsOf(options));
}

/** A listener that can do all that is optional. */
export interface ImapListener extends Listener {
  /** Calls `wake` when mail comes, by IDLE on a connection of its own. A hint: polling is the truth. */
  watch(wake: () => void): AsyncDisposable;
  check(): Promise<readonly Check[]>;
  health(): Reason | undefined;
}

class Imap implements ImapListener {
  readonly source: string;
  readonly address: string;
  readonly traits: ListenerTraits;
  readonly #settings: Settings;
  readonly #memory: SourceMemory = memoryOfObject();
  readonly #mails = new KnownMails();
  readonly #pause: LoginPause;
  readonly #breaks = new Breaks();
  #health: Reason | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.source = settings.source;
    this.address = settings.address;
    this.traits = {
      concurrentSessions: true,
      settleEndsSession: false,
      keeps: settings.after.do !== 'remove',
    };
    this.#pause = new LoginPause(settings.login.user, settings.clock);
  }

  async connect({ signal, memory = this.#memory }: ConnectOptions = {}): Promise<Session> {
    const settings = this.#settings;
    const logIn = this.#logIn(memory, signal);
    let connection: Connection | undefined;
    try {
      connection = await Connection.open(settings, { signal, logIn, breaks: this.#breaks });
      await selectMailbox(connection, settings, settings.mailbox);
      const start = await startOf(settings, connection.mailbox, memory);
      this.#health = undefined;
      const note = (error: LanceurError): LanceurError => this.#note(error);
      const mails = this.#mails;
      return new ImapSession({ settings, connection, logIn, mails, memory, start, signal, note });
    } catch (error) {
      await connection?.close();
      throw this.#note(sourceFault(settings, error));
    }
  }

  watch(wake: () => void): AsyncDisposable {
    return watch(this.#settings, (signal) => this.#logIn(this.#memory, signal), wake);
  }

  async check(): Promise<readonly Check[]> {
    return await check(this.#settings, async () => {
      // A person asks, perhaps since the password is right by now.
      const connection = await Connection.open(this.#settings, { logIn: renewing(this.#settings.login) });
      await this.#pause.accepted(this.#memory);
      return connection;
    });
  }

  health(): Reason | undefined {
    return this.#health;
  }

  #logIn(memory: SourceMemory, signal: AbortSignal | undefined): LogIn {
    return pausing(renewing(this.#settings.login), this.#pause, memory, signal);
  }

  #note(error: LanceurError): LanceurError {
    if (error.scope === 'source') this.#health = error.reason;
    return error;
  }
}
