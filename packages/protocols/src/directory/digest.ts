import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { Expected } from './read.js';
import { streamOf } from './read.js';
import type { Settings } from './options.js';

/** SHA-256 of a file, in hex. @throws LanceurError `CHANGED`, `GONE`, `DOCUMENT_UNREADABLE`. */
export async function digestOf(settings: Settings, expected: Expected): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(streamOf(settings, expected), hash);
  return hash.digest('hex');
}
