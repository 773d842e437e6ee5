// The suites that another version of Node could break, on the Node that runs this.
import { LEFT_OUT, SUITES } from './node-suites.mjs';
import { command, Failure, runNode } from './workspace.mjs';

await command(() => {
  const without = LEFT_OUT.flatMap(({ path }) => ['--exclude', path]);
  const code = runNode('scripts/test.mjs', [...SUITES, ...without]);
  for (const { path, why } of LEFT_OUT) console.log(`  left out: ${path}: ${why}`);
  if (code !== 0) throw new Failure(`The tests fail on Node ${process.versions.node}.`);
});
