// @ts-check
// A launcher in a process of its own: works until nothing is left to do, or until it is killed.
// argv: its orders, as JSON.
import { join } from 'node:path';
import { byExtension, Launcher, systemClock, toJob } from '@lanceur/core';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { broken } from './broken.mjs';
import { Steps, steppingLedger, steppingListener, steppingSubmitter } from './steps.mjs';
import { submitterFor } from './target.mjs';

/**
 * JSON.
 *
 * @typedef {object} Orders
 * @property {string} base - the folder of its world
 * @property {import('./set-ups.js').SetUp} setUp
 * @property {string} trace - the file that it writes its steps into
 * @property {number} clockOffsetMs - how far its clock is ahead
 * @property {number} leaseMs
 * @property {number} concurrency
 * @property {import('./steps.mjs').Instant} [death] - when it kills itself
 * @property {import('./broken.mjs').Guard} [guard] - what is taken out of it
 */

/**
 * What its parts are made of.
 *
 * @typedef {Pick<Orders, 'base' | 'setUp'> & { readonly clock: import('@lanceur/core').Clock, readonly steps: Steps }} Means
 */

/** @typedef {(means: Means) => import('@lanceur/core').Listener | Promise<import('@lanceur/core').Listener>} ListenerFor */

/** What is not idle by then never will be. */
const PATIENCE_MS = 60_000;

/** @type {Orders} */
const orders = JSON.parse(process.argv[2] ?? '');
const { base, setUp } = orders;
const clock = { ...systemClock, now: () => Date.now() + orders.clockOffsetMs };
const steps = new Steps(orders.trace, orders.death);

/** @type {{ readonly listenerFor: ListenerFor }} */
const { listenerFor } = await import(`./sources/${setUp.source}.mjs`);
const means = { base, setUp, clock, steps };
const path = join(base, 'ledger', 'ledger.db');
const ledger = await steps.step('ledger open', () => sqliteLedger({ path, clock }));
const launcher = new Launcher({
  id: '16',
  listener: steppingListener(steps, await listenerFor(means)),
  grouper: typeof setUp.grouper === 'string' ? toJob(setUp.grouper) : byExtension(setUp.grouper),
  submitter: steppingSubmitter(steps, broken(orders.guard).submitter(submitterFor(means, orders.guard))),
  ledger: steppingLedger(steps, ledger),
  limits: { documentBytes: setUp.documentBytes },
  leaseMs: orders.leaseMs,
  inDoubt: setUp.inDoubt,
  // Whoever is killed again and again is killed with the same few documents, and they are not to blame.
  crashes: 1_000,
  firstDelayMs: 0,
  maxDelayMs: 0,
  concurrency: orders.concurrency,
  clock,
});

await untilIdle();
await launcher.close();
await ledger.close();

/** Polls until a poll finds nothing more to do. */
async function untilIdle() {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const { counts } = await launcher.run();
    const ended = counts.accepted + counts.rejected + counts.aside;
    const open = Object.keys(counts.left).filter((code) => code !== 'ALREADY_SUBMITTED' && code !== 'DONE');
    if (ended === 0 && open.length === 0) return;
    if (performance.now() > until) throw new Error(`still not idle: ${JSON.stringify(counts)}`);
    // It waits for another process, which lives or has just died.
    if (ended === 0) await clock.sleep(20);
  }
}
