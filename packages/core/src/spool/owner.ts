import { createHash, randomBytes } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/**
 * Who made a folder of the spool, told by the folder's name alone: there is no moment at which it exists and its
 * owner is not known.
 *
 * An owner is a process: its host, the boot of that host, its pid namespace (a container has its own), its pid, and
 * when it was started. Only Linux tells boot, namespace and start (`0` elsewhere); without a start, a pid that is in
 * use again passes for its owner, and the folder is left until that pid is free.
 */
export interface Owner {
  readonly host: string;
  readonly boot: string;
  readonly namespace: string;
  readonly pid: number;
  /** In clock ticks since the boot, as Linux counts (proc(5), field 22 of `stat`). */
  readonly start: string;
}

/** `unknown`: of another host or container, whose processes cannot be seen from here. */
export type Life = 'alive' | 'dead' | 'unknown';

const NAME = /^lanceur-([0-9a-f]{8})-([0-9a-f]{8})-([0-9a-f]{8})-(\d+)-(\d+)-[0-9a-f]{8}$/u;
const NOT_TOLD = '00000000';
/** On Windows, `/proc` is a folder that anybody may have made. */
const HAS_PROC = process.platform === 'linux';

/** This process. */
export async function thisProcess(): Promise<Owner> {
  const told = async (what: () => Promise<string>) =>
    HAS_PROC ? what().then(short, () => NOT_TOLD) : NOT_TOLD;
  return {
    host: short(hostname()),
    boot: await told(() => readFile('/proc/sys/kernel/random/boot_id', 'utf8')),
    namespace: await told(() => readlink('/proc/self/ns/pid')),
    pid: process.pid,
    start: (await statOf(process.pid))?.start ?? '0',
  };
}

/** A new name for a folder of this owner. */
export function folderNameOf({ host, boot, namespace, pid, start }: Owner): string {
  return ['lanceur', host, boot, namespace, String(pid), start, randomBytes(4).toString('hex')].join('-');
}

/** Whose folder this is; `undefined` if it is not one of ours. */
export function ownerOf(folderName: string): Owner | undefined {
  const [, host = '', boot = '', namespace = '', pid = '', start = ''] = NAME.exec(folderName) ?? [];
  return host === '' ? undefined : { host, boot, namespace, pid: Number(pid), start };
}

/** Whether an owner still lives, as `self` can tell. Anything but certainty is not `dead`. */
export async function lifeOf(owner: Owner, self: Owner): Promise<Life> {
  if (owner.host !== self.host) return 'unknown';
  if (owner.boot !== self.boot) return owner.boot === NOT_TOLD || self.boot === NOT_TOLD ? 'unknown' : 'dead';
  if (owner.namespace !== self.namespace) return 'unknown';
  if (!isInUse(owner.pid)) return 'dead';
  const stat = await statOf(owner.pid);
  if (stat === undefined || owner.start === '0') return 'alive';
  return stat.start === owner.start && !stat.ended ? 'alive' : 'dead';
}

function isInUse(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and is somebody else's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

interface Stat {
  readonly start: string;
  /** A zombie: dead, and not yet asked after by its parent. */
  readonly ended: boolean;
}

async function statOf(pid: number): Promise<Stat | undefined> {
  if (!HAS_PROC) return undefined;
  const text = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '');
  // The second field is the program's name in parentheses, which may hold anything, also parentheses and blanks.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, start] = [fields[0], fields[19]];
  if (state === undefined || start === undefined || !/^\d+$/u.test(start)) return undefined;
  return { start, ended: state === 'Z' || state === 'X' };
}

function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
