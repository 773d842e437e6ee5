import { contentOfFields, type MetadataContent } from './metadata-content.js';

/** `metadata.json`: one object; file fields are lists of names. */
export function metadataFromJson(text: string): MetadataContent | undefined {
  const read: unknown = JSON.parse(text);
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return undefined;
  return contentOfFields(Object.entries(read));
}
