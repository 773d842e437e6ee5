import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { LanceurError, messageOf, type SourceDocument } from '@lanceur/core';

/** What ends the reading of a document before its own end does. */
export interface ReadLimits {
  /** More bytes than this are `TOO_BIG`. */
  readonly documentBytes: number;
  readonly signal: AbortSignal;
}

/** What is known of a document that has been read to its end. */
export interface Digest {
  /** In bytes. */
  readonly size: number;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
}

/** Of what was listed: the source ends in `CHANGED` if the file is another one by now. */
export async function digestOf(document: SourceDocument, limits: ReadLimits): Promise<Digest> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of contentOf(document, limits)) {
    size += chunk.length;
    refuseTooBig(document, size, limits);
    hash.update(chunk);
  }
  return { size, sha256: hash.digest('hex') };
}

/** @throws LanceurError `TOO_BIG`. */
export function refuseTooBig({ name }: SourceDocument, size: number, { documentBytes }: ReadLimits): void {
  if (size > documentBytes) throw new LanceurError('TOO_BIG', { name, size, limit: documentBytes });
}

/**
 * The bytes as they come.
 * @throws what the source's stream ends in; `DOCUMENT_UNREADABLE` where that is no `LanceurError`; `ABORTED`.
 */
export async function* contentOf(
  document: SourceDocument,
  { signal }: Pick<ReadLimits, 'signal'>,
): AsyncGenerator<Uint8Array> {
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
