import { safeName, safeNames } from '@lanceur/core';
import type { Draw } from './draw.js';

/** A document that must come out of a mail. `name` is not yet safe, nor unique. */
interface Expected {
  /** Absent where the mail gives none: then its place and its extension make one. */
  readonly name?: string;
  readonly extension: string;
  readonly content: Buffer;
}

export type Role = 'attachment' | 'inline' | 'body' | 'programs';

export interface Leaf {
  readonly is: 'leaf';
  readonly header: readonly string[];
  readonly body: string;
  readonly role: Role;
  readonly documents: readonly Expected[];
  /** By Outlook: then it may hold several documents, or none. */
  readonly isPacked?: true;
}

export interface Multipart {
  readonly is: 'multipart';
  readonly header: readonly string[];
  readonly boundary: string;
  readonly parts: readonly Node[];
  readonly preamble: string;
  readonly epilogue: string;
  readonly isClosed: boolean;
  /** Behind the boundaries. */
  readonly blanks: string;
}

export interface Message {
  readonly is: 'message';
  readonly header: readonly string[];
  /** Of the part; absent: it is called by its subject. */
  readonly name?: string;
  readonly subject: string | undefined;
  /** The header of the message itself. */
  readonly fields: readonly string[];
  readonly content: Node;
}

export type Node = Leaf | Multipart | Message;

export interface Document {
  readonly name: string;
  readonly content: Buffer;
}

/** A document that has to come out of a mail. */
export interface MadeDocument extends Document {
  /** In what Outlook packs, which nobody else opens. */
  readonly isPacked: boolean;
}

/** What a listener is asked for. */
export type Asked = 'attachments' | 'everything';

/** The source of a node, lines with LF. */
function sourceOf(node: Node): string {
  const header = node.header.map((line) => `${line}\n`).join('');
  switch (node.is) {
    case 'leaf':
      return `${header}\n${node.body}`;
    case 'message':
      return `${header}\n${messageSource(node)}`;
    case 'multipart':
      return `${header}\n${multipartBody(node)}`;
  }
}

/** The source of a message without the header of the part that it is. */
export function messageSource({ fields, content }: Message): string {
  return fields.map((line) => `${line}\n`).join('') + sourceOf(content);
}

function multipartBody({ boundary, parts, preamble, epilogue, isClosed, blanks }: Multipart): string {
  const inside = parts.map((part) => `--${boundary}${blanks}\n${sourceOf(part)}`).join('\n');
  return `${preamble}${inside}${isClosed ? `\n--${boundary}--${blanks}\n` : ''}${epilogue}`;
}

/** The documents of a mail in their order, as both protocols have to give them. */
export function documentsOf(mail: Message, asked: Asked): readonly MadeDocument[] {
  const found: { readonly title: string; readonly content: Buffer; readonly isPacked?: boolean }[] = [];
  const visit = (node: Node, place: Place): void => {
    const { path, isInside } = place;
    switch (node.is) {
      case 'leaf': {
        if (!isWanted(node.role, isInside, asked)) return;
        for (const { name, extension, content } of node.documents) {
          const isBody = node.role === 'body';
          const title = isBody ? `body.${extension}` : (name ?? `part-${path}.${extension}`);
          found.push({ title, content, isPacked: node.isPacked === true });
        }
        return;
      }
      case 'multipart':
        node.parts.forEach((part, i) =>
          visit(part, {
            ...place,
            path: joined(place.prefix, i + 1),
            prefix: `${joined(place.prefix, i + 1)}.`,
          }),
        );
        return;
      case 'message': {
        if (!isInside || asked === 'everything') {
          const title = node.name ?? `${safeName(clean(node.subject) || `part-${path}`)}.eml`;
          found.push({ title, content: wire(messageSource(node)) });
        }
        if (asked === 'everything') visit(node.content, contentPlace(`${path}.`, true));
      }
    }
  };
  if (asked === 'everything') {
    found.push({
      title: `${safeName(clean(mail.subject) || 'message')}.eml`,
      content: wire(messageSource(mail)),
    });
  }
  visit(mail.content, contentPlace('', false));
  const names = safeNames(found.map(({ title }) => clean(title)));
  return found.map(({ content, isPacked = false }, i) => ({ name: names[i]!, content, isPacked }));
}

interface Place {
  readonly path: string;
  readonly prefix: string;
  readonly isInside: boolean;
}

/** A message's own content is its part 1; the parts of a multipart have its numbers (RFC 3501, section 6.4.5). */
function contentPlace(prefix: string, isInside: boolean): Place {
  return { path: `${prefix}1`, prefix, isInside };
}

function joined(prefix: string, n: number): string {
  return `${prefix}${String(n)}`;
}

function isWanted(role: Role, isInside: boolean, asked: Asked): boolean {
  if (role === 'programs') return false;
  if (asked === 'attachments') return role === 'attachment' && !isInside;
  return role === 'attachment' || !isInside;
}

/** A name in one line, as people read it. */
function clean(text = ''): string {
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim();
}

/** As it goes over the wire. */
export function wire(source: string): Buffer {
  return Buffer.from(source.replaceAll('\n', '\r\n'), 'latin1');
}

/** A header field as some program writes it: its value and the parameters of that, folded somewhere. */
export function field(random: Draw, name: string, value: string, parameters: readonly string[] = []): string {
  if (random.isPlain) return `${name}: ${[value, ...parameters].join(random.pick(['; ', ';\n ', ';\n\t']))}`;
  const written = random.chance(0.8) ? name : random.pick([name.toLowerCase(), name.toUpperCase()]);
  const colon = random.chance(0.9) ? ': ' : random.pick([':', ':\t', ':  ', ':\n ', ': \n\t', ' : ']);
  const separator = random.pick(['; ', ';\n ', ';\n\t', ';', ' ; ', ';\n        ', ';\n \n\t']);
  const end = random.chance(0.9) ? '' : random.pick([';', ' ', '; ', '\t']);
  return (
    written +
    colon +
    [value, ...parameters].join(separator) +
    (parameters.length > 0 || !value.includes('<') ? end : '')
  );
}
