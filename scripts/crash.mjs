// node scripts/crash.mjs [--minutes 60] [--seed text]: kills launchers in processes of their own, for as long as it is told to.
// test/scenarios/crash is what it runs, and does a part of that in CI.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { command, Failure, ready, root, say } from './workspace.mjs';

const USAGE = 'node scripts/crash.mjs [--minutes number, default 60] [--seed text, default a new one]';

await command(async () => {
  const { minutes, seed } = wanted();
  ready();
  say(`killing launchers for ${String(minutes)} minutes, by seed ${seed}`);
  await import('./typescript.mjs');
  /** @type {typeof import('../test/scenarios/crash/endure.js')} */
  const { endure } = await import(pathToFileURL(join(root, 'test/scenarios/crash/endure.ts')).href);
  const problems = await endure({ minutes, seed, say });
  if (problems > 0) throw new Failure(`${String(problems)} problems: they stand above.`);
});

function wanted() {
  try {
    const { values } = parseArgs({
      options: { minutes: { type: 'string', default: '60' }, seed: { type: 'string' } },
    });
    const minutes = Number(values.minutes);
    if (!(minutes > 0)) throw new Error('minutes: a number above 0');
    return { minutes, seed: values.seed ?? String(Date.now()) };
  } catch (error) {
    throw new Failure(`${error instanceof Error ? error.message : String(error)}\n  ${USAGE}`);
  }
}
