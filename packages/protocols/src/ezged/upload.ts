import { createHash, randomBytes } from 'node:crypto';
import { LanceurError, type SourceDocument } from '@lanceur/core';
import { contentOf, refuseTooBig, type Digest, type ReadLimits } from '../content.js';
import { EarlyReply, WireFailure, type Outgoing, type Reply, type Wire } from './wire.js';

export interface UploadRequest {
  readonly document: SourceDocument;
  /** As it is called in the waiting directory. */
  readonly name: string;
  /** Of the document, in bytes: announced as the content's length. */
  readonly size: number;
  /** With all its parameters. */
  readonly path: string;
  readonly cookie: string;
  readonly limits: ReadLimits;
  /**
   * The document has been read to its end, and is all there but for the last bytes of the request. If it rejects, they
   * are never sent, and the connection is cut.
   */
  gate(digest: Digest): Promise<void>;
  progress(sent: number): void;
}

export interface Uploaded {
  readonly reply: Reply;
  /** Whether all had been sent by then. If not, EzGED cannot have the document, whatever it says. */
  readonly whole: boolean;
}

/** The document does not have the size that was announced: it must be measured first. */
export class OtherSize extends Error {}

/** All had been sent when it failed: EzGED may have the document. */
export class Doubt extends Error {
  constructor(cause: unknown) {
    super('', { cause });
  }
}

/**
 * Sends a document as it is read, once: hashed on the way, and held back by its last bytes until the gate has opened. A
 * request whose length was announced and whose end never comes is no request (RFC 9112, section 8; PHP: a file whose
 * closing boundary is missing is dropped).
 *
 * @throws {@link OtherSize}; {@link Doubt}; WireFailure if nothing can have arrived; what the gate or the document throw.
 */
export async function uploadTo(wire: Wire, request: UploadRequest): Promise<Uploaded> {
  try {
    return await attempt(wire, request, false);
  } catch (error) {
    if (error instanceof WireFailure && error.stale) return await attempt(wire, request, true);
    throw error;
  }
}

async function attempt(wire: Wire, request: UploadRequest, fresh: boolean): Promise<Uploaded> {
  const { size, path, cookie, limits, name } = request;
  const boundary = `----lanceur${randomBytes(12).toString('hex')}`;
  const head = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${quoted(name)}"\r\n` +
      'Content-Type: application/octet-stream\r\n\r\n',
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const outgoing = wire.begin({
    path,
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      accept: 'application/json',
      ...(cookie !== '' && { cookie }),
    },
    length: head.length + size + tail.length,
    signal: limits.signal,
    fresh,
  });
  try {
    const digest = await sent(outgoing, head, request);
    await request.gate(digest);
    await outgoing.checked();
  } catch (error) {
    outgoing.drop();
    // Its answer came early: whatever it is, the request was never whole.
    if (error instanceof EarlyReply) return { reply: refusalOnly(error.reply), whole: false };
    throw error;
  }
  try {
    return { reply: await outgoing.end(tail), whole: true };
  } catch (error) {
    throw outgoing.handedOver ? new Doubt(error) : error;
  }
}

/** Reads and sends the document; resolves when all of it is on its way. */
async function sent(outgoing: Outgoing, head: Buffer, request: UploadRequest): Promise<Digest> {
  const { document, size, limits } = request;
  const hash = createHash('sha256');
  let seen = 0;
  await outgoing.write(head);
  const signal = AbortSignal.any([limits.signal, outgoing.over]);
  try {
    for await (const chunk of contentOf(document, { signal })) {
      seen += chunk.length;
      refuseTooBig(document, seen, limits);
      if (seen > size) throw new OtherSize();
      hash.update(chunk);
      await outgoing.write(chunk);
      request.progress(seen);
    }
  } catch (error) {
    // If the reading was stopped because the exchange is over, that is what happened.
    if (LanceurError.is(error, 'ABORTED') && !limits.signal.aborted) await outgoing.checked();
    throw error;
  }
  if (seen < size) throw new OtherSize();
  return { size: seen, sha256: hash.digest('hex') };
}

/** An answer to a request that was never whole can refuse it, and nothing else: anything else belongs to another request. */
function refusalOnly(reply: Reply): Reply {
  const isRefusal = reply.status >= 300 || !/"success"\s*:\s*(?:true|1|"true")/u.test(reply.body);
  if (isRefusal) return reply;
  throw new WireFailure('garbled', 'it answered before it had the whole request');
}

/** As browsers do (HTML standard, multipart/form-data); a safe name holds neither quotes nor line ends. */
function quoted(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
