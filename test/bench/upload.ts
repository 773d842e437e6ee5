// npm run bench -- upload [--many 500] [--big 1024] [--rounds 3] [--connections 4] [--at <folder>]
//
// What it costs to upload many files of 1 MB, and one of `big` MB, to an EzGED (its double, in a process of its own,
// which drops what it gets), beside curl with as many connections. Each reads files that lie on the disk.
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median, ratio, say } from './shared/report.js';
import { curl, lanceur, Server, warm, type Took } from './upload/contenders.js';

const MB = 1024 * 1024;

const { values } = parseArgs({
  options: {
    many: { type: 'string', default: '500' },
    big: { type: 'string', default: '1024' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '4' },
    at: { type: 'string', default: tmpdir() },
  },
});
const rounds = Number(values.rounds);
const connections = Number(values.connections);
const place = mkdtempSync(join(values.at, 'lanceur-bench-'));
const server = await Server.start(join(place, 'ezged'));
try {
  const many = files('many', Number(values.many), MB);
  const big = files('big', 1, Number(values.big) * MB);
  const small = files('small', 1, MB);
  await race('upload-many', many, connections);
  await race('upload-big', big, 1);
  ratio('upload-memory-1g/1m', (await peak(big)) / (await peak(small)));
} finally {
  await server.stop();
  rmSync(place, { recursive: true, force: true });
}

/** One after the other in each round, so that all meet the same machine. */
async function race(name: string, source: string, atOnce: number): Promise<void> {
  warm(source);
  const ours: Took[] = [];
  const theirs: Took[] = [];
  for (let round = 0; round < rounds; round++) {
    theirs.push(await curl(source, server.url, atOnce, join(place, 'curl.conf')));
    ours.push(await lanceur(source, server.url, atOnce));
    say(`${name}: curl ${spoken(theirs.at(-1))}; lanceur ${spoken(ours.at(-1))}`);
  }
  const seconds = (all: readonly Took[]): number => median(all.map((took) => took.seconds));
  ratio(`${name}/curl`, seconds(ours) / seconds(theirs));
}

async function peak(source: string): Promise<number> {
  const { bytes, peakBytes = NaN } = await lanceur(source, server.url, 1);
  say(`${(bytes / MB).toFixed(0)} MB: peak ${(peakBytes / MB).toFixed(0)} MB`);
  return peakBytes;
}

function spoken(took: Took | undefined): string {
  if (took === undefined) return '';
  const cpu = took.cpuSeconds === undefined ? '' : ` (${took.cpuSeconds.toFixed(2)} s CPU)`;
  return `${took.seconds.toFixed(2)} s, ${(took.bytes / MB / took.seconds).toFixed(0)} MB/s${cpu}`;
}

function files(folder: string, count: number, size: number): string {
  const path = join(place, folder);
  mkdirSync(path);
  const block = randomBytes(Math.min(size, MB));
  for (let n = 0; n < count; n++) {
    const file = openSync(join(path, `${String(n)}.pdf`), 'wx');
    block.writeUInt32LE(n);
    for (let written = 0; written < size;)
      written += writeSync(file, block, 0, Math.min(block.length, size - written));
    closeSync(file);
  }
  return path;
}
