import { extensionOf } from '../names.js';
import { reason, type Reason } from '../reasons.js';
import type { ScheduleRow } from '../schedule/fields.js';
import { isLoopback } from './loopback.js';
import { Problems } from './problems.js';
import { protocolOf, reportProtocol } from './protocol-names.js';
import type { ProtocolName } from './row.js';
import { isObject } from './shape/shape.js';
import { words, type Words } from './words.js';

/** What can be made of a row of EzGED's. */
export interface ImportedRow {
  /** For the scenario's `launchers`. JSON. */
  readonly row: Readonly<Record<string, unknown>>;
  /** The jobs that it names, with their labels: each needs its waiting directory in the scenario's `jobs`. */
  readonly jobs: Readonly<Record<string, { readonly description?: string }>>;
  /** What could not be carried over, or needs a look. */
  readonly notes: readonly Reason[];
}

/**
 * A launcher as EzGED's screen shows it, as a row of a scenario.
 *
 * ```ts
 * importEzgedRow({
 *   Id: 16, Description: 'Adullact Chorus', Protocole: 'Adullact', "Chemin d'origine": 'F:\\nchp\\var',
 *   'Filtre de nom de fichier': '*.*', 'Temporisation en secondes': 0,
 *   'Scénarios affiliés': [{ 'Travail de référence': '87 - cold facturesfournisseurs', 'Regroupement par extension': 'chorus_fact' }],
 *   'Programmer le lanceur': [{ Secondes: '*\/15' }],
 * });
 * ```
 *
 * Headings are known without regard to accents, letter case, apostrophes and colons. A password is never carried over:
 * the row names a variable for it. Which waiting directory a job reads is no part of EzGED's row.
 *
 * @throws LanceurError `SCENARIO_INVALID` if it is no object, or without id or a known protocol.
 */
export function importEzgedRow(screen: unknown): ImportedRow {
  const problems = new Problems();
  if (!isObject(screen)) {
    problems.wrong(
      '',
      words('an object with EzGED’s headings', 'un objet avec les intitulés d’EzGED'),
      words('something else', 'autre chose'),
    );
    throw problems.refusal();
  }
  const cells = cellsOf(screen);
  const id = textOf(cells.get('id'));
  const protocol = protocolOf(textOf(cells.get('protocol')));
  if (id === '')
    problems.wrong('Id', words('a number or name', 'un numéro ou un nom'), words('nothing', 'rien'));
  if (protocol === undefined) reportProtocol(cells.get('protocol'), 'Protocole', problems);
  if (id === '' || protocol === undefined) throw problems.refusal();

  const notes: Reason[] = [];
  const note = (field: string, why: Words): void => {
    notes.push(reason('EZGED_ROW_NOTE', { field, why: why.en, why_fr: why.fr }));
  };
  for (const heading of Object.keys(screen)) {
    if (fieldOf(heading) === undefined)
      note(
        heading,
        words(
          'this heading is not known, and was left out',
          'cet intitulé n’est pas connu, il a été laissé de côté',
        ),
      );
  }
  const { affiliated, jobs } = jobsOf(cells.get('jobs'), note);
  const schedules = schedulesOf(cells.get('schedules'), note);
  const description = textOf(cells.get('description'));
  return {
    row: {
      id,
      ...(description !== '' && { description }),
      protocol,
      ...(isFolder(protocol) ? folderOf(cells, note) : mailboxOf(cells, { id, protocol, note })),
      filter: textOf(cells.get('filter')) || '*.*',
      jobs: affiliated,
      schedules,
    },
    jobs,
    notes,
  };
}

type Cells = ReadonlyMap<string, unknown>;
type Note = (field: string, why: Words) => void;

function isFolder(protocol: ProtocolName): boolean {
  return protocol === 'directory' || protocol === 'adullact';
}

// ── headings ────────────────────────────────────────────────────────────────────────────────────────────

/** A heading without what people leave out or write otherwise: `Chemin d'origine :` is `chemindorigine`. */
function plain(heading: string): string {
  return heading
    .normalize('NFD')
    .replace(/[^A-Za-z0-9]/gu, '')
    .toLowerCase();
}

const FIELDS: Readonly<Record<string, string>> = {
  id: 'id',
  description: 'description',
  protocole: 'protocol',
  chemindorigine: 'origin',
  cheminsource: 'origin',
  serveur: 'host',
  portdecoute: 'port',
  port: 'port',
  utilisateur: 'user',
  compte: 'user',
  utilisateurcompte: 'user',
  motdepasse: 'password',
  temporisation: 'settleSeconds',
  temporisationensecondes: 'settleSeconds',
  filtredenomdefichier: 'filter',
  filtre: 'filter',
  scenariosaffilies: 'jobs',
  programmerlelanceur: 'schedules',
};

const OF_JOBS: Readonly<Record<string, string>> = {
  travaildereference: 'job',
  regroupementparextension: 'extension',
};

const OF_SCHEDULES: Readonly<Record<string, keyof ScheduleRow>> = {
  annees: 'years',
  mois: 'months',
  joursdelasemaine: 'weekdays',
  jours: 'days',
  heures: 'hours',
  minutes: 'minutes',
  secondes: 'seconds',
};

