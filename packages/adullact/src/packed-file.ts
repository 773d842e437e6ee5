import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Issue } from './issues.js';

/** A file, wherever it lies: in a folder, in an archive that was unpacked, in memory, in a delivery. */
export interface PackedFile {
  /** As it is called there: a file name, not yet safe. */
  readonly name: string;
  /** Its path within what it came in, with `/`; its name where that is all. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** The content itself, where it is small and in memory. */
  readonly bytes?: Buffer;
  /** Where it lies, and stays as it is. Absolute. */
  readonly localPath?: string;
  /** Whether it lies on a volume that has just answered at once: see {@link contentOf}. */
  readonly near?: boolean;
  /** The content, from its beginning; may be called any number of times. */
  open(): Readable;
}

/** What was found in something that packs files. */
export interface FileSet {
  readonly files: readonly PackedFile[];
  readonly issues: readonly Issue[];
}

/**
 * The content of a file that is small enough to be read whole. Rejects as its stream does. What is near is read without
 * handing over to a thread, which would take ten times as long as the reading.
 */
export async function contentOf(file: PackedFile): Promise<Buffer> {
  if (file.bytes !== undefined) return file.bytes;
  if (file.localPath !== undefined) {
    return file.near === true ? readFileSync(file.localPath) : await readFile(file.localPath);
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.open()) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** What is near and not larger is read whole, even where only its beginning is wanted. */
const SMALL = 64 * 1024;

/** The content, where reading it whole costs less than opening a stream. */
export function smallContentOf(file: PackedFile): Buffer | undefined {
  if (file.bytes !== undefined) return file.bytes;
  const { localPath, near, size } = file;
  return near === true && localPath !== undefined && size <= SMALL ? readFileSync(localPath) : undefined;
}

/** Its first bytes: `length` of them, fewer where it ends. */
export async function headOf(file: PackedFile, length: number): Promise<Buffer> {
  const content = smallContentOf(file);
  if (content !== undefined) return content.subarray(0, length);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const stream = file.open();
  try {
    for await (const chunk of stream) {
      chunks.push(chunk as Uint8Array);
      size += (chunk as Uint8Array).length;
      if (size >= length) break;
    }
  } finally {
    stream.destroy();
  }
  return Buffer.concat(chunks).subarray(0, length);
}
