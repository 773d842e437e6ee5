// npm run test:windows -- [arguments of vitest]: the suites on a Windows build of Node, under Wine. docs/windows.md says
// what that shows, and what it cannot show.
// Leaves what it counted in .cache/tallies/node-windows.json, which CI adds up.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { namesOfSkipped, sumOf, tallyOfRun } from './tally.mjs';
import { DEBIAN_PACKAGES, Machine, missingPrograms } from './wine-machine.mjs';
import { COPIED, GROUPS, LEFT_OUT } from './wine-suites.mjs';
import { prepare } from './wine-workspace.mjs';
import { command, Failure, ready, root, say } from './workspace.mjs';

/** For one group: most take a minute, and longer on a machine that is busy with other things. */
const SECONDS = 1_200;

const cache = join(root, '.cache', 'wine');
const folder = join(cache, 'workspace');
const output = join(cache, 'output.txt');
const tally = join(root, '.cache', 'tallies', 'node-windows.json');

await command(() => {
  const missing = missingPrograms();
  if (missing.length > 0) {
    const what = `${missing.join(', ')} not on this machine (apt-get install ${DEBIAN_PACKAGES})`;
    if (isCi()) throw new Failure(`${what}, and in CI no suite may be left out.`);
    console.log(`!! SKIPPED: ${what}: the suites cannot run on Windows.`);
    return;
  }
  rmSync(tally, { force: true });
  ready();
  const node = prepare(folder, COPIED);
  const machine = new Machine(join(cache, 'prefix'));
  try {
    machine.start();
    conclude(runsWanted().map((args) => test(machine, node, args)));
  } finally {
    machine.stop();
  }
});

/** The arguments of each run of vitest. */
function runsWanted() {
  const chosen = process.argv.slice(2);
  if (chosen.length > 0) return [chosen];
  const without = LEFT_OUT.flatMap(({ path }) => ['--exclude', path]);
  return GROUPS.map((group) => [...group, ...without]);
}

/** @typedef {{ readonly tally: import('./tally.mjs').Tally, readonly skipped: readonly string[] }} Ran */

/**
 * @param {Machine} machine
 * @param {string} node
 * @param {readonly string[]} args
 * @returns {Ran}
 */
function test(machine, node, args) {
  const report = join(folder, 'report.json');
  rmSync(report, { force: true });
  say(`testing on Windows: ${args.join(' ')}`);
  const code = machine.run(
    [
      ...[node, 'node_modules/vitest/vitest.mjs', 'run'],
      // Child processes cannot talk to their parent there. What is slow is the emulation, not the test.
      ...['--pool=threads', '--testTimeout=120000', '--hookTimeout=120000'],
      ...['--reporter=default', '--reporter=json', '--outputFile.json=report.json', ...args],
    ],
    { folder, output, seconds: SECONDS },
  );
  console.log(readFileSync(output, 'utf8'));
  if (code === undefined) {
    console.log(`Stopped after ${String(SECONDS)} s.`);
    machine.stop();
  }
  return { tally: tallyOfRun(report, code ?? 1), skipped: namesOfSkipped(report) };
}

/** @param {readonly Ran[]} runs */
function conclude(runs) {
  const sum = sumOf(runs.map((run) => run.tally));
  mkdirSync(join(tally, '..'), { recursive: true });
  writeFileSync(tally, JSON.stringify(sum));
  const { passed, failed, skipped } = sum;
  if (failed > 0)
    throw new Failure(`${String(failed)} failed, ${String(passed)} passed, ${String(skipped)} skipped.`);
  say(`all ${String(passed)} tests passed on Windows; ${String(skipped)} skipped`);
  for (const name of runs.flatMap((run) => run.skipped)) console.log(`  skipped: ${name}`);
  if (process.argv.length > 2) return;
  for (const { path, why } of LEFT_OUT) console.log(`  left out: ${path}: ${why}`);
}

function isCi() {
  const { CI } = process.env;
  return CI !== undefined && CI !== '' && CI !== 'false';
}
