import { LanceurError } from '@lanceur/core';
import { attributeOf, childrenOf } from '../xml/element.js';
import { treeOf } from '../xml/tree.js';
import type { ListedFile, MetadataContent } from './metadata-content.js';

/** `flux/files/file` is all that there is. */
const DEEPEST = 16;

/** `metadata.xml` and manifests: `<flux>` with `<data name value>`, `<files name><file content name_original>`, `<param>`. */
export function metadataFromXml(text: string, file: string): MetadataContent | undefined {
  if (!/<(?:[^\s<>/:]+:)?flux[\s/>]/u.test(text)) return undefined;
  const plain = withoutAsides(text);
  if (/<!(?:DOCTYPE|ENTITY)/u.test(plain)) {
    throw new LanceurError('ENVELOPE_UNSAFE', { name: file, why: 'it holds a DTD' });
  }
  const root = treeOf(plain, { name: file, depth: DEEPEST });
  if (root.name !== 'flux') return undefined;
  const data = [...childrenOf(root, 'param'), ...childrenOf(root, 'data')].flatMap((element) => {
    const name = attributeOf(element, 'name');
    const value = element.attributes['value'] ?? element.text;
    return name === undefined ? [] : [[name, value.normalize('NFC')] as const];
  });
  const files = childrenOf(root, 'files').flatMap((list): readonly ListedFile[] => {
    const field = attributeOf(list, 'name');
    if (field === undefined) return [];
    return childrenOf(list, 'file').flatMap((file, index) => {
      const content = attributeOf(file, 'content');
      const original = attributeOf(file, 'name_original');
      if (content === undefined) return [];
      return [
        {
          field,
          index,
          content: content.normalize('NFC'),
          ...(original !== undefined && { original: original.normalize('NFC') }),
        },
      ];
    });
  });
  const flux = attributeOf(root, 'type');
  return { data: Object.fromEntries(data), files, ...(flux !== undefined && { flux }) };
}

const ASIDES = [
  { begin: '<!--', end: '-->' },
  { begin: '<?', end: '?>' },
  { begin: '<![CDATA[', end: ']]>' },
] as const;

/** Without comments and instructions, and with the meaning of a CDATA section as text, as the parser wants it. */
function withoutAsides(text: string): string {
  const pieces: string[] = [];
  let at = 0;
  for (let next = text.indexOf('<'); next !== -1; next = text.indexOf('<', Math.max(at, next + 1))) {
    const aside = ASIDES.find(({ begin }) => text.startsWith(begin, next));
    if (aside === undefined) continue;
    const from = next + aside.begin.length;
    const to = text.indexOf(aside.end, from);
    // Without an end it is for the parser to refuse.
    if (to === -1) break;
    pieces.push(text.slice(at, next));
    if (aside.begin === '<![CDATA[') pieces.push(escaped(text.slice(from, to)));
    at = to + aside.end.length;
  }
  pieces.push(text.slice(at));
  return pieces.join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