function fieldOf(heading: string, table: Readonly<Record<string, string>> = FIELDS): string | undefined {
  const key = plain(heading);
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function cellsOf(
  screen: Readonly<Record<string, unknown>>,
  table: Readonly<Record<string, string>> = FIELDS,
): Cells {
  return new Map(
    Object.entries(screen).flatMap(([heading, value]) => {
      const field = fieldOf(heading, table);
      return field === undefined ? [] : [[field, value] as const];
    }),
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

function rowsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  const rows: readonly unknown[] = Array.isArray(value) ? value : [value];
  return rows.filter(isObject);
}

// ── the parts of a row ──────────────────────────────────────────────────────────────────────────────────

function folderOf(cells: Cells, note: Note): Readonly<Record<string, unknown>> {
  const origin = textOf(cells.get('origin'));
  const seconds = Number(textOf(cells.get('settleSeconds')) || '0');
  if (seconds === 0) {
    note(
      'settleSeconds',
      words(
        '0 takes a file while it may still be written, unless its format shows its end: some seconds are safer',
        '0 prend un fichier peut-être encore en cours d’écriture, sauf si son format montre sa fin : quelques secondes sont plus sûres',
      ),
    );
  }
  if (/[\\/]var[\\/]?$/iu.test(origin)) {
    note(
      'origin',
      words(
        'EzGED’s waiting directories lie below …\\nchp\\var: such a folder is refused beside them, choose one of its own',
        'les répertoires d’attente d’EzGED sont sous …\\nchp\\var : ce dossier sera refusé avec eux, en choisir un à part',
      ),
    );
  }
  return { origin, settleSeconds: seconds };
}

function mailboxOf(
  cells: Cells,
  { id, protocol, note }: { readonly id: string; readonly protocol: ProtocolName; readonly note: Note },
): Readonly<Record<string, unknown>> {
  const host = textOf(cells.get('host'));
  const port = Number(textOf(cells.get('port')) || '0');
  const origin = textOf(cells.get('origin'));
  const env = `LANCEUR_${id.toUpperCase().replace(/[^A-Z0-9]/gu, '_')}_PASSWORD`;
  note(
    'password',
    words(
      `not carried over: put it into the variable ${env}, or write { "file": … }`,
      `non repris : le mettre dans la variable ${env}, ou écrire { "file": … }`,
    ),
  );
  const isTunnel = isLoopback(host);
  const isClear = port === 110 || port === 143;
  if (isTunnel) {
    note(
      'tls',
      words(
        'a local stunnel is spoken to in clear; TLS is built in, so that it can be left out: name the real server, port 0',
        'on parle en clair à un stunnel local ; TLS est intégré, on peut s’en passer : nommer le vrai serveur, port 0',
      ),
    );
  } else if (isClear) {
    note(
      'tls',
      words(
        `port ${String(port)} has no TLS of its own: the row asks for STARTTLS`,
        `le port ${String(port)} n’a pas de TLS propre : la ligne demande STARTTLS`,
      ),
    );
  }
  if (Number(textOf(cells.get('settleSeconds')) || '0') > 0) {
    note(
      'settleSeconds',
      words(
        'left out: a mail is whole when it is there',
        'laissée de côté : un message est entier dès qu’il est là',
      ),
    );
  }
  if (protocol === 'pop' && origin !== '' && plain(origin) !== 'inbox') {
    note('origin', words('left out: POP has no folders', 'laissé de côté : POP n’a pas de dossiers'));
  }
  return {
    ...((protocol === 'imap' || plain(origin) === 'inbox') && origin !== '' && { origin }),
    host,
    port,
    ...((isTunnel || isClear) && { tls: isTunnel ? 'none' : 'starttls' }),
    user: textOf(cells.get('user')),
    password: { env },
  };
}

function jobsOf(
  value: unknown,
  note: Note,
): {
  readonly affiliated: readonly { readonly extension: string; readonly job: string }[];
  readonly jobs: ImportedRow['jobs'];
} {
  const rows = rowsOf(value).map((row) => cellsOf(row, OF_JOBS));
  const named = rows.map((cells) => {
    const text = textOf(cells.get('job'));
    const [, number, label] = /^(\d+)\s*(?:[-–—]\s*(.*))?$/su.exec(text) ?? [];
    const extension = textOf(cells.get('extension'));
    return {
      job: number ?? text,
      label: label ?? '',
      extension: extensionOf(extension) || extension.replace(/^\./u, ''),
    };
  });
  if (named.length === 0) note('jobs', words('no affiliated job was found', 'aucun scénario affilié trouvé'));
  const jobs = new Map(named.map(({ job, label }) => [job, label === '' ? {} : { description: label }]));
  for (const job of jobs.keys()) {
    note(
      `jobs["${job}"]`,
      words(
        'which waiting directory this job reads is a setting of EzGED’s: write it into "jobs" of the scenario',
        'le répertoire d’attente que lit ce travail est un réglage d’EzGED : l’écrire dans « jobs » du scénario',
      ),
    );
  }
  return {
    affiliated: named.map(({ extension, job }) => ({ extension, job })),
    jobs: Object.fromEntries(jobs),
  };
}

function schedulesOf(value: unknown, note: Note): readonly ScheduleRow[] {
  const rows = rowsOf(value).map((row): ScheduleRow => {
    const cells = [...cellsOf(row, OF_SCHEDULES)].map(([field, cell]) => [field, textOf(cell)] as const);
    // Blank is any; the seconds of a new row are 0, see ScheduleRow.
    return Object.fromEntries(
      cells.filter(([field, cell]) => cell !== '' && (cell !== '*' || field === 'seconds')),
    );
  });
  if (rows.length > 0) return rows;
  note(
    'schedules',
    words(
      'no schedule was found: it runs once a minute',
      'aucune programmation trouvée : il tourne chaque minute',
    ),
  );
  return [{}];
}
