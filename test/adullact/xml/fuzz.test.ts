import { describe, expect, it } from 'vitest';
import { fuzz } from './fuzz.js';

// So many that a slow machine is done in time; `node scripts/fuzz-envelopes.mjs` goes on for longer.
const SEEDS = Array.from({ length: 250 }, (_, seed) => seed);

describe('a damaged XML', () => {
  it('is read, is none of ours, or ends in an error that says what it is; the same however its bytes arrive', async () => {
    const { runs, read, none, errors } = await fuzz(SEEDS);
    expect(runs).toBe(SEEDS.length);
    // Damage that nobody notices, and damage that everybody does, would show nothing.
    expect(read).toBeGreaterThan(10);
    expect(none).toBeGreaterThan(1);
    expect(errors['ENVELOPE_DAMAGED']).toBeGreaterThan(20);
  }, 180_000);
});
