// One launcher in a process of its own: prints what it took, as JSON. JavaScript, because the compiler would take more
// memory than the launcher.
import { byExtension, Launcher } from '@lanceur/core';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { directory, keep, remove } from '@lanceur/protocols/directory';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';
import { peakBytes } from '../../support/peak.mjs';

/** @type {import('./contenders.js').Task} */
const { source, target, ledger: path, means, runs = 1 } = JSON.parse(process.argv[2] ?? '');
const ledger = await sqliteLedger({ path });
const launcher = new Launcher({
  id: 'bench',
  listener: directory({
    path: source,
    source: 'bench',
    after: means === 'keep' ? keep() : remove(),
    hardLinks: means === 'link',
  }),
  grouper: byExtension({ pdf: '87' }),
  submitter:
    means === 'keep' ? nowhere() : waitingDirectory({ jobs: { 87: target }, link: means === 'link' }),
  ledger,
});

/** @type {number[]} */
const each = [];
let accepted = 0;
const cpu = process.cpuUsage();
for (let n = 0; n < runs; n++) {
  const from = performance.now();
  const { counts } = await launcher.run();
  each.push((performance.now() - from) / 1000);
  accepted += counts.accepted;
}
const { user, system } = process.cpuUsage(cpu);
await launcher.close();
await ledger.close();
/** @type {import('./contenders.js').TakeReport} */
const report = {
  seconds: each.reduce((sum, one) => sum + one, 0),
  cpuSeconds: (user + system) / 1e6,
  each,
  peakBytes: peakBytes(),
  accepted,
};
console.log(JSON.stringify(report));

/**
 * Reads nothing: what a poll over kept files costs is the same, whoever took them.
 *
 * @returns {import('@lanceur/core').ColdSubmitter}
 */
function nowhere() {
  return {
    traits: { find: false, atomicGroup: true },
    submit: async ({ documents }, { submissionId = '', beforePlacing } = {}) => {
      const sent = documents.map(({ name, size = 0 }) => ({ name, size, sha256: '0'.repeat(64) }));
      await beforePlacing?.(sent);
      return { submissionId, at: Date.now(), documents: sent };
    },
  };
}
