import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Took } from '../shared/report.js';

/** Brings every file of one folder to another. */
export interface Contender {
  readonly name: string;
  /** `undefined` where this machine has no such thing. */
  run(source: string, target: string): Took | undefined;
}

/** How the launcher takes them: a copy is placed, a further name of the source's file, or nothing and it is kept. */
export type Means = 'copy' | 'link' | 'keep';

export interface Task {
  readonly source: string;
  readonly target: string;
  readonly ledger: string;
  readonly means: Means;
  /** Polls in one process. Default 1. */
  readonly runs?: number;
}

/** What `take.mjs` prints. */
export interface TakeReport extends Took {
  readonly cpuSeconds: number;
  /** Of each poll. */
  readonly each: readonly number[];
  readonly peakBytes: number;
  readonly accepted: number;
}

export const contenders: readonly Contender[] = [
  {
    name: 'mv',
    run: (source, target) => shell('find', [source, '-type', 'f', '-exec', 'mv', '-t', target, '{}', '+']),
  },
  { name: 'link', run: (source, target) => takeFresh(source, target, 'link') },
  { name: 'synced-copy', run: (source, target) => shell('python3', ['-c', SYNCED_COPY, source, target]) },
  { name: 'copy', run: (source, target) => takeFresh(source, target, 'copy') },
];

/** What a careful script does, and no more: no digest, no memory of what it did, no name that appears whole. */
const SYNCED_COPY = `
import os, sys
source, target = sys.argv[1:]
for name in os.listdir(source):
    path = os.path.join(source, name)
    if not os.path.isfile(path):
        continue
    with open(path, 'rb') as from_file, open(os.path.join(target, name), 'xb', buffering=0) as to_file:
        to_file.write(from_file.read())
        os.fsync(to_file.fileno())
    os.unlink(path)
`;

const TAKE = join(dirname(fileURLToPath(import.meta.url)), 'take.mjs');

/** The arguments of Node for a launcher in a process of its own. */
export function takeArguments(task: Task): readonly string[] {
  return [TAKE, JSON.stringify(task)];
}

/** A launcher in a process of its own. */
export function take(task: Task): TakeReport {
  const { status, stdout } = spawnSync(process.execPath, takeArguments(task), {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error('the launcher failed');
  return JSON.parse(stdout) as TakeReport;
}

function takeFresh(source: string, target: string, means: Means): TakeReport {
  const folder = mkdtempSync(join(dirname(source), 'ledger-'));
  try {
    return take({ source, target, ledger: join(folder, 'ledger.db'), means });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function shell(command: string, args: readonly string[]): Took | undefined {
  const from = performance.now();
  const { error, status } = spawnSync(command, args, { stdio: 'inherit' });
  if (error !== undefined) return undefined;
  if (status !== 0) throw new Error(`${command} failed`);
  return { seconds: (performance.now() - from) / 1000 };
}
