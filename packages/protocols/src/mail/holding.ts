import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { LanceurError, messageOf, type Spool, type SpoolFolder } from '@lanceur/core';
import { readableOf } from './readable-of.js';

/** A document's content that has been read and can be read again, from memory or from the spool. */
export interface Held {
  /** In bytes. */
  readonly size: number;
  open(): Readable;
}

/** Who brings the bytes, and can be asked to wait. Counted: as many `resume` as `pause`. */
export interface Giver {
  pause(): void;
  resume(): void;
}

/** A document of more bytes goes to the spool. */
const SMALL = 1024 * 1024;
/** What all documents that are held in memory may have together. */
const ROOM = 32 * 1024 * 1024;
/** Smaller pieces are copied, or each would keep the large buffer that it was read with. */
const PIECE = 16 * 1024;

/** Room for the documents of one session: small ones in memory as long as there is some, others in files of the spool. */
export class HoldingRoom {
  readonly #spool: () => Promise<Spool>;
  #used = 0;

  constructor(spool: () => Promise<Spool>) {
    this.#spool = spool;
  }

  get isFull(): boolean {
    return this.#used > ROOM;
  }

  take(bytes: number): void {
    this.#used += bytes;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }

  /** A place for the documents of one delivery. */
  shelf(giver: Giver): Shelf {
    let folder: Promise<SpoolFolder> | undefined;
    return new Shelf(this, giver, {
      get: async () => await (folder ??= this.#spool().then((spool) => spool.folder())),
      remove: async () => {
        await folder?.then((made) => made[Symbol.asyncDispose]()).catch(messageOf);
      },
    });
  }
}

interface Folder {
  get(): Promise<SpoolFolder>;
  remove(): Promise<void>;
}

/** The documents of one delivery. */
export class Shelf {
  readonly #room: HoldingRoom;
  readonly #giver: Giver;
  readonly #folder: Folder;
  readonly #writers: HoldingWriter[] = [];
  #closed = false;

  constructor(room: HoldingRoom, giver: Giver, folder: Folder) {
    this.#room = room;
    this.#giver = giver;
    this.#folder = folder;
  }

  writer(): HoldingWriter {
    const name = String(this.#writers.length);
    const path = async () => join((await this.#folder.get()).path, name);
    const writer = new HoldingWriter(this.#room, this.#giver, path, () => this.#closed);
    this.#writers.push(writer);
    return writer;
  }

  /** Lets go of everything. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all(this.#writers.map((writer) => writer.release()));
    await this.#folder.remove();
  }
}

/** Takes one document's bytes as they come. */
export class HoldingWriter {
  readonly #room: HoldingRoom;
  readonly #giver: Giver;
  readonly #path: () => Promise<string>;
  readonly #isClosed: () => boolean;
  #pieces: Buffer[] = [];
  #size = 0;
  #inMemory = 0;
  #file: WriteStream | undefined;
  #filePath = '';
  #opening: Promise<void> | undefined;
  #error: unknown;
  #isWaiting = false;

  constructor(room: HoldingRoom, giver: Giver, path: () => Promise<string>, isClosed: () => boolean) {
    this.#room = room;
    this.#giver = giver;
    this.#path = path;
    this.#isClosed = isClosed;
  }

  get size(): number {
    return this.#size;
  }

  /** The piece is kept: its memory must not be used again. */
  write(piece: Buffer): void {
    if (piece.length === 0 || this.#error !== undefined) return;
    this.#size += piece.length;
    if (this.#file !== undefined) {
      if (!this.#file.write(piece)) this.#wait();
      return;
    }
    this.#pieces.push(piece.length < PIECE ? Buffer.from(piece) : piece);
    this.#inMemory += piece.length;
    this.#room.take(piece.length);
    if (this.#size > SMALL || this.#room.isFull) this.#opening ??= this.#moveToFile();
  }

  /** @throws LanceurError `SPOOL_FAILED`. */
  async end(): Promise<Held> {
    await this.#opening;
    const file = this.#file;
    if (file !== undefined && this.#error === undefined) {
      await new Promise<void>((resolve) => {
        file.once('close', resolve).end();
      });
    }
    if (this.#error !== undefined) throw this.#failure();
    return {
      size: this.#size,
      open: () => {
        if (this.#isClosed()) throw new LanceurError('CLOSED', { what: 'the delivery' });
        return file === undefined ? readableOf(this.#pieces) : createReadStream(this.#filePath);
      },
    };
  }

  async release(): Promise<void> {
    await this.#opening;
    this.#room.give(this.#inMemory);
    this.#inMemory = 0;
    this.#pieces = [];
    const file = this.#file;
    if (file === undefined || file.closed) return;
    await new Promise<void>((resolve) => {
      file.once('close', resolve).destroy();
    });
  }

  async #moveToFile(): Promise<void> {
    this.#giver.pause();
    try {
      this.#filePath = await this.#path();
      const file = createWriteStream(this.#filePath, {
        flags: 'wx',
        mode: 0o600,
        highWaterMark: 1024 * 1024,
      });
      file.on('error', (error) => {
        this.#error ??= error;
        this.#goOn();
      });
      file.on('drain', () => this.#goOn());
      // A stream that is ended or destroyed drains no more.
      file.on('close', () => this.#goOn());
      for (const piece of this.#pieces) file.write(piece);
      this.#file = file;
    } catch (error) {
      this.#error ??= error;
    } finally {
      this.#pieces = [];
      this.#room.give(this.#inMemory);
      this.#inMemory = 0;
      this.#giver.resume();
    }
  }

  #wait(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#giver.pause();
  }

  #goOn(): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.#giver.resume();
  }

  #failure(): LanceurError {
    if (LanceurError.is(this.#error)) return this.#error;
    const data = { path: this.#filePath, why: messageOf(this.#error) };
    return new LanceurError('SPOOL_FAILED', data, { cause: this.#error });
  }
}
