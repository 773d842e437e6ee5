import { basename, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { LanceurError, messageOf } from '@lanceur/core';
import { Budget } from './archives/budget.js';
import { filesIn, firstLook, onDisk } from './folder.js';
import type { Limits } from './limits.js';
import type { FileSet, PackedFile } from './packed-file.js';
import { inMemory, type Store } from './store.js';

/** A file in memory. Text is UTF-8. */
export interface MemoryFile {
  readonly name: string;
  readonly content: Uint8Array | string;
}

/**
 * What an envelope can be read from:
 * - the path of a file (an archive, an XML) or of a folder (a deposit);
 * - one file by its name, as a stream (read once, to its end) or in memory;
 * - the files of a deposit, in memory.
 */
export type EnvelopeInput =
  | string
  | MemoryFile
  | { readonly name: string; readonly content: Readable }
  | { readonly name: string; readonly files: readonly MemoryFile[] };

/** The same, opened. */
export type OpenedInput =
  { readonly name: string; readonly file: PackedFile } | { readonly name: string; readonly set: FileSet };

/** @throws LanceurError `INVALID_OPTION`, `DOCUMENT_UNREADABLE`, `ENVELOPE_TOO_BIG`; what a stream throws. */
export async function openInput(input: EnvelopeInput, store: Store, limits: Limits): Promise<OpenedInput> {
  if (typeof input === 'string') return await fromPath(input, limits);
  if (typeof input !== 'object' || typeof input.name !== 'string') {
    throw new LanceurError('INVALID_OPTION', {
      option: 'input',
      expected: 'a path, { name, content } or { name, files }',
      found: JSON.stringify(input),
    });
  }
  const { name } = input;
  if ('files' in input) {
    new Budget(name, limits).entries(input.files.length);
    return { name, set: { files: input.files.map(fromMemory), issues: [] } };
  }
  const { content } = input;
  if (typeof content === 'string' || content instanceof Uint8Array) {
    return { name, file: fromMemory({ name, content }) };
  }
  return { name, file: { ...(await store.keep(content)), name, path: name } };
}

function fromMemory({ name, content }: MemoryFile): PackedFile {
  const path = name.replaceAll('\\', '/');
  return { ...inMemory(bytesOf(content)), name: basename(path), path };
}

function bytesOf(content: Uint8Array | string): Buffer {
  if (typeof content === 'string') return Buffer.from(content);
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}

async function fromPath(path: string, limits: Limits): Promise<OpenedInput> {
  const name = basename(path);
  try {
    const full = resolve(path);
    const { found, volume } = await firstLook(full);
    const { near } = volume;
    if (found.isFile()) return { name, file: onDisk(full, { name, path: name, size: found.size, near }) };
    if (found.isDirectory()) return { name, set: await filesIn(full, new Budget(name, limits), volume) };
  } catch (error) {
    if (LanceurError.is(error)) throw error;
    throw new LanceurError('DOCUMENT_UNREADABLE', { name: path, why: messageOf(error) }, { cause: error });
  }
  const why = 'it is neither a file nor a folder';
  throw new LanceurError('DOCUMENT_UNREADABLE', { name: path, why }, { transient: false });
}
