import { safeNames } from '@lanceur/core';
import { isLitter } from './archives/names.js';
import { carriedBy } from './carried.js';
import type { Draft, NotAnEnvelope, Reading } from './draft.js';
import type { EnvelopeDocument, EnvelopeType, RawEnvelope, Shape } from './envelope.js';
import { issue, type Issue } from './issues.js';
import {
  inOrder,
  isPrincipal,
  messageOf,
  readMessages,
  roleOfMessage,
  roleWithin,
  type ReadMessage,
} from './messages.js';
import type { FileSet, PackedFile } from './packed-file.js';
import { fieldsOfDeposit } from './pastell/fields.js';
import { findMetadata, type FoundMetadata } from './pastell/find-metadata.js';
import { match, type Listed, type Match, type MatchedFile } from './pastell/match.js';
import type { Metadata } from './pastell/metadata.js';
import type { Role } from './pastell/roles.js';

interface Found extends FoundMetadata {
  readonly type: EnvelopeType;
  /** In order. */
  readonly messages: readonly ReadMessage[];
  readonly shape: Shape;
}

/** A document, and the file that it is, where it was no attachment. */
interface FiledDocument {
  readonly document: EnvelopeDocument;
  readonly file?: PackedFile;
}

/**
 * Reads the files of one deposit, or of one archive.
 *
 * @throws LanceurError of scope `document` if what says what it is cannot be read.
 */
export async function readFiles(
  { files: all, issues: before }: FileSet,
  reading: Reading,
  { isArchive = false }: { readonly isArchive?: boolean } = {},
): Promise<Draft | NotAnEnvelope> {
  const litter: PackedFile[] = [];
  const files: PackedFile[] = [];
  for (const file of all) (isLitter(file.path) ? litter : files).push(file);
  const found = await findMetadata(files, reading.settings);
  const {
    messages: read,
    issues: unreadable,
    failure,
  } = await readMessages(
    files.filter((file) => file !== found.file),
    reading,
  );
  const typed = typeOf(found.metadata, inOrder(read, weightIn(found.metadata, reading)), reading);
  if (typed.type === undefined) {
    const damage = found.failure ?? failure;
    if (damage !== undefined) throw damage;
    return { not: whyNot(found.metadata, files) };
  }

  const { type, messages } = typed;
  const shape = found.metadata === undefined && (isArchive || hasWrapper(messages)) ? 'archive' : 'deposit';
  const whole: Found = { ...found, type, messages, shape };
  const { filed, issues, matched } = await documentsOf(whole, files, reading);
  const nameOf = new Map(filed.map(({ file, document }) => [file, document.name]));
  const spoken = messages.map((message) => messageOf(message, nameOf.get(message.file) ?? message.file.name));
  return {
    ...said(whole, matched),
    type,
    shape,
    attributes: attributesOf(whole),
    documents: filed.map(({ document }) => document),
    messages: spoken,
    raw: rawOf(whole),
    issues: [
      ...before,
      ...litter.map(({ path }) => issue('LITTER', { entry: path })),
      ...found.issues,
      ...typed.issues,
      ...withoutMetadata(whole),
      ...unreadable,
      ...issues,
      ...messages.flatMap(({ decoded }) => decoded.issues),
    ],
  };
}

// ── what it is ──────────────────────────────────────────────────────────────────────────────────────────

interface Typed {
  readonly type: EnvelopeType | undefined;
  /** Those of the type first. */
  readonly messages: readonly ReadMessage[];
  readonly issues: readonly Issue[];
}

function typeOf(
  metadata: Metadata | undefined,
  messages: readonly ReadMessage[],
  { settings }: Reading,
): Typed {
  const [first] = messages;
  const told = metadata && settings.recogniser.recognise(keysOf(metadata), metadata.flux);
  if (told === undefined) return { type: first?.decoded.type, messages, issues: [] };
  const ours = messages.filter(({ decoded }) => decoded.type === told.type);
  const others = messages.filter(({ decoded }) => decoded.type !== told.type);
  const disagrees = ours.length === 0 && first !== undefined;
  return {
    type: told.type,
    messages: [...ours, ...others],
    issues: disagrees
      ? [
          issue('TYPES_DISAGREE', {
            metadata: `${told.type} (${told.by})`,
            file: first.file.name,
            xml: first.decoded.kind,
          }),
        ]
      : [],
  };
}

/**
 * How much the field of a file makes it the one that counts: what has been signed and sent goes before what was handed
 * in, and that before an original that is kept beside it.
 */
function weightIn(metadata: Metadata | undefined, { settings }: Reading): (file: PackedFile) => number {
  const roles = new Map(metadata?.files.map(({ content, field }) => [content, settings.roleOf(field)]));
  return ({ name }) => {
    const role = roles.get(name);
    return role === 'signed-pes' ? -1 : Number(role === 'original' || role === 'proof');
  };
}

function keysOf({ data, files }: Metadata): readonly string[] {
  return [...Object.keys(data), ...files.map(({ field }) => field)];
}

function whyNot(metadata: Metadata | undefined, files: readonly PackedFile[]): string {
  if (files.length === 0) return 'it holds no file';
  if (metadata === undefined) {
    return 'it holds no metadata file, and none of its files is an XML of Actes, Helios or Chorus Pro';
  }
  return `its metadata ${metadata.file} has none of the fields by which a type is told, and none of its files is an XML of Actes, Helios or Chorus Pro`;
}

