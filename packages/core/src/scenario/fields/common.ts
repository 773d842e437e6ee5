import { LanceurError, messageOf } from '../../errors.js';
import { nameFilter } from '../../filters/name-filter.js';
import { extensionKey } from '../../groupers/by-extension.js';
import { childPath } from '../problems.js';
import type { AffiliatedJob, CommonRow } from '../row.js';
import { list, object, optional, required, type Fields } from '../shape/composite.js';
import type { Shape } from '../shape/shape.js';
import { choice, either, flag, number, text } from '../shape/values.js';
import { words } from '../words.js';
import { schedules } from './schedules.js';
import { numberOrName, oneLine } from './values.js';

const affiliated = object<AffiliatedJob>(
  words(
    'an extension with its job: { "extension": "pdf", "job": "87" }',
    'une extension et son travail : { "extension": "pdf", "job": "87" }',
  ),
  {
    extension: required(
      text(
        words(
          'an extension: what follows the last dot, "*" for all others, "" for none',
          'une extension : ce qui suit le dernier point, "*" pour toutes les autres, "" pour aucune',
        ),
        {
          pattern: '^(?:\\*|(?:\\*?\\.)?[^./\\\\*]*)$',
        },
      ),
      words(
        'Extension, or type of envelope (acte_nature, helios, chorus_fact); "*" = all that are not named.',
        'Regroupement par extension : l’extension, ou le type d’enveloppe (acte_nature, helios, chorus_fact) ; "*" = toutes les autres.',
      ),
      'pdf',
    ),
    job: required(
      numberOrName,
      words(
        'The job that takes it: a name of "jobs" above.',
        'Travail de référence : un nom de « jobs » ci-dessus.',
      ),
      '87',
    ),
  },
);

const jobList = list(
  words(
    'a list of at least one extension with its job',
    'une liste d’au moins une extension avec son travail',
  ),
  affiliated,
);

const jobs: Shape<readonly AffiliatedJob[]> = {
  ...jobList,
  read(value, path, problems) {
    const read = jobList.read(value, path, problems);
    const first = new Map<string, number>();
    for (const [n, { extension }] of (read ?? []).entries()) {
      const key = extensionKey(extension);
      const before = first.get(key);
      if (before === undefined) {
        first.set(key, n);
        continue;
      }
      const at = childPath(path, before);
      problems.conflict(
        childPath(childPath(path, n), 'extension'),
        words(`"${extension}" has a job already, in ${at}`, `"${extension}" a déjà un travail, dans ${at}`),
      );
    }
    return read;
  },
};

const NAME_PATTERN = text(
  words('a pattern such as "*.pdf" or "/FAC_.*/"', 'un filtre comme "*.pdf" ou "/FAC_.*/"'),
);
const patterns = either(
  NAME_PATTERN,
  list(words('a list of patterns', 'une liste de filtres'), NAME_PATTERN),
  (value) => typeof value === 'string',
);

const filter: Shape<string | readonly string[]> = {
  ...patterns,
  read(value, path, problems) {
    const read = patterns.read(value, path, problems);
    if (read === undefined) return undefined;
    try {
      nameFilter(read);
    } catch (error) {
      const why = LanceurError.is(error)
        ? String(error.reason.data?.['why'] ?? error.reason.message)
        : messageOf(error);
      problems.conflict(
        path,
        words(`the pattern cannot be read: ${why}`, `le filtre est illisible : ${why}`),
      );
    }
    return read;
  },
};

export const commonFields: Fields<CommonRow> = {
  id: required(
    numberOrName,
    words(
      'Number or name of the launcher, unique, and the same for good: the ledger knows it by it.',
      'Id : numéro ou nom du lanceur, unique et définitif ; le registre le connaît par lui.',
    ),
    '16',
  ),
  description: optional(oneLine, words('For people.', 'Description.'), 'Adullact Chorus'),
  filter: optional(
    filter,
    words(
      'File names to take: *.*, *.pdf; *.tif, or a regular expression between slashes. Default *.*',
      'Filtre de nom de fichier : *.*, *.pdf; *.tif, ou une expression régulière entre barres. Par défaut *.*',
    ),
    '*.*',
  ),
  jobs: required(
    jobs,
    words('Which job takes which extension.', 'Scénarios affiliés : quel travail prend quelle extension.'),
  ),
  schedules: required(
    schedules,
    words(
      'When it runs: one row or several, in the scenario’s time zone.',
      'Programmer le lanceur : une ligne ou plusieurs, dans le fuseau du scénario.',
    ),
  ),
  unwanted: optional(
    choice('leave', 'accept', 'reject'),
    words(
      'What no job wants: left in the source (default), accepted (the source may delete it), or rejected.',
      'Ce qu’aucun travail ne veut : laissé en place (par défaut), accepté (la source peut l’effacer) ou rejeté.',
    ),
  ),
  discardUnwanted: optional(
    flag,
    words(
      'Lets go of the documents of an item that no job wants, once the others are taken.',
      'Abandonne les documents d’un envoi dont aucun travail ne veut, une fois les autres pris.',
    ),
  ),
  inDoubt: optional(
    choice('resubmit', 'reject'),
    words(
      'Where it cannot be told whether a document arrived: sent again (default; it may come twice), or rejected for a person to look.',
      'Quand on ne peut savoir si un document est arrivé : renvoyé (par défaut ; il peut arriver deux fois), ou rejeté pour qu’une personne regarde.',
    ),
  ),
  attempts: optional(
    number({ from: 1, to: 1000 }),
    words(
      'Attempts that fail by a document’s own fault before it is rejected. Default 5.',
      'Échecs dus au document lui-même avant qu’il soit rejeté. Par défaut 5.',
    ),
  ),
  silentDays: optional(
    number({ from: 1, to: 3660 }),
    words(
      'Days without anything new after which the service raises the alarm.',
      'Jours sans rien de nouveau au bout desquels le service donne l’alerte.',
    ),
    7,
  ),
};
