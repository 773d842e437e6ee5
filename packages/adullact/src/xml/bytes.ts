import type { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { beginningOf, declaredIn, type Beginning } from './encoding.js';

/** The bytes of an XML, from after its byte order mark, in an encoding in which ASCII stands for itself. */
export interface XmlBytes extends Beginning {
  readonly declared: string | undefined;
  chunks(): AsyncGenerator<Buffer, void>;
}

const HEAD = 1024;
const NOTHING = Buffer.alloc(0);

/** Reads as far as is needed to know. `undefined`: this is no XML. The stream is the reader's to destroy. */
export async function bytesOf(stream: Readable): Promise<XmlBytes | undefined> {
  const source = (stream as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  let head = NOTHING;
  while (head.length < HEAD) {
    const next = await source.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const beginning = beginningOf(head);
  const wide = beginning.family.startsWith('utf-16');
  const decoder = wide ? new TextDecoder(beginning.family, { ignoreBOM: true }) : undefined;
  const body = head.subarray(beginning.mark);
  const start = decoder === undefined ? body : Buffer.from(decoder.decode(body, { stream: true }));
  if (beginning.family === 'utf-32' || !/^\s*</u.test(start.toString('latin1'))) return undefined;

  async function* chunks(): AsyncGenerator<Buffer, void> {
    if (start.length > 0) yield start;
    for (let next = await source.next(); next.done !== true; next = await source.next()) {
      const { value } = next;
      yield decoder === undefined
        ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
        : Buffer.from(decoder.decode(value, { stream: true }));
    }
    if (decoder !== undefined) yield Buffer.from(decoder.decode());
  }
  return { ...beginning, declared: declaredIn(start), chunks };
}
