import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { LanceurError, messageOf, type SourceDocument } from '@lanceur/core';
import { errno, unless, type OpenFile } from './file-system.js';
import type { Settings } from './options.js';
import type { Place } from './place.js';

/** Small documents are read whole before anything is written: one write, and nothing to clean up if reading fails. */
const SMALL_BYTES = 64 * 1024;

export interface StagedContent {
  readonly size: number;
  readonly sha256: string;
  /** Whether the staged file is a further name of the source's. */
  readonly linked: boolean;
}

export interface StageOptions {
  readonly settings: Settings;
  readonly documentBytes: number;
  readonly signal: AbortSignal;
}

/**
 * Writes a document to `path`, a new file, and flushes it.
 *
 * Hashing reads every byte in any case, so that cloning the file (`COPYFILE_FICLONE`) would save nothing but the
 * write, and open a gap between the bytes hashed and those placed.
 *
 * @throws what the source's stream ends in; `DOCUMENT_UNREADABLE` where that is no `LanceurError`; `TOO_BIG`; or the
 *   file system's error.
 */
export async function stageDocument(
  place: Place,
  document: SourceDocument,
  path: string,
  options: StageOptions,
): Promise<StagedContent> {
  refuseTooBig(document, document.size ?? 0, options);
  if (options.settings.link && document.localPath !== undefined) {
    const linked = await linkSource(place, document, document.localPath, path, options);
    if (linked !== undefined) return linked;
  }
  return copy(place, document, path, options);
}

/** Flushes content that is here already. */
export async function stageBytes(
  place: Place,
  bytes: Uint8Array,
  path: string,
  keepFree: number,
): Promise<void> {
  await place.room.use(bytes.length, keepFree, async () => {
    const file = await place.fs.open(path, 'wx');
    await flushedAndClosed(file, file.write(bytes));
  });
}

async function copy(
  place: Place,
  document: SourceDocument,
  path: string,
  options: StageOptions,
): Promise<StagedContent> {
  const { keepFree } = options.settings;
  const hash = createHash('sha256');
  let size = 0;
  let file: OpenFile | undefined;
  let early: Uint8Array[] = [];
  try {
    for await (const chunk of contentOf(document, options.signal)) {
      size += chunk.length;
      refuseTooBig(document, size, options);
      hash.update(chunk);
      if (file === undefined && size <= SMALL_BYTES) {
        early.push(chunk);
        continue;
      }
      const bytes = [...early, chunk];
      early = [];
      await place.room.use(file === undefined ? size : chunk.length, keepFree, async () => {
        file ??= await place.fs.open(path, 'wx');
        for (const one of bytes) await file.write(one);
      });
    }
    if (file === undefined) {
      const [only, ...others] = early;
      const bytes = only !== undefined && others.length === 0 ? only : Buffer.concat(early);
      await stageBytes(place, bytes, path, keepFree);
    } else {
      const written = file;
      file = undefined;
      await flushedAndClosed(written, Promise.resolve());
    }
  } finally {
    await file?.close();
  }
  return { size, sha256: hash.digest('hex'), linked: false };
}

async function flushedAndClosed(file: OpenFile, written: Promise<void>): Promise<void> {
  try {
    await written;
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The bytes as they come; failures of the source's as errors of the document. */
async function* contentOf(document: SourceDocument, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const stream = opened(document);
  // Heard by the reading below; one that comes after it has ended must not end the process.
  stream.on('error', () => undefined);
  const stop = () => void stream.destroy(new LanceurError('ABORTED'));
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<unknown, undefined>;
    try {
      for (;;) {
        const { value, done } = await readingOf(document, chunks.next());
        if (done === true) return;
        yield bytesOf(value);
      }
    } finally {
      stream.destroy();
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function opened(document: SourceDocument): Readable {
  try {
    return document.open();
  } catch (error) {
    throw unreadable(document, error);
  }
}

async function readingOf<T>(document: SourceDocument, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw unreadable(document, error);
  }
}

function unreadable({ name }: SourceDocument, error: unknown): LanceurError {
  if (LanceurError.is(error)) return error;
  return new LanceurError('DOCUMENT_UNREADABLE', { name, why: messageOf(error) }, { cause: error });
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === 'string') return Buffer.from(chunk);
  throw new LanceurError('INTERNAL', { why: 'a document is a stream of bytes, not of objects' });
}

/** `undefined` where the source's file cannot be linked or flushed: then it is copied. */
async function linkSource(
  place: Place,
  document: SourceDocument,
  source: string,
  path: string,
  options: StageOptions,
): Promise<StagedContent | undefined> {
  const linked = await unless(
    place.fs.link(source, path).then(() => true),
    ...[
      'EXDEV',
      'EPERM',
      'EACCES',
      'EMLINK',
      'ENOENT',
      'ENOTSUP',
      'EOPNOTSUPP',
      'ENOSYS',
      'EISDIR',
      'EINVAL',
    ],
  );
  if (linked === undefined) return undefined;
  try {
    // A symbolic link is linked as such, and would lead the COLD elsewhere.
    if ((await place.fs.lstat(path)).kind !== 'file')
      throw Object.assign(new Error('not a file'), { code: 'EPERM' });
    const file = await place.fs.open(path, place.fs.platform === 'win32' ? 'r+' : 'r');
    await flushedAndClosed(file, Promise.resolve());
    const { size, sha256 } = await digestOf(document, options);
    await refuseAnother(place, document, source, path, size);
    return { size, sha256, linked: true };
  } catch (error) {
    await unless(place.fs.unlink(path), 'ENOENT');
    if (errno(error) === 'EACCES' || errno(error) === 'EPERM') return undefined;
    throw error;
  }
}

/** The stream has vouched for the file that the source's name leads to: it must be the one that was linked. */
async function refuseAnother(
  place: Place,
  { name }: SourceDocument,
  source: string,
  path: string,
  size: number,
): Promise<void> {
  const linked = await place.fs.lstat(path);
  const now = await unless(place.fs.lstat(source), 'ENOENT');
  if (linked.size !== size || linked.identity !== now?.identity) throw new LanceurError('CHANGED', { name });
}

/** Of what was listed: the source ends in `CHANGED` if the file is another one by now. */
async function digestOf(
  document: SourceDocument,
  options: StageOptions,
): Promise<{ readonly size: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of contentOf(document, options.signal)) {
    size += chunk.length;
    refuseTooBig(document, size, options);
    hash.update(chunk);
  }
  return { size, sha256: hash.digest('hex') };
}

function refuseTooBig({ name }: SourceDocument, size: number, { documentBytes }: StageOptions): void {
  if (size > documentBytes) throw new LanceurError('TOO_BIG', { name, size, limit: documentBytes });
}
