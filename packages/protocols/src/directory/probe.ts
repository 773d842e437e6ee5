import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { LanceurError } from '@lanceur/core';
import type { Settings } from './options.js';

export interface Probe {
  /** What time it is for the volume, in milliseconds since 1970: a file server may have another clock than this machine. */
  readonly nowMs: number;
  /** The step in which the volume counts an mtime, in milliseconds. */
  readonly tickMs: number;
}

// FAT counts in 2 s; some servers, and HFS+, in 1 s. The others are bound by the kernel's timer.
const TIMER_TICK_MS = 16;

/**
 * Writes a file into the working folder, and looks what time it bears. `undefined` where nothing can be written: a
 * source that is read only.
 *
 * @throws LanceurError `SOURCE_STALLED`.
 */
export async function probe({ fs, work }: Settings): Promise<Probe | undefined> {
  const file = path.join(work, `probe-${randomBytes(6).toString('hex')}`);
  try {
    await fs.makeFolder(work);
    await fs.create(file, new Uint8Array(1));
    const { mtimeNs } = await fs.stat(file);
    await fs.remove(file);
    return { nowMs: Number(mtimeNs / 1_000_000n), tickMs: tickOf(mtimeNs) };
  } catch (error) {
    if (LanceurError.is(error)) throw error;
    return undefined;
  }
}

/** Judged by one stamp: the odds that a fine one happens to be whole are one in a billion. */
function tickOf(mtimeNs: bigint): number {
  if (mtimeNs % 2_000_000_000n === 0n) return 2000;
  if (mtimeNs % 1_000_000_000n === 0n) return 2000;
  return TIMER_TICK_MS;
}
