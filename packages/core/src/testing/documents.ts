import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Delivery, ItemRef, Sent, SourceDocument } from '../contracts/item.js';

/** What a memory document can be made with, beside its name and content. */
export type DocumentExtra = Partial<Omit<SourceDocument, 'name'>>;

/**
 * A document whose content is in memory. Text is written as UTF-8.
 *
 * ```ts
 * memoryDocument('a.pdf', '%PDF-', { mediaType: 'application/pdf' })
 * ```
 */
export function memoryDocument(
  name: string,
  content: string | Uint8Array,
  extra: DocumentExtra = {},
): SourceDocument {
  const bytes = Buffer.from(content);
  return { name, size: bytes.length, open: () => streamOf([bytes]), ...extra };
}

/** A document whose stream fails with `error` after it has given `content`. */
export function brokenDocument(name: string, content: string | Uint8Array, error: Error): SourceDocument {
  const bytes = Buffer.from(content);
  return {
    name,
    open: () =>
      streamOf(
        (function* () {
          yield bytes;
          throw error;
        })(),
      ),
  };
}

/** What a delivery can be made with, beside its documents. */
export interface DeliveryExtra {
  readonly ref?: Partial<ItemRef>;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Called each time it is disposed of. */
  readonly onDispose?: () => void | Promise<void>;
}

/** A delivery of these documents. Its item is called as its first document unless told otherwise. */
export function deliveryOf(documents: readonly SourceDocument[], extra: DeliveryExtra = {}): Delivery {
  const name = documents[0]?.name ?? 'nothing';
  return {
    ref: { id: name, version: '1', name, ...extra.ref },
    documents,
    attributes: extra.attributes ?? {},
    async [Symbol.asyncDispose]() {
      await extra.onDispose?.();
    },
  };
}

/** All the bytes of a document, or of a stream. Rejects as the stream does. */
export async function contentOf(from: SourceDocument | Readable): Promise<Buffer> {
  const stream = from instanceof Readable ? from : from.open();
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** The document as it would be reported once handed over, by reading it. */
export async function sentOf(document: SourceDocument): Promise<Sent> {
  return sentAs(document.name, await contentOf(document));
}

/** These bytes as they would be reported once handed over. */
export function sentAs(name: string, bytes: Uint8Array): Sent {
  return { name, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** A stream of bytes that reads on only as it is read. */
export function streamOf(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Readable {
  return Readable.from(chunks, { objectMode: false, highWaterMark: 1 });
}
