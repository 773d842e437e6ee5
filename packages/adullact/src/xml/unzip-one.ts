import { isUtf8 } from 'node:buffer';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { LanceurError, messageOf } from '@lanceur/core';
import { fromBufferPromise, openPromise, type Entry, type ZipFile } from 'yauzl';
import type { Expansion } from './expansion.js';

export interface Unzipped {
  /** In bytes, of the file or of the zip. */
  readonly size: number;
  readonly innerName?: string;
  /** Why it cannot be read: there is no file. */
  readonly damaged?: string;
  /** Why it is to stay a zip: there is no file. */
  readonly packed?: string;
}

const ENCRYPTED = 1;
const STORED = 0;
const DEFLATED = 8;

/**
 * The file of a zip that holds one, as Chorus Pro wraps each attachment, written to `to`. A zip of another kind stays
 * what it is: it may be the attachment itself (a `.docx` is a zip of many files).
 *
 * @param zip - its content, or the absolute path of the file that it is in
 */
export async function unzipOne(zip: Buffer | string, to: string, expansion: Expansion): Promise<Unzipped> {
  let archive: ZipFile;
  try {
    const options = { lazyEntries: true, autoClose: false, decodeStrings: false } as const;
    archive =
      typeof zip === 'string' ? await openPromise(zip, options) : await fromBufferPromise(zip, options);
  } catch (error) {
    return { size: 0, damaged: messageOf(error) };
  }
  try {
    return await extracted(archive, to, expansion);
  } catch (error) {
    await rm(to, { force: true });
    if (LanceurError.is(error) || isOfTheDisk(error)) throw error;
    return { size: 0, damaged: messageOf(error) };
  } finally {
    archive.close();
  }
}

async function extracted(archive: ZipFile, to: string, expansion: Expansion): Promise<Unzipped> {
  const files: Entry[] = [];
  for await (const entry of archive.eachEntry()) {
    if (isFolder(entry)) continue;
    files.push(entry);
    if (files.length > 1) return stays(archive, expansion, 'it holds several files');
  }
  const [entry] = files;
  if (entry === undefined) return { size: 0, damaged: 'its zip is empty' };
  if ((entry.generalPurposeBitFlag & ENCRYPTED) !== 0) return stays(archive, expansion, 'it is encrypted');
  const { compressionMethod: method } = entry;
  if (method !== STORED && method !== DEFLATED) {
    return stays(archive, expansion, `its compression method ${String(method)} is not known`);
  }
  const size = await extract(archive, entry, { to, expansion });
  const innerName = nameOf(entry);
  return { size, ...(innerName !== undefined && { innerName }) };
}

function stays(archive: ZipFile, expansion: Expansion, packed: string): Unzipped {
  const { fileSize: size } = archive;
  expansion.count({ packed: size, size, added: size });
  return { size, packed };
}

/** yauzl sees to the size, and leaves the check sum to its user. */
async function extract(
  archive: ZipFile,
  entry: Entry,
  { to, expansion }: { readonly to: string; readonly expansion: Expansion },
): Promise<number> {
  let size = 0;
  let sum = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        size += chunk.length;
        expansion.count({ packed: entry.compressedSize, size, added: chunk.length });
        sum = crc32(chunk, sum);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
  await pipeline(await archive.openReadStreamPromise(entry), counted, createWriteStream(to));
  if (sum !== entry.crc32) throw new Error('its check sum (CRC-32) is wrong');
  return size;
}

function isFolder(entry: Entry): boolean {
  return entry.fileNameRaw.at(-1) === 0x2f;
}

/** The last part of its name, if that is text: the XML has the name as well, cut to 50 characters. */
function nameOf(entry: Entry): string | undefined {
  if (!isUtf8(entry.fileNameRaw)) return undefined;
  const name = entry.fileNameRaw.toString().split(/[/\\]/u).at(-1);
  return name === '' ? undefined : name?.normalize('NFC');
}

/** Whether it failed for lack of room or of rights, and not because of what is in the zip. */
function isOfTheDisk(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
