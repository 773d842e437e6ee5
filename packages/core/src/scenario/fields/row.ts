import {
  nearestProtocol,
  protocolOf,
  protocolShape,
  PROTOCOL_PATTERNS,
  PROTOCOL_SPELLINGS,
  reportProtocol,
} from '../protocol-names.js';
import { Problems } from '../problems.js';
import type {
  AdullactRow,
  DirectoryRow,
  EnvelopeFields,
  ImapRow,
  PopRow,
  ProtocolName,
  Row,
} from '../row.js';
import { list, object, oneKind, optional, required, type Field, type Fields } from '../shape/composite.js';
import type { JsonSchema, Shape } from '../shape/shape.js';
import { choice } from '../shape/values.js';
import { words, type Words } from '../words.js';
import { commonFields } from './common.js';
import { folderFields } from './folder.js';
import { imapFields, popFields } from './mail.js';
import { oneLine } from './values.js';

const A_ROW = words(
  'a launcher: an object with id, protocol, jobs and schedules',
  'un lanceur : un objet avec id, protocol, jobs et schedules',
);

function protocolField<P extends ProtocolName>(protocol: P): Field<P> {
  return required(
    protocolShape(protocol),
    words(
      'directory, imap, pop or adullact; or as on EzGED’s screen.',
      'Protocole : Répertoire, IMAP, POP ou Adullact.',
    ),
  );
}

const envelopes = object<EnvelopeFields>(
  words('an object of options of envelopes', 'un objet d’options des enveloppes'),
  {
    invoices: optional(
      choice('together', 'apart'),
      words(
        'A Chorus file with several invoices: one group (default), or one for each.',
        'Un fichier Chorus de plusieurs factures : un groupe (par défaut), ou un par facture.',
      ),
    ),
    refuse: optional(
      choice('note', 'warning', 'error'),
      words(
        'Rejects an envelope with an issue as bad as this. Default: whatever can be read is read.',
        'Rejette une enveloppe qui a un défaut de cette gravité. Par défaut : tout ce qui est lisible est lu.',
      ),
    ),
    metadata: optional(
      list(words('a list of names', 'une liste de noms'), oneLine),
      words(
        'Names of the metadata file, without extension.',
        'Noms du fichier de métadonnées, sans extension.',
      ),
    ),
    endMark: optional(
      oneLine,
      words(
        'File that says that a deposit is finished. Default fichier_termine.txt.',
        'Fichier qui dit qu’un dépôt est terminé. Par défaut fichier_termine.txt.',
      ),
    ),
  },
);

const adullact = {
  ...commonFields,
  protocol: protocolField('adullact'),
  envelopes: optional(envelopes, words('How envelopes are read.', 'Comment les enveloppes sont lues.')),
};
const VIA = words(
  'Where the envelopes come from: a folder (directory, default), or attached to mails (imap, pop).',
  'D’où viennent les enveloppes : d’un dossier (directory, par défaut), ou jointes à des messages (imap, pop).',
);

type Via<V extends string> = Extract<AdullactRow, { readonly via?: V }>;

const FIELDS = {
  directory: {
    ...commonFields,
    protocol: protocolField('directory'),
    ...folderFields,
  } satisfies Fields<DirectoryRow>,
  imap: { ...commonFields, protocol: protocolField('imap'), ...imapFields } satisfies Fields<ImapRow>,
  pop: { ...commonFields, protocol: protocolField('pop'), ...popFields } satisfies Fields<PopRow>,
  adullact: { ...adullact, via: optional(choice('directory'), VIA), ...folderFields },
  'adullact via imap': { ...adullact, via: required(choice('imap'), VIA), ...imapFields },
  'adullact via pop': { ...adullact, via: required(choice('pop'), VIA), ...popFields },
};
type Kind = keyof typeof FIELDS;

/** A field of another kind of launcher; else its name in this SDK, or a heading of EzGED's screen. */
function hintFor(name: string): Words | undefined {
  const kinds = (Object.keys(FIELDS) as Kind[]).filter((kind) => Object.hasOwn(FIELDS[kind], name));
  if (kinds.length === 0) return libraryHint(name) ?? headingHint(name);
  const all = kinds.join(', ');
  return words(`it belongs to ${all}`, `il va avec ${all}`);
}

