import { extensionOf } from '@lanceur/core';
import type { MessageStructureObject } from 'imapflow';
import { roleOf } from '../mail/choose.js';
import { IDENTITIES } from '../mail/decode.js';
import { isKnownExtension } from '../mail/file-names.js';
import type { Headers } from '../mail/headers.js';
import { fieldsOf, partFromFields, partOf, type Part } from '../mail/part.js';

/** A part by what the server's BODYSTRUCTURE says of it. */
export interface FoundPart {
  readonly part: Part;
  /** What is fetched for its content: `2.1`, `TEXT`. */
  readonly section: string;
  /** What is fetched for its header: `2.1.MIME`, `HEADER`. */
  readonly header: string;
  /** Of an attached message: its subject. */
  readonly subject?: string;
  /** Its file name did not come through whole, or its encoding: its own header tells. */
  readonly doubtful: boolean;
  /** It may be what a server makes up for a multipart in which it finds no parts: then it has no header either. */
  readonly mayBeNone: boolean;
}

/** All parts of a mail, outer ones before what they hold, in the order of the mail. `headers` are the mail's own. */
export function partsOf(structure: MessageStructureObject, headers: Headers): readonly FoundPart[] {
  const found: FoundPart[] = [];
  const isMultipart = structure.type.startsWith('multipart/');
  walk(
    structure,
    { path: isMultipart ? '' : '1', section: isMultipart ? '' : 'TEXT', parent: undefined },
    found,
  );
  const [first] = found;
  if (first?.part.type !== 'text/plain' || headers.raw('content-type') !== undefined) return found;
  // Of a mail with neither a type nor MIME-Version, Dovecot reads none of the other fields that say what it is.
  if ((headers.raw('content-transfer-encoding') ?? headers.raw('content-disposition')) === undefined)
    return found;
  const part = partFromFields(fieldsOf(headers), { path: first.part.path });
  return [{ ...first, part: { ...part, ...(first.part.size !== undefined && { size: first.part.size }) } }];
}

interface Place {
  readonly path: string;
  readonly section: string;
  readonly parent: Part | undefined;
  /** The only one of a multipart. */
  readonly isOnly?: boolean;
}

function walk(node: MessageStructureObject, place: Place, found: FoundPart[]): void {
  const { path, section, parent, isOnly = false } = place;
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
    doubtful: isDoubtfulName(node, part) || isDoubtfulEncoding(part),
    mayBeNone: isOnly && part.type === 'text/plain' && part.size === 0,
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
    walk(child, { path: at, section: at, parent: part, isOnly: children.length === 1 }, found);
  }
}

/** imapflow has decoded RFC 2231 and RFC 2047; what it could not is told by {@link isDoubtfulName}. */
function parametersOf(parameters: Readonly<Record<string, string>> | undefined): ReadonlyMap<string, string> {
  return new Map(Object.entries(parameters ?? {}));
}

/**
 * Raw 8-bit names come as replacement characters, broken headers as half-decoded words, cut at a blank (which an extension that
 * nobody knows is a sign of), or not at all; paths of Windows without their backslashes, which are escapes to a server.
 */
function isDoubtfulName(node: MessageStructureObject, part: Part): boolean {
  if (part.type.startsWith('multipart/')) return false;
  const names = [node.dispositionParameters, node.parameters].flatMap((each) =>
    Object.entries(each ?? {}).filter(([name]) => /^(?:file)?name(?:\*|$)/u.test(name)),
  );
  if (names.some(([name, value]) => name.includes('*') || /\ufffd|=\?|^(?:[a-z]:|\\)/iu.test(value)))
    return true;
  if (part.name !== undefined) return !isKnownExtension(extensionOf(part.name));
  return part.disposition === 'attachment' && part.type !== 'message/rfc822';
}

/** Of an encoding that is written oddly (`base64;`) a server says that there is none; a file that has none is rare. */
function isDoubtfulEncoding(part: Part): boolean {
  const role = roleOf(part);
  if (part.type === 'message/rfc822' || (role !== 'attachment' && role !== 'inline')) return false;
  return IDENTITIES.has(part.encoding);
}
