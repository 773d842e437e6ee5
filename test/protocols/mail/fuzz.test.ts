import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOVECOT } from '../../servers/dovecot.js';
import { needs, pathOf } from '../../support/needs.js';
import { openFuzz, type Fuzz } from './fuzz/fuzz.js';

/** So many that a slow machine is done in time; `node scripts/fuzz-mail.mjs` goes on for longer. */
const SEEDS = 160;
/** Of damaged mails, where by IMAP the parts are the server's word. */
const MOST_DIFFERENT = 0.05;

describe.skipIf(!needs(DOVECOT.program, DOVECOT) || !needs('python3'))('mails that nobody has seen', () => {
  let fuzz: Fuzz;

  beforeAll(async () => {
    fuzz = await openFuzz(pathOf('python3'));
  });

  afterAll(async () => {
    await fuzz.stop();
  });

  test('come out as they were made, by either protocol, and damaged ones the same however they arrive', async () => {
    const report = await fuzz.round(Array.from({ length: SEEDS }, (_, seed) => seed));
    expect(report.mails).toBe(SEEDS);
    expect(report.opinions).toBe(SEEDS / 4);
    expect(report.documents).toBeGreaterThan(4 * SEEDS);
    expect(report.errors).toEqual({});
    const different = Object.values(report.differences).flat();
    expect(different.length).toBeLessThan(MOST_DIFFERENT * SEEDS);
    // Damage that nobody notices would show nothing.
    expect(report.said).toBeGreaterThan(SEEDS / 4);
  }, 180_000);
});
