import { Transform, type TransformCallback } from 'node:stream';

const BLOCK = 512;
/** Of the header (POSIX.1-1988, ustar): where the size of the content stands. */
const SIZE = { at: 124, length: 12 } as const;

/**
 * Passes on a tar up to its end, which is two blocks of zeros, and drops what comes after: some senders fill their last
 * record with whatever was in their memory.
 */
export class UntilEndOfTar extends Transform {
  #held: Buffer = Buffer.alloc(0);
  /** Bytes of content, padded, that are still to come. */
  #content = 0;
  #zeros = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#zeros === 2) {
      done();
      return;
    }
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    let at = 0;
    while (this.#zeros < 2) {
      if (this.#content > 0) {
        const skipped = Math.min(this.#content, bytes.length - at);
        this.#content -= skipped;
        at += skipped;
      }
      if (this.#content > 0 || bytes.length - at < BLOCK) break;
      const header = bytes.subarray(at, at + BLOCK);
      this.#zeros = header.every((byte) => byte === 0) ? this.#zeros + 1 : 0;
      this.#content = Math.ceil(sizeIn(header) / BLOCK) * BLOCK;
      at += BLOCK;
    }
    this.#held = this.#zeros === 2 ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at));
    if (at > 0) this.push(bytes.subarray(0, at));
    done();
  }

  /** What is cut short stays so: its reader says that it is. */
  override _flush(done: TransformCallback): void {
    if (this.#held.length > 0) this.push(this.#held);
    done();
  }
}

/** In octal; of GNU tar also in binary, for what octal cannot say. */
function sizeIn(header: Buffer): number {
  const field = header.subarray(SIZE.at, SIZE.at + SIZE.length);
  if ((field[0] ?? 0) >= 0x80) return Number(field.readBigUInt64BE(4));
  const size = Number.parseInt(field.toString('latin1').replace(/[\0 ]+/gu, ''), 8);
  return Number.isNaN(size) ? 0 : size;
}
