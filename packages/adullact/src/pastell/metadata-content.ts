/** A file that the metadata lists. */
export interface ListedFile {
  /** The field of the dossier: `arrete`, `facture_pj_02`. */
  readonly field: string;
  /** Which of the field's files, counted from 0. */
  readonly index: number;
  /** As it is called where it lies, before Pastell cleaned it. */
  readonly content: string;
  /** As its sender named it (`name_original`), where Pastell gave it a name of its own. */
  readonly original?: string;
}

/** What a metadata file says, whichever way it is written. */
export interface MetadataContent {
  /** What a manifest says its flow is (`<flux type="…">`). */
  readonly flux?: string;
  /** Fields with their text. */
  readonly data: Readonly<Record<string, string>>;
  readonly files: readonly ListedFile[];
}

/** A value of a field as text: what is no text is written as JSON. */
function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value.normalize('NFC');
  return typeof value === 'object' && Object.keys(value).length === 0 ? '' : JSON.stringify(value);
}

/** Fields by name, as JSON and YAML have them: a list of texts names files. */
export function contentOfFields(fields: Iterable<readonly [string, unknown]>): MetadataContent {
  const data: [string, string][] = [];
  const files: ListedFile[] = [];
  for (const [field, value] of fields) {
    const list = listIn(value);
    if (list === undefined || list.length === 0) data.push([field, list === undefined ? asText(value) : '']);
    for (const [index, content] of list ?? []) {
      if (content !== '') files.push({ field, index, content: content.normalize('NFC') });
    }
  }
  return { data: Object.fromEntries(data), files };
}

/** The names of a field of files, with their numbers. Where one was taken away, PHP writes the list as an object. */
function listIn(value: unknown): readonly (readonly [number, string])[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Object.entries(value);
  const isList =
    Array.isArray(value) || (entries.length > 0 && entries.every(([key]) => /^\d{1,9}$/u.test(key)));
  if (!isList || !entries.every((entry): entry is [string, string] => typeof entry[1] === 'string'))
    return undefined;
  return entries.map(([key, content]) => [Number(key), content] as const);
}
