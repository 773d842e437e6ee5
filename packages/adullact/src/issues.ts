import { printable } from '@lanceur/core';

/**
 * How much an issue matters:
 * - `note`: worth knowing, and nothing is wrong.
 * - `warning`: odd; all that is there was read.
 * - `error`: something that belongs to the envelope is missing, or could not be read.
 */
export type Severity = 'note' | 'warning' | 'error';

interface IssueEntry {
  readonly severity: Severity;
  readonly en: string;
  readonly fr: string;
}

/**
 * What can be odd about an envelope that is read all the same, in one table. `{name}` in a text is filled from the data
 * that comes with the code.
 */
export const ISSUES = {
  // ── a deposit, or an archive, as a whole ────────────────────────────────────────────────────────────
  NO_METADATA: {
    severity: 'note',
    en: 'there is no metadata file: the envelope was recognised by {by}',
    fr: 'il n’y a pas de fichier de métadonnées : l’enveloppe a été reconnue par {by}',
  },
  METADATA_UNREADABLE: {
    severity: 'error',
    en: '{file} looks like the metadata and cannot be read: {why}',
    fr: '{file} semble être le fichier de métadonnées et ne peut être lu : {why}',
  },
  SEVERAL_METADATA: {
    severity: 'warning',
    en: 'there are several metadata files: {used} was read, and {others} only handed over',
    fr: 'il y a plusieurs fichiers de métadonnées : {used} a été lu, {others} seulement transmis',
  },
  TYPES_DISAGREE: {
    severity: 'warning',
    en: 'its metadata says {metadata}, and {file} is {xml}',
    fr: 'ses métadonnées disent {metadata}, et {file} est {xml}',
  },
  XML_UNREADABLE: {
    severity: 'error',
    en: '{file} cannot be read: {why}; it is handed over as it is',
    fr: '{file} ne peut être lu : {why} ; il est transmis tel quel',
  },
  TAKEN_INCOMPLETE: {
    severity: 'error',
    en: 'it was taken before it was whole: {why}',
    fr: 'elle a été prise avant d’être complète : {why}',
  },

  // ── files that are listed, and files that are there ─────────────────────────────────────────────────
  LISTED_MISSING: {
    severity: 'error',
    en: '{by} lists {file} ({role}), which is not there',
    fr: '{by} liste {file} ({role}), qui est absent',
  },
  UNLISTED: {
    severity: 'note',
    en: '{file} is there, and {by} does not list it',
    fr: '{file} est présent, et {by} ne le liste pas',
  },
  DUPLICATES_COLLAPSED: {
    severity: 'error',
    en: '{by} lists {file} {times} times, and there is one: files of the same name replaced one another when they were deposited',
    fr: '{by} liste {file} {times} fois, et il n’y en a qu’un : des fichiers de même nom se sont remplacés au dépôt',
  },
  LISTED_IN_SEVERAL_FIELDS: {
    severity: 'note',
    en: '{by} lists {file} in several fields ({fields}): it is one document, handed over once',
    fr: '{by} liste {file} dans plusieurs champs ({fields}) : c’est un seul document, transmis une fois',
  },
  NAME_CHANGED: {
    severity: 'note',
    en: '{listed} is there as {file}',
    fr: '{listed} est présent sous le nom {file}',
  },

  ATTACHED_AND_BESIDE: {
    severity: 'note',
    en: 'the attachment {name} of {file} also lies beside it, byte for byte: it is handed over once',
    fr: 'la pièce jointe {name} de {file} est aussi présente à côté, à l’identique : elle est transmise une fois',
  },

  // ── entries of an archive ───────────────────────────────────────────────────────────────────────────
  ENTRY_PATH: {
    severity: 'warning',
    en: 'the entry {entry} leads out of its archive; only its name was used',
    fr: 'l’entrée {entry} sort de son archive ; seul son nom a été utilisé',
  },
  ENTRY_NOT_A_FILE: {
    severity: 'error',
    en: 'the entry {entry} is {what}, and was left out',
    fr: 'l’entrée {entry} est {what}, et a été laissée de côté',
  },
  ENTRY_REPEATED: {
    severity: 'warning',
    en: 'the archive holds {entry} more than once; each is handed over, numbered',
    fr: 'l’archive contient {entry} plusieurs fois ; chacun est transmis, numéroté',
  },
  ENTRY_NAME_GUESSED: {
    severity: 'note',
    en: 'the name {entry} is not UTF-8, and was read as {encoding}',
    fr: 'le nom {entry} n’est pas en UTF-8, et a été lu en {encoding}',
  },
  LITTER: {
    severity: 'note',
    en: '{entry} was left behind by a system, and left out',
    fr: '{entry} a été laissé par un système, et mis de côté',
  },

  // ── the XML ─────────────────────────────────────────────────────────────────────────────────────────
  WRONG_ENCODING: {
    severity: 'warning',
    en: '{file} declares {declared}, and is {found}',
    fr: '{file} déclare {declared}, et est en {found}',
  },
  SCHEMA_ODD: {
    severity: 'warning',
    en: '{field} is {value}, which its schema does not allow',
    fr: '{field} vaut {value}, ce que son schéma ne permet pas',
  },
  MIXED_ENCODING: {
    severity: 'warning',
    en: '{file} is partly UTF-8 and partly windows-1252; each part was read as what it is',
    fr: '{file} est en partie en UTF-8 et en partie en windows-1252 ; chaque partie a été lue comme telle',
  },
  CONTROL_CHARACTERS: {
    severity: 'warning',
    en: '{file} holds {count} characters that no XML may hold; they were read as unknown characters',
    fr: '{file} contient {count} caractères interdits en XML ; ils ont été lus comme caractères inconnus',
  },
  NAMESPACE_ODD: {
    severity: 'warning',
    en: '{file} is read as {kind}, although its namespace is {namespace}',
    fr: '{file} est lu comme {kind}, bien que son espace de noms soit {namespace}',
  },
  FIELD_MISSING: {
    severity: 'warning',
    en: '{field} is not there, which its schema demands',
    fr: '{field} est absent, alors que son schéma l’exige',
  },
  COUNT_ODD: {
    severity: 'warning',
    en: '{field} says {said}, and there are {found}',
    fr: '{field} annonce {said}, et il y en a {found}',
  },
  REFERENCE_WITHOUT_ATTACHMENT: {
    severity: 'error',
    en: 'the attachment {id} is referred to, and is not in the file',
    fr: 'la pièce jointe {id} est référencée, et n’est pas dans le fichier',
  },
  ATTACHMENT_UNREADABLE: {
    severity: 'error',
    en: 'the attachment {name} cannot be decoded: {why}',
    fr: 'la pièce jointe {name} ne peut être décodée : {why}',
  },
  ATTACHMENT_EMPTY: {
    severity: 'error',
    en: 'the attachment {name} has no content',
    fr: 'la pièce jointe {name} n’a pas de contenu',
  },
  ATTACHMENT_ODD: {
    severity: 'warning',
    en: 'the attachment {name} was decoded without {count} characters that do not belong into base64',
    fr: 'la pièce jointe {name} a été décodée sans {count} caractères étrangers au base64',
  },
  ATTACHMENT_PACKED: {
    severity: 'warning',
    en: 'the attachment {name} is handed over as the zip that it came in: {why}',
    fr: 'la pièce jointe {name} est transmise dans son zip d’origine : {why}',
  },
  ATTACHMENT_RENAMED: {
    severity: 'note',
    en: 'the attachment {name} is handed over as {file}',
    fr: 'la pièce jointe {name} est transmise sous le nom {file}',
  },
  ATTACHMENT_STRAY: {
    severity: 'note',
    en: '{file} holds an attachment where its schema has none: it is handed over as {name}',
    fr: '{file} contient une pièce jointe là où son schéma n’en prévoit pas : elle est transmise sous le nom {name}',
  },
  ATTACHMENT_REPEATED: {
    severity: 'warning',
    en: 'several attachments have the number {id}',
    fr: 'plusieurs pièces jointes portent le numéro {id}',
  },
} as const satisfies Readonly<Record<string, IssueEntry>>;

