import type { EzgedAccount, EzgedTarget, FolderTarget, JobTarget, Scenario } from '../scenario.js';
import { byName, list, object, oneKind, optional, required } from '../shape/composite.js';
import type { Shape } from '../shape/shape.js';
import { choice, flag, number, text } from '../shape/values.js';
import { words } from '../words.js';
import { row } from './row.js';
import { absolutePath, oneLine, secret, webAddress } from './values.js';

const DESCRIPTION = optional(oneLine, words('For people.', 'Description.'), 'cold facturesfournisseurs');
const A_TARGET = words(
  'an object with the waiting directory: { "waitingDirectory": "C:/nchp/…/ocr/wait/factures" }',
  'un objet avec le répertoire d’attente : { "waitingDirectory": "C:/nchp/…/ocr/wait/factures" }',
);

const folderTarget = object<FolderTarget>(A_TARGET, {
  description: DESCRIPTION,
  waitingDirectory: required(
    absolutePath,
    words(
      'The folder that the job’s COLD reads. It is never made.',
      'Répertoire d’attente que lit le COLD du travail. Il n’est jamais créé.',
    ),
    'C:/nchp/var/spool/ezged/instance/ocr/wait/factures',
  ),
  layout: optional(
    choice('flat', 'folder'),
    words(
      'Each document a file (flat, default), or each group a sub-folder that appears whole.',
      'Chaque document un fichier (flat, par défaut), ou chaque groupe un sous-dossier qui apparaît entier.',
    ),
  ),
  conflict: optional(
    choice('number', 'refuse', 'same'),
    words(
      'Where a name is taken: number it (default), refuse the document, or take what is the same as placed.',
      'Si un nom est pris : numéroter (par défaut), refuser le document, ou tenir pour déposé ce qui est identique.',
    ),
  ),
  manifest: optional(
    flag,
    words(
      'Whether a JSON file that lists each group is placed last.',
      'Déposer en dernier un fichier JSON qui décrit chaque groupe.',
    ),
  ),
  staging: optional(
    absolutePath,
    words(
      'Where documents are written before they are placed, on the same volume.',
      'Où les documents sont écrits avant d’être déposés, sur le même volume.',
    ),
  ),
});

const ezgedTarget = object<EzgedTarget>(A_TARGET, {
  description: DESCRIPTION,
  ezged: required(
    oneLine,
    words('Which EzGED: a name of "ezged" below.', 'Quel EzGED : un nom de « ezged » ci-dessous.'),
    'mairie',
  ),
  waitingDirectory: required(
    text(
      words(
        'the name of a folder below ocr/wait, such as "courriers", not a path',
        'le nom d’un dossier sous ocr/wait, comme "courriers", pas un chemin',
      ),
      { pattern: '^[^<>:"/\\\\|?*\\s](?:[^<>:"/\\\\|?*]*[^<>:"/\\\\|?*\\s.])?$' },
    ),
    words(
      'Name of the waiting directory there, below ocr/wait.',
      'Nom du répertoire d’attente là-bas, sous ocr/wait.',
    ),
    'courriers',
  ),
});

const jobTarget: Shape<JobTarget> = oneKind<JobTarget>(
  A_TARGET,
  [
    { shape: ezgedTarget, when: { required: ['ezged'] } },
    { shape: folderTarget, when: { not: { required: ['ezged'] } } },
  ],
  (value) => (Object.hasOwn(value, 'ezged') ? ezgedTarget : folderTarget),
  {},
);

