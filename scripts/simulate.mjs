// node scripts/simulate.mjs [histories] [--from number]: plays simulated lives, and tells the shortest story of those that end badly.
// docs/simulation.md says what they prove.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { command, Failure, ready, root, say } from './workspace.mjs';

const USAGE = 'node scripts/simulate.mjs [histories, default 10000] [--from number, default 1]';
/** Bad stories that are told; more of them have mostly the same cause. */
const TOLD = 5;

await command(async () => {
  const { histories, from } = wanted();
  ready();
  const { playStory, shrinkHistory, storyOf, tellHistory } = await lives();
  const startedAt = performance.now();
  let bad = 0;
  for (let seed = from; seed < from + histories; seed++) {
    const history = await playStory(storyOf(seed));
    if (history.problems.length > 0 && ++bad <= TOLD) {
      console.log(`\n${tellHistory(await shrinkHistory(history))}\n`);
    }
    if ((seed - from + 1) % 1_000 === 0) say(progress(seed - from + 1, startedAt));
  }
  if (bad > 0) throw new Failure(`${String(bad)} of ${String(histories)} stories ended badly.`);
  say(`${progress(histories, startedAt)}: all ended well.`);
});

function wanted() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { from: { type: 'string', default: '1' } },
    });
    const histories = Number(positionals[0] ?? 10_000);
    const from = Number(values.from);
    if (positionals.length > 1 || !isCount(histories) || !isCount(from))
      throw new Error('two whole numbers from 1 up');
    return { histories, from };
  } catch (error) {
    throw new Failure(`${error instanceof Error ? error.message : String(error)}\n  ${USAGE}`);
  }
}

/** @param {number} value */
function isCount(value) {
  return Number.isSafeInteger(value) && value >= 1;
}

/**
 * @param {number} histories
 * @param {number} startedAt
 */
function progress(histories, startedAt) {
  const seconds = (performance.now() - startedAt) / 1_000;
  return `${String(histories)} histories in ${seconds.toFixed(0)} s (${String(Math.round((histories / seconds) * 60))} a minute)`;
}

/** @returns {Promise<typeof import('@lanceur/core/testing')>} */
async function lives() {
  return await import(pathToFileURL(join(root, 'packages/core/dist/testing/index.js')).href);
}
