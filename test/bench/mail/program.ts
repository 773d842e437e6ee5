import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '@lanceur/core';
import { startProxy } from '../../servers/proxy.js';
import { pathOf } from '../../support/needs.js';
import { median, ratio, say } from '../shared/report.js';

export interface Took {
  readonly seconds: number;
  /** The most memory that it had; only where the system tells it. */
  readonly peakBytes?: number | undefined;
}

/** A program that fetches a mailbox of 127.0.0.1 into an empty folder. */
export interface Contender {
  readonly name: string;
  /** It is left out where this is not installed. Default: Node. */
  readonly program?: string;
  /** Whether the bench fails with it. */
  readonly ours?: boolean;
  run(port: number, user: string, folder: string): Promise<Took>;
}

const PEAK_EVERY_MS = 20;

/** Runs a program to its end: what it printed, how long it took, and the most memory that it had. */
export async function runProgram(program: string, args: readonly string[]): Promise<Took & { out: string }> {
  const began = performance.now();
  const child = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  let peakBytes: number | undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const look = setInterval(() => (peakBytes = peakOf(child.pid) ?? peakBytes), PEAK_EVERY_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  }).finally(() => clearInterval(look));
  if (code !== 0) throw new Error(`${program} ended with ${String(code)}: ${err || out}`);
  return { out, seconds: (performance.now() - began) / 1000, peakBytes };
}

/** A script beside this file that measures itself, and prints what it took as JSON. */
export async function runScript(
  interpreter: string,
  script: string,
  args: readonly unknown[],
): Promise<Took> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { out, peakBytes } = await runProgram(interpreter, [path, ...args.map(String)]);
  return { peakBytes, ...(JSON.parse(out) as Took) };
}

/** VmHWM grows only: what is missed is what was taken in the last moment. */
function peakOf(pid: number | undefined): number | undefined {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'latin1');
    const found = /^VmHWM:\s+(?<kib>\d+) kB$/mu.exec(status)?.groups?.['kib'];
    return found === undefined ? undefined : Number(found) * 1024;
  } catch {
    return undefined;
  }
}

/** Those that are installed; the others are named once. */
export function installed(contenders: readonly Contender[]): readonly Contender[] {
  return contenders.filter(({ name, program }) => {
    const isThere = program === undefined || pathOf(program) !== undefined;
    if (!isThere) say(`${name} is not on this machine`);
    return isThere;
  });
}

interface Race {
  readonly port: number;
  readonly user: string;
  /** A folder that is there. */
  readonly place: string;
  readonly rounds: number;
  readonly contenders: readonly Contender[];
}

const MAILBOXES = [
  { user: 'small', suffix: '' },
  { user: 'big', suffix: '-25MB' },
] as const;

/** The mailbox of small mails, then that of big ones: what each weighs, once, and then the race. */
export async function compare({
  pairs,
  ...races
}: Omit<Race, 'user'> & { readonly pairs: readonly (readonly [string, string])[] }): Promise<void> {
  for (const { user, suffix } of MAILBOXES) {
    // It pays for the server's index, too.
    await weigh({ ...races, user });
    const of = await race({ ...races, user });
    for (const [ours, theirs] of pairs) ratio(`${ours}${suffix}/${theirs}`, of(ours) / of(theirs));
  }
}

/** All of them in turns; the median of each in seconds. */
async function race({ port, user, place, rounds, contenders }: Race): Promise<(name: string) => number> {
  const seconds = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      const took = await attempt(contender, port, user, place);
      if (took === undefined) continue;
      seconds.set(contender.name, [...(seconds.get(contender.name) ?? []), took.seconds]);
      say(`${user} ${contender.name}: ${took.seconds.toFixed(2)} s, ${String(took.files)} files`);
    }
  }
  return (name) => median(seconds.get(name) ?? []);
}

/** What each has on the wire and in memory, once, through a proxy that counts. */
async function weigh({ port, user, place, contenders }: Omit<Race, 'rounds'>): Promise<void> {
  for (const contender of contenders) {
    const proxy = await startProxy({ to: port });
    try {
      const took = await attempt(contender, proxy.port, user, place);
      if (took === undefined) continue;
      const { fromServer, fromClient } = proxy.bytes;
      const wire = `${(fromServer / 1e6).toFixed(1)} MB from the server, ${(fromClient / 1e3).toFixed(0)} KB to it`;
      const peak = took.peakBytes === undefined ? '' : `; ${(took.peakBytes / 1e6).toFixed(0)} MB at most`;
      say(`${user} ${contender.name}: ${wire}${peak}`);
    } finally {
      await proxy.stop();
    }
  }
}

async function attempt(
  { name, ours, run }: Contender,
  port: number,
  user: string,
  place: string,
): Promise<(Took & { readonly files: number }) | undefined> {
  const folder = mkdtempSync(join(place, 'take-'));
  spawnSync('sync');
  try {
    const took = await run(port, user, folder);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
      (entry) =>
        entry.isFile() && !/(?:^|[/\\])\./u.test(relative(folder, join(entry.parentPath, entry.name))),
    );
    return { ...took, files: files.length };
  } catch (error) {
    // getmail6 gives up on a busy machine.
    if (ours === true) throw error;
    say(`${user} ${name} failed: ${messageOf(error)}`);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
