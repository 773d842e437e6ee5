import { open as openFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { LanceurError, messageOf } from '@lanceur/core';
import { fromBufferPromise, openPromise, type Entry, type ZipFile } from 'yauzl';
import { issue, type Issue } from '../issues.js';
import type { FileSet, PackedFile } from '../packed-file.js';
import type { Kept, Store } from '../store.js';
import type { Budget } from './budget.js';
import { entryPath, isLitter, readName } from './names.js';

/** An archive whose bytes can be read at any place. */
export interface KeptArchive extends Kept {
  readonly name: string;
}

interface ZipEntry {
  readonly entry: Entry;
  readonly name: string;
  readonly path: string;
}

const STORED = 0;
const DEFLATED = 8;
/** APPNOTE.TXT 4.4.4: bit 0 encrypted, bit 6 strong encryption, bit 11 names in UTF-8. */
const ENCRYPTED = 0x1 | 0x40;
const UTF_8 = 0x800;
/** APPNOTE.TXT 4.4.2: who made it, where the upper half of the external attributes is a mode of Unix. */
const UNIX = new Set([3, 19]);
const CENTRAL_HEADER = 0x02014b50;

/**
 * The files of a zip (APPNOTE.TXT), each checked by its CRC-32. Names are never used as paths.
 *
 * @throws LanceurError `ENVELOPE_DAMAGED`, `ENVELOPE_UNSAFE` (an encrypted entry, by its name), `ENVELOPE_TOO_BIG`.
 */
export async function unzip(archive: KeptArchive, store: Store, budget: Budget): Promise<FileSet> {
  const zip = await openedZip(archive);
  try {
    // Before the first of them is read: a hundred thousand headers are work, too.
    budget.entries(zip.entryCount);
    const { entries, issues } = await entriesOf(zip, archive, budget);
    const files: PackedFile[] = [];
    for (const entry of entries) files.push(await extract(zip, archive, entry, store, budget));
    return { files, issues };
  } finally {
    zip.close();
  }
}

/** Whether it is an office document, an ebook or a program: a zip by its bytes, and one file to its user. */
export async function isOfficeZip(archive: KeptArchive): Promise<boolean> {
  const zip = await openedZip(archive);
  try {
    let seen = 0;
    for await (const entry of zip.eachEntry()) {
      const name = Buffer.from(entry.fileNameRaw).toString('latin1');
      if (/^(?:\[Content_Types\]\.xml|mimetype|META-INF\/.*)$/u.test(name)) return true;
      // OPC and ODF have it among the first.
      if (++seen >= 16) return false;
    }
    return false;
  } catch (error) {
    throw damaged(archive.name, error);
  } finally {
    zip.close();
  }
}

async function openedZip({ name, bytes, localPath }: KeptArchive): Promise<ZipFile> {
  const options = { lazyEntries: true, decodeStrings: false, autoClose: false, validateEntrySizes: true };
  try {
    if (bytes !== undefined) return await fromBufferPromise(bytes, options);
    return await openPromise(localPath ?? '', options);
  } catch (error) {
    throw damaged(name, error);
  }
}

async function entriesOf(
  zip: ZipFile,
  archive: KeptArchive,
  budget: Budget,
): Promise<{ readonly entries: readonly ZipEntry[]; readonly issues: readonly Issue[] }> {
  const entries: ZipEntry[] = [];
  const issues: Issue[] = [];
  const paths = new Set<string>();
  let packed = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      const { name: written, issues: odd } = nameOf(entry);
      const { path, name, depth, escapes } = entryPath(written);
      budget.depth(depth);
      packed += entry.compressedSize;
      const kind = kindOf(entry, written);
      if (kind === 'a folder') continue;
      if (isLitter(path)) {
        issues.push(issue('LITTER', { entry: path }));
        continue;
      }
      issues.push(...odd);
      if (kind !== 'a file') {
        issues.push(issue('ENTRY_NOT_A_FILE', { entry: written, what: kind }));
        continue;
      }
      if ((entry.generalPurposeBitFlag & ENCRYPTED) !== 0) throw encrypted(archive.name, written);
      if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED) {
        const why = `its entry ${written} is compressed by method ${String(entry.compressionMethod)}, which is not read`;
        throw new LanceurError('ENVELOPE_UNSAFE', { name: archive.name, why });
      }
      if (escapes) issues.push(issue('ENTRY_PATH', { entry: written }));
      if (paths.has(path)) issues.push(issue('ENTRY_REPEATED', { entry: path }));
      paths.add(path);
      entries.push({ entry, name, path });
    }
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('strong encryption'))
      throw encrypted(archive.name, 'one of its entries');
    throw damaged(archive.name, error);
  }
  if (packed > archive.size) {
    const why = 'its entries share their bytes, as only an archive that is made to do harm does';
    throw new LanceurError('ENVELOPE_UNSAFE', { name: archive.name, why });
  }
  if (await hasMore(zip, archive)) {
    throw damaged(archive.name, 'its directory holds more entries than it announces');
  }
  return { entries, issues };
}

