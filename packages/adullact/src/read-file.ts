import { extensionOf, LanceurError, safeNames } from '@lanceur/core';
import { Budget } from './archives/budget.js';
import { untar } from './archives/tar.js';
import { isOfficeZip, unzip, type KeptArchive } from './archives/zip.js';
import { carriedBy } from './carried.js';
import type { Draft, NotAnEnvelope, Reading } from './draft.js';
import { issue } from './issues.js';
import { messageOf, readMessage, roleOfMessage, roleWithin } from './messages.js';
import { headOf, type PackedFile } from './packed-file.js';
import { readFiles } from './read-files.js';
import type { DecodedXml } from './xml-file.js';

/** Zips by their bytes, and documents to everybody: never opened, not even to find them damaged. */
const DOCUMENTS =
  /^(?:docx|docm|dotx|xlsx|xlsm|xltx|pptx|pptm|odt|ods|odp|odg|odb|epub|jar|apk|kmz|vsdx|asice|asics)$/u;

/**
 * Reads a single file: an archive, or an XML.
 * @throws LanceurError of scope `document` if it is an envelope, or an archive, that cannot be read.
 */
export async function readFile(file: PackedFile, reading: Reading): Promise<Draft | NotAnEnvelope> {
  const head = await headOf(file, 4);
  if (head.length === 0) return { not: 'it is empty' };
  if (isZip(head)) return await readZip(file, reading);
  if (head[0] === 0x1f && head[1] === 0x8b) return await readTarGz(file, reading);
  return await readXmlAlone(file, reading);
}

function isZip(head: Buffer): boolean {
  const signature = head.toString('latin1');
  return signature === 'PK\x03\x04' || signature === 'PK\x05\x06';
}

async function readZip(file: PackedFile, reading: Reading): Promise<Draft | NotAnEnvelope> {
  const { store, settings } = reading;
  const document = { not: 'it is a document, which only looks like an archive inside' };
  if (DOCUMENTS.test(extensionOf(file.name))) return document;
  const budget = new Budget(file.name, settings.limits);
  budget.packed(file.size, 'expandedBytes');
  const archive = await seekable(file, reading);
  if (await isOfficeZip(archive)) return document;
  return await readFiles(await unzip(archive, store, budget), reading);
}

/** A zip is read from its end: it has to lie somewhere. */
async function seekable(file: PackedFile, { store }: Reading): Promise<KeptArchive> {
  const { name } = file;
  if (file.bytes !== undefined || file.localPath !== undefined) return file;
  return { ...(await store.keep(file.open())), name };
}

async function readTarGz(file: PackedFile, reading: Reading): Promise<Draft | NotAnEnvelope> {
  const budget = new Budget(file.name, reading.settings.limits);
  budget.packed(file.size, 'actesBytes');
  const files = await untar(file, reading.store, budget);
  if (files === undefined) return { not: 'it is a gzip, and holds no tar' };
  return await readFiles(files, reading, { isArchive: true });
}

/** What lies beside a loose XML is never guessed: it is one envelope, with what it carries. */
async function readXmlAlone(file: PackedFile, reading: Reading): Promise<Draft | NotAnEnvelope> {
  const decoded = await readClaimed(file, reading);
  if (decoded === undefined) {
    return { not: 'it is no archive, and no XML of Actes, Helios or Chorus Pro' };
  }
  const message = { file, decoded };
  const { type, kind, fields, attributes, lists, issues, raw } = decoded;
  const carried = await carriedBy([message], []);
  const role = roleOfMessage(decoded);
  const names = safeNames([file.name, ...carried.files.map(({ name }) => name)]);
  const [own = file.name] = names;
  const { size, localPath } = file;
  return {
    type,
    kind,
    fields,
    shape: 'message',
    attributes,
    documents: [
      { name: own, role, size, ...(localPath !== undefined && { localPath }), open: () => file.open() },
      ...carried.files.map((document, i) => ({ ...document, name: names[i + 1] ?? document.name })),
    ],
    messages: [messageOf(message, own)],
    issues: [
      ...lists.map((listed) =>
        issue('LISTED_MISSING', {
          by: file.name,
          file: listed.name,
          role: roleWithin(listed.role),
        }),
      ),
      ...issues,
    ],
    raw: { messages: [{ file: file.name, root: raw }] },
  };
}

/** A text that happens to begin with `<` is no damaged XML unless it is called one. */
async function readClaimed(file: PackedFile, reading: Reading): Promise<DecodedXml | undefined> {
  try {
    return await readMessage(file, reading);
  } catch (error) {
    if (extensionOf(file.name) === 'xml' || !LanceurError.is(error, 'ENVELOPE_DAMAGED')) throw error;
    return undefined;
  }
}
