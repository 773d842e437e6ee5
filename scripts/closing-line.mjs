// node scripts/closing-line.mjs FOLDER FAILED: adds up the tallies in a folder, and as many more failures, to the closing
// line of a CI run. Fails if anything failed, or if no test passed.
import { tallyOfFolder } from './tally.mjs';

const [folder = '', more = ''] = process.argv.slice(2);
const { passed, failed, skipped } = tallyOfFolder(folder, Number(more));
console.log(`${String(passed)} passed, ${String(failed)} failed, ${String(skipped)} skipped`);
if (failed > 0 || passed === 0) process.exitCode = 1;
