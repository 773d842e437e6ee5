import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pathOf } from '../../support/needs.js';

export interface Took {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

/** Does something with an envelope. */
export interface Contender {
  readonly name: string;
  /** `undefined` where this machine has no such program. */
  run(path: string, place: string): Took | undefined;
}

const here = dirname(fileURLToPath(import.meta.url));

export const contenders: readonly Contender[] = [
  ...['decode', 'read', 'fast-xml-parser', 'decode-all'].map((name) =>
    measuring(name, process.execPath, [join(here, 'decode.mjs'), name]),
  ),
  measuring('python-pes', 'python3', [join(here, 'pes.py')]),
  measuring('python-deposits', 'python3', [join(here, 'deposits.py')]),
  timed('xmllint', (path) => ['--stream', '--noout', '--huge', path]),
  timed('tar', (path, target) => ['xzf', path, '-C', target]),
];

/** A program that says itself what it took, without its start: one line of JSON. */
function measuring(name: string, program: string, head: readonly string[]): Contender {
  return {
    name,
    run: (path, place) => {
      if (program !== process.execPath && pathOf(program) === undefined) return undefined;
      return within(place, (target) => {
        const { status, stdout, stderr } = spawnSync(program, [...head, path, target], { encoding: 'utf8' });
        if (status !== 0) throw new Error(`${name}: ${stderr}`);
        return JSON.parse(stdout) as Took;
      });
    },
  };
}

/** A program that is measured from outside; it starts in milliseconds. */
function timed(name: string, argumentsFor: (path: string, target: string) => readonly string[]): Contender {
  return {
    name,
    run: (path, place) => {
      if (pathOf(name) === undefined) return undefined;
      return within(place, (target) => {
        const before = performance.now();
        const { status, stderr } = spawnSync(name, argumentsFor(path, target), { encoding: 'utf8' });
        if (status !== 0) throw new Error(`${name}: ${stderr}`);
        return { seconds: (performance.now() - before) / 1000, cpuSeconds: NaN, peakBytes: NaN };
      });
    },
  };
}

function within<T>(place: string, work: (target: string) => T): T {
  const target = mkdtempSync(join(place, 'target-'));
  try {
    return work(target);
  } finally {
    rmSync(target, { recursive: true });
  }
}
