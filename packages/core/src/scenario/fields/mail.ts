import type { AfterMail, ImapFields, MailFields, MailParts, OAuth, PopFields } from '../row.js';
import { object, optional, required, type Fields } from '../shape/composite.js';
import { isObject, type Shape } from '../shape/shape.js';
import { choice, either, flag, number, text, wordOrObject } from '../shape/values.js';
import { words } from '../words.js';
import { absolutePath, oneLine, secret, webAddress } from './values.js';

const HOST = text(words('the name or address of a server', 'le nom ou l’adresse d’un serveur'), {
  pattern: '^(?:[A-Za-z0-9_][A-Za-z0-9._-]{0,252}|[0-9A-Fa-f:.]{2,45})$',
});

const oauth = object<OAuth>(
  words('an object with tokenEndpoint and clientId', 'un objet avec tokenEndpoint et clientId'),
  {
    tokenEndpoint: required(
      webAddress(
        'an https address without user and password',
        'une adresse https sans utilisateur ni mot de passe',
        'https, or http to loopback',
      ),
      words('Where tokens are given out.', 'Adresse qui délivre les jetons.'),
      'https://login.microsoftonline.com/<tenant>/oauth2/v2.0/token',
    ),
    clientId: required(oneLine, words('The application’s id.', 'Identifiant de l’application.')),
    clientSecret: optional(secret, words('The application’s secret.', 'Secret de l’application.')),
    refreshToken: optional(
      secret,
      words(
        'From a person’s consent; in a file, so that it can be replaced. Without it: client credentials.',
        'Issu du consentement d’une personne ; dans un fichier, pour pouvoir être remplacé. Sans lui : identifiants de l’application.',
      ),
    ),
    scope: optional(
      oneLine,
      words('What is asked for.', 'Droits demandés.'),
      'https://outlook.office365.com/.default',
    ),
  },
);

const parts = object<MailParts>(
  words('an object of what is a document', 'un objet disant ce qui est un document'),
  {
    attachments: optional(
      flag,
      words('The attachments. Default true.', 'Les pièces jointes. Par défaut true.'),
    ),
    message: optional(flag, words('The whole mail as .eml.', 'Le message entier en .eml.')),
    body: optional(flag, words('Its text.', 'Son texte.')),
    inlineAbove: optional(
      number({ from: 0 }),
      words(
        'Pictures in the text from this size in bytes on.',
        'Les images du texte à partir de cette taille en octets.',
      ),
    ),
    attached: optional(flag, words('Mails that are attached, opened.', 'Les messages joints, ouverts.')),
    winmail: optional(
      flag,
      words(
        'The attachments in winmail.dat of Outlook, instead of that file. Default true.',
        'Les pièces jointes contenues dans winmail.dat (Outlook), au lieu de ce fichier. Par défaut true.',
      ),
    ),
  },
);

const mailFields: Fields<MailFields> = {
  host: required(
    HOST,
    words(
      'Mail server; 127.0.0.1 for a local stunnel.',
      'Serveur de messagerie ; 127.0.0.1 pour un stunnel local.',
    ),
    'imap.gmail.com',
  ),
  port: optional(
    number({ from: 0, to: 65_535 }),
    words('Port; 0 or left out = the protocol’s own.', 'Port d’écoute ; 0 ou absent = celui du protocole.'),
    0,
  ),
  tls: optional(
    choice('implicit', 'starttls', 'none'),
    words(
      'TLS from the first byte (default), by STARTTLS, or none (only to this machine).',
      'TLS dès le premier octet (par défaut), par STARTTLS, ou aucun (seulement vers cette machine).',
    ),
  ),
  caFile: optional(
    absolutePath,
    words(
      'Certificates in PEM to trust instead of the usual ones.',
      'Certificats PEM auxquels se fier au lieu des habituels.',
    ),
  ),
  serverName: optional(
    HOST,
    words(
      'The name in the server’s certificate, where it is not host.',
      'Le nom du certificat du serveur, si ce n’est pas host.',
    ),
  ),
  allowClearText: optional(
    flag,
    words(
      'Lets the password travel in clear to another machine.',
      'Laisse le mot de passe circuler en clair vers une autre machine.',
    ),
  ),
  user: required(oneLine, words('The account.', 'Utilisateur (compte).'), 'factures@mairie.fr'),
  password: optional(
    secret,
    words(
      'By reference only: { "env": … } or { "file": … }. For Gmail an app password.',
      'Mot de passe, par référence seulement : { "env": … } ou { "file": … }. Pour Gmail, un mot de passe d’application.',
    ),
  ),
  oauth: optional(
    oauth,
    words(
      'Instead of a password; Microsoft 365 takes nothing else.',
      'À la place du mot de passe ; Microsoft 365 n’accepte rien d’autre.',
    ),
  ),
  documents: optional(
    parts,
    words(
      'What of a mail is a document. Default: the attachments.',
      'Ce qui, dans un message, est un document. Par défaut : les pièces jointes.',
    ),
  ),
  since: optional(
    text(words('"now", or a day such as "2026-11-01"', '"now", ou un jour comme "2026-11-01"'), {
      pattern: '^(?:now|\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01]))$',
    }),
    words(
      'Only mail since then; "now" = since the first run.',
      'Seulement le courrier depuis ce jour ; "now" = depuis le premier passage.',
    ),
    '2026-11-01',
  ),
  sizes: optional(
    choice('exact', 'estimated'),
    words(
      '"estimated" for an Exchange that states sizes that are not exact.',
      '« estimated » pour un Exchange qui annonce des tailles inexactes.',
    ),
  ),
  largestMail: optional(
    number({ from: 1 }),
    words(
      'In bytes: a larger mail stays where it is, and is never fetched. Default 536870912 (512 MB).',
      'En octets : un message plus gros reste en place et n’est jamais téléchargé. Par défaut 536870912 (512 Mo).',
    ),
    50_000_000,
  ),
};

