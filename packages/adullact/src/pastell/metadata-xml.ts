import { LanceurError } from '@lanceur/core';
import { attributeOf, childrenOf } from '../xml/element.js';
import { treeOf } from '../xml/tree.js';
import type { ListedFile, MetadataContent } from './metadata-content.js';

/** `flux/files/file` is all that there is. */
const DEEPEST = 16;

/** `metadata.xml` and manifests: `<flux>` with `<data name value>`, `<files name><file content name_original>`, `<param>`. */
export function metadataFromXml(text: string, file: string): MetadataContent | undefined {
  if (!/<flux[\s/>]/u.test(text)) return undefined;
  if (/<!(?:DOCTYPE|ENTITY)/u.test(text)) {
    throw new LanceurError('ENVELOPE_UNSAFE', { name: file, why: 'it holds a DTD' });
  }
  const root = treeOf(text, { name: file, depth: DEEPEST });
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
