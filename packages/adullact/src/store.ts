import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { LanceurError, messageOf } from '@lanceur/core';

/** Content that is kept as long as its envelope. */
export interface Kept {
  readonly size: number;
  /** Where it is small. */
  readonly bytes?: Buffer;
  /** Where it is not. */
  readonly localPath?: string;
  open(): Readable;
}

/** A whole deposit of a few pages fits; an envelope with a scan does not. */
const SMALL = 256 * 1024;
/** Of one envelope. A launcher has 32 of them in work. */
const MOST_IN_MEMORY = 1024 * 1024;

/**
 * Where an envelope keeps what comes out of it: small files in memory, the others in a private folder, under names of
 * our own. No name from outside ever becomes a path.
 */
export class Store {
  readonly #folder: () => Promise<string>;
  readonly #signal: AbortSignal | undefined;
  #inMemory = 0;

  /** @param folder - asked for when something has to be written. */
  constructor(folder: () => Promise<string>, signal?: AbortSignal) {
    this.#folder = folder;
    this.#signal = signal;
  }

  folder(): Promise<string> {
    return this.#folder();
  }

  /**
   * Reads a stream to its end, and keeps it.
   * @throws what the stream throws; LanceurError `SPOOL_FAILED` if it cannot be written, `ABORTED`.
   */
  async keep(source: AsyncIterable<unknown>): Promise<Kept> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const iterator = source[Symbol.asyncIterator]();
    try {
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
        if (this.#signal?.aborted === true) throw new LanceurError('ABORTED');
        const chunk = next.value as Uint8Array;
        chunks.push(chunk);
        size += chunk.length;
        if (size > SMALL || this.#inMemory + size > MOST_IN_MEMORY)
          return await this.#write(chunks, iterator);
      }
    } finally {
      await iterator.return?.();
    }
    if (this.#signal?.aborted === true) throw new LanceurError('ABORTED');
    this.#inMemory += size;
    return inMemory(Buffer.concat(chunks, size));
  }

  async #write(begun: Uint8Array[], rest: AsyncIterator<unknown>): Promise<Kept> {
    const folder = await this.#folder();
    const localPath = join(folder, `${randomBytes(9).toString('hex')}.part`);
    const failed = (error: unknown) =>
      new LanceurError('SPOOL_FAILED', { path: folder, why: messageOf(error) }, { cause: error });
    const file = await open(localPath, 'wx', 0o600).catch((error: unknown) => {
      throw failed(error);
    });
    let size = 0;
    const append = async (chunk: Uint8Array) => {
      size += chunk.length;
      await writeWhole(file, chunk).catch((error: unknown) => {
        throw failed(error);
      });
    };
    try {
      for (const chunk of begun.splice(0)) await append(chunk);
      for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
        if (this.#signal?.aborted === true) throw new LanceurError('ABORTED');
        await append(next.value as Uint8Array);
      }
    } catch (error) {
      await file.close();
      await rm(localPath, { force: true });
      throw error;
    }
    await file.close();
    return { size, localPath, open: () => createReadStream(localPath, { highWaterMark: SMALL }) };
  }
}

/** A full disk takes a part, and says so at the next one. */
async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten;
}

/** Content in memory, as a stream whenever it is opened. */
export function inMemory(bytes: Buffer): Kept {
  return {
    size: bytes.length,
    bytes,
    open: () => Readable.from(bytes.length === 0 ? [] : [bytes], { objectMode: false }),
  };
}
