import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { LanceurError } from '@lanceur/core';
import type { Total } from '../total.js';
import { Base64 } from './base64.js';
import { Expansion, type ExpansionLimits } from './expansion.js';
import { storeWhole, StreamedFile, type Stored } from './store.js';

/** An attachment that was taken out of an XML. */
export interface Attachment extends Stored {
  /** Characters that do not belong into base64. */
  readonly rubbish: number;
}

export interface AttachmentsOptions {
  /** Of the XML, for messages. */
  readonly name: string;
  /** A folder of the caller's own. */
  readonly folder: string | (() => Promise<string>);
  readonly limits: ExpansionLimits & { readonly entries: number };
  /** Where the XML is part of something larger. */
  readonly total?: Total | undefined;
  /** What wraps a file beside base64. */
  readonly wrapping: 'gzip' | 'zip';
}

/** What is decoded is held in memory up to here, and streamed from then on. */
const WHOLE = 1024 * 1024;
/** What is decoded at once: larger strings stay in memory for long. A multiple of four, so that groups stay whole. */
const STEP = 64 * 1024;
/** How many files are unpacked and written at once: one a thread of Node's pool. */
const AT_ONCE = 4;

/**
 * The attachments of one XML, as a `Lifter` finds them: decoded, unpacked and written, one file each, while the next
 * ones are read.
 */
export class Attachments {
  readonly #options: AttachmentsOptions;
  readonly #expansion: Expansion;
  readonly #done: Promise<Attachment>[] = [];
  readonly #busy = new Set<Promise<unknown>>();
  #folder: Promise<string> | undefined;
  #base64 = new Base64();
  #pieces: Buffer[] = [];
  #size = 0;
  #streamed: StreamedFile | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: AttachmentsOptions) {
    this.#options = options;
    this.#expansion = new Expansion(options.name, options.limits, options.total);
  }

  begin(): void {
    const { name, limits } = this.#options;
    if (this.#done.length >= limits.entries) {
      throw new LanceurError('ENVELOPE_TOO_BIG', { name, option: 'entries', limit: limits.entries });
    }
    this.#base64 = new Base64();
    this.#pieces = [];
    this.#size = 0;
    this.#streamed = undefined;
  }

  content(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += STEP) {
      this.#add(this.#base64.decode(bytes.subarray(at, at + STEP)));
    }
  }

  end(): void {
    this.#add(this.#base64.end());
    const { rubbish } = this.#base64;
    const stored = this.#streamed?.end() ?? this.#store(Buffer.concat(this.#pieces, this.#size));
    const done = stored.then((file) => ({ ...file, rubbish }));
    this.#pieces = [];
    this.#done.push(done);
    this.#busy.add(done);
    done.then(
      () => this.#busy.delete(done),
      (error: unknown) => {
        this.#busy.delete(done);
        this.#failure ??= { error };
      },
    );
  }

  /** Resolves when more may come. Rejects with what made one of them fail as a whole: a limit, a full disk. */
  async ready(): Promise<void> {
    await this.#streamed?.ready();
    while (this.#busy.size >= AT_ONCE && this.#failure === undefined) await Promise.race(this.#busy);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** All of them, in the order of the file. */
  async all(): Promise<readonly Attachment[]> {
    return await Promise.all(this.#done);
  }

  /** Takes away what has been written, once nothing is being written any more. */
  async discard(): Promise<void> {
    await this.#streamed?.cancel();
    await Promise.allSettled(this.#done);
    const folder = await this.#folder?.catch(() => undefined);
    if (folder !== undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #add(decoded: Buffer): void {
    if (decoded.length === 0) return;
    this.#size += decoded.length;
    if (this.#streamed !== undefined) {
      this.#streamed.write(decoded);
      return;
    }
    this.#pieces.push(decoded);
    if (this.#size <= WHOLE) return;
    this.#streamed = new StreamedFile(this.#target(), this.#pieces);
    this.#pieces = [];
  }

  async #store(packed: Buffer): Promise<Stored> {
    return await storeWhole(this.#target(), packed);
  }

  #target(): { file: Promise<string>; expansion: Expansion; wrapping: 'gzip' | 'zip' } {
    this.#folder ??= ownFolder(this.#options.folder);
    const number = String(this.#done.length);
    return {
      file: this.#folder.then((folder) => path.join(folder, number)),
      expansion: this.#expansion,
      wrapping: this.#options.wrapping,
    };
  }
}

async function ownFolder(folder: string | (() => Promise<string>)): Promise<string> {
  return await mkdtemp(path.join(typeof folder === 'string' ? folder : await folder(), 'pj-'));
}
