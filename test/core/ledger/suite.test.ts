import { describe, test } from 'vitest';
import { memoryLedger } from '@lanceur/core';
import { ledgerSuite, virtualClock } from '@lanceur/core/testing';
import { drivers, sqliteBench } from './bench.js';

describe('the memory ledger', () => {
  const suite = ledgerSuite({
    create: () => {
      const clock = virtualClock();
      const ledger = memoryLedger({ clock });
      return Promise.resolve({ ledger, clock, dispose: () => ledger.close() });
    },
    without: ['again'],
  });
  for (const c of suite) test(c.name, c.run);
});

for (const [name, driver] of await drivers()) {
  describe(`the SQLite ledger on ${name}`, () => {
    for (const c of ledgerSuite({ create: () => sqliteBench(driver) })) test(c.name, c.run);
  });
}
