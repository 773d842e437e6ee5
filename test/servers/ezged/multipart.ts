/** Where the one file of a `multipart/form-data` body goes (RFC 7578). */
export interface FileSink {
  /** Its headers have been read: `filename` as it was sent, or `undefined`. */
  begin(filename: string | undefined): void;
  write(bytes: Uint8Array): void;
}

/** What a body turned out to be once it has ended: PHP drops a file whose closing boundary has not come. */
export type Ended = 'whole' | 'no file' | 'cut short';

/**
 * Finds the part `file` of a body that comes in pieces, and passes its bytes on without copying them. Other parts are
 * read and dropped.
 */
export class MultipartReader {
  readonly #delimiter: Buffer;
  readonly #sink: FileSink;
  #state: 'preamble' | 'headers' | 'file' | 'other' | 'end' = 'preamble';
  /** Not looked through yet: what may be the beginning of a delimiter, or headers that have not ended. */
  #held: Buffer = Buffer.from('\r\n');
  #hadFile = false;

  constructor(boundary: string, sink: FileSink) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
    this.#sink = sink;
  }

  write(chunk: Buffer): void {
    let rest: Buffer;
    // A chunk in the middle of a file is looked through where it is; only the seam to the one before it is put together.
    if (this.#state === 'file' && this.#held.length < this.#delimiter.length) rest = this.#acrossSeam(chunk);
    else rest = Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    while (rest.length > 0 && this.#state !== 'end') {
      const next = this.#step(rest);
      if (next === undefined) return;
      rest = next;
    }
  }

  end(): Ended {
    if (!this.#hadFile) return 'no file';
    return this.#state === 'end' ? 'whole' : 'cut short';
  }

  #acrossSeam(chunk: Buffer): Buffer {
    if (this.#held.length === 0) return chunk;
    const seam = Buffer.concat([this.#held, chunk.subarray(0, this.#delimiter.length)]);
    const at = seam.indexOf(this.#delimiter);
    if (at >= 0 && at < this.#held.length) return Buffer.concat([this.#held, chunk]);
    if (chunk.length < this.#delimiter.length) return Buffer.concat([this.#held, chunk]);
    this.#sink.write(this.#held);
    return chunk;
  }

  /** What is left to look through; `undefined` if more has to come first. */
  #step(bytes: Buffer): Buffer | undefined {
    if (this.#state === 'headers') return this.#headers(bytes);
    const at = bytes.indexOf(this.#delimiter);
    if (at < 0) {
      const safe = Math.max(0, bytes.length - this.#delimiter.length + 1);
      if (this.#state === 'file' && safe > 0) this.#sink.write(bytes.subarray(0, safe));
      this.#held = bytes.subarray(safe);
      return undefined;
    }
    const after = at + this.#delimiter.length;
    if (bytes.length < after + 2) {
      if (this.#state === 'file' && at > 0) this.#sink.write(bytes.subarray(0, at));
      this.#held = bytes.subarray(at);
      return undefined;
    }
    if (this.#state === 'file' && at > 0) this.#sink.write(bytes.subarray(0, at));
    this.#state = bytes.subarray(after, after + 2).toString('latin1') === '--' ? 'end' : 'headers';
    return bytes.subarray(after);
  }

  #headers(bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) {
      this.#held = bytes;
      return undefined;
    }
    const headers = bytes.subarray(0, end).toString('utf8');
    const disposition = /^content-disposition:\s*form-data;(?<fields>.*)$/imu.exec(headers)?.groups?.[
      'fields'
    ];
    if (/\bname="?file"?(?:;|\s|$)/u.test(disposition ?? '') && !this.#hadFile) {
      this.#hadFile = true;
      this.#state = 'file';
      const filename = /filename="(?<name>[^"]*)"/u.exec(disposition ?? '')?.groups?.['name'];
      this.#sink.begin(filename?.replace(/%22/gu, '"').replace(/%0D/giu, '\r').replace(/%0A/giu, '\n'));
    } else {
      this.#state = 'other';
    }
    return bytes.subarray(end + 4);
  }
}
