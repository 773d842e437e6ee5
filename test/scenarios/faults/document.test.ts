import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { faultsDocument } from './document.js';
import { FAULTS } from './rows.js';

test('docs/faults.md says what the rows say: `node scripts/faults.mjs` writes it', () => {
  const written = readFileSync(new URL('../../../docs/faults.md', import.meta.url), 'utf8');
  expect(written).toBe(faultsDocument(FAULTS));
});
