import { inspect } from 'node:util';
import { refuseUnknownOptions, systemClock, type Clock } from '@lanceur/core';
import { invalid, invalidInWords } from '../invalid.js';
import { UNSAFE } from '../secret.js';
import type { Words } from '../words.js';
import { loginOf, type Login, type MailCredentials } from '../mail/credentials.js';
import type { MailDocuments } from '../mail/choose.js';
import { documentsOf } from '../mail/documents-option.js';
import { largestMailOf } from '../mail/largest.js';
import { MAIL_SERVER_OPTIONS, serverOf, type MailServer, type Server } from '../mail/server.js';
import { moveTo, type After } from './after.js';

export interface ImapOptions extends MailServer, MailCredentials {
  /** The folder ("chemin source"), as people write it; letter case does not matter. Default `INBOX`. */
  readonly mailbox?: string;
  /** The source's name in the ledger. Default: account, server and folder. */
  readonly source?: string;
  /** What is a document. Default: the attachments. */
  readonly documents?: MailDocuments;
  /** What becomes of an accepted mail. Default: it is moved to the folder `Lanceur/Accepted`. */
  readonly after?: After;
  /** The folder for rejected mail, and for what was submitted in part; made if need be. Default `Lanceur/Rejected`. */
  readonly quarantine?: string;
  /**
   * Only mail from here on: `'now'` = what comes after the first connection, which is remembered in the ledger; a date =
   * what the server received since then. Default: all that is there.
   */
  readonly from?: 'now' | Date;
  /**
   * `estimated`: the server's sizes are not exact, so that one that does not fit is no sign of a cut. Default: `exact`,
   * but `estimated` where the server says that it is Microsoft Exchange.
   */
  readonly sizes?: 'exact' | 'estimated';
  /**
   * The most bytes of a mail, as the server counts them: a larger one stays where it is, is listed with its reason
   * (`MAIL_TOO_LARGE`), and never fetched. Default 512 MB; `Infinity` = no limit.
   */
  readonly largestMail?: number;
  readonly clock?: Clock;
}

export interface Settings {
  readonly server: Server;
  readonly login: Login;
  readonly mailbox: string;
  readonly source: string;
  /** `imap jean@example.org on imap.example.org/INBOX`. */
  readonly address: string;
  /** For messages: `jean@example.org on imap.example.org:993/INBOX`. */
  readonly place: string;
  readonly documents: MailDocuments;
  readonly after: After;
  readonly quarantine: string;
  readonly from: 'now' | Date | undefined;
  readonly sizes: 'exact' | 'estimated' | undefined;
  /** In bytes. */
  readonly largestMail: number;
  readonly acceptsAnyCertificate: boolean;
  readonly clock: Clock;
}

const OPTIONS: readonly (keyof ImapOptions)[] = [
  ...MAIL_SERVER_OPTIONS,
  ...(['user', 'password', 'accessToken', 'mailbox', 'source', 'documents', 'after'] as const),
  ...(['quarantine', 'from', 'sizes', 'largestMail', 'clock'] as const),
];

/** @throws LanceurError `INVALID_OPTION`, `UNKNOWN_OPTION`. */
export function settingsOf(options: ImapOptions): Settings {
  refuseUnknownOptions('imap', options, OPTIONS);
  const server = serverOf(options, { implicit: 993, plain: 143 });
  const login = loginOf(options);
  const mailbox = folderName('mailbox', options.mailbox ?? 'INBOX');
  const quarantine = folderName('quarantine', options.quarantine ?? 'Lanceur/Rejected');
  const after = afterOf(options.after ?? moveTo('Lanceur/Accepted'));
  if (isSame(quarantine, mailbox)) throw invalid('quarantine', 'another folder than `mailbox`', quarantine);
  if (after.do === 'move' && isSame(after.to, mailbox))
    throw invalid('after', 'a move to another folder than `mailbox`', after.to);
  const { from, sizes, clock = systemClock, source } = options;
  if (from !== undefined && from !== 'now' && !(from instanceof Date && !Number.isNaN(from.getTime())))
    throw invalid('from', "'now' or a Date", from);
  if (sizes !== undefined && !['exact', 'estimated'].includes(sizes))
    throw invalid('sizes', 'exact or estimated', sizes);
  if (source !== undefined && (typeof source !== 'string' || source === ''))
    throw invalid('source', 'a text', source);
  const account = `${login.user} on ${server.host}`;
  return {
    server,
    login,
    mailbox,
    // Both are remembered: what changes in them, such as a port, would make another source of the same mailbox.
    source: source ?? `imap ${account}/${mailbox}`,
    address: `imap ${account}/${mailbox}`,
    place: `${account}:${String(server.port)}/${mailbox}`,
    documents: documentsOf(options.documents),
    after,
    quarantine,
    from,
    sizes,
    largestMail: largestMailOf(options.largestMail),
    acceptsAnyCertificate: options.acceptAnyCertificate === true,
    clock,
  };
}

function folderName(option: string, name: unknown): string {
  if (typeof name === 'string' && name.trim() !== '' && !UNSAFE.test(name)) return name;
  throw invalid(option, 'the name of a mailbox folder, in one line', typeof name);
}

export function isSame(one: string, other: string): boolean {
  return one.normalize('NFC').toLowerCase() === other.normalize('NFC').toLowerCase();
}

function afterOf(after: After): After {
  const given = after as Partial<After> | null;
  switch (given?.do) {
    case 'remove':
    case 'keep':
      return after;
    case 'move':
      folderName('after', given.to);
      if (typeof given.create !== 'boolean') throw invalid('create', 'true or false', given.create);
      return after;
    case 'flag':
      if (given.flags?.length === 0 || given.flags?.every(isFlag) !== true)
        throw invalid('after', 'flag() with flags such as \\Flagged or Lanceur', given.flags);
      return after;
    default:
      throw invalidInWords('after', AFTER, foundAsAfter(after));
  }
}

const AFTER: Words = {
  en: 'remove(), moveTo(folder), flag(…), seen() or keep()',
  fr: 'remove(), moveTo(dossier), flag(…), seen() ou keep()',
};

function foundAsAfter(found: unknown): Words {
  if (typeof found === 'function') {
    return {
      en: `the function ${found.name} itself: call it`,
      fr: `la fonction ${found.name} elle-même : l’appeler`,
    };
  }
  const text = inspect(found, { breakLength: Infinity });
  return { en: text, fr: text };
}

// RFC 3501, section 9: an atom, with a backslash before those that the RFC defines. \Deleted would have it expunged by
// anyone, and \Recent is the server's own.
const FLAG = /^(?!\\(?:Deleted|Recent)$)\\?[A-Za-z0-9!#$&'+,\-./:;<=>?@^_`|~]{1,100}$/iu;

function isFlag(given: unknown): boolean {
  return typeof given === 'string' && FLAG.test(given);
}
