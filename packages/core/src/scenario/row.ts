import type { ScheduleRow } from '../schedule/fields.js';
import type { SecretRef } from './secret-ref.js';

/** A row of EzGED's "Scénario de lancement": one launcher. */
export type Row = DirectoryRow | ImapRow | PopRow | AdullactRow;

/** EzGED's "Protocole", in its plain form. */
export type ProtocolName = Row['protocol'];

/** An extension, or the type of an envelope, with the job that takes it: "regroupement par extension". */
export interface AffiliatedJob {
  /** `pdf`, `.PDF`, `chorus_fact`; `*` = all that are not named, `''` = files without extension. */
  readonly extension: string;
  /** "Travail de référence": a name of the scenario's `jobs`. */
  readonly job: string;
}

/** What every launcher has. */
export interface CommonRow {
  /** "Id". Names the launcher in the ledger: unique in the scenario, and the same for good. */
  readonly id: string;
  /** "Description": for people. */
  readonly description?: string;
  /** "Filtre de nom de fichier": globs, or a regular expression between slashes. Default `*.*`, every name. */
  readonly filter?: string | readonly string[];
  /** "Scénarios affiliés". */
  readonly jobs: readonly AffiliatedJob[];
  /** "Programmer le lanceur": it runs whenever one of the rows is due. */
  readonly schedules: readonly ScheduleRow[];
  /** What is wanted by no job: left (default), settled as accepted, or rejected. */
  readonly unwanted?: 'leave' | 'accept' | 'reject';
  /** Lets go of the documents that no job wants when the rest of their item was taken. Default false. */
  readonly discardUnwanted?: boolean;
  /** Where it cannot be told whether a document arrived: send it again (default), or reject it for a person to look. */
  readonly inDoubt?: 'resubmit' | 'reject';
  /** Attempts that fail by a document's own fault before it is rejected. Default 5. */
  readonly attempts?: number;
  /** Days without anything new after which the service says so. Default: it may be silent. */
  readonly silentDays?: number;
}

/** What becomes of a file that was taken; `moveTo` a folder, absolute, with sub-folders by date if need be. */
export type AfterFile =
  'remove' | 'keep' | { readonly moveTo: string; readonly dated?: 'day' | 'month' | 'year' };

/** A folder that is watched. */
export interface FolderFields {
  /** "Chemin d'origine": the folder. Absolute. */
  readonly origin: string;
  /** "Temporisation en secondes": how long a file must have been left alone; 0 = it is taken at once. Default 5. */
  readonly settleSeconds?: number;
  /**
   * What is taken as one: each `file`, a document with its index file (`stem`: one group; `jobs` names both
   * extensions), or each sub-folder with all that is in it (`entry`). Default `file`, and `entry` for Adullact.
   */
  readonly unit?: 'file' | 'stem' | 'entry';
  /** Whether sub-folders are looked into, for `file` and `stem`. Default false. */
  readonly subfolders?: boolean;
  /** A file whose coming says that a document is finished ("fichier témoin"): `{name}.ok`, `{stem}.done`. */
  readonly doneFile?: string;
  /** Whether PDF, TIFF, XML, JPEG and ZIP wait for the end that their format has. Default true. */
  readonly endMarks?: boolean;
  /** When to give up on an item that does not become whole, and what then. Default: after 24 hours, `leave`. */
  readonly giveUp?: { readonly afterHours: number; readonly then: 'leave' | 'take' };
  /** Default `remove`. */
  readonly after?: AfterFile;
  /** Where rejected files go. Absolute, on the same volume. Default `.lanceur/rejected` in the folder. */
  readonly quarantine?: string;
  /** It also runs whenever the folder says that something may have come, whatever `schedules` say. Default false. */
  readonly watch?: boolean;
}

/** Access by OAuth 2, instead of a password: with a refresh token for one account, else by client credentials. */
export interface OAuth {
  /** Where tokens are had (RFC 6749, section 3.2): for Microsoft 365 `https://login.microsoftonline.com/<tenant>/oauth2/v2.0/token`. */
  readonly tokenEndpoint: string;
  /** Of this program, as it is registered with the provider. */
  readonly clientId: string;
  /** Needed without a `refreshToken`. */
  readonly clientSecret?: SecretRef;
  /** From a person's consent. From a file, it is replaced there whenever the server gives out a new one. */
  readonly refreshToken?: SecretRef;
  /** What is asked for (RFC 6749, section 3.3). Default: the provider's own choice. */
  readonly scope?: string;
}

