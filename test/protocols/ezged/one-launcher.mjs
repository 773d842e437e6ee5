// @ts-check
// A launcher from a folder to an EzGED, in a process of its own: works until nothing is left to do, or until it is
// killed. argv: its orders, as JSON.
import { join } from 'node:path';
import { Launcher, systemClock, toJob } from '@lanceur/core';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { directory } from '@lanceur/protocols/directory';
import { ezged } from '@lanceur/protocols/ezged';
import { Steps, steppingLedger, steppingListener } from '../../scenarios/crash/steps.mjs';

/**
 * @typedef {object} Orders
 * @property {string} base
 * @property {string} url
 * @property {string} user
 * @property {string} password
 * @property {string} token
 * @property {string} trace - the file that it writes its steps into
 * @property {import('../../scenarios/crash/steps.mjs').Instant} [death] - when it kills itself
 * @property {'resubmit' | 'reject'} inDoubt
 * @property {number} ahead - how far its clock is ahead, in milliseconds: past the lease of one that was killed
 */

/** @type {Orders} */
const { base, url, user, password, token, trace, death, inDoubt, ahead } = JSON.parse(process.argv[2] ?? '');
const clock = { ...systemClock, now: () => Date.now() + ahead };
const steps = new Steps(trace, death);
const submitter = ezged({ url, user, password, token, jobs: { 87: 'factures' } });
const ledger = await sqliteLedger({ path: join(base, 'ledger', 'ledger.db'), clock });
const launcher = new Launcher({
  id: '16',
  listener: steppingListener(steps, directory({ path: join(base, 'source'), quiet: 0, clock })),
  grouper: toJob('87'),
  submitter: {
    traits: submitter.traits,
    jobs: submitter.jobs,
    submit: (group, options = {}) =>
      steps.step('submit', () =>
        submitter.submit(group, {
          ...options,
          beforePlacing: (sent) =>
            steps.step('note', async () => {
              await options.beforePlacing?.(sent);
            }),
        }),
      ),
  },
  ledger: steppingLedger(steps, ledger),
  leaseMs: 30_000,
  inDoubt,
  crashes: 100,
  firstDelayMs: 0,
  maxDelayMs: 0,
  clock,
});

for (const until = performance.now() + 60_000; ;) {
  const { counts } = await launcher.run();
  const open = Object.keys(counts.left).filter((code) => code !== 'DONE');
  const ended = counts.accepted + counts.rejected;
  if (ended === 0 && open.length === 0) break;
  if (performance.now() > until) throw new Error(`still not idle: ${JSON.stringify(counts)}`);
  // The lease of a process that was killed.
  if (ended === 0) await systemClock.sleep(20);
}
await launcher.close();
await submitter.close();
await ledger.close();
