import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { takeArguments, type Means } from './contenders.js';
import { makeFiles, makeFolder } from './files.js';
import { say } from '../shared/report.js';

/** How many more system calls a launcher makes for `count` files than for none, by file; `undefined` without strace. */
export function syscallsPerFile(place: string, means: Means, count: number): number | undefined {
  if (spawnSync('strace', ['-V']).error !== undefined) return undefined;
  const idle = traced(place, means, 0);
  const busy = traced(place, means, count);
  if (idle === undefined || busy === undefined) return undefined;
  const more = [...busy].map(([name, calls]) => [name, (calls - (idle.get(name) ?? 0)) / count] as const);
  const most = more.filter(([, calls]) => calls >= 0.5).sort((a, b) => b[1] - a[1]);
  say(`${means}, calls a file: ${most.map(([name, calls]) => `${name} ${calls.toFixed(1)}`).join(', ')}`);
  return more.reduce((sum, [, calls]) => sum + calls, 0);
}

function traced(place: string, means: Means, count: number): ReadonlyMap<string, number> | undefined {
  const folder = makeFolder(place, `traced-${means}-${String(count)}`);
  const source = makeFolder(folder, 'source');
  makeFiles(source, count);
  spawnSync('sleep', ['5.5']);
  const summary = join(folder, 'strace.txt');
  const task = { source, target: makeFolder(folder, 'target'), ledger: join(folder, 'ledger.db'), means };
  const strace = ['-f', '-c', '-o', summary, process.execPath, ...takeArguments(task)];
  if (spawnSync('strace', strace, { stdio: 'ignore' }).status !== 0) return undefined;
  // %time  seconds  usecs/call  calls  [errors]  syscall
  const rows = readFileSync(summary, 'utf8').matchAll(
    /^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$/gmu,
  );
  const calls = new Map([...rows].map(([, n = '', name = '']) => [name, Number(n)]));
  calls.delete('total');
  return calls;
}