/** What of a mail is a document. */
export interface MailParts {
  /** Default true. */
  readonly attachments?: boolean;
  /** The whole mail, as `.eml`. Default false. */
  readonly message?: boolean;
  /** Its text. Default false. */
  readonly body?: boolean;
  /** What is shown inside the text, such as pictures, from this size in bytes on. Default: none. */
  readonly inlineAbove?: number;
  /** Mails that are attached to it, opened. Default false. */
  readonly attached?: boolean;
  /** What Outlook packs into `winmail.dat`, as the attachments that it is. Default true. */
  readonly winmail?: boolean;
}

/** A mailbox that is watched. */
export interface MailFields {
  /** "Serveur". */
  readonly host: string;
  /** "Port d'écoute"; 0 = the protocol's own, which is the default. */
  readonly port?: number;
  /** TLS from the first byte (default), by `starttls`, or `none`: only to this machine, for a local stunnel. */
  readonly tls?: 'implicit' | 'starttls' | 'none';
  /** A file with certificates in PEM to trust instead of those that Node knows. Absolute. */
  readonly caFile?: string;
  /** The name that the server's certificate is for, where it is not `host`. */
  readonly serverName?: string;
  /** Speaks in clear to another machine: anyone on the way reads the password. Default false. */
  readonly allowClearText?: boolean;
  /** "Utilisateur", "Compte". */
  readonly user: string;
  /** "Mot de passe"; for Gmail an app password. This, or `oauth`. */
  readonly password?: SecretRef;
  /** For Microsoft 365, which takes no password. This, or `password`. */
  readonly oauth?: OAuth;
  /** Default: the attachments. */
  readonly documents?: MailParts;
  /** Only mail since then: a day such as `2026-11-01`, or `now` = since the first run. Default: all of it. */
  readonly since?: string;
  /** Whether the sizes that the server states can be relied on. Default: `exact`; IMAP knows Exchange by itself. */
  readonly sizes?: 'exact' | 'estimated';
  /** In bytes: a larger mail stays where it is, and is never fetched. Default 512 MB. */
  readonly largestMail?: number;
}

/** What becomes of a mail that was taken. */
export type AfterMail = 'remove' | 'keep' | 'seen' | { readonly moveTo: string } | { readonly flag: string };

/** A mailbox that is watched by IMAP. */
export interface ImapFields extends MailFields {
  /** "Chemin source": the folder of the mailbox. Default `INBOX`. */
  readonly origin?: string;
  /** Default: it is moved to the folder `Lanceur/Accepted`. */
  readonly after?: AfterMail;
  /** The folder for rejected mail. Default `Lanceur/Rejected`. */
  readonly quarantine?: string;
  /** It also runs whenever the server says that something may have come, whatever `schedules` say. Default false. */
  readonly watch?: boolean;
}

/** A mailbox that is watched by POP3. */
export interface PopFields extends MailFields {
  /** POP has one folder: `inbox`, as on EzGED's screen, or left out. */
  readonly origin?: string;
  /** Default `remove`. */
  readonly after?: 'remove' | 'keep';
}

/** How envelopes are read. */
export interface EnvelopeFields {
  /** A Chorus file with several invoices: one group (default), or one for each. */
  readonly invoices?: 'together' | 'apart';
  /** Refuses an envelope with an issue that matters as much as this. Default: whatever can be read is read. */
  readonly refuse?: 'note' | 'warning' | 'error';
  /** Names of the metadata file, without extension. Default `metadata`, `manifest`. */
  readonly metadata?: readonly string[];
  /** The file that says that a deposit is finished. Default `fichier_termine.txt`. */
  readonly endMark?: string;
}

/** EzGED's protocol "Répertoire". */
export interface DirectoryRow extends CommonRow, FolderFields {
  readonly protocol: 'directory';
}

/** EzGED's protocol "IMAP". */
export interface ImapRow extends CommonRow, ImapFields {
  readonly protocol: 'imap';
}

/** EzGED's protocol "POP". */
export interface PopRow extends CommonRow, PopFields {
  readonly protocol: 'pop';
}

/** EzGED's protocol "Adullact": envelopes of Actes, Helios and Chorus Pro, in a folder or attached to mails (`via`). */
export type AdullactRow = CommonRow & {
  readonly protocol: 'adullact';
  readonly envelopes?: EnvelopeFields;
} & (
    | (FolderFields & { readonly via?: 'directory' })
    | (ImapFields & { readonly via: 'imap' })
    | (PopFields & { readonly via: 'pop' })
  );
