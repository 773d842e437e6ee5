/**
 * Every reason and every error of Lanceur, in one table: what it concerns, whether waiting can heal it,
 * what it says in English and in French, and what an operator can do about it.
 *
 * `{name}` in a text is filled from the data that comes with the code; the compiler checks that it is given.
 */

/**
 * What a failure concerns, and so what the launcher does with it:
 * - `document`: this item alone; it counts as an attempt, and the last attempt rejects the item.
 * - `target`: one job's COLD; it opens that job's circuit and counts against no document.
 * - `source`: the place that is watched; it ends the run.
 * - `system`: the ledger, the spool, an option, the program; it ends the run.
 * - `stale`: what was listed is no longer so, or not yet; it counts nothing, and the next poll looks again.
 */
export type Scope = 'document' | 'target' | 'source' | 'system' | 'stale';

interface CodeEntry {
  readonly scope: Scope;
  /** Whether the same thing may work later although nobody does anything. */
  readonly transient: boolean;
  readonly en: string;
  readonly fr: string;
  /** What to do, for the person who reads it at two in the morning; absent where there is nothing to do. */
  readonly todo?: { readonly en: string; readonly fr: string };
}

export const CODES = {
  // ── why an item was left where it is ────────────────────────────────────────────────────────────────
  NOT_QUIET: {
    scope: 'stale',
    transient: true,
    en: 'changed {seconds} s ago; it is taken once it has been left alone for {quiet} s',
    fr: 'modifié il y a {seconds} s ; il sera pris après {quiet} s sans changement (temporisation)',
  },
  NO_DONE_FILE: {
    scope: 'stale',
    transient: true,
    en: 'waits for its done-file {file}',
    fr: 'attend son fichier témoin {file}',
  },
  NO_END_MARK: {
    scope: 'stale',
    transient: true,
    en: 'is not a whole {format} file yet: {missing}',
    fr: 'n’est pas encore un fichier {format} complet : {missing}',
    todo: {
      en: 'If its sender has finished, the file is damaged: have it sent again, or move it away.',
      fr: 'Si son émetteur a terminé, le fichier est abîmé : le faire renvoyer, ou le retirer.',
    },
  },
  INCOMPLETE: {
    scope: 'stale',
    transient: true,
    en: 'is not complete yet: {missing}',
    fr: 'n’est pas encore complet : {missing}',
  },
  GIVEN_UP: {
    scope: 'stale',
    transient: true,
    en: 'has been waited for during {seconds} s and is still not whole ({why}); it is left where it is',
    fr: 'attendu pendant {seconds} s et toujours incomplet ({why}) ; il est laissé en place',
    todo: {
      en: 'Ask its sender whether it is finished: complete it or have it sent again, or move it away. It is still taken if it becomes whole.',
      fr: 'Demander à son émetteur s’il est terminé : le compléter, le faire renvoyer ou le retirer. Il est pris s’il devient complet.',
    },
  },
  OTHER_VOLUME: {
    scope: 'stale',
    transient: false,
    en: 'lies on another volume than its source (a mount point, a junction, a sub-volume): it cannot be moved there in one step',
    fr: 'se trouve sur un autre volume que sa source (point de montage, jonction, sous-volume) : il ne peut y être déplacé en une étape',
    todo: {
      en: 'Watch that folder with a listener of its own; put the quarantine on the volume of the source.',
      fr: 'Surveiller ce dossier avec son propre listener ; placer la quarantaine sur le volume de la source.',
    },
  },
  TOO_DEEP: {
    scope: 'stale',
    transient: false,
    en: 'is nested deeper than {limit} folders',
    fr: 'est imbriqué à plus de {limit} dossiers de profondeur',
  },
  JUNK: {
    scope: 'stale',
    transient: false,
    en: 'is a file that systems and programs leave behind ({pattern}), never a document',
    fr: 'est un fichier laissé par un système ou un programme ({pattern}), jamais un document',
  },
  NOT_A_FILE: {
    scope: 'stale',
    transient: false,
    en: 'is not a regular file but {what}; it is never opened',
    fr: 'n’est pas un fichier ordinaire ({what}) ; il n’est jamais ouvert',
  },
  HARD_LINKED: {
    scope: 'stale',
    transient: true,
    en: 'has {links} names (hard links): what is delivered could be changed through another name',
    fr: 'a {links} noms (liens physiques) : le contenu livré pourrait être modifié par un autre nom',
    todo: {
      en: 'Copy the file instead of linking it, or allow hard links in the listener.',
      fr: 'Copier le fichier au lieu de le lier, ou autoriser les liens physiques dans le listener.',
    },
  },
  NAME_UNREADABLE: {
    scope: 'stale',
    transient: false,
    en: 'has a name that is not valid text, so it cannot be addressed safely',
    fr: 'a un nom qui n’est pas du texte valide et ne peut être désigné sans risque',
    todo: { en: 'Rename the file.', fr: 'Renommer le fichier.' },
  },
  NAME_REFUSED: {
    scope: 'stale',
    transient: false,
    en: 'its name is not accepted by the filter {filter}',
    fr: 'son nom n’est pas accepté par le filtre {filter}',
  },
  NOT_ACCEPTED: {
    scope: 'stale',
    transient: false,
    en: 'is not accepted by the filter {filter}',
    fr: 'n’est pas accepté par le filtre {filter}',
  },
  NO_JOB: {
    scope: 'stale',
    transient: false,
    en: 'no job takes {kind}',
    fr: 'aucun travail ne prend {kind}',
    todo: {
      en: 'Affiliate a job with this extension or type, or leave the document there.',
      fr: 'Affilier un travail à cette extension ou à ce type, ou laisser le document.',
    },
  },
  NOTHING_WANTED: {
    scope: 'stale',
    transient: false,
    en: 'holds no document that is wanted here: {why}',
    fr: 'ne contient aucun document voulu ici : {why}',
  },
  BEFORE_START: {
    scope: 'stale',
    transient: false,
    en: 'was there before {from}, from when on this launcher takes mail',
    fr: 'était là avant le {from}, date à partir de laquelle ce lanceur prend le courrier',
    todo: {
      en: 'Set `from` to an earlier date to take it as well.',
      fr: 'Avancer `from` à une date antérieure pour le prendre aussi.',
    },
  },
  UIDL_SHARED: {
    scope: 'stale',
    transient: true,
    en: 'has the unique id (UIDL) {uidl} like {others} others, so that it cannot be told from them; it is left',
    fr: 'a l’identifiant unique (UIDL) {uidl} comme {others} autres et ne peut en être distingué ; il est laissé',
    todo: {
      en: 'Delete the copies with a mail client, or watch the account by IMAP.',
      fr: 'Supprimer les copies avec une messagerie, ou surveiller le compte par IMAP.',
    },
  },
  ALREADY_SUBMITTED: {
    scope: 'stale',
    transient: false,
    en: 'was submitted on {when} and has come back unchanged; it is not sent twice',
    fr: 'a été transmis le {when} et est revenu inchangé ; il n’est pas transmis deux fois',
    todo: {
      en: 'To send it again all the same, replay it with "everything", or give it another name.',
      fr: 'Pour le transmettre quand même, le rejouer avec « everything », ou le renommer.',
    },
  },
  DONE: {
    scope: 'stale',
    transient: false,
    en: 'was settled on {when}: {end}',
    fr: 'a été réglé le {when} : {end}',
  },
  SKIPPED: {
    scope: 'stale',
    transient: false,
    en: 'was looked into before and held nothing wanted',
    fr: 'a déjà été examiné et ne contenait rien de voulu',
  },
  BUSY: {
    scope: 'stale',
    transient: true,
    en: 'is being worked on by another launcher or process until {until} at most',
    fr: 'est traité par un autre lanceur ou processus, jusqu’à {until} au plus',
  },
  OWNED: {
    scope: 'stale',
    transient: true,
    en: 'was begun by the launcher {launcher}, which finishes it',
    fr: 'a été commencé par le lanceur {launcher}, qui le termine',
    todo: {
      en: 'If that launcher no longer exists, start this one once with `adopt: true`.',
      fr: 'Si ce lanceur n’existe plus, démarrer celui-ci une fois avec `adopt: true`.',
    },
  },
  BACKOFF: {
    scope: 'stale',
    transient: true,
    en: 'failed before ({why}) and is tried again from {until}',
    fr: 'a échoué auparavant ({why}) et sera réessayé à partir de {until}',
  },
  CIRCUIT_OPEN: {
    scope: 'stale',
    transient: true,
    en: 'job {job} is not answering; it is tried again from {until}',
    fr: 'le travail {job} ne répond pas ; nouvel essai à partir de {until}',
  },
  LIMIT_REACHED: {
    scope: 'stale',
    transient: true,
    en: 'this run has taken its {limit} deliveries; the next run goes on',
    fr: 'ce passage a pris ses {limit} lots ; le passage suivant continue',
  },
  STOPPED: {
    scope: 'stale',
    transient: true,
    en: 'the run ended before its turn; the next run goes on',
    fr: 'le passage s’est terminé avant son tour ; le passage suivant continue',
  },

  // ── stale: what was listed is no longer so ──────────────────────────────────────────────────────────
  GONE: {
    scope: 'stale',
    transient: true,
    en: '{name} is no longer in the source',
    fr: '{name} n’est plus dans la source',
  },
  CHANGED: {
    scope: 'stale',
    transient: true,
    en: '{name} changed while it was read; nothing of it was delivered',
    fr: '{name} a changé pendant la lecture ; rien n’en a été livré',
  },
  LEASE_LOST: {
    scope: 'stale',
    transient: true,
    en: 'another process has taken over {name}; this one lets go of it',
    fr: 'un autre processus a repris {name} ; celui-ci l’abandonne',
  },
  ABORTED: {
    scope: 'stale',
    transient: true,
    en: 'stopped on request',
    fr: 'arrêté sur demande',
  },

  // ── document: this item alone ───────────────────────────────────────────────────────────────────────
  DOCUMENT_UNREADABLE: {
    scope: 'document',
    transient: true,
    en: '{name} cannot be read: {why}',
    fr: '{name} ne peut être lu : {why}',
    todo: {
      en: 'Check the rights on the file, and whether another program holds it open.',
      fr: 'Vérifier les droits sur le fichier, et si un autre programme le tient ouvert.',
    },
  },
  DOCUMENT_REFUSED: {
    scope: 'document',
    transient: false,
    en: '{name} was refused by job {job}: {why}',
    fr: '{name} a été refusé par le travail {job} : {why}',
  },
  TOO_BIG: {
    scope: 'document',
    transient: false,
    en: '{name} has {size} bytes; at most {limit} are taken',
    fr: '{name} fait {size} octets ; la limite est de {limit}',
    todo: {
      en: 'Raise `limits.documentBytes` if documents of this size are expected.',
      fr: 'Augmenter `limits.documentBytes` si de tels documents sont attendus.',
    },
  },
  TOO_MANY_DOCUMENTS: {
    scope: 'document',
    transient: false,
    en: '{name} holds {count} documents; at most {limit} are taken',
    fr: '{name} contient {count} documents ; la limite est de {limit}',
    todo: {
      en: 'Raise `limits.documentsPerDelivery` if deliveries of this size are expected.',
      fr: 'Augmenter `limits.documentsPerDelivery` si de tels lots sont attendus.',
    },
  },
  NAME_CONFLICT: {
    scope: 'document',
    transient: true,
    en: '{name} is already in the waiting directory of job {job}',
    fr: '{name} existe déjà dans le répertoire d’attente du travail {job}',
    todo: {
      en: 'Wait until the COLD has taken it, or choose the conflict policy "number".',
      fr: 'Attendre que le COLD l’ait pris, ou choisir la politique de conflit « number ».',
    },
  },
  MAIL_CUT_SHORT: {
    scope: 'document',
    transient: true,
    en: '{name} arrived with {got} bytes where the server announced {size}, and its end is missing; nothing of it was delivered',
    fr: '{name} est arrivé avec {got} octets au lieu des {size} annoncés par le serveur, et sa fin manque ; rien n’en a été livré',
    todo: {
      en: 'Look at the mail with a mail client. If it is whole there, a virus scanner or proxy on the way cuts it, or the server only estimates sizes (Exchange): then set `sizes: "estimated"`.',
      fr: 'Ouvrir le message avec une messagerie. S’il y est entier, un antivirus ou un proxy le coupe en route, ou le serveur ne fait qu’estimer les tailles (Exchange) : régler alors `sizes: "estimated"`.',
    },
  },
  MAIL_TOO_LARGE: {
    scope: 'document',
    transient: false,
    en: 'the mail {name} has {size} bytes, and none of more than {limit} is fetched',
    fr: 'le message {name} fait {size} octets ; au-delà de {limit}, aucun n’est téléchargé',
    todo: {
      en: 'Raise `largestMail` if mails of this size are expected; else take what is of use out of it with a mail client.',
      fr: 'Augmenter `largestMail` si de tels messages sont attendus ; sinon, en extraire l’utile avec une messagerie.',
    },
  },
  MAIL_UNREADABLE: {
    scope: 'document',
    transient: true,
    en: 'the mail {name} cannot be read: {why}',
    fr: 'le message {name} ne peut être lu : {why}',
    todo: {
      en: 'Look at it with a mail client; if it opens there, send the developers what the server answers.',
      fr: 'L’ouvrir avec une messagerie ; s’il s’y ouvre, transmettre aux développeurs la réponse du serveur.',
    },
  },
  EXPAND_FAILED: {
    scope: 'document',
    transient: false,
    en: '{name} could not be unpacked: {why}',
    fr: '{name} n’a pas pu être décomposé : {why}',
  },
  NOT_AN_ENVELOPE: {
    scope: 'document',
    transient: false,
    en: '{name} is not an envelope: {why}',
    fr: '{name} n’est pas une enveloppe : {why}',
    todo: {
      en: 'If it should be one, name its metadata file and the keys by which it is recognised in the options of `envelopes`.',
      fr: 'S’il devrait en être une, indiquer son fichier de métadonnées et les clés qui la font reconnaître dans les options de `envelopes`.',
    },
  },
  ENVELOPE_DAMAGED: {
    scope: 'document',
    transient: false,
    en: '{name} is damaged: {why}',
    fr: '{name} est abîmé : {why}',
    todo: {
      en: 'Have it sent again; it may have been cut short on its way.',
      fr: 'Le faire renvoyer ; il a pu être coupé en chemin.',
    },
  },
  ENVELOPE_UNSAFE: {
    scope: 'document',
    transient: false,
    en: '{name} is not opened: {why}',
    fr: '{name} n’est pas ouvert : {why}',
    todo: {
      en: 'Ask its sender what it is; have it sent without encryption, and without a DTD.',
      fr: 'Demander à son émetteur ce que c’est ; le faire renvoyer sans chiffrement et sans DTD.',
    },
  },
  ENVELOPE_TOO_BIG: {
    scope: 'document',
    transient: false,
    en: '{name} exceeds the limit of {limit} for `limits.{option}`',
    fr: '{name} dépasse la limite de {limit} fixée par `limits.{option}`',
    todo: {
      en: 'Raise that limit in the options of `envelopes` if such envelopes are expected.',
      fr: 'Augmenter cette limite dans les options de `envelopes` si de telles enveloppes sont attendues.',
    },
  },
  ENVELOPE_ODD: {
    scope: 'document',
    transient: false,
    en: '{name} is refused, since nothing of the kind is let pass: {issues}',
    fr: '{name} est refusé, rien de tel n’étant admis : {issues}',
    todo: {
      en: 'Have it corrected by its sender, or read it all the same with a milder `refuse`.',
      fr: 'Le faire corriger par son émetteur, ou le lire quand même avec un `refuse` moins sévère.',
    },
  },
  IN_DOUBT: {
    scope: 'document',
    transient: false,
    en: 'whether {name} reached job {job} cannot be told: the process ended, or the connection was cut, at the very moment of handing it over',
    fr: 'on ne peut savoir si {name} est parvenu au travail {job} : le processus ou la connexion s’est arrêté au moment même de la remise',
    todo: {
      en: 'Look in the COLD. If it is there, leave it rejected; if not, call `retryRejected({ code: "IN_DOUBT" })`.',
      fr: 'Vérifier dans le COLD. S’il y est, le laisser rejeté ; sinon appeler `retryRejected({ code: "IN_DOUBT" })`.',
    },
  },
  CRASHED: {
    scope: 'document',
    transient: false,
    en: 'the process ended {times} times while it worked on {name} alone',
    fr: 'le processus s’est arrêté {times} fois en traitant {name} seul',
    todo: {
      en: 'Send the document to the developers; it is set aside so that the others are not held up.',
      fr: 'Transmettre le document aux développeurs ; il est écarté pour ne pas bloquer les autres.',
    },
  },
  PART_REFUSED: {
    scope: 'document',
    transient: false,
    en: '{refused} of its groups was refused for good ({why}); already submitted: {submitted}',
    fr: '{refused} de ses groupes a été définitivement refusé ({why}) ; déjà transmis : {submitted}',
  },
  UNWANTED: {
    scope: 'document',
    transient: false,
    en: 'holds nothing that is wanted here, and such items are rejected: {why}',
    fr: 'ne contient rien de voulu ici, et de tels éléments sont rejetés : {why}',
  },
  PARTLY_UNWANTED: {
    scope: 'document',
    transient: false,
    en: 'was submitted without {names}, which nothing wants; the item is kept as a whole, so that nothing of it is lost',
    fr: 'a été transmis sans {names}, que rien ne demande ; l’élément est gardé en entier pour ne rien perdre',
    todo: {
      en: 'A watched folder has it in `.lanceur/aside`, IMAP in its folder for rejected mail, POP where it was. Give these documents a job, or allow their loss with `discardUnwanted: true`.',
      fr: 'Un dossier surveillé l’a dans `.lanceur/aside`, IMAP dans son dossier du courrier rejeté, POP à sa place. Donner un travail à ces documents, ou accepter leur perte avec `discardUnwanted: true`.',
    },
  },

  NOT_SETTLED: {
    scope: 'document',
    transient: true,
    en: '{name} has been dealt with, but cannot be taken out of its source: {why}',
    fr: '{name} est traité, mais ne peut être retiré de sa source : {why}',
    todo: {
      en: 'Give the service account the right to create, rename and delete there, or make room. It is not sent again, and leaves by itself.',
      fr: 'Donner au compte de service le droit d’y créer, renommer et supprimer, ou faire de la place. Il n’est pas transmis à nouveau, et part de lui-même.',
    },
  },

  // ── target: one job's COLD ──────────────────────────────────────────────────────────────────────────
  TARGET_GONE: {
    scope: 'target',
    transient: true,
    en: 'the waiting directory {path} of job {job} is not there',
    fr: 'le répertoire d’attente {path} du travail {job} n’est pas là',
    todo: {
      en: 'Check the path, the mount and the service account; documents wait and go on by themselves.',
      fr: 'Vérifier le chemin, le montage et le compte de service ; les documents attendent et repartent d’eux-mêmes.',
    },
  },
  TARGET_DENIED: {
    scope: 'target',
    transient: true,
    en: 'the waiting directory {path} of job {job} cannot be written: {why}',
    fr: 'le répertoire d’attente {path} du travail {job} n’est pas accessible en écriture : {why}',
    todo: {
      en: 'Give the service account the right to write there; documents wait and go on by themselves.',
      fr: 'Donner au compte de service le droit d’y écrire ; les documents attendent et repartent d’eux-mêmes.',
    },
  },
  TARGET_FULL: {
    scope: 'target',
    transient: true,
    en: 'the volume of {path} (job {job}) has too little room: {free} bytes free, {need} needed',
    fr: 'le volume de {path} (travail {job}) manque de place : {free} octets libres, {need} nécessaires',
    todo: {
      en: 'Free space on that volume; documents wait and go on by themselves.',
      fr: 'Libérer de la place sur ce volume ; les documents attendent et repartent d’eux-mêmes.',
    },
  },
  TARGET_STALLED: {
    scope: 'target',
    transient: true,
    en: 'the target {path} of job {job} has not answered for {seconds} s',
    fr: 'la cible {path} du travail {job} ne répond plus depuis {seconds} s',
    todo: {
      en: 'Check the network share or the disk; documents wait and go on by themselves.',
      fr: 'Vérifier le partage réseau ou le disque ; les documents attendent et repartent d’eux-mêmes.',
    },
  },
  TARGET_FAILED: {
    scope: 'target',
    transient: true,
    en: 'job {job} cannot take documents now: {why}',
    fr: 'le travail {job} ne peut pas recevoir de documents actuellement : {why}',
    todo: {
      en: 'Check the disk, the share or the service behind it; documents wait and go on by themselves.',
      fr: 'Vérifier le disque, le partage ou le service derrière ; les documents attendent et repartent d’eux-mêmes.',
    },
  },
  TARGET_UNGUARDED: {
    scope: 'target',
    transient: false,
    en: 'the volume of {path} (job {job}) has no hard links: a document is placed there safely against our own writers only, and could replace one of the same name that another program writes at that very moment',
    fr: 'le volume de {path} (travail {job}) n’a pas de liens physiques : un document n’y est protégé que de nos propres écritures, et pourrait remplacer un fichier de même nom qu’un autre programme écrit au même instant',
    todo: {
      en: 'Let no other program write into this waiting directory, or put it on NTFS, ext4 or XFS.',
      fr: 'Ne laisser aucun autre programme écrire dans ce répertoire d’attente, ou le placer sur NTFS, ext4 ou XFS.',
    },
  },

  // ── target: EzGED's web services ────────────────────────────────────────────────────────────────────
  EZGED_UNREACHABLE: {
    scope: 'target',
    transient: true,
    en: 'EzGED at {url} cannot be reached: {why}',
    fr: 'EzGED ne peut être joint à {url} : {why}',
    todo: {
      en: 'Check the address, the network, the proxy and whether the server runs; documents wait and go on by themselves.',
      fr: 'Vérifier l’adresse, le réseau, le proxy et que le serveur fonctionne ; les documents attendent et repartent d’eux-mêmes.',
    },
  },
  EZGED_STALLED: {
    scope: 'target',
    transient: true,
    en: 'EzGED at {url} has not moved for {seconds} s: {what}',
    fr: 'EzGED à {url} ne répond plus depuis {seconds} s : {what}',
    todo: {
      en: 'Check the server and the network; documents wait and go on by themselves. For a server that is slow and well, raise `timeouts.stallMs`.',
      fr: 'Vérifier le serveur et le réseau ; les documents attendent et repartent d’eux-mêmes. Pour un serveur lent mais sain, augmenter `timeouts.stallMs`.',
    },
  },
  EZGED_UNSAFE: {
    scope: 'target',
    transient: false,
    en: 'no safe connection to EzGED at {url}: {why}',
    fr: 'pas de connexion sûre à EzGED à {url} : {why}',
    todo: {
      en: 'Check host name, port and certificate of the server; give its own authority with `ca`. Nothing was sent.',
      fr: 'Vérifier le nom d’hôte, le port et le certificat du serveur ; donner sa propre autorité par `ca`. Rien n’a été envoyé.',
    },
  },
  EZGED_LOGIN_REFUSED: {
    scope: 'target',
    transient: false,
    en: 'EzGED at {url} did not let the account {user} in: {why}',
    fr: 'EzGED à {url} a refusé l’accès au compte {user} : {why}',
    todo: {
      en: 'Check account, password, domain and instance. It is tried again after a growing pause; `doctor()` tries it at once.',
      fr: 'Vérifier le compte, le mot de passe, le domaine et l’instance. Nouvel essai après une pause croissante ; `doctor()` l’essaie aussitôt.',
    },
  },
  EZGED_NO_LICENCE: {
    scope: 'target',
    transient: true,
    en: 'EzGED at {url} has no session free for the account {user}: {why}',
    fr: 'EzGED à {url} n’a plus de session libre pour le compte {user} : {why}',
    todo: {
      en: 'Close sessions in EzGED, or have more licences; one that nobody uses ends after a minute. Documents wait and go on by themselves.',
      fr: 'Fermer des sessions dans EzGED, ou disposer de plus de licences ; une session inutilisée se ferme après une minute. Les documents attendent et repartent d’eux-mêmes.',
    },
  },
  EZGED_SESSION_LOST: {
    scope: 'target',
    transient: true,
    en: 'EzGED at {url} ended the session of {user} again as soon as it was opened: {why}',
    fr: 'EzGED à {url} a fermé la session de {user} à nouveau dès son ouverture : {why}',
    todo: {
      en: 'See in EzGED who ends it; behind several servers, sessions must stay on one of them.',
      fr: 'Voir dans EzGED qui la ferme ; derrière plusieurs serveurs, une session doit rester sur le même.',
    },
  },
  EZGED_REDIRECTED: {
    scope: 'target',
    transient: false,
    en: 'EzGED at {url} sends its callers on to {to}; nobody is followed with a password or token',
    fr: 'EzGED à {url} renvoie vers {to} ; aucune redirection n’est suivie avec un mot de passe ou un jeton',
    todo: {
      en: 'Set `url` to the address that it really has (https instead of http, a folder, another name).',
      fr: 'Donner dans `url` sa véritable adresse (https au lieu de http, un dossier, un autre nom).',
    },
  },
  EZGED_BAD_ANSWER: {
    scope: 'target',
    transient: true,
    en: 'EzGED at {url} answered {what} with something else than its protocol: {why}',
    fr: 'EzGED à {url} a répondu à {what} autre chose que son protocole : {why}',
    todo: {
      en: 'Check that `url` is where EzGED lives (…/ezged), and look for what stands before it: a login page, a maintenance page, a firewall.',
      fr: 'Vérifier que `url` est bien l’adresse d’EzGED (…/ezged), et ce qui se trouve devant : page de connexion, de maintenance, pare-feu.',
    },
  },
  EZGED_REFUSED: {
    scope: 'target',
    transient: true,
    en: 'EzGED at {url} refused {what}: {why} ({number})',
    fr: 'EzGED à {url} a refusé {what} : {why} ({number})',
    todo: {
      en: 'Check upload token and waiting directory, the rights of the account, and the disk of the server; documents wait and go on by themselves.',
      fr: 'Vérifier le jeton de dépôt et le répertoire d’attente, les droits du compte et le disque du serveur ; les documents attendent et repartent d’eux-mêmes.',
    },
  },

  // ── source: the place that is watched ───────────────────────────────────────────────────────────────
  SOURCE_GONE: {
    scope: 'source',
    transient: true,
    en: 'the source {path} is not there',
    fr: 'la source {path} n’est pas là',
    todo: {
      en: 'Check the path, the mount and the share; it is looked for again at every poll.',
      fr: 'Vérifier le chemin, le montage et le partage ; elle est recherchée à chaque passage.',
    },
  },
  SOURCE_DENIED: {
    scope: 'source',
    transient: true,
    en: 'the source {path} cannot be used: {why}',
    fr: 'la source {path} n’est pas utilisable : {why}',
    todo: {
      en: 'Give the service account the right to read, rename and delete there.',
      fr: 'Donner au compte de service le droit d’y lire, renommer et supprimer.',
    },
  },
  SOURCE_STALLED: {
    scope: 'source',
    transient: true,
    en: 'the source {path} has not answered for {seconds} s',
    fr: 'la source {path} ne répond plus depuis {seconds} s',
    todo: {
      en: 'Check the network share or the server. No further call is made there until the stuck one returns.',
      fr: 'Vérifier le partage réseau ou le serveur. Aucun autre appel n’y est fait avant le retour de celui qui est bloqué.',
    },
  },
  SOURCE_FAILED: {
    scope: 'source',
    transient: true,
    en: 'the source {path} failed: {why}',
    fr: 'la source {path} a échoué : {why}',
    todo: {
      en: 'Check the disk, the share or the server; it is tried again at every poll.',
      fr: 'Vérifier le disque, le partage ou le serveur ; elle est réessayée à chaque passage.',
    },
  },
  MAILBOX_FAILED: {
    scope: 'source',
    transient: true,
    en: 'the mailbox {path} failed: {why}',
    fr: 'la boîte {path} a échoué : {why}',
    todo: {
      en: 'If the mail server cannot be reached, check its name and port, the firewall and the network; it is tried again at every poll.',
      fr: 'Si le serveur de messagerie ne peut être joint, vérifier son nom et son port, le pare-feu et le réseau ; nouvel essai à chaque passage.',
    },
  },
  MAILBOX_STALLED: {
    scope: 'source',
    transient: true,
    en: 'the server of the mailbox {path} has not answered for {seconds} s',
    fr: 'le serveur de la boîte {path} ne répond plus depuis {seconds} s',
    todo: {
      en: "Check the mail server and the firewall. If it has never answered, check that `port` is the protocol's own and fits `tls`: 993 (IMAP) and 995 (POP3) want 'implicit', 143 and 110 'starttls' or 'none'.",
      fr: "Vérifier le serveur de messagerie et le pare-feu. S’il n’a jamais répondu, vérifier que `port` est bien celui du protocole et convient à `tls` : 993 (IMAP) et 995 (POP3) demandent 'implicit', 143 et 110 'starttls' ou 'none'.",
    },
  },
  LOGIN_UNSUPPORTED: {
    scope: 'source',
    transient: false,
    en: 'the server of {path} has no login by {wanted}: it offers {offered}',
    fr: 'le serveur de {path} ne permet pas de s’identifier par {wanted} ; il permet : {offered}',
    todo: {
      en: 'Give `password` in the place of `accessToken`, or the reverse, as the server offers it, with `tls` if it wants that first; or have it switched on there. Nothing was sent.',
      fr: 'Donner `password` au lieu de `accessToken`, ou l’inverse, selon ce que propose le serveur, avec `tls` s’il le demande d’abord ; ou l’y faire activer. Rien n’a été envoyé.',
    },
  },
  SECRET_FAILED: {
    scope: 'source',
    transient: true,
    en: 'the password or token of the mail account {user} cannot be had: {why}',
    fr: 'le mot de passe ou le jeton du compte de messagerie {user} ne peut être obtenu : {why}',
    todo: {
      en: 'Look at that function, and at the vault or the file that it reads. The mail server was not asked; it is tried again at every poll.',
      fr: 'Voir cette fonction, et le coffre ou le fichier qu’elle lit. Le serveur de messagerie n’a pas été sollicité ; nouvel essai à chaque passage.',
    },
  },
  LOGIN_REFUSED: {
    scope: 'source',
    transient: false,
    en: 'the mail account {user} was not let in: {why}',
    fr: 'l’accès au compte de messagerie {user} a été refusé : {why}',
    todo: {
      en: 'Check account and password. Gmail wants an app password or OAuth 2, Microsoft 365 OAuth 2; POP or IMAP must be allowed for the account.',
      fr: 'Vérifier le compte et le mot de passe. Gmail demande un mot de passe d’application ou OAuth 2, Microsoft 365 OAuth 2 ; POP ou IMAP doit être autorisé pour le compte.',
    },
  },
  LOGIN_PAUSED: {
    scope: 'source',
    transient: true,
    en: 'the mail account {user} is not tried before {until}, so that it does not get locked: it was refused {often} ({why})',
    fr: 'le compte de messagerie {user} ne sera pas essayé avant {until}, pour ne pas être bloqué : refusé {often} ({why})',
    todo: {
      en: 'Correct the password or the token; `doctor()` tries it at once.',
      fr: 'Corriger le mot de passe ou le jeton ; `doctor()` l’essaie aussitôt.',
    },
  },
  TOKEN_REFUSED: {
    scope: 'source',
    transient: false,
    en: 'no access token from {host}: {why}',
    fr: 'pas de jeton d’accès de {host} : {why}',
    todo: {
      en: 'Check client id, secret and scope; an expired refresh token needs a new consent.',
      fr: 'Vérifier l’identifiant client, le secret et le scope ; un jeton d’actualisation expiré demande un nouveau consentement.',
    },
  },
  TOKEN_ENDPOINT_FAILED: {
    scope: 'source',
    transient: true,
    en: 'the token endpoint {host} gave no answer of use: {why}',
    fr: 'le serveur de jetons {host} n’a pas donné de réponse exploitable : {why}',
    todo: {
      en: 'Check `tokenEndpoint` (name, port, path), the proxy and the firewall; it is tried again at every poll.',
      fr: 'Vérifier `tokenEndpoint` (nom, port, chemin), le proxy et le pare-feu ; nouvel essai à chaque passage.',
    },
  },
  TLS_FAILED: {
    scope: 'source',
    transient: false,
    en: 'no safe connection to {path}: {why}',
    fr: 'pas de connexion sûre à {path} : {why}',
    todo: {
      en: 'Check host name and port, and the certificate of the server; give its own authority with `ca`. Nothing was sent.',
      fr: 'Vérifier le nom d’hôte et le port, et le certificat du serveur ; donner sa propre autorité par `ca`. Rien n’a été envoyé.',
    },
  },
  MAILBOX_BUSY: {
    scope: 'source',
    transient: true,
    en: 'the mailbox {path} is in use by another session: {why}',
    fr: 'la boîte {path} est utilisée par une autre session : {why}',
    todo: {
      en: 'A mail program or another launcher has it open; it is tried again at every poll.',
      fr: 'Une messagerie ou un autre lanceur l’a ouverte ; nouvel essai à chaque passage.',
    },
  },
  MAILBOX_GONE: {
    scope: 'source',
    transient: true,
    en: 'the account {user} has no mailbox folder {mailbox}; it has {known}',
    fr: 'le compte {user} n’a pas de dossier de messagerie {mailbox} ; il a {known}',
    todo: {
      en: 'Correct the name of the folder, or let the account see it.',
      fr: 'Corriger le nom du dossier, ou le rendre visible au compte.',
    },
  },
  MAILBOX_FULL: {
    scope: 'source',
    transient: true,
    en: 'the account {user} is full: the mail cannot go to {mailbox} ({why})',
    fr: 'le compte {user} est plein : le message ne peut aller vers {mailbox} ({why})',
    todo: {
      en: 'Make room in the account, or raise its quota; it is tried again at every poll.',
      fr: 'Faire de la place dans le compte, ou augmenter son quota ; nouvel essai à chaque passage.',
    },
  },
  MAIL_NOT_SETTLED: {
    scope: 'source',
    transient: true,
    en: 'the mail was not {what}: {why}',
    fr: 'l’opération « {what} » n’a pas été faite sur le message : {why}',
    todo: {
      en: 'Check the rights of the account on the folder; it is tried again at every poll.',
      fr: 'Vérifier les droits du compte sur le dossier ; nouvel essai à chaque passage.',
    },
  },
  LOGIN_TOO_SOON: {
    scope: 'source',
    transient: true,
    en: 'the server lets {path} in again only after a while: {why}',
    fr: 'le serveur ne laisse revenir {path} qu’après un délai : {why}',
    todo: {
      en: 'Poll less often.',
      fr: 'Espacer les passages.',
    },
  },
  UIDL_MISSING: {
    scope: 'source',
    transient: false,
    en: 'the server of {path} gives its mails no unique ids (UIDL): {why}',
    fr: 'le serveur de {path} ne donne pas d’identifiant unique (UIDL) à ses messages : {why}',
    todo: {
      en: 'Without them nothing can be taken once only: watch the account by IMAP.',
      fr: 'Sans eux rien ne peut être pris une seule fois : surveiller le compte par IMAP.',
    },
  },
  SOURCE_MOVED: {
    scope: 'source',
    transient: false,
    en: 'the source "{source}" was {before} and is now {now}; what is remembered of it may not fit',
    fr: 'la source « {source} » était {before} et est maintenant {now} ; ce qui en est mémorisé peut ne pas convenir',
    todo: {
      en: 'If it is the same source that has moved, start once with `adopt: true`; if it is another one, give it another name (`source`).',
      fr: 'Si la même source a déménagé, démarrer une fois avec `adopt: true` ; sinon lui donner un autre nom (`source`).',
    },
  },

  // ── system: the ledger, the spool, an option, the program ───────────────────────────────────────────
  LEDGER_BUSY: {
    scope: 'system',
    transient: true,
    en: 'the ledger {path} has been locked by another program for {seconds} s',
    fr: 'le registre {path} est verrouillé par un autre programme depuis {seconds} s',
    todo: {
      en: 'Close the program that holds it (a backup, an open sqlite3 transaction); nothing is taken meanwhile, then all goes on by itself.',
      fr: 'Fermer le programme qui le tient (une sauvegarde, une transaction sqlite3 ouverte) ; rien n’est pris entre-temps, puis tout repart de soi-même.',
    },
  },
  LEDGER_FULL: {
    scope: 'system',
    transient: true,
    en: 'the ledger {path} cannot grow: its disk is full',
    fr: 'le registre {path} ne peut grandir : son disque est plein',
    todo: {
      en: 'Free space on that volume; nothing is taken meanwhile, then all goes on by itself.',
      fr: 'Libérer de la place sur ce volume ; rien n’est pris entre-temps, puis tout repart de soi-même.',
    },
  },
  LEDGER_CORRUPT: {
    scope: 'system',
    transient: false,
    en: 'the ledger {path} is damaged: {why}',
    fr: 'le registre {path} est abîmé : {why}',
    todo: {
      en: 'Nothing is taken until it is mended: restore it from a backup, or recover it with sqlite3 (".recover"). Without it, documents that are kept in their source would be sent again.',
      fr: 'Rien n’est pris avant sa réparation : le restaurer d’une sauvegarde, ou le récupérer avec sqlite3 (« .recover »). Sans lui, les documents conservés à la source seraient renvoyés.',
    },
  },
  LEDGER_NEWER: {
    scope: 'system',
    transient: false,
    en: 'the ledger {path} was written by a newer Lanceur (schema {found}; this one knows {known})',
    fr: 'le registre {path} a été écrit par un Lanceur plus récent (schéma {found} ; celui-ci connaît {known})',
    todo: { en: 'Update Lanceur.', fr: 'Mettre Lanceur à jour.' },
  },
  LEDGER_UNSAFE: {
    scope: 'system',
    transient: false,
    en: 'the ledger cannot live at {path}: {why}',
    fr: 'le registre ne peut se trouver à {path} : {why}',
    todo: {
      en: 'Put it on a local disk of the machine that runs the launcher.',
      fr: 'Le placer sur un disque local de la machine du lanceur.',
    },
  },
  LEDGER_DENIED: {
    scope: 'system',
    transient: false,
    en: 'the ledger {path} cannot be written: {why}',
    fr: 'le registre {path} n’est pas accessible en écriture : {why}',
    todo: {
      en: 'Give the service account the right to write the file, its -wal and -shm if they are there, and to create files beside it; on Windows, see that no backup or virus scanner holds them.',
      fr: 'Donner au compte de service le droit d’écrire le fichier, ses -wal et -shm s’ils sont là, et d’en créer à côté ; sous Windows, vérifier qu’aucune sauvegarde ni aucun antivirus ne les retient.',
    },
  },
  LEDGER_GONE: {
    scope: 'system',
    transient: false,
    en: 'the ledger {path} was deleted, moved or replaced while it was in use: {file} is not the file that was opened',
    fr: 'le registre {path} a été supprimé, déplacé ou remplacé pendant son utilisation : {file} n’est plus le fichier ouvert',
    todo: {
      en: 'Stop the launcher, put the file back with its -wal (or a backup), and start again. A new ledger would send again what is kept in its source.',
      fr: 'Arrêter le lanceur, remettre le fichier avec son -wal (ou une sauvegarde), puis redémarrer. Un registre neuf renverrait ce qui est conservé à la source.',
    },
  },
  LEDGER_FAILED: {
    scope: 'system',
    transient: true,
    en: 'the ledger {path} failed: {why}',
    fr: 'le registre {path} a échoué : {why}',
    todo: {
      en: 'Check the disk; nothing is taken until the ledger can be read and written again, then all goes on by itself.',
      fr: 'Vérifier le disque ; rien n’est pris tant que le registre n’est pas lisible et inscriptible, puis tout repart de soi-même.',
    },
  },
  SPOOL_FAILED: {
    scope: 'system',
    transient: true,
    en: 'the spool {path} failed: {why}',
    fr: 'le répertoire tampon {path} a échoué : {why}',
    todo: {
      en: 'Check that the folder is there, may be written by the service account, and has room.',
      fr: 'Vérifier que le dossier existe, que le compte de service peut y écrire et qu’il y reste de la place.',
    },
  },
  OVERLAP: {
    scope: 'system',
    transient: false,
    en: 'the {one} ({onePath}) and the {other} ({otherPath}) overlap: documents would be taken a second time',
    fr: '{one} ({onePath}) et {other} ({otherPath}) se recouvrent : des documents seraient pris une deuxième fois',
    todo: {
      en: 'Choose folders that do not lie inside one another, or exclude the inner one in the listener.',
      fr: 'Choisir des dossiers qui ne sont pas l’un dans l’autre, ou exclure le dossier intérieur dans le listener.',
    },
  },
  UNKNOWN_JOB: {
    scope: 'system',
    transient: false,
    en: 'job {job} has no target; the submitter knows {known}',
    fr: 'le travail {job} n’a pas de cible ; le submitter connaît {known}',
    todo: {
      en: 'Add the job to the submitter, or correct the grouper.',
      fr: 'Ajouter le travail au submitter, ou corriger le grouper.',
    },
  },
  INVALID_OPTION: {
    scope: 'system',
    transient: false,
    en: 'expected `{option}` to be {expected}, got {found}',
    fr: '`{option}` devrait être {expected} ; reçu : {found}',
  },
  UNKNOWN_OPTION: {
    scope: 'system',
    transient: false,
    en: '{where} has no option `{option}`: {hint}',
    fr: '{where} n’a pas d’option `{option}` : {hint}',
  },
  INVALID_PATTERN: {
    scope: 'system',
    transient: false,
    en: 'the pattern {pattern} cannot be read: {why}',
    fr: 'le motif {pattern} est illisible : {why}',
  },
  PATTERN_TOO_SLOW: {
    scope: 'stale',
    transient: false,
    en: 'the pattern {pattern} was cut off after {ms} ms on the name {name}: it backtracks without bound',
    fr: 'le motif {pattern} a été interrompu après {ms} ms sur le nom {name} : il revient en arrière sans limite',
    todo: {
      en: 'Rewrite it without nested repetitions such as (a+)+.',
      fr: 'Le réécrire sans répétitions imbriquées comme (a+)+.',
    },
  },
  // ── a scenario file ──────────────────────────────────────────────────────────────────────────────────
  SCENARIO_INVALID: {
    scope: 'system',
    transient: false,
    en: 'the scenario cannot be used; mistakes in it: {count}',
    fr: 'le scénario est inutilisable ; erreurs : {count}',
  },
  SCENARIO_NOT_JSON: {
    scope: 'system',
    transient: false,
    en: 'the scenario is no JSON, line {line}, column {column}: {why}',
    fr: 'le scénario n’est pas du JSON, ligne {line}, colonne {column} : {why}',
  },
  SCENARIO_FIELD: {
    scope: 'system',
    transient: false,
    en: '{field}{place}: expected {expected}, found {found}',
    fr: '{field}{place} : attendu {expected}, trouvé {found}',
  },
  SCENARIO_UNKNOWN_FIELD: {
    scope: 'system',
    transient: false,
    en: '{field}{place} is not known here: {hint}',
    fr: '{field}{place} n’est pas connu ici : {hint}',
  },
  SCENARIO_CLEAR_SECRET: {
    scope: 'system',
    transient: false,
    en: '{field}{place} is written in the file, where everybody who opens it reads it: write {example}',
    fr: '{field}{place} est écrit dans le fichier, où le lit quiconque l’ouvre : écrire {example}',
  },
  SCENARIO_CONFLICT: {
    scope: 'system',
    transient: false,
    en: '{field}{place}: {why}',
    fr: '{field}{place} : {why}',
  },
  SECRET_MISSING: {
    scope: 'system',
    transient: true,
    en: 'the secret in {place} cannot be had: {why}',
    fr: 'le secret dans {place} est introuvable : {why}',
    todo: {
      en: 'Set it for the account under which the service runs, and start it again if it is a variable.',
      fr: 'Le définir pour le compte sous lequel tourne le service, et relancer celui-ci si c’est une variable.',
    },
  },
  PROTOCOL_MISSING: {
    scope: 'system',
    transient: false,
    en: 'this host has no protocol {protocol}, which launcher {launcher} asks for; it has {known}. To have it: {how}',
    fr: 'cet hôte n’a pas le protocole {protocol}, que demande le lanceur {launcher} ; il a {known}. Pour l’avoir : {how}',
  },
  EZGED_ROW_NOTE: {
    scope: 'system',
    transient: false,
    en: '{field}: {why}',
    fr: '{field} : {why}',
  },
  ALREADY_RUNNING: {
    scope: 'system',
    transient: true,
    en: 'launcher {launcher} is already running in this process',
    fr: 'le lanceur {launcher} est déjà en cours dans ce processus',
  },
  SOURCE_SILENT: {
    scope: 'source',
    transient: true,
    en: 'nothing has come for {days} days (since {since}), where something usually comes',
    fr: 'rien n’est arrivé depuis {days} jours (depuis le {since}), alors qu’il arrive d’ordinaire quelque chose',
    todo: {
      en: 'See whether its sender still works: the scanner, the share, the forwarding of the mailbox, the deposit. Or raise `silentAfterDays`.',
      fr: 'Voir si l’émetteur fonctionne encore : scanner, partage, redirection de la boîte, dépôt. Sinon, augmenter `silentAfterDays`.',
    },
  },
  RUN_STALLED: {
    scope: 'system',
    transient: true,
    en: 'the run of launcher {launcher} has not got on for {minutes} min',
    fr: 'le passage du lanceur {launcher} n’avance plus depuis {minutes} min',
    todo: {
      en: 'Look at its source and its targets. Nothing is lost by stopping it, hard if need be: the next run takes it up.',
      fr: 'Voir sa source et ses cibles. L’arrêter, même brutalement, ne perd rien : le passage suivant reprend.',
    },
  },
  LAUNCHER_HUNG: {
    scope: 'system',
    transient: true,
    en: 'launcher {launcher} has not ended within {seconds} s of being told to',
    fr: 'le lanceur {launcher} ne s’est pas arrêté dans les {seconds} s qui ont suivi la demande',
    todo: {
      en: 'A call to its source or target does not return: check the share or the server. The others go on; end the process if it has to end.',
      fr: 'Un appel à sa source ou à sa cible ne revient pas : vérifier le partage ou le serveur. Les autres continuent ; tuer le processus s’il doit se terminer.',
    },
  },
  UNKNOWN_LAUNCHER: {
    scope: 'system',
    transient: false,
    en: 'there is no launcher {launcher}; there are {known}',
    fr: 'il n’y a pas de lanceur {launcher} ; il y a {known}',
  },
  CLOSED: {
    scope: 'system',
    transient: false,
    en: '{what} has been closed',
    fr: 'déjà fermé : {what}',
  },
  INTERNAL: {
    scope: 'system',
    transient: false,
    en: 'a block broke its contract: {why}',
    fr: 'un composant n’a pas respecté son contrat : {why}',
    todo: { en: 'Report it to whoever wrote that block.', fr: 'Le signaler à l’auteur de ce composant.' },
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;

/** Every code that a {@link Reason} or a `LanceurError` can carry. Closed: the compiler knows them all. */
export type Code = keyof typeof CODES;

type Placeholder<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;

type Named<C extends Code> = Placeholder<(typeof CODES)[C]['en']>;

/** What the text of a code needs to know, by name; with `_fr` behind the name, what the French says in its place. */
export type CodeData<C extends Code> = Readonly<Record<Named<C>, string | number>> &
  Readonly<Partial<Record<`${Named<C>}_fr`, string | number>>>;
