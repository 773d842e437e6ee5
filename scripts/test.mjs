// npm test -- [arguments of vitest]
// Leaves what it counted in .cache/tallies/node-<major>.json, which CI adds up.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { namesOfSkipped, tallyOfRun } from './tally.mjs';
import { command, Failure, ready, root, runNode, say } from './workspace.mjs';

const name = `node-${process.versions.node.split('.', 1).join('')}.json`;
const report = join(root, '.cache', 'reports', name);
const tally = join(root, '.cache', 'tallies', name);

await command(() => {
  for (const path of [report, tally]) rmSync(path, { force: true });
  ready();
  say(`testing on Node ${process.versions.node}`);
  const code = runNode('node_modules/vitest/vitest.mjs', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ]);
  const { passed, failed, skipped } = tallyOfRun(report, code);
  mkdirSync(join(tally, '..'), { recursive: true });
  writeFileSync(tally, JSON.stringify({ passed, failed, skipped }));
  if (failed > 0)
    throw new Failure(`${String(failed)} failed, ${String(passed)} passed, ${String(skipped)} skipped.`);
  say(`all ${String(passed)} tests passed${skipped > 0 ? `; ${String(skipped)} skipped` : ''}`);
  for (const test of namesOfSkipped(report)) console.log(`  skipped: ${test}`);
});
