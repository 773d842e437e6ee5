import { extensionOf, reason } from '@lanceur/core';
import { invalid } from '../../invalid.js';
import type { Completeness } from './completeness.js';

/**
 * Whole once it has a file of each extension: for `unit: 'stem'`, `extensions('pdf', 'xml')` waits for both the
 * document and its index file.
 *
 * @throws LanceurError `INVALID_OPTION` for none.
 */
export function extensions(...needed: readonly string[]): Completeness {
  if (needed.length === 0) throw invalid('extensions', 'at least one extension', '()');
  const wanted = needed.map((e) => e.replace(/^\*?\./u, '').toLowerCase());
  return {
    missing({ files }) {
      const there = new Set(files.map((f) => extensionOf(f.name)));
      const absent = wanted.filter((e) => !there.has(e));
      return absent.length === 0
        ? undefined
        : reason('INCOMPLETE', { missing: absent.map((e) => `.${e}`).join(', ') });
    },
  };
}
