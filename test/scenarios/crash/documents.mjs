// @ts-check
// Documents that say themselves whether they are whole, so that anybody who meets one can tell.
import { createHash } from 'node:crypto';

const HEADER = /^lanceur (\S+) (\d+) ([0-9a-f]{64})\n/u;

/**
 * @param {string} id - without blanks
 * @param {number} size - of what follows the first line, in bytes
 */
export function documentBytes(id, size) {
  const seed = createHash('sha256').update(id).digest();
  const body = Buffer.alloc(size, seed);
  return Buffer.concat([Buffer.from(`lanceur ${id} ${String(size)} ${sha256(body)}\n`), body]);
}

/**
 * The id of a document, or `undefined` if it is not whole.
 *
 * @param {Buffer} bytes
 * @returns {string | undefined}
 */
export function idOf(bytes) {
  const [line = '', id, size, digest] = HEADER.exec(bytes.subarray(0, 512).toString('latin1')) ?? [];
  const body = bytes.subarray(line.length);
  return id !== undefined && body.length === Number(size) && sha256(body) === digest ? id : undefined;
}

/**
 * Whether it is one that a COLD never takes.
 *
 * @param {Buffer} bytes
 */
export function isResident(bytes) {
  return idOf(bytes)?.startsWith('resident') === true;
}

/**
 * What the manifest of a group lists, or `undefined` if it is not whole.
 *
 * @param {Buffer} bytes
 * @returns {{ readonly submission: string, readonly documents: readonly { readonly name: string, readonly sha256: string }[] } | undefined}
 */
export function manifestOf(bytes) {
  try {
    const { submissionId: submission, documents } = JSON.parse(bytes.toString());
    return typeof submission === 'string' && Array.isArray(documents) ? { submission, documents } : undefined;
  } catch {
    return undefined;
  }
}

/** @param {Buffer} bytes */
export function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
