import { extensionOf, LanceurError } from '@lanceur/core';
import type { Message } from './envelope.js';
import type { Reading } from './draft.js';
import { issue, type Issue } from './issues.js';
import { smallContentOf, type PackedFile } from './packed-file.js';
import { DEFAULT_ROLES, type Role } from './pastell/roles.js';
import { inMemory } from './store.js';
import { decodeXml, type DecodedXml } from './xml-file.js';

/** An XML among the files of an envelope. */
export interface ReadMessage {
  readonly file: PackedFile;
  readonly decoded: DecodedXml;
}

export interface ReadMessages {
  readonly messages: readonly ReadMessage[];
  readonly issues: readonly Issue[];
  /** The first that could not be read. */
  readonly failure?: LanceurError;
}

/**
 * Reads every XML of the regulations among the files. One that cannot be read is handed over as it is, with an issue:
 * the others say what the envelope is.
 *
 * @throws LanceurError `ENVELOPE_TOO_BIG`, `ABORTED`; what opening and reading throw.
 */
export async function readMessages(files: readonly PackedFile[], reading: Reading): Promise<ReadMessages> {
  const messages: ReadMessage[] = [];
  const issues: Issue[] = [];
  let failure: LanceurError | undefined;
  for (const file of files) {
    if (!mayBeXml(file.name)) continue;
    try {
      const decoded = await readMessage(file, reading);
      if (decoded !== undefined) messages.push({ file, decoded });
    } catch (error) {
      if (!LanceurError.is(error, 'ENVELOPE_DAMAGED', 'ENVELOPE_UNSAFE')) throw error;
      const why = String(error.reason.data?.['why'] ?? error.reason.message);
      issues.push(issue('XML_UNREADABLE', { file: file.name, why }));
      failure ??= error;
    }
  }
  return { messages, issues, ...(failure && { failure }) };
}

/** @throws LanceurError of scope `document`, `ABORTED`. */
export async function readMessage(
  file: PackedFile,
  { store, settings, signal, total }: Reading,
): Promise<DecodedXml | undefined> {
  const open = () => {
    const content = smallContentOf(file);
    return Promise.resolve(content === undefined ? file.open() : inMemory(content).open());
  };
  try {
    return await decodeXml(
      { name: file.name, open },
      { folder: () => store.folder(), limits: settings.limits, signal, total },
    );
  } catch (error) {
    // What `signal.throwIfAborted()` throws is no error of ours.
    throw signal?.aborted === true ? new LanceurError('ABORTED', undefined, { cause: error }) : error;
  }
}

/** XML, or a file to which Pastell gave a name of its own. */
function mayBeXml(name: string): boolean {
  const extension = extensionOf(name);
  return extension === 'xml' || extension === '' || /^yml_.+_\d+$/u.test(extension);
}

/** How much a message is the envelope's own: 0 most; what wraps or answers another comes after it. */
function rankOf({ kind }: DecodedXml): number {
  if (isWrapper(kind)) return 2;
  return isAnswer(kind) ? 1 : 0;
}

/** Whether a message speaks of itself, and not of another. */
export function isPrincipal({ decoded }: ReadMessage): boolean {
  return rankOf(decoded) === 0;
}

/**
 * The message that says what the envelope is, first.
 * @param weight - of several that are alike, the one whose file weighs least.
 */
export function inOrder(
  messages: readonly ReadMessage[],
  weight: (file: PackedFile) => number = () => 0,
): readonly ReadMessage[] {
  return [...messages].sort(
    (a, b) => rankOf(a.decoded) - rankOf(b.decoded) || weight(a.file) - weight(b.file),
  );
}

function isWrapper(kind: string): boolean {
  return kind.startsWith('Enveloppe');
}

function isAnswer(kind: string): boolean {
  return /^(?:AR[A-Z]|Anomalie|PES_ACQUIT|CPPStatut)/u.test(kind);
}

/** What an XML is in its envelope, as it says itself. */
export function roleOfMessage({ type, kind }: Pick<DecodedXml, 'type' | 'kind'>): Role {
  if (isWrapper(kind)) return 'envelope';
  if (kind === 'CPPStatut') return 'status';
  if (isAnswer(kind)) return 'acknowledgement';
  if (type === 'helios') return kind.startsWith('PES_') ? 'pes' : 'message';
  return type === 'chorus_fact' ? 'invoice-data' : 'message';
}

/** What a file is that an XML carries or lists: most of them are called as the fields of a deposit. */
export function roleWithin(role: string): Role {
  if (role === 'piece_jointe') return 'attachment';
  if (role === 'message' || role === 'document') return role;
  return Object.hasOwn(DEFAULT_ROLES, role) ? (DEFAULT_ROLES[role] ?? 'other') : 'other';
}

export function messageOf(
  { decoded: { type, kind, fields, attributes } }: ReadMessage,
  file: string,
): Message {
  // That type, kind and fields belong together, the compiler has checked where they come from.
  return { type, kind, fields, attributes, file } as Message;
}
