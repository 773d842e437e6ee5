// npm run check: everything that CI runs, on this Node alone. Goes on after a failure, so that one run shows them all.
import { command, Failure, ready, runNode, say } from './workspace.mjs';

/** @type {readonly (readonly [name: string, script: string, args: readonly string[]])[]} */
const GATES = [
  ['format', 'node_modules/prettier/bin/prettier.cjs', ['--check', '.']],
  ['lint', 'node_modules/eslint/bin/eslint.js', ['.', '--max-warnings', '0']],
  ['typecheck', 'node_modules/typescript/bin/tsc', ['-p', 'test']],
  ['typecheck scripts', 'node_modules/typescript/bin/tsc', ['-p', 'scripts']],
  ['knip', 'node_modules/knip/bin/knip.js', []],
  ['packages', 'scripts/check-packages.mjs', []],
  ['test', 'scripts/test.mjs', []],
  ['test on Windows', 'scripts/wine.mjs', []],
];

await command(() => {
  ready();
  const failed = GATES.filter(([name, script, args]) => {
    say(name);
    return runNode(script, args) !== 0;
  }).map(([name]) => name);
  if (failed.length > 0) throw new Failure(`Failed: ${failed.join(', ')}.`);
  say('everything is in order');
});
