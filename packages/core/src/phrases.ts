/**
 * What the sentences of the catalogue are completed with, in French: reasons carry it in English, also those that a ledger
 * has kept. `{}` stands for what differs, in the same order in both.
 */
const PHRASES: Readonly<Record<string, string>> = {
  // ── what is there ───────────────────────────────────────────────────────────────────────────────────
  none: 'aucun',
  nothing: 'rien',
  'it is empty': 'il est vide',
  'it failed': 'échec sans raison connue',
  'files without extension': 'les fichiers sans extension',
  'its listener does not say why': 'le module d’écoute n’en donne pas la raison',
  'it is no longer in its delivery': 'il n’est plus dans sa livraison',

  // ── files that are not whole ────────────────────────────────────────────────────────────────────────
  'it does not begin as a JPEG': 'il ne commence pas comme un JPEG',
  'it does not begin as a TIFF': 'il ne commence pas comme un TIFF',
  'it does not begin with %PDF-': 'il ne commence pas par %PDF-',
  'its end marker is missing': 'sa marque de fin manque',
  'its end mark {} is missing': 'sa marque de fin {} manque',
  'its first page is missing': 'sa première page manque',
  'its pages run in a circle': 'ses pages tournent en rond',
  'page {} is missing': 'la page {} manque',
  'the content of page {} is missing': 'le contenu de la page {} manque',
  'its root element is missing': 'son élément racine manque',
  'its central directory is missing': 'son répertoire central manque',
  'the document that this done-file announces': 'le document annoncé par ce fichier témoin',
  'the folder is empty': 'le dossier est vide',
  'the folder holds no document, only {}': 'le dossier ne contient aucun document, seulement {}',
  '{} is still being written': '{} est encore en cours d’écriture',

  // ── what has been closed ────────────────────────────────────────────────────────────────────────────
  'the ledger': 'le registre',
  'the ledger {}': 'le registre {}',
  'the service': 'le service',
  'the session': 'la session',
  'the delivery': 'la livraison',
  'the spool {}': 'le dossier de déballage {}',
  'launcher {}': 'le lanceur {}',

  // ── the ledger ──────────────────────────────────────────────────────────────────────────────────────
  'its file system allows no WAL (journal_mode is {})':
    'son système de fichiers n’admet pas le mode WAL (journal_mode vaut {})',
  'it is no ledger: another file has its name, or its beginning has been overwritten':
    'ce n’est pas un registre : un autre fichier porte ce nom, ou son début a été écrasé',
  'it may only be read': 'il n’est accessible qu’en lecture',
  'it cannot be opened': 'il ne peut être ouvert',
  'a record is not JSON': 'un enregistrement n’est pas du JSON',
  'a ledger, or a file that does not exist yet': 'un registre, ou un fichier qui n’existe pas encore',
  'a database of another program ({})': 'une base d’un autre programme ({})',
  'the path of a file (a ledger in memory is `memoryLedger()`)':
    'le chemin d’un fichier (un registre en mémoire est `memoryLedger()`)',
  'a file in a folder that exists': 'un fichier dans un dossier qui existe',
  'a file, or a link to a file that exists': 'un fichier, ou un lien vers un fichier qui existe',
  '{}, a link to nothing': '{}, un lien vers rien',
  'a file': 'un fichier',
  '{}, which is none': '{}, qui n’en est pas un',
  'a file that can be read': 'un fichier lisible',

  // ── options ─────────────────────────────────────────────────────────────────────────────────────────
  'a Launcher': 'un Launcher',
  '{}, the id of the launcher whose place it takes': '{}, l’id du lanceur dont il prend la place',
  'a Schedule: schedule(rows, { timeZone })': 'une programmation : schedule(rows, { timeZone })',
  'a number of days from 1 up': 'un nombre de jours d’au moins 1',
  'true or false': 'true ou false',
  'false: the source of this launcher cannot be watched':
    'false : la source de ce lanceur ne peut être écoutée',
  'an id that no other launcher of the service has': 'un id qu’aucun autre lanceur du service n’a',
  'a number of milliseconds from 0 up': 'un nombre de millisecondes d’au moins 0',
  'a number of milliseconds above 0': 'un nombre de millisecondes supérieur à 0',
  'a number of bytes from 0 up': 'un nombre d’octets d’au moins 0',
  'a number from {} up': 'un nombre d’au moins {}',
  'a whole number from 1 to 10000': 'un nombre entier de 1 à 10000',
  'a text that names this launcher': 'un texte qui nomme ce lanceur',
  'a folder to unpack into, since `expand` is given': 'un dossier où déballer, puisque `expand` est donné',
  'an absolute path': 'un chemin absolu',
  'an absolute path on this system': 'un chemin absolu sur ce système',
  'an absolute path on a local disk': 'un chemin absolu sur un disque local',
  'at least one filter': 'au moins un filtre',
  "a text: a regular expression is written as '/…/i'": 'un texte : une expression régulière s’écrit "/…/i"',
  'a pattern or a list of patterns': 'un motif ou une liste de motifs',
  'an object of extensions with their jobs, such as { pdf: "87" }':
    'un objet d’extensions avec leurs travaux, comme { pdf: "87" }',
  'the number or name of a job': 'le numéro ou le nom d’un travail',
  'extensions, which is what follows the last dot of a name':
    'des extensions, c’est-à-dire ce qui suit le dernier point d’un nom',
  'a job for each extension once, and "{}" is "{}" again':
    'un travail par extension, une seule fois, et "{}" revient sous la forme "{}"',
  'a job for at least one extension, such as { pdf: "87" }':
    'un travail pour au moins une extension, comme { pdf: "87" }',
  'at least one job with its submitter': 'au moins un travail avec sa destination',
  'a ColdSubmitter for job {}': 'un ColdSubmitter pour le travail {}',
  'a submitter for job {} that has it': 'une destination du travail {} qui le connaît',
  'one that has {}': 'une qui connaît {}',
  'an account called {}': 'un compte nommé {}',
  'given, since a job needs it: {}': 'donné, puisqu’un travail en a besoin : {}',
  'called with an object of options': 'appelé avec un objet d’options',
  'a list': 'une liste',
  'at least one row': 'au moins une ligne',
  'a range from low to high, or two of them with a comma':
    'une plage croissante, ou deux séparées par une virgule',
  '*, numbers from {}, ranges (a-b) or steps (*/n, a-b/n), with commas between them':
    '*, des nombres de {}, des plages (a-b) ou des pas (*/n, a-b/n), séparés par des virgules',
  'the IANA name of a time zone, such as Europe/Paris': 'le nom IANA d’un fuseau horaire, comme Europe/Paris',
  'implicit or starttls for another machine, or `passwordInClear: true` beside it':
    'implicit ou starttls pour une autre machine, ou `passwordInClear: true` à côté',

  // ── regular expressions ─────────────────────────────────────────────────────────────────────────────
  'it is longer than {} characters': 'il dépasse {} caractères',
  '{} (at character {})': '{} (au caractère {})',
  'a ( without its )': 'une ( sans sa )',
  'a ) without its (': 'une ) sans sa (',
  'a [ without its ]': 'un [ sans son ]',
  'a count is too large': 'un nombre de répétitions est trop grand',
  'a range goes upwards': 'une plage va du plus petit au plus grand',
  'a range goes from one character to another': 'une plage va d’un caractère à un autre',
  'a repetition directly after a repetition': 'une répétition juste après une répétition',
  'it ends in a lone backslash': 'il se termine par une barre oblique inverse seule',
  'there is nothing to repeat': 'il n’y a rien à répéter',
  'a look-behind must have one fixed length': 'un regard en arrière a une longueur fixe',

  // ── what systems and servers say ────────────────────────────────────────────────────────────────────
  'access is denied ({})': 'accès refusé ({})',
  'it is not permitted, or another program holds it ({})':
    'ce n’est pas permis, ou un autre programme le tient ({})',
  'another program holds it ({})': 'un autre programme le tient ({})',
  'the volume is read-only ({})': 'le volume est en lecture seule ({})',
  'the volume is full ({})': 'le volume est plein ({})',
  'the volume is not there any more ({})': 'le volume n’est plus là ({})',
  'the quota of the account is used up ({})': 'le quota du compte est épuisé ({})',
  'the disk or the share reports an error ({})': 'le disque ou le partage signale une erreur ({})',
  'it has become a symbolic link ({})': 'c’est devenu un lien symbolique ({})',
  'it lies on another volume ({})': 'il est sur un autre volume ({})',
  'its path is too long ({})': 'son chemin est trop long ({})',
  'it is not a folder ({})': 'ce n’est pas un dossier ({})',
  'it is not a folder': 'ce n’est pas un dossier',
  'the process may open no more files (EMFILE): {}':
    'le processus ne peut plus ouvrir de fichiers (EMFILE) : relever la limite (ulimit -n), ou réduire `concurrency`',
  'the machine can open no more files ({})': 'la machine ne peut plus ouvrir de fichiers ({})',
  'the machine is out of memory ({})': 'la machine n’a plus de mémoire ({})',
  'the server does not know it any more ({})': 'le serveur ne le connaît plus ({})',
  'the connection to the share is lost ({})': 'la connexion au partage est perdue ({})',
  'the server does not answer ({})': 'le serveur ne répond pas ({})',
  'the server is down ({})': 'le serveur est arrêté ({})',
  'the server cannot be reached ({})': 'le serveur est injoignable ({})',
  'the network is down ({})': 'le réseau est coupé ({})',
  'the network cannot be reached ({})': 'le réseau est injoignable ({})',
  'nothing listens there ({})': 'rien n’écoute à cet endroit ({})',
  'the connection was cut ({})': 'la connexion a été coupée ({})',
  'there is no server of this name ({})': 'il n’y a pas de serveur de ce nom ({})',
  'the name of the server cannot be looked up now ({})':
    'le nom du serveur ne peut être résolu pour l’instant ({})',
};

const PATTERNS = Object.entries(PHRASES).flatMap(([en, fr]) =>
  en.includes('{}') ? [{ en: regexOf(en), fr }] : [],
);

/** The French of a phrase that is ours; anything else, such as a name or a server's own words, as it is. */
export function phraseInFrench(text: string): string {
  if (Object.hasOwn(PHRASES, text)) return PHRASES[text] ?? text;
  for (const { en, fr } of PATTERNS) {
    const found = en.exec(text);
    if (found === null) continue;
    const parts = found.slice(1).map(phraseInFrench);
    return fr.replace(/\{\}/gu, () => parts.shift() ?? '');
  }
  return text;
}

function regexOf(phrase: string): RegExp {
  const literal = phrase.split('{}').map((part) => part.replace(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`));
  return new RegExp(`^${literal.join('(.+)')}$`, 'su');
}
