import { join } from 'node:path';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Libsql, temporaryFolder } from './bench.js';

const viewer = { launcher: 'l', source: 's', fingerprint: '' };

test('steps that come turn by turn share one commit, since its sync is what costs', async () => {
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  let commits = 0;
  class Counted extends Libsql {
    override exec(sql: string): unknown {
      if (sql === 'COMMIT') commits++;
      return super.exec(sql);
    }
  }
  const ledger = await sqliteLedger({ path: join(folder.path, 'ledger.db'), driver: Counted });
  onTestFinished(() => ledger.close());
  commits = 0;
  // No time passes, however busy the machine is: only the turns count.
  const now = vi.spyOn(performance, 'now').mockReturnValue(0);
  onTestFinished(() => now.mockRestore());

  const claims: Promise<unknown>[] = [];
  await new Promise<void>((done) => {
    const claimNext = (n: number): void => {
      // Asked for before the ledger looks again, so that it finds one more each time that it does.
      if (n < 5) setImmediate(claimNext, n + 1);
      else done();
      claims.push(
        ledger.claim(viewer, { id: String(n), version: '1', name: String(n) }, { leaseMs: 60_000 }),
      );
    };
    claimNext(1);
  });
  await Promise.all(claims);

  expect(claims).toHaveLength(5);
  expect(commits).toBe(1);
});
