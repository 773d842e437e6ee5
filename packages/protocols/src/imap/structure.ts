import { extensionOf } from '@lanceur/core';
import type { MessageStructureObject } from 'imapflow';
import { partOf, type Part } from '../mail/part.js';

/** A part by what the server's BODYSTRUCTURE says of it. */
export interface FoundPart {
  readonly part: Part;
  /** What is fetched for its content: `2.1`, `TEXT`. */
  readonly section: string;
  /** What is fetched for its header: `2.1.MIME`, `HEADER`. */
  readonly header: string;
  /** Of an attached message: its subject. */
  readonly subject?: string;
  /** Its file name did not come through whole: its own header tells. */
  readonly doubtful: boolean;
}

/** All parts of a mail, outer ones before what they hold, in the order of the mail. */
export function partsOf(structure: MessageStructureObject): readonly FoundPart[] {
  const found: FoundPart[] = [];
  const isMultipart = structure.type.startsWith('multipart/');
  walk(
    structure,
    { path: isMultipart ? '' : '1', section: isMultipart ? '' : 'TEXT', parent: undefined },
    found,
  );
  return found;
}

interface Place {
  readonly path: string;
  readonly section: string;
  readonly parent: Part | undefined;
}

function walk(node: MessageStructureObject, { path, section, parent }: Place, found: FoundPart[]): void {
  const part = partOf({
    path,
    type: node.type,
    typeParameters: parametersOf(node.parameters),
    disposition: node.disposition,
    dispositionParameters: parametersOf(node.dispositionParameters),
    encoding: node.encoding,
    size: node.size,
    contentId: node.id,
    parent,
  });
  const subject = node.envelope?.subject;
  found.push({
    part,
    section,
    header: section === 'TEXT' ? 'HEADER' : `${path}.MIME`,
    ...(subject !== undefined && { subject }),
    doubtful: isDoubtful(node, part),
  });
  const children = node.childNodes ?? [];
  if (part.type === 'message/rfc822') {
    const [inner] = children;
    if (inner === undefined) return;
    // A multipart shares the number of the message that it is; anything else is its first part (RFC 3501, section 6.4.5).
    const at = inner.type.startsWith('multipart/') ? path : `${path}.1`;
    walk(inner, { path: at, section: at, parent: part }, found);
    return;
  }
  for (const [i, child] of children.entries()) {
    const at = path === '' ? String(i + 1) : `${path}.${String(i + 1)}`;
    walk(child, { path: at, section: at, parent: part }, found);
  }
}

/** imapflow has decoded RFC 2231 and RFC 2047; what it could not is told by {@link isDoubtful}. */
function parametersOf(parameters: Readonly<Record<string, string>> | undefined): ReadonlyMap<string, string> {
  return new Map(Object.entries(parameters ?? {}));
}

/**
 * Raw 8-bit names come as replacement characters, broken headers as half-decoded words, cut at a blank, or not at all; paths
 * of Windows without their backslashes, which are escapes to a server.
 */
function isDoubtful(node: MessageStructureObject, part: Part): boolean {
  if (part.type.startsWith('multipart/')) return false;
  const names = [node.dispositionParameters, node.parameters].flatMap((each) =>
    Object.entries(each ?? {}).filter(([name]) => /^(?:file)?name(?:\*|$)/u.test(name)),
  );
  if (names.some(([name, value]) => name.includes('*') || /\ufffd|=\?|^(?:[a-z]:|\\)/iu.test(value)))
    return true;
  if (part.name !== undefined) return extensionOf(part.name) === '';
  return part.disposition === 'attachment' && part.type !== 'message/rfc822';
}
