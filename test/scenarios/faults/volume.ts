// File systems that a test can fill, freeze and pull out. They need root and a kernel that lets it mount.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, rmdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { needs } from '../../support/needs.js';

/** `memory`: a tmpfs of 1 MB. `share`: a folder seen through a program (bindfs) that can be stopped or killed. */
export type VolumeKind = 'memory' | 'share';

export interface Volume {
  readonly path: string;
  /** Takes it out, and leaves its empty mount point. */
  unmount(): void;
  /** Brings a `share` back that was taken out or has died. */
  remount(): Promise<void>;
  /** Lets the program behind a `share` stand still: every call hangs. */
  freeze(): void;
  thaw(): void;
  /** Ends that program: every call fails. */
  kill(): Promise<void>;
  readOnly(yes: boolean): void;
}

const MEMORY_BYTES = 1024 * 1024;

let mounts: boolean | undefined;
let shares: boolean | undefined;

/** Whether volumes can be made here. Where they cannot, one line says so. */
export function canMount(): boolean {
  return (mounts ??= tried() || said('no file system can be mounted here (root on Linux can)'));
}

/** Whether shares can be made here. */
export function canShare(): boolean {
  return (shares ??= canMount() && (fuse() || said('there is no /dev/fuse here')) && needs('bindfs'));
}

function tried(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const at = mkdtempSync(join(tmpdir(), 'lanceur-mount-'));
  const mounted = mountMemory(at);
  if (mounted) run('umount', at);
  rmdirSync(at);
  return mounted;
}

function fuse(): boolean {
  try {
    accessSync('/dev/fuse', constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function said(what: string): boolean {
  process.stderr.write(`\n!! SKIPPED: ${what}: some faults of volumes.\n`);
  return false;
}

/** Mounts a volume on an empty folder, which is made. */
export async function mount(kind: VolumeKind, path: string): Promise<Volume> {
  mkdirSync(path);
  return kind === 'memory' ? memory(path) : await share(path);
}

function memory(path: string): Volume {
  if (!mountMemory(path)) throw new Error(`nothing could be mounted on ${path}`);
  return {
    path,
    unmount: () => run('umount', '-l', path),
    remount: () => Promise.reject(new Error('what was in memory is gone')),
    freeze: never,
    thaw: () => undefined,
    kill: never,
    readOnly: (yes) => run('mount', '-o', `remount,${yes ? 'ro' : 'rw'}`, path),
  };
}

function mountMemory(at: string): boolean {
  const options = `size=${String(MEMORY_BYTES)},mode=1777`;
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', at]).status === 0;
}

async function share(path: string): Promise<Volume> {
  const behind = `${path}-behind`;
  mkdirSync(behind);
  let program = await served(behind, path);
  return {
    path,
    unmount() {
      program.kill('SIGCONT');
      // Out of sight first: a call that still hangs would have it refused.
      run('umount', '-l', path);
      program.kill('SIGKILL');
    },
    async remount() {
      program = await served(behind, path);
    },
    freeze: () => program.kill('SIGSTOP'),
    thaw: () => program.kill('SIGCONT'),
    async kill() {
      const gone = new Promise((resolve) => program.once('exit', resolve));
      program.kill('SIGKILL');
      await gone;
    },
    readOnly: never,
  };
}

/** Until it answers. */
async function served(behind: string, path: string): Promise<ChildProcess> {
  const { dev } = statSync(path);
  const program = spawn('bindfs', ['-f', behind, path], { stdio: 'ignore' });
  while (statSync(path).dev === dev) {
    if (program.exitCode !== null) throw new Error(`bindfs ended with ${String(program.exitCode)}`);
    await sleep(5);
  }
  return program;
}

function never(): never {
  throw new Error('not this kind of volume');
}

function run(program: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}
