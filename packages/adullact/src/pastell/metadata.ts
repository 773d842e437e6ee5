import { extensionOf, LanceurError, messageOf, printable } from '@lanceur/core';
import type { Issue } from '../issues.js';
import { beginningOf, declaredIn, decodeText } from '../xml/encoding.js';
import type { MetadataContent } from './metadata-content.js';
import { metadataFromJson } from './metadata-json.js';
import { metadataFromXml } from './metadata-xml.js';
import { metadataFromYaml } from './metadata-yaml.js';

export interface Metadata extends MetadataContent {
  /** Its file, as it is called. */
  readonly file: string;
  readonly issues: readonly Issue[];
}

/** What Pastell writes is a few kilobytes. */
export const MOST_METADATA_BYTES = 1024 * 1024;

type Reader = (text: string, file: string) => MetadataContent | undefined;

const READERS: Readonly<Record<string, Reader>> = {
  xml: metadataFromXml,
  json: metadataFromJson,
  txt: metadataFromYaml,
  yml: metadataFromYaml,
  yaml: metadataFromYaml,
};

/** Whether a file of this name may be metadata at all. */
export function mayBeMetadata(name: string): boolean {
  return Object.hasOwn(READERS, extensionOf(name));
}

/**
 * A metadata file, read: XML, JSON, or YAML (`.txt`), in whichever encoding. `undefined` where it is something else
 * in the same format.
 *
 * @throws LanceurError `ENVELOPE_DAMAGED`, `ENVELOPE_UNSAFE` (a DTD, an alias, a tag).
 */
export function readMetadata(file: string, bytes: Buffer): Metadata | undefined {
  const { mark, family } = beginningOf(bytes);
  const body = bytes.subarray(mark);
  const { text, issues } = family.startsWith('utf-16')
    ? { text: new TextDecoder(family).decode(body), issues: [] }
    : decodeText(body, { file, family, declared: declaredIn(body) });
  try {
    const content = READERS[extensionOf(file)]?.(text, file);
    return content === undefined ? undefined : { ...content, file, issues };
  } catch (error) {
    if (LanceurError.is(error)) throw error;
    const why = printable(messageOf(error), 200);
    throw new LanceurError('ENVELOPE_DAMAGED', { name: file, why }, { cause: error });
  }
}