/** More than 65,535 entries do not fit into the count that a plain zip has, and would be missing without a word. */
async function hasMore(zip: ZipFile, { bytes, localPath }: KeptArchive): Promise<boolean> {
  // Typed as a boolean; it is where the next header would be.
  const at = Number(zip.readEntryCursor);
  const next = Buffer.alloc(4);
  if (bytes !== undefined) bytes.copy(next, 0, at, at + 4);
  else if (localPath !== undefined) {
    const file = await openFile(localPath);
    try {
      await file.read(next, 0, 4, at);
    } finally {
      await file.close();
    }
  }
  return next.readUInt32LE() === CENTRAL_HEADER;
}

async function extract(
  zip: ZipFile,
  archive: KeptArchive,
  { entry, name, path }: ZipEntry,
  store: Store,
  budget: Budget,
): Promise<PackedFile> {
  try {
    const stream = await zip.openReadStreamPromise(entry);
    const kept = await store.keep(
      checked(
        budget.counted(stream, () => entry.compressedSize),
        entry.crc32,
        path,
      ),
    );
    return { ...kept, name, path };
  } catch (error) {
    throw damaged(archive.name, error);
  }
}

async function* checked(
  chunks: AsyncIterable<Uint8Array>,
  expected: number,
  path: string,
): AsyncGenerator<Uint8Array> {
  let sum = 0;
  for await (const chunk of chunks) {
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (sum !== expected) throw new Error(`the content of its entry ${path} does not match its checksum`);
}

function nameOf(entry: Entry): { readonly name: string; readonly issues: readonly Issue[] } {
  const raw = Buffer.from(entry.fileNameRaw);
  const unicode = (entry.generalPurposeBitFlag & UTF_8) === 0 ? unicodePath(entry, raw) : undefined;
  return readName(unicode ?? raw);
}

/** APPNOTE.TXT 4.6.9: the name in UTF-8, valid as long as the plain one is the one that it was made for. */
function unicodePath(entry: Entry, raw: Buffer): Buffer | undefined {
  const data = entry.extraFields.find(({ id }) => id === 0x7075)?.data;
  if (data === undefined || data.length < 5 || data[0] !== 1) return undefined;
  return data.readUInt32LE(1) === crc32(raw) ? data.subarray(5) : undefined;
}

function kindOf(entry: Entry, written: string): string {
  const mode = UNIX.has(entry.versionMadeBy >>> 8) ? entry.externalFileAttributes >>> 16 : 0;
  switch (mode & 0o170000) {
    case 0o120000:
      return 'a symbolic link';
    case 0o020000:
    case 0o060000:
      return 'a device';
    case 0o010000:
      return 'a named pipe';
    case 0o140000:
      return 'a socket';
    case 0o040000:
      return 'a folder';
  }
  return /[/\\]$/u.test(written) ? 'a folder' : 'a file';
}

function encrypted(name: string, entry: string): LanceurError {
  return new LanceurError('ENVELOPE_UNSAFE', { name, why: `its entry ${entry} is encrypted` });
}

/** What a library said, as an error of the archive; what is already ours stays. */
function damaged(name: string, error: unknown): LanceurError {
  if (LanceurError.is(error)) return error;
  return new LanceurError('ENVELOPE_DAMAGED', { name, why: messageOf(error) }, { cause: error });
}
