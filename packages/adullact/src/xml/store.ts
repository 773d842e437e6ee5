import { once } from 'node:events';
import { createWriteStream, writeFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { PassThrough, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, gunzipSync } from 'node:zlib';
import { messageOf } from '@lanceur/core';
import type { Expansion } from './expansion.js';
import { unzipOne } from './unzip-one.js';

/** An attachment as a file. */
export interface Stored {
  /** Absolute; not there where it could not be unpacked, or where there is nothing. */
  readonly localPath: string;
  /** In bytes. */
  readonly size: number;
  /** The name that it has in its zip. */
  readonly innerName?: string;
  /** Why it could not be unpacked: then there is no file. */
  readonly damaged?: string;
  /** Why it is still the zip that it came in. */
  readonly packed?: string;
}

export interface Target {
  readonly file: Promise<string>;
  readonly expansion: Expansion;
  readonly wrapping: 'gzip' | 'zip';
}

/**
 * Up to here a file is unpacked in memory and written, both without a thread: that takes a millisecond on a local disk,
 * and handing over to threads takes longer than the work, a thousand times over.
 */
const WHOLE = 1024 * 1024;

/** An attachment that is there as a whole, decoded. Rejects only for what concerns the whole XML: a limit, a disk. */
export async function storeWhole(target: Target, packed: Buffer): Promise<Stored> {
  const { expansion, wrapping } = target;
  const localPath = await target.file;
  if (wrapping === 'zip' && isZip(packed)) {
    const unzipped = await unzipOne(packed, localPath, expansion);
    if (unzipped.packed !== undefined) writeFileSync(localPath, packed);
    return { localPath, ...unzipped };
  }
  if (!isGzip(packed)) {
    expansion.count({ packed: packed.length, size: packed.length, added: packed.length });
    writeFileSync(localPath, packed);
    return { localPath, size: packed.length };
  }
  const said = packed.readUInt32LE(packed.length - 4);
  if (said > WHOLE) {
    const file = new StreamedFile(target, [packed]);
    return await file.end();
  }
  try {
    const content = gunzipSync(packed, { chunkSize: Math.max(1024, said + 64), maxOutputLength: WHOLE });
    expansion.count({ packed: packed.length, size: content.length, added: content.length });
    writeFileSync(localPath, content);
    return { localPath, size: content.length };
  } catch (error) {
    // A gzip of several parts, or one that lies about its size.
    if (hasCode(error, 'ERR_BUFFER_TOO_LARGE')) return await new StreamedFile(target, [packed]).end();
    if (!isZlibError(error)) throw error;
    return { localPath, size: 0, damaged: messageOf(error) };
  }
}

/** By so many bytes it is told how an attachment is packed. */
const HEAD = 64;

/** An attachment that comes in pieces, decoded. */
export class StreamedFile {
  readonly #source = new PassThrough({ highWaterMark: 256 * 1024 });
  readonly #stored: Promise<Stored>;
  #packed = 0;

  /** @param pieces - the first ones, by which it is told how it is packed */
  constructor(target: Target, pieces: readonly Buffer[]) {
    this.#stored = this.#run(target, Buffer.concat(pieces, HEAD));
    // Whoever asks for it is told; until then it is no unhandled rejection.
    this.#stored.catch(noop);
    for (const piece of pieces) this.write(piece);
  }

  write(piece: Buffer): void {
    this.#packed += piece.length;
    if (!this.#source.destroyed) this.#source.write(piece);
  }

  /** Resolves when more may come, or when no more is wanted. */
  async ready(): Promise<void> {
    if (this.#source.destroyed || !this.#source.writableNeedDrain) return;
    await Promise.race([once(this.#source, 'drain'), this.#stored.then(noop, noop)]);
  }

  async end(): Promise<Stored> {
    this.#source.end();
    return await this.#stored;
  }

  /** Resolves when nothing is being written any more. */
  async cancel(): Promise<void> {
    this.#source.destroy();
    await this.#stored.then(noop, noop);
  }

  async #run({ file, expansion, wrapping }: Target, head: Buffer): Promise<Stored> {
    const localPath = await file;
    const zip = wrapping === 'zip' && isZip(head);
    const written = zip ? `${localPath}.zip` : localPath;
    let size = 0;
    const counted = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        try {
          size += chunk.length;
          if (!zip) expansion.count({ packed: this.#packed, size, added: chunk.length });
          done(null, chunk);
        } catch (error) {
          done(error as Error);
        }
      },
    });
    try {
      const out = createWriteStream(written);
      if (isGzip(head)) await pipeline(this.#source, createGunzip({ chunkSize: 128 * 1024 }), counted, out);
      else await pipeline(this.#source, counted, out);
    } catch (error) {
      await rm(written, { force: true });
      if (!isZlibError(error)) throw error;
      return { localPath, size: 0, damaged: messageOf(error) };
    }
    if (!zip) return { localPath, size };
    const unzipped = await unzipOne(written, localPath, expansion);
    if (unzipped.packed === undefined) await rm(written, { force: true });
    else await rename(written, localPath);
    return { localPath, ...unzipped };
  }
}

function isGzip(bytes: Buffer): boolean {
  return bytes.length >= 18 && bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

function isZip(bytes: Buffer): boolean {
  return bytes.length >= 22 && bytes.readUInt32LE() === 0x04034b50;
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function noop(): void {
  // Nothing to do.
}
