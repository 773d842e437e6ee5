import { gunzipSync } from 'node:zlib';
import { textOf, type XmlElement } from '../../../packages/adullact/dist/xml/element.js';
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
