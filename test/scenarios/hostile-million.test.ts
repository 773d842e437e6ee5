// A folder with very many empty files. `LANCEUR_FILES=1000000 npm test -- test/scenarios/hostile-million` makes it a million.
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { nameFilter } from '@lanceur/core';
import { expect, onTestFinished, test } from 'vitest';
import { Chain } from './faults/chain.js';

const FILES = Number(process.env['LANCEUR_FILES'] ?? 2_000);
const TAKEN = 100;
/** Some machines are slow; it only ends what hangs. */
const TIMEOUT_MS = 120_000 + FILES;

test(
  `${String(FILES)} empty files are listed by each poll, most of them left with a reason, and some of them taken`,
  { timeout: TIMEOUT_MS },
  async () => {
    const chain = await Chain.build({
      launcher: { concurrency: 32, filter: nameFilter('*.pdf'), limits: { deliveriesPerRun: TAKEN } },
    });
    onTestFinished(() => chain.remove(), TIMEOUT_MS);
    const half = FILES / 2;
    for (let n = 0; n < half; n++) {
      for (const extension of ['dat', 'pdf'])
        closeSync(openSync(join(chain.source, `${String(n)}.${extension}`), 'wx'));
    }
    for (let poll = 1; poll <= 2; poll++) {
      const startedAt = performance.now();
      const { report } = await chain.poll();
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
      const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
      process.stdout.write(
        `poll ${String(poll)}: ${String(report?.counts.listed)} listed in ${seconds} s, ${String(megabytes)} MB at most so far\n`,
      );
      const pdf = half - (poll - 1) * TAKEN;
      expect(report?.counts).toMatchObject({
        listed: half + pdf,
        accepted: TAKEN,
        left: { NAME_REFUSED: half, LIMIT_REACHED: pdf - TAKEN },
      });
      expect(report?.left).toHaveLength(Math.min(1_000, half + pdf - TAKEN));
    }
    expect(Object.keys(await chain.inTarget())).toHaveLength(2 * TAKEN);
  },
);