const ezgedAccount = object<EzgedAccount>(
  words('an object with url, user, password and token', 'un objet avec url, user, password et token'),
  {
    url: required(
      webAddress(
        'an address such as https://ged.mairie.fr/ezged, without user and password',
        'une adresse comme https://ged.mairie.fr/ezged, sans utilisateur ni mot de passe',
        'http or https',
      ),
      words(
        'Where EzGED lives: what stands before /data/service.php.',
        'Adresse d’EzGED : ce qui précède /data/service.php.',
      ),
      'https://ged.mairie.fr/ezged',
    ),
    instance: optional(
      text(words('the name of an instance', 'le nom d’une instance'), {
        pattern: "^[\\w!#$%&'()*+./:<=>?@[\\]^`{|}~-]+$",
      }),
      words('Which of its instances.', 'Laquelle de ses instances.'),
    ),
    user: required(oneLine, words('The account.', 'Utilisateur.')),
    password: required(secret, words('By reference only.', 'Mot de passe, par référence seulement.')),
    domain: optional(
      oneLine,
      words(
        'The directory that knows the account; left out for an account of EzGED’s own.',
        'Domaine de l’annuaire qui connaît le compte ; absent pour un compte local à EzGED.',
      ),
    ),
    token: required(
      secret,
      words(
        'The installation’s upload_token, by reference only.',
        'Jeton upload_token de l’installation, par référence seulement.',
      ),
    ),
    nameWithSubmissionId: optional(
      flag,
      words(
        'Puts the beginning of the submission’s id into the uploaded name. Default true.',
        'Met le début de l’identifiant de l’envoi dans le nom déposé. Par défaut true.',
      ),
    ),
    manifest: optional(
      flag,
      words(
        'Whether a JSON file that lists each group is uploaded last.',
        'Déposer en dernier un fichier JSON qui décrit chaque groupe.',
      ),
    ),
    caFile: optional(
      absolutePath,
      words(
        'Certificates in PEM to trust instead of the usual ones.',
        'Certificats PEM auxquels se fier au lieu des habituels.',
      ),
    ),
    proxy: optional(
      webAddress(
        'an address such as http://proxy.mairie.fr:3128, without user and password',
        'une adresse comme http://proxy.mairie.fr:3128, sans utilisateur ni mot de passe',
        'http',
      ),
      words('HTTP proxy.', 'Mandataire HTTP.'),
    ),
    allowClearText: optional(
      flag,
      words(
        'Speaks http: to another machine: anyone on the way reads password and documents.',
        'Parle http: à une autre machine : mot de passe et documents sont lisibles en chemin.',
      ),
    ),
    connections: optional(
      number({ from: 1, to: 64 }),
      words('Uploads at once. Default 4.', 'Dépôts simultanés. Par défaut 4.'),
    ),
  },
);

export const scenario: Shape<Scenario> = object<Scenario>(
  words(
    'an object with timeZone, ledger, jobs and launchers',
    'un objet avec timeZone, ledger, jobs et launchers',
  ),
  {
    $schema: optional(
      oneLine,
      words('For the editor: where this schema is.', 'Pour l’éditeur : où est ce schéma.'),
    ),
    timeZone: required(
      text(
        words(
          'the IANA name of a time zone, such as "Europe/Paris"',
          'le nom IANA d’un fuseau horaire, comme "Europe/Paris"',
        ),
        { pattern: '^[A-Za-z][A-Za-z0-9_+/-]*$' },
      ),
      words('Whose clock the schedules go by.', 'Fuseau horaire des programmations.'),
      'Europe/Paris',
    ),
    ledger: required(
      absolutePath,
      words('The ledger’s file, on a local disk.', 'Fichier du registre, sur un disque local.'),
      'D:/lanceur/ledger.db',
    ),
    spool: optional(
      absolutePath,
      words(
        'Private folder on a local disk for what has to be unpacked. Needed for POP and Adullact.',
        'Dossier privé sur un disque local pour ce qui doit être déballé. Nécessaire pour POP et Adullact.',
      ),
      'D:/lanceur/spool',
    ),
    jobs: required(
      byName(
        words(
          'an object of jobs: { "87": { "waitingDirectory": … } }',
          'un objet de travaux : { "87": { "waitingDirectory": … } }',
        ),
        jobTarget,
        { least: 1 },
      ),
      words(
        'Where each job’s COLD takes its documents from, by the job’s number.',
        'Travaux de référence : où le COLD de chacun prend ses documents, par numéro de travail.',
      ),
    ),
    ezged: optional(
      byName(words('an object of EzGEDs by name', 'un objet d’EzGED par nom'), ezgedAccount),
      words(
        'EzGEDs elsewhere, by a name of your own.',
        'Des EzGED distants, chacun sous un nom de votre choix.',
      ),
    ),
    launchers: required(
      list(words('a list of at least one launcher', 'une liste d’au moins un lanceur'), row),
      words('The launchers.', 'Les lanceurs (scénarios de lancement).'),
    ),
  },
);
