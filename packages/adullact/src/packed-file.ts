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
  /** The content, from its beginning; may be called any number of times. */
  open(): Readable;
}

/** What was found in something that packs files. */
export interface FileSet {
  readonly files: readonly PackedFile[];
  readonly issues: readonly Issue[];
}

/** The content of a file that is small enough to be read whole. Rejects as its stream does. */
export async function contentOf(file: PackedFile): Promise<Buffer> {
  if (file.bytes !== undefined) return file.bytes;
  if (file.localPath !== undefined) return await readFile(file.localPath);
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.open()) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** Its first bytes: `length` of them, fewer where it ends. */
export async function headOf(file: PackedFile, length: number): Promise<Buffer> {
  if (file.bytes !== undefined) return file.bytes.subarray(0, length);
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