/** Every code that an {@link Issue} can carry. Closed: the compiler knows them all. */
export type IssueCode = keyof typeof ISSUES;

type Placeholder<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;

/** What the text of an issue needs to know, by name. */
export type IssueData<C extends IssueCode> = Readonly<
  Record<Placeholder<(typeof ISSUES)[C]['en']>, string | number>
>;

/** Something odd about an envelope: a code for programs, a sentence in two languages for people. JSON. */
export interface Issue {
  readonly code: IssueCode;
  readonly severity: Severity;
  /** English, safe to print. */
  readonly message: string;
  /** The same in French. */
  readonly french: string;
  /** What the sentence was made of, safe to print. */
  readonly data: Readonly<Record<string, string | number>>;
}

/** An {@link Issue} with its messages filled in: `issue('LISTED_MISSING', { by: 'metadata.xml', file: 'a.pdf', role: 'arrete' })`. */
export function issue<C extends IssueCode>(code: C, data: IssueData<C>): Issue {
  const clean = Object.fromEntries(
    Object.entries<string | number>(data).map(([key, value]) => [
      key,
      typeof value === 'string' ? printable(value) : value,
    ]),
  );
  const { severity, en, fr } = ISSUES[code];
  return { code, severity, message: fill(en, clean), french: fill(fr, clean), data: clean };
}

function fill(text: string, data: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, key: string) => String(data[key] ?? whole));
}
