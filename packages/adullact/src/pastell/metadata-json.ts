import { contentOfFields, type MetadataContent } from './metadata-content.js';

/** A text, or a number, of a JSON that is known to be one. */
const TEXT_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gu;

/** `metadata.json`: one object; file fields are lists of names. A number stays as it is written. */
export function metadataFromJson(text: string): MetadataContent | undefined {
  const read: unknown = JSON.parse(text);
  if (typeof read !== 'object' || read === null) return undefined;
  // PHP writes a dossier without fields, or of which none is to be told, as a list.
  if (Array.isArray(read)) return read.length === 0 ? contentOfFields([]) : undefined;
  const fields = Object.entries(read);
  if (!fields.some(([, value]) => typeof value === 'number')) return contentOfFields(fields);
  // `150.00` and numbers of twenty digits would not come out as they went in.
  const written = JSON.parse(
    text.replace(TEXT_OR_NUMBER, (found) => (found.startsWith('"') ? found : `"${found}"`)),
  ) as Readonly<Record<string, unknown>>;
  return contentOfFields(
    fields.map(([key, value]) => [key, typeof value === 'number' ? written[key] : value] as const),
  );
}
