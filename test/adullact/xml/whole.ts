import { gunzipSync } from 'node:zlib';
import { LanceurError } from '@lanceur/core';
import { DEFAULT_LIMITS } from '@lanceur/adullact';
import { textOf, type XmlElement } from '../../../packages/adullact/dist/xml/element.js';
import { beginningOf, decodeText } from '../../../packages/adullact/dist/xml/encoding.js';
import { Lifter, localName } from '../../../packages/adullact/dist/xml/lifter.js';
import { namespaceIn } from '../../../packages/adullact/dist/xml/namespace.js';
import { rootOf } from '../../../packages/adullact/dist/xml/roots.js';
import { treeOf } from '../../../packages/adullact/dist/xml/tree.js';

/** The elements whose text is an attachment, each with its parent. */
const LIFTED: Readonly<Record<string, string>> = {
  Fichier: 'Contenu',
  Contenu: 'PJ',
  EmbeddedDocumentBinaryObject: 'Attachment',
  AttachmentBinaryObject: 'AdditionalReferencedDocument',
};

/**
 * An XML read the plain way: the whole of it as one tree, whose attachments are then decoded, and replaced by their
 * numbers.
 */
export function readWhole(xml: string): { readonly tree: XmlElement; readonly contents: readonly Buffer[] } {
  const contents: Buffer[] = [];
  const walk = (element: XmlElement, parent: string): XmlElement => {
    if (LIFTED[element.name] !== parent || element.children.length > 0 || element.text === '') {
      return { ...element, children: element.children.map((child) => walk(child, element.name)) };
    }
    contents.push(Buffer.from(textOf(element) ?? '', 'base64'));
    return { ...element, text: String(contents.length - 1) };
  };
  const tree = walk(treeOf(xml, { name: 'a.xml', depth: 64 }), '');
  return { tree, contents };
}

/** Without the gzip around it. */
export function unpacked(content: Buffer): Buffer {
  return content[0] === 0x1f && content[1] === 0x8b ? gunzipSync(content) : content;
}

/**
 * An XML as a tree, made as that of a small file and as that of a large one: what was read, or the code of the error.
 * `undefined` where it is none of ours, or in an encoding that is read otherwise.
 */
export function bothWays(bytes: Buffer): readonly [unknown, unknown] | undefined {
  let text: string;
  try {
    const { mark, family } = beginningOf(bytes);
    if (family !== 'ascii' && family !== 'utf-8') return undefined;
    const nothing = () => undefined;
    const lifter = new Lifter(
      'a.xml',
      {
        concerns: () => true,
        root: (tag) => rootOf(localName(namespaceIn(tag).name), namespaceIn(tag).namespace)?.lifts,
        begin: nothing,
        content: nothing,
        end: nothing,
      },
      DEFAULT_LIMITS,
    );
    lifter.push(bytes.subarray(mark));
    if (lifter.ignored) return undefined;
    text = decodeText(lifter.end(), { file: 'a.xml', family, declared: undefined }).text;
  } catch (error) {
    // Told before it comes to either.
    if (LanceurError.is(error)) return undefined;
    throw error;
  }
  const [small, large] = [false, true].map((isLarge): unknown => {
    try {
      return treeOf(text, { name: 'a.xml', depth: 64, large: isLarge });
    } catch (error) {
      if (LanceurError.is(error)) return error.code;
      throw error;
    }
  });
  return [small, large];
}