function libraryHint(name: string): Words | undefined {
  const field = Object.hasOwn(LIBRARY_NAMES, name) ? LIBRARY_NAMES[name] : undefined;
  return field === undefined ? undefined : calledHere(field);
}

/** What the options of the listeners are called, and what may be taken for it, with the field of a row. */
const LIBRARY_NAMES: Readonly<Record<string, string>> = {
  accessToken: 'oauth',
  ca: 'caFile',
  completeTimeout: 'giveUp',
  folder: 'origin',
  from: 'since',
  mailbox: 'origin',
  passwordInClear: 'allowClearText',
  path: 'origin',
  quiet: 'settleSeconds',
  recursive: 'subfolders',
};

function calledHere(field: string): Words {
  return words(`here it is called \`${field}\``, `il s’appelle \`${field}\` ici`);
}

function headingHint(name: string): Words | undefined {
  const plain = name
    .normalize('NFD')
    .replace(/[^A-Za-z]/gu, '')
    .toLowerCase();
  const field = HEADINGS.find(([heading]) => plain.includes(heading))?.[1];
  return field === undefined ? undefined : calledHere(field);
}

const HEADINGS: readonly (readonly [string, string])[] = [
  ['protocole', 'protocol'],
  ['chemin', 'origin'],
  ['serveur', 'host'],
  ['utilisateur', 'user'],
  ['compte', 'user'],
  ['motdepasse', 'password'],
  ['temporisation', 'settleSeconds'],
  ['filtre', 'filter'],
  ['affilies', 'jobs'],
  ['programm', 'schedules'],
];

const SHAPES: Readonly<Record<Kind, Shape<Row>>> = {
  directory: object<DirectoryRow>(A_ROW, FIELDS.directory, { hint: hintFor }),
  imap: object<ImapRow>(A_ROW, FIELDS.imap, { hint: hintFor }),
  pop: object<PopRow>(A_ROW, FIELDS.pop, { hint: hintFor }),
  adullact: object<Via<'directory'>>(A_ROW, FIELDS.adullact, { hint: hintFor }),
  'adullact via imap': object<Via<'imap'>>(A_ROW, FIELDS['adullact via imap'], { hint: hintFor }),
  'adullact via pop': object<Via<'pop'>>(A_ROW, FIELDS['adullact via pop'], { hint: hintFor }),
};

function when(protocol: ProtocolName, via?: JsonSchema): JsonSchema {
  return {
    properties: {
      protocol: { type: 'string', pattern: PROTOCOL_PATTERNS[protocol] },
      ...(via !== undefined && { via }),
    },
    required: ['protocol', ...(via !== undefined && 'const' in via ? ['via'] : [])],
  };
}

export const row: Shape<Row> = oneKind<Row>(
  A_ROW,
  [
    { shape: SHAPES.directory, when: when('directory') },
    { shape: SHAPES.imap, when: when('imap') },
    { shape: SHAPES.pop, when: when('pop') },
    { shape: SHAPES.adullact, when: when('adullact', { enum: ['directory'] }) },
    { shape: SHAPES['adullact via imap'], when: when('adullact', { const: 'imap' }) },
    { shape: SHAPES['adullact via pop'], when: when('adullact', { const: 'pop' }) },
  ],
  (value, path, problems) => {
    const protocol = protocolOf(value['protocol']) ?? nearestProtocol(value['protocol']);
    if (protocol === undefined) {
      reportProtocol(value['protocol'], `${path}.protocol`, problems);
      return undefined;
    }
    if (protocol !== 'adullact') return SHAPES[protocol];
    const via = choice('directory', 'imap', 'pop').read(value['via'] ?? 'directory', `${path}.via`, problems);
    if (via === undefined) return undefined;
    return SHAPES[via === 'directory' ? 'adullact' : (`adullact via ${via}` as const)];
  },
  {
    properties: {
      protocol: {
        description: 'Protocole : Répertoire, IMAP, POP ou Adullact.\n\ndirectory, imap, pop or adullact.',
        anyOf: [
          { enum: PROTOCOL_SPELLINGS },
          ...Object.values(PROTOCOL_PATTERNS).map((pattern) => ({ type: 'string', pattern })),
        ],
      },
      via: { enum: ['directory', 'imap', 'pop'] },
    },
    required: ['protocol'],
  },
);

/** The row if nothing is wrong with it. */
export function rowOrNothing(value: unknown): Row | undefined {
  return row.read(value, '', new Problems());
}