const afterMail: Shape<AfterMail> = wordOrObject(
  ['remove', 'keep', 'seen'],
  either(
    object<{ readonly moveTo: string }>(words('{ "moveTo": "Traités" }', '{ "moveTo": "Traités" }'), {
      moveTo: required(oneLine, words('Folder of the mailbox.', 'Dossier de la boîte.'), 'Traités'),
    }),
    object<{ readonly flag: string }>(words('{ "flag": "\\\\Flagged" }', '{ "flag": "\\\\Flagged" }'), {
      flag: required(
        text(
          words('a flag such as "\\\\Flagged" or "Lanceur"', 'un drapeau comme "\\\\Flagged" ou "Lanceur"'),
          { pattern: '^\\\\?[A-Za-z0-9_$.-]{1,100}$' },
        ),
        words('Flag that the mail gets.', 'Drapeau que reçoit le message.'),
      ),
    }),
    (value) => isObject(value) && !Object.hasOwn(value, 'flag'),
  ),
);

export const imapFields: Fields<ImapFields> = {
  origin: optional(
    oneLine,
    words('Folder of the mailbox. Default INBOX.', 'Chemin source : dossier de la boîte. Par défaut INBOX.'),
    'inbox',
  ),
  ...mailFields,
  after: optional(
    afterMail,
    words(
      'What becomes of a mail that was taken: remove, keep, seen, { "moveTo": folder } or { "flag": flag }. Default: moved to Lanceur/Accepted.',
      'Ce que devient un message pris : remove, keep, seen, { "moveTo": dossier } ou { "flag": drapeau }. Par défaut : déplacé dans Lanceur/Accepted.',
    ),
  ),
  quarantine: optional(
    oneLine,
    words(
      'Folder for rejected mail. Default Lanceur/Rejected.',
      'Dossier du courrier rejeté. Par défaut Lanceur/Rejected.',
    ),
  ),
  watch: optional(
    flag,
    words(
      'It also runs whenever the server says that mail has come (IDLE), whatever the schedules say. Default false.',
      'Se lance aussi dès que le serveur annonce du courrier (IDLE), quelle que soit la programmation. Par défaut false.',
    ),
  ),
};

export const popFields: Fields<PopFields> = {
  origin: optional(
    text(
      words('"inbox", or nothing: POP has no other folder', '"inbox", ou rien : POP n’a pas d’autre dossier'),
      { pattern: '^[iI][nN][bB][oO][xX]$' },
    ),
    words('"inbox", or left out.', 'Chemin source : « inbox », ou absent.'),
    'inbox',
  ),
  ...mailFields,
  after: optional(
    choice('remove', 'keep'),
    words(
      'What becomes of a mail that was taken: remove (default) or keep.',
      'Ce que devient un message pris : effacé (remove, par défaut) ou gardé (keep).',
    ),
  ),
};
