import { Readable } from 'node:stream';
import { LanceurError, type Delivery, type ItemRef, type SourceDocument } from '@lanceur/core';
import { decoderFor } from '../mail/decode.js';
import { readableOf } from '../mail/readable-of.js';
import { within } from '../mail/winmail.js';
import type { KnownDocument, KnownMail } from './mails.js';
import type { Contents, Reader } from './reader.js';

/** A mail that has been opened: its small documents are here, the large ones come when they are read. */
export function deliveryOf(
  ref: ItemRef,
  { uid, attributes }: KnownMail,
  wanted: readonly KnownDocument[],
  contents: Contents,
  reader: Reader,
): Delivery {
  let disposed = false;
  const problems: string[] = attributes['problems'] === undefined ? [] : [attributes['problems']];
  const documents = wanted.map((document): SourceDocument => {
    const { name, mediaType, section, within: range } = document;
    const encoded = contents.get(section);
    if (encoded === undefined) {
      return {
        name,
        mediaType,
        ...(range !== undefined && { size: range.size }),
        open: () => {
          const whole = () => decoded(document, reader.pieces(uid, ref.name, document));
          return streamOf(() =>
            disposed ? closed() : range === undefined ? whole() : within(whole(), range, name),
          );
        },
      };
    }
    const { content, problem } = decodedWhole(document, encoded);
    if (problem !== undefined) problems.push(`${name}: ${problem}`);
    return {
      name,
      mediaType,
      size: content.length,
      open: () => (disposed ? streamOf(closed) : readableOf(content.length === 0 ? [] : [content])),
    };
  });
  return {
    ref,
    documents,
    attributes: { ...attributes, ...(problems.length > 0 && { problems: problems.join('\n') }) },
    [Symbol.asyncDispose]() {
      disposed = true;
      return Promise.resolve();
    },
  };
}

function streamOf(source: () => AsyncIterable<Buffer> | Iterable<Buffer>): Readable {
  return Readable.from(lazily(source), { objectMode: false, highWaterMark: 64 * 1024 });
}

/** Nothing is fetched before it is read. */
async function* lazily(source: () => AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* source();
}

function closed(): never {
  throw new LanceurError('CLOSED', { what: 'the delivery' });
}

async function* decoded(document: KnownDocument, pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = decoderFor(document.encoding);
  for await (const piece of pieces) {
    // What a decoder gives is its own until its next call, and a stream may hold on to it.
    const bytes = Buffer.from(decoder.write(piece));
    if (bytes.length > 0) yield bytes;
  }
  const rest = Buffer.from(decoder.end());
  if (rest.length > 0) yield rest;
}

function decodedWhole(
  { encoding, within: range }: KnownDocument,
  encoded: Buffer,
): { readonly content: Buffer; readonly problem: string | undefined } {
  const decoder = decoderFor(encoding);
  const whole = Buffer.concat([decoder.write(encoded), decoder.end()]);
  const content = range === undefined ? whole : whole.subarray(range.start, range.start + range.size);
  return { content, problem: decoder.problem() };
}
