import path from 'node:path';
import { refuseUnknownOptions, systemClock, type Clock } from '@lanceur/core';
import { invalid } from '../invalid.js';
import type { MailDocuments } from '../mail/choose.js';
import { documentsOf } from '../mail/documents-option.js';
import { largestMailOf } from '../mail/largest.js';
import { loginOf, type Login, type MailCredentials } from '../mail/credentials.js';
import { MAIL_SERVER_OPTIONS, serverOf, type MailServer, type Server } from '../mail/server.js';

export interface Pop3Options extends MailServer, MailCredentials {
  /** The name under which the ledger knows the mailbox. Default: made from account and server. */
  readonly source?: string;
  /**
   * A private folder on a local disk, absolute, for documents of more than a megabyte while they are handed over: POP3
   * gives a mail once, from its beginning to its end. May be the launcher's.
   */
  readonly spool: string;
  /** What of a mail is a document. Default: its attachments. */
  readonly documents?: MailDocuments;
  /** What accepting does with the mail. A rejected mail stays in the mailbox, remembered. Default `delete`. */
  readonly after?: 'delete' | 'keep';
  /**
   * From when on mails are taken: `now` leaves those alone that are there when the mailbox is listed for the first time;
   * a date leaves alone what arrived before it, by the mails' own word. Default: all of them.
   */
  readonly from?: 'now' | Date;
  /**
   * Whether the sizes that the server lists can be relied on: a mail that arrives shorter, without its end, is then not
   * taken. `estimated` for Exchange with its default settings. Default `exact`.
   */
  readonly sizes?: 'exact' | 'estimated';
  /**
   * The most bytes of a mail, as the server counts them: a larger one stays where it is, is listed with its reason
   * (`MAIL_TOO_LARGE`), and never fetched. Default 512 MB; `Infinity` = no limit.
   */
  readonly largestMail?: number;
  readonly clock?: Clock;
}

/** The options, complete and checked. */
export interface Settings {
  readonly source: string;
  readonly address: string;
  readonly server: Server;
  readonly login: Login;
  readonly spool: string;
  readonly documents: MailDocuments;
  readonly deletes: boolean;
  readonly from: 'now' | number | undefined;
  readonly exactSizes: boolean;
  /** In bytes. */
  readonly largestMail: number;
  readonly clock: Clock;
}

const OPTIONS: readonly (keyof Pop3Options)[] = [
  ...MAIL_SERVER_OPTIONS,
  'user',
  'password',
  'accessToken',
  'source',
  'spool',
  'documents',
  'after',
  'from',
  'sizes',
  'largestMail',
  'clock',
];

const PORTS = { implicit: 995, plain: 110 } as const;

/** @throws LanceurError `INVALID_OPTION`, `UNKNOWN_OPTION`. */
export function settingsOf(options: Pop3Options): Settings {
  refuseUnknownOptions('pop3', options, OPTIONS);
  const server = serverOf(options, PORTS);
  const login = loginOf(options);
  const { after = 'delete', sizes = 'exact', from, source, spool } = options;
  if (typeof spool !== 'string' || !path.isAbsolute(spool)) {
    throw invalid('spool', 'an absolute path of a private folder on a local disk', spool);
  }
  oneOf('after', after, ['delete', 'keep']);
  oneOf('sizes', sizes, ['exact', 'estimated']);
  if (source !== undefined && (typeof source !== 'string' || source.trim() === ''))
    throw invalid('source', 'a name', source);
  const place = `${login.user}@${server.host}:${String(server.port)}`;
  return {
    source: source ?? `pop3 ${login.user}@${server.host}`,
    address: `pop3 ${place}`,
    server,
    login,
    spool,
    documents: documentsOf(options.documents),
    deletes: after === 'delete',
    from: from === undefined || from === 'now' ? from : timeOf(from),
    exactSizes: sizes === 'exact',
    largestMail: largestMailOf(options.largestMail),
    clock: options.clock ?? systemClock,
  };
}

/** From a file anything may come, and a word that is not understood must not mean deletion. */
function oneOf(option: string, value: unknown, allowed: readonly string[]): void {
  if (typeof value === 'string' && allowed.includes(value)) return;
  throw invalid(option, `one of ${allowed.join(', ')}`, value);
}

function timeOf(from: unknown): number {
  if (from instanceof Date && !Number.isNaN(from.getTime())) return from.getTime();
  throw invalid('from', '"now", or a Date', typeof from === 'string' ? from : typeof from);
}
