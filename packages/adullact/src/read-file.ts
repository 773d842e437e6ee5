import { extensionOf, LanceurError, safeNames } from '@lanceur/core';
import { Budget } from './archives/budget.js';
import { isLitter } from './archives/names.js';
import { untar } from './archives/tar.js';
import { isOfficeZip, unzip, type KeptArchive } from './archives/zip.js';
import { carriedBy } from './carried.js';
import type { Draft, NotAnEnvelope, Reading } from './draft.js';
import { issue } from './issues.js';
import { messageOf, readMessage, roleOfMessage, roleWithin } from './messages.js';
import { headOf, type FileSet, type PackedFile } from './packed-file.js';
import { readSet } from './read-set.js';
import { mayBeMetadata } from './pastell/metadata.js';
import type { DecodedXml } from './xml-file.js';

/** Zips by their bytes, and documents to everybody: never opened, not even to find them damaged. */
const DOCUMENTS =
  /^(?:docx|docm|dotx|xlsx|xlsm|xltx|pptx|pptm|odt|ods|odp|odg|odb|epub|jar|apk|kmz|vsdx|asice|asics)$/u;

type Found = readonly Draft[] | NotAnEnvelope;

/**
 * Reads a single file: an archive, or an XML. An archive may hold several envelopes: deposits side by side, or archives
 * and nothing else.
 *
 * @throws LanceurError of scope `document` if it is an envelope, or an archive, that cannot be read.
 */
export async function readFile(file: PackedFile, reading: Reading): Promise<Found> {
  const kind = await archiveKind(file);
  if (kind === 'empty') return { not: 'it is empty' };
  if (kind === undefined) return await readXmlAlone(file, reading);
  return await readArchive(
    file,
    kind,
    reading,
    new Budget(file.name, reading.settings.limits, reading.total),
  );
}

type ArchiveKind = 'zip' | 'gzip';

async function archiveKind(file: PackedFile): Promise<ArchiveKind | 'empty' | undefined> {
  const head = await headOf(file, 4);
  if (head.length === 0) return 'empty';
  const signature = head.toString('latin1');
  if (signature === 'PK\x03\x04' || signature === 'PK\x05\x06') return 'zip';
  return head[0] === 0x1f && head[1] === 0x8b ? 'gzip' : undefined;
}

async function readArchive(
  file: PackedFile,
  kind: ArchiveKind,
  reading: Reading,
  budget: Budget,
): Promise<Found> {
  const isArchive = kind === 'gzip';
  const set = isArchive ? await untarred(file, reading, budget) : await unzipped(file, reading, budget);
  if ('not' in set) return set;
  const found = await readSet(set, reading, { isArchive });
  return 'not' in found && !reading.within ? await readArchivesIn(set, found, reading, budget) : found;
}

/** Archives within an archive, one level deep, and only where it holds nothing else: then it is but a way to send them. */
async function readArchivesIn(
  { files: all, issues }: FileSet,
  whole: NotAnEnvelope,
  reading: Reading,
  budget: Budget,
): Promise<Found> {
  const inner: { readonly file: PackedFile; readonly kind: ArchiveKind }[] = [];
  const others: PackedFile[] = [];
  for (const file of all.filter(({ path }) => !isLitter(path))) {
    const kind = DOCUMENTS.test(extensionOf(file.name)) ? undefined : await archiveKind(file);
    if (kind === 'zip' || kind === 'gzip') inner.push({ file, kind });
    else others.push(file);
  }
  if (inner.length === 0) return whole;
  if (others.length > 0) {
    const names = inner.slice(0, 3).map(({ file }) => file.path);
    return {
      not: `${whole.not}; the archives in it (${names.join(', ')}) are not opened, because other files lie beside them`,
    };
  }
  const drafts: Draft[] = [];
  for (const { file, kind } of inner) {
    const found = await readArchive(file, kind, { ...reading, within: true }, budget);
    if ('not' in found) return { not: `of ${file.path}, which is in it: ${found.not}` };
    drafts.push(...found.map((draft) => placed(draft, file.path)));
  }
  const [first, ...rest] = drafts;
  return first === undefined ? whole : [{ ...first, issues: [...issues, ...first.issues] }, ...rest];
}

function placed(draft: Draft, path: string): Draft {
  return { ...draft, path: draft.path === undefined ? path : `${path}/${draft.path}` };
}

async function unzipped(
  file: PackedFile,
  reading: Reading,
  budget: Budget,
): Promise<FileSet | NotAnEnvelope> {
  const document = { not: 'it is a document, which only looks like an archive inside' };
  if (DOCUMENTS.test(extensionOf(file.name))) return document;
  budget.packed(file.size, 'expandedBytes');
  const archive = await seekable(file, reading);
  return (await isOfficeZip(archive)) ? document : await unzip(archive, reading.store, budget);
}

/** A zip is read from its end: it has to lie somewhere. */
async function seekable(file: PackedFile, { store }: Reading): Promise<KeptArchive> {
  const { name } = file;
  if (file.bytes !== undefined || file.localPath !== undefined) return file;
  return { ...(await store.keep(file.open())), name };
}

async function untarred(
  file: PackedFile,
  { store }: Reading,
  budget: Budget,
): Promise<FileSet | NotAnEnvelope> {
  budget.packed(file.size, 'actesBytes');
  return (await untar(file, store, budget)) ?? { not: 'it is a gzip, and holds no tar' };
}

/** What lies beside a loose XML is never guessed: it is one envelope, with what it carries. */
async function readXmlAlone(file: PackedFile, reading: Reading): Promise<Found> {
  const decoded = await readClaimed(file, reading);
  if (decoded === undefined) return { not: whyNot(file, reading) };
  const message = { file, decoded };
  const { type, kind, fields, attributes, lists, issues, raw } = decoded;
  const carried = await carriedBy([message], []);
  const role = roleOfMessage(decoded);
  const names = safeNames([file.name, ...carried.files.map(({ name }) => name)]);
  const [own = file.name] = names;
  const { size, localPath } = file;
  const draft: Draft = {
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
  return [draft];
}

function whyNot({ name }: PackedFile, { settings }: Reading): string {
  if (mayBeMetadata(name) && settings.rankOfMetadata(name) !== undefined) {
    return "it is called as the metadata of a deposit, whose files are not guessed: a deposit comes as a zip, or in a folder of its own (`unit: 'entry'`)";
  }
  return 'it is no archive, and no XML of Actes, Helios or Chorus Pro';
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
