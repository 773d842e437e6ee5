import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
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
const READING = { objectMode: false, highWaterMark: 64 * 1024 } as const;

/** Room for the documents of one session: small ones in memory as long as there is some, others in files of the spool. */
export class HoldingRoom {
  readonly #openSpool: () => Promise<Spool>;
  #spool: Promise<Spool> | undefined;
  #used = 0;
  /** Shelves that are not closed. */
  #shelves = 0;
  #isLeft = false;

  constructor(openSpool: () => Promise<Spool>) {
    this.#openSpool = openSpool;
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
    this.#shelves++;
    return new Shelf(this, giver, {
      get: async () => await (folder ??= (this.#spool ??= this.#openSpool()).then((spool) => spool.folder())),
      remove: async () => {
        await folder?.then((made) => made[Symbol.asyncDispose]()).catch(messageOf);
        this.#shelves--;
        await this.#clear();
      },
    });
  }

  /** The session has ended: the spool goes with the last delivery, which may still be read. */
  async leave(): Promise<void> {
    this.#isLeft = true;
    await this.#clear();
  }

  async #clear(): Promise<void> {
    if (!this.#isLeft || this.#shelves > 0) return;
    await this.#spool?.then((opened) => opened[Symbol.asyncDispose]()).catch(messageOf);
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
    if (this.#error !== undefined) throw failure(this.#filePath, this.#error);
    return {
      size: this.#size,
      open: () => {
        if (this.#isClosed()) throw new LanceurError('CLOSED', { what: 'the delivery' });
        return file === undefined ? readableOf(this.#pieces) : Readable.from(this.#read(), READING);
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

  async *#read(): AsyncGenerator<Buffer> {
    try {
      yield* createReadStream(this.#filePath) as AsyncIterable<Buffer>;
    } catch (error) {
      throw failure(this.#filePath, error);
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
}

function failure(path: string, error: unknown): LanceurError {
  if (LanceurError.is(error)) return error;
  return new LanceurError('SPOOL_FAILED', { path, why: messageOf(error) }, { cause: error });
}
