import { extensionOf, reason, type Reason } from '@lanceur/core';
import type { Completeness, SeenFile } from './completeness.js';
import { jpegEnd } from './formats/jpeg.js';
import { pdfEnd } from './formats/pdf.js';
import { tiffEnd } from './formats/tiff.js';
import { xmlEnd } from './formats/xml.js';
import { zipEnd } from './formats/zip.js';

/** What a file of a format still lacks; `undefined` if it is whole. */
export type EndOfFormat = (file: SeenFile) => Promise<string | undefined>;

interface Format {
  readonly name: string;
  readonly extensions: readonly string[];
  readonly end: EndOfFormat;
}

const FORMATS: readonly Format[] = [
  { name: 'PDF', extensions: ['pdf'], end: pdfEnd },
  {
    name: 'ZIP',
    extensions: ['zip', 'docx', 'xlsx', 'pptx', 'odt', 'ods', 'odp', 'epub', 'jar'],
    end: zipEnd,
  },
  { name: 'XML', extensions: ['xml'], end: xmlEnd },
  { name: 'TIFF', extensions: ['tif', 'tiff'], end: tiffEnd },
  { name: 'JPEG', extensions: ['jpg', 'jpeg'], end: jpegEnd },
];

const BY_EXTENSION = new Map(FORMATS.flatMap((format) => format.extensions.map((e) => [e, format] as const)));

/**
 * Whole once its end is there, as its format has it: PDF (`%%EOF`), ZIP and what is built on it (the central
 * directory), XML (the root's end tag), TIFF (all that its directories point at), JPEG (the end marker). The format is
 * told by the extension; a file of another one is taken to be whole, so keep the quiet time beside it.
 *
 * It reads the beginning and the end of a file, never all of it, once for each version.
 */
export function endMarks(): Completeness {
  return {
    reads: true,
    async missing({ files }) {
      for (const file of files) {
        const why = await missingEnd(file);
        if (why !== undefined) return why;
      }
      return undefined;
    },
  };
}

async function missingEnd(file: SeenFile): Promise<Reason | undefined> {
  const format = BY_EXTENSION.get(extensionOf(file.name));
  if (format === undefined) return undefined;
  const missing = file.size === 0 ? 'it is empty' : await format.end(file);
  return missing === undefined ? undefined : reason('NO_END_MARK', { format: format.name, missing });
}
