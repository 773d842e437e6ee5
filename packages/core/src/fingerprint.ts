import { createHash } from 'node:crypto';

/** A short name for a value that is the same in every process: 16 hex digits of SHA-256. */
export function fingerprintOf(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}
