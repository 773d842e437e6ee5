import { readFileSync } from 'node:fs';
import { LanceurError } from '../errors.js';

/** What a `caFile` of the scenario holds. @throws LanceurError `INVALID_OPTION` if it cannot be read. */
export function certificatesIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw new LanceurError('INVALID_OPTION', {
      option: 'caFile',
      expected: 'a file that can be read',
      found: `${file} (${code})`,
    });
  }
}