function hasWrapper(messages: readonly ReadMessage[]): boolean {
  return messages.some(({ decoded }) => roleOfMessage(decoded) === 'envelope');
}

/** The message that speaks for the envelope: in a deposit with metadata an answer, or a wrapper, does not. */
function speaker({ messages, metadata, type }: Found): ReadMessage | undefined {
  const [first] = messages;
  if (first?.decoded.type !== type) return undefined;
  return metadata === undefined || isPrincipal(first) ? first : undefined;
}

function said(found: Found, matched: readonly MatchedFile[]): Pick<Draft, 'kind' | 'fields'> {
  const message = speaker(found);
  if (message !== undefined) return { kind: message.decoded.kind, fields: message.decoded.fields };
  const { type, metadata, messages } = found;
  return { kind: 'deposit', fields: fieldsOfDeposit(type, metadata?.data ?? {}, matched, messages) };
}

/** An archive has none by its nature. */
function withoutMetadata({ metadata, shape, messages: [first] }: Found): readonly Issue[] {
  if (metadata !== undefined || shape === 'archive' || first === undefined) return [];
  return [issue('NO_METADATA', { by: `${first.file.name}, which is ${first.decoded.kind}` })];
}

/** What all of them say; of two that say the same thing differently, the one that speaks for the envelope. */
function attributesOf(found: Found): Readonly<Record<string, string>> {
  const { metadata, messages } = found;
  const first = speaker(found);
  const others = messages
    .filter((message) => message !== first)
    .flatMap(({ decoded }) =>
      Object.entries(decoded.attributes).map(([key, value]) => [`${decoded.kind}.${key}`, value] as const),
    );
  return Object.fromEntries([
    ...Object.entries(metadata?.data ?? {}),
    ...others,
    ...Object.entries(first?.decoded.attributes ?? {}),
  ]);
}

function rawOf({ metadata, messages }: Found): RawEnvelope {
  const { file = '', flux, data = {}, files = [] } = metadata ?? {};
  return {
    ...(metadata && { metadata: { file, data, files, ...(flux !== undefined && { flux }) } }),
    messages: messages.map(({ file: { name }, decoded }) => ({ file: name, root: decoded.raw })),
  };
}

// ── what is in it ───────────────────────────────────────────────────────────────────────────────────────

async function documentsOf(
  found: Found,
  files: readonly PackedFile[],
  reading: Reading,
): Promise<{
  readonly filed: readonly FiledDocument[];
  readonly issues: readonly Issue[];
  readonly matched: readonly MatchedFile[];
}> {
  const { settings } = reading;
  const isMark = (file: PackedFile) => settings.isEndMark(file.name);
  const loose = files.filter((file) => file !== found.file && !isMark(file));
  const { matched, unlisted, issues } = matchOf(found, loose, reading);
  const carried = await carriedBy(found.messages, loose);

  const roles = new Map(found.messages.map(({ file, decoded }) => [file, roleOfMessage(decoded)]));
  const all: readonly FiledDocument[] = [
    ...matched.map(({ file, name, role, field }) => {
      const known = role === 'other' || role === 'document' ? (roles.get(file) ?? role) : role;
      return filed(file, known, { name, ...(field !== '' && { field }) });
    }),
    ...unlisted.map((file) => filed(file, roles.get(file) ?? 'other')),
    ...carried.files.map((document) => ({ document })),
    ...(found.file === undefined ? [] : [filed(found.file, 'metadata')]),
    ...files.filter(isMark).map((file) => filed(file, 'end-mark')),
  ];
  const names = safeNames(all.map(({ document }) => document.name));
  return {
    filed: all.map(({ document, ...rest }, i) => ({
      document: { ...document, name: names[i] ?? document.name },
      ...rest,
    })),
    issues: [...issues, ...carried.issues],
    matched,
  };
}

function filed(
  file: PackedFile,
  role: Role,
  more: { readonly name?: string; readonly field?: string } = {},
): FiledDocument {
  const { name, size, localPath } = file;
  return {
    file,
    document: {
      name,
      role,
      size,
      ...(localPath !== undefined && { localPath }),
      open: () => file.open(),
      ...more,
    },
  };
}

/** What is listed by the metadata, else by the messages themselves. */
function matchOf(found: Found, loose: readonly PackedFile[], { settings }: Reading): Match {
  const { metadata, messages } = found;
  if (metadata !== undefined) {
    const listed = metadata.files.map((file): Listed => ({
      ...file,
      role: settings.roleOf(file.field),
      by: metadata.file,
    }));
    return match(listed, loose);
  }
  // An answer names the files of the message that it answers.
  const listed = messages
    .filter((message) => isPrincipal(message) || roleOfMessage(message.decoded) === 'envelope')
    .flatMap(({ file, decoded }) =>
      decoded.lists.map(({ name, role }, index): Listed => ({
        field: '',
        index,
        content: name,
        role: roleWithin(role),
        by: file.name,
      })),
    );
  return match(listed, loose, new Set(messages.map(({ file }) => file)));
}
