// npm run bench -- envelopes [--rounds 5] [--attachments 1000] [--megabytes 90] [--deposits 10000] [--at <folder>]
//
// What it costs to decode envelopes, beside what else does the same: a PES with its attachments written out, an @ctes
// archive, many small deposits. Each contender runs in a process of its own and measures itself, without its start.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { contenders, type Contender, type Took } from './envelopes/contenders.js';
import { makeArchive, makeDeposits, makePes } from './envelopes/make.js';
import { median, ratio, say } from './shared/report.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    attachments: { type: 'string', default: '1000' },
    megabytes: { type: 'string', default: '90' },
    deposits: { type: 'string', default: '10000' },
    at: { type: 'string', default: tmpdir() },
  },
});
const rounds = Number(values.rounds);
const megabytes = Number(values.megabytes);
const place = mkdtempSync(join(values.at, 'lanceur-bench-'));
try {
  const many = join(place, 'PESALR2_many.xml');
  const single = join(place, 'PESALR2_single.xml');
  makePes(many, { attachments: Number(values.attachments), bytes: megabytes * 1e6 });
  makePes(single, { attachments: 1, bytes: megabytes * 1e6 });
  const pes = race('a PES with many attachments', ['decode', 'python-pes'], many);
  const reading = race('the same, reading only', ['read', 'xmllint', 'fast-xml-parser'], many);
  const one = race('a PES with a single attachment', ['decode', 'python-pes'], single);
  ratio('pes-decode/python', secondsOf(pes, 'decode') / secondsOf(pes, 'python-pes'));
  ratio('pes-single-decode/python', secondsOf(one, 'decode') / secondsOf(one, 'python-pes'));
  ratio('pes-read/xmllint', secondsOf(reading, 'read') / secondsOf(reading, 'xmllint'));
  ratio('pes-read/fast-xml-parser', secondsOf(reading, 'read') / secondsOf(reading, 'fast-xml-parser'));
  ratio('pes-memory-mb', Math.max(peakOf(pes, 'decode'), peakOf(one, 'decode')) / 1e6);

  const archive = makeArchive(place, { bytes: 150e6 });
  const actes = race('an @ctes archive of 150 MB', ['decode', 'tar'], archive);
  ratio('actes/tar', secondsOf(actes, 'decode') / secondsOf(actes, 'tar'));

  const deposits = join(place, 'deposits');
  makeDeposits(deposits, Number(values.deposits));
  const small = race('small deposits', ['decode-all', 'python-deposits'], deposits);
  ratio('deposits/python', secondsOf(small, 'decode-all') / secondsOf(small, 'python-deposits'));
} finally {
  rmSync(place, { recursive: true, force: true });
}

type Results = ReadonlyMap<string, readonly Took[]>;

/** The contenders by turns, so that all meet the same machine. */
function race(title: string, names: readonly string[], path: string): Results {
  const results = new Map<string, Took[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const took = named(name).run(path, place);
      if (took !== undefined) results.get(name)?.push(took);
    }
  }
  for (const [name, tooks] of results) {
    if (tooks.length === 0) say(`${title}: ${name} is not on this machine`);
    else say(`${title}: ${name} ${told(tooks)}`);
  }
  return results;
}

function told(tooks: readonly Took[]): string {
  const seconds = tooks.map((took) => took.seconds);
  const cpu = median(tooks.map((took) => took.cpuSeconds));
  const peak = Math.max(...tooks.map((took) => took.peakBytes));
  return `${median(seconds).toFixed(2)} s (${Math.min(...seconds).toFixed(2)} at best), ${cpu.toFixed(2)} s CPU, peak ${(peak / 1e6).toFixed(0)} MB`;
}

function named(name: string): Contender {
  const found = contenders.find((contender) => contender.name === name);
  if (found === undefined) throw new Error(`no contender ${name}`);
  return found;
}

function secondsOf(results: Results, name: string): number {
  return median((results.get(name) ?? []).map((took) => took.seconds));
}

function peakOf(results: Results, name: string): number {
  return Math.max(...(results.get(name) ?? []).map((took) => took.peakBytes));
}
