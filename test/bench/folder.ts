// npm run bench -- folder [--files 10000] [--many 100000] [--rounds 3] [--at <folder>]
//
// What it costs to take a folder of small files to a waiting directory, beside what a shell would do. docs/speed.md
// says what was measured, and what the time goes into.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { checkTaken, makeFiles, makeFolder } from './folder/files.js';
import { contenders, take, type Contender } from './folder/contenders.js';
import { digestsIn } from './folder/ledger.js';
import { median, perFile, ratio, say } from './shared/report.js';
import { syscallsPerFile } from './folder/syscalls.js';

const FEW = 1_000;
/** A file is taken once it has been left alone for 5 s, and each contender renames or links it. */
const QUIET_MS = 5_500;

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '10000' },
    many: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    at: { type: 'string', default: tmpdir() },
  },
});
const files = Number(values.files);
const many = Number(values.many);
const rounds = Number(values.rounds);
const place = mkdtempSync(join(values.at, 'lanceur-bench-'));
try {
  await race();
  await memory();
  await poll();
} finally {
  rmSync(place, { recursive: true, force: true });
}

/** The same files are handed on from one contender to the next, so that all meet the same disk. */
async function race(): Promise<void> {
  const source = makeFolder(place, 'race');
  makeFiles(source, files);
  const seconds = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      spawnSync('sync');
      await sleep(QUIET_MS);
      const target = makeFolder(place, 'target');
      const took = contender.run(source, target);
      if (took === undefined) continue;
      seconds.get(contender)?.push(took.seconds);
      say(`${contender.name}: ${perFile(took, files)}`);
      checkTaken(source, target, files);
      rmSync(source, { recursive: true });
      renameSync(target, source);
    }
  }
  const of = (name: string): number => median(seconds.get(named(name)) ?? []);
  ratio('link/mv', of('link') / of('mv'));
  ratio('copy/synced-copy', of('copy') / of('synced-copy'));
  ratio('link/synced-copy', of('link') / of('synced-copy'));
  for (const name of ['copy', 'link'] as const) {
    const calls = syscallsPerFile(place, name, FEW);
    if (calls !== undefined) ratio(`${name}-syscalls-a-file`, calls);
  }
}

function named(name: string): Contender {
  const found = contenders.find((contender) => contender.name === name);
  if (found === undefined) throw new Error(`no contender ${name}`);
  return found;
}

async function memory(): Promise<void> {
  const few = await peak(FEW);
  const most = await peak(many);
  ratio('memory-100k/1k', most / few);
}

async function peak(count: number): Promise<number> {
  const source = makeFolder(place, 'source');
  const target = makeFolder(place, 'target');
  makeFiles(source, count);
  await sleep(QUIET_MS);
  const ledger = join(place, `memory-${String(count)}.db`);
  const took = take({ source, target, ledger, means: 'copy' });
  say(`${String(count)} files: ${perFile(took, count)}, peak ${(took.peakBytes / 1e6).toFixed(0)} MB`);
  checkTaken(source, target, count, await digestsIn(ledger));
  rmSync(source, { recursive: true });
  rmSync(target, { recursive: true });
  return took.peakBytes;
}

async function poll(): Promise<void> {
  const source = makeFolder(place, 'kept');
  const target = makeFolder(place, 'target');
  makeFiles(source, many, 0);
  await sleep(QUIET_MS);
  const ledger = join(place, 'kept.db');
  take({ source, target, ledger, means: 'keep' });
  const took = take({ source, target, ledger, means: 'keep', runs: 5 });
  const idle = median(took.each.slice(1));
  say(`${String(many)} kept files: ${took.each.map((s) => s.toFixed(2)).join(' ')} s a poll`);
  ratio('poll-100k-kept-seconds', idle);
}
