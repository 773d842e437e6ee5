// node scripts/fuzz-mail.mjs [seconds] [--seed number]: makes mails as many programs write them, damages some, has them read
// by POP3 and by IMAP for so long, and stops at the first that comes out as it must not. docs/testing.md says what that is.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { command, Failure, ready, root, say } from './workspace.mjs';

const USAGE = 'node scripts/fuzz-mail.mjs [seconds, default 60] [--seed number, the first; default 1]';
const ROUND = 100;
/** Bytes that the heap may have more at the end than after the first round. */
const GROWTH = 128 * 1024 * 1024;
/** Seeds that are told of each kind of difference. */
const TOLD = 5;

await command(async () => {
  const { seconds, seed } = wanted();
  ready();
  await import('./typescript.mjs');
  const { openFuzz } = await helper('protocols', 'mail', 'fuzz', 'fuzz.ts');
  const { pathOf } = await helper('support', 'needs.ts');
  if (pathOf('dovecot') === undefined) throw new Failure('apt-get install dovecot-imapd dovecot-pop3d');
  const python = pathOf('python3');
  if (python === undefined) say('python3 is not on this machine: there is no third opinion');
  const fuzz = await openFuzz(python);
  const until = performance.now() + seconds * 1000;
  let report;
  let first;
  try {
    for (let next = seed; performance.now() < until; next += ROUND) {
      report = await fuzz.round(Array.from({ length: ROUND }, (_, i) => next + i));
      globalThis.gc?.();
      const { heapUsed } = process.memoryUsage();
      first ??= heapUsed;
      if (heapUsed > first + GROWTH) throw new Failure(`memory grew from ${mb(first)} to ${mb(heapUsed)}`);
      say(`${told(report)}; heap ${mb(heapUsed)}`);
    }
  } catch (error) {
    if (!(error instanceof Error) || !('bytes' in error)) throw error;
    throw new Failure(`${error.message}\n  ${kept(/** @type {Buffer} */ (error.bytes))}`);
  } finally {
    await fuzz.stop();
  }
  for (const [kind, seeds] of Object.entries(report.differences)) {
    say(`${kind}: ${String(seeds.length)} damaged mails, such as ${seeds.slice(0, TOLD).join(', ')}`);
  }
});

function wanted() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: 'string', default: '1' } },
  });
  const seconds = Number(positionals[0] ?? 60);
  const seed = Number(values.seed);
  if (positionals.length > 1 || !(seconds > 0) || !Number.isSafeInteger(seed) || seed < 0)
    throw new Failure(USAGE);
  return { seconds, seed };
}

/** @param {...string} path - below test/ */
async function helper(...path) {
  return await import(pathToFileURL(join(root, 'test', ...path)).href);
}

/** @param {Buffer} bytes - the mail that failed */
function kept(bytes) {
  const file = join(root, '.cache', 'fuzz-mail.eml');
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(file, bytes);
  return `the mail is in ${file}`;
}

/** @param {{ readonly mails: number, readonly documents: number, readonly opinions: number, readonly errors: object, readonly differences: object }} report */
function told({ mails, documents, opinions, errors, differences }) {
  const others = Object.values(differences).reduce((sum, seeds) => sum + seeds.length, 0);
  return `${String(mails)} mails, as many damaged, ${String(documents)} documents, ${String(opinions)} third opinions, ${String(others)} damaged ones another by IMAP, errors ${JSON.stringify(errors)}`;
}

/** @param {number} bytes */
function mb(bytes) {
  return `${(bytes / 1024 / 1024).toFixed(0)} MB`;
}
