import { documentName } from './file-names.js';
import type { Part } from './part.js';

/** Said of a multipart. */
export const NO_PARTS = 'none of its parts could be found';

/** What is not as it should be with a part, with the words that name it: `part 2 (a.pdf): its end is missing`. */
export function problemAt(part: Part, what: string): string {
  if (part.path === '') return `the mail: ${what}`;
  const isMultipart = part.type.startsWith('multipart/');
  const name = part.name ?? (isMultipart ? undefined : documentName(part));
  return `part ${part.path}${name === undefined ? '' : ` (${name})`}: ${what}`;
}
