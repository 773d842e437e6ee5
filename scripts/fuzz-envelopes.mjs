// node scripts/fuzz-envelopes.mjs [seconds] [--from number]: decodes damaged envelopes for so long, and stops at the
// first that crashes the decoder, hangs it, is read in two ways, or makes memory grow.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { command, Failure, ready, root, say } from './workspace.mjs';

const USAGE = 'node scripts/fuzz-envelopes.mjs [seconds, default 60] [--from number, default 1]';
/** Bytes that the heap may have more at the end than after the first round. */
const GROWTH = 64 * 1024 * 1024;
const ROUND = 200;

await command(async () => {
  const { seconds, from } = wanted();
  ready();
  await import('./typescript.mjs');
  const { fuzz } = await import(pathToFileURL(join(root, 'test', 'adullact', 'xml', 'fuzz.ts')).href);
  const until = performance.now() + seconds * 1000;
  let runs = 0;
  let slowest = 0;
  let first;
  while (performance.now() < until) {
    const seeds = Array.from({ length: ROUND }, (_, i) => from + runs + i);
    const report = await fuzz(seeds);
    runs += report.runs;
    slowest = Math.max(slowest, report.slowest);
    globalThis.gc?.();
    const { heapUsed } = process.memoryUsage();
    first ??= heapUsed;
    if (heapUsed > first + GROWTH) throw new Failure(`memory grew from ${mb(first)} to ${mb(heapUsed)}`);
    say(
      `${String(runs)} runs, slowest ${slowest.toFixed(0)} ms, heap ${mb(heapUsed)}; the last round: ${JSON.stringify(report)}`,
    );
  }
});

function wanted() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { from: { type: 'string', default: '1' } },
  });
  const seconds = Number(positionals[0] ?? 60);
  const from = Number(values.from);
  if (positionals.length > 1 || !(seconds > 0) || !Number.isSafeInteger(from)) throw new Failure(USAGE);
  return { seconds, from };
}

/** @param {number} bytes */
function mb(bytes) {
  return `${(bytes / 1024 / 1024).toFixed(0)} MB`;
}
