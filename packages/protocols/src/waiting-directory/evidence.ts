import { join } from 'node:path';
import { unless, type FileStat } from './file-system.js';
import type { Evidence } from './mark.js';
import { withNumber } from './naming.js';
import type { Place } from './place.js';
import type { Placement } from './probe.js';

export type Outcome = 'placed' | 'absent' | 'unknown';

// Names that a linked source may have been numbered to, tried when it is looked for.
const NAMES_TRIED = 100;

/** What is looked for, in an attempt that can place nothing any more. */
export interface Suspect {
  readonly evidence: Evidence;
  /** Where its run's files are now; `undefined` = nowhere. */
  readonly whereIs: ((name: string) => string) | undefined;
  /** Its name in the target, but for a number; `undefined` if it cannot be known. */
  readonly base: string | undefined;
}

/** Whether it was placed before its attempt was cut short. Looks, and changes nothing. */
export async function lookFor(place: Place, placement: Placement, suspect: Suspect): Promise<Outcome> {
  const { evidence, whereIs } = suspect;
  if (whereIs === undefined) return 'unknown';
  const staged = await unless(place.fs.lstat(whereIs(evidence.staged)), 'ENOENT');
  switch (evidence.means) {
    case 'rename':
    case 'folder':
      if (staged !== undefined) return 'absent';
      return (await place.runs.isWitnessed(evidence.run, evidence.staged)) ? 'placed' : 'unknown';
    case 'link':
      return staged === undefined ? 'unknown' : linked(placement, evidence, staged);
    case 'source':
      return staged === undefined ? 'unknown' : sourceLinked(place, suspect, staged);
  }
}

function linked(placement: Placement, evidence: Evidence, staged: FileStat): Outcome {
  if (staged.links > 1) return 'placed';
  if (evidence.ctimeNs === undefined) return 'unknown';
  if (staged.ctimeNs === evidence.ctimeNs) return 'absent';
  // Linked, and taken by the COLD since; unless somebody has changed its rights, or this is not a volume to trust.
  return placement.trusted && staged.rights === evidence.rights ? 'placed' : 'unknown';
}

/** The source's own names come and go, and change count and ctime: only an untouched ctime and the name itself tell. */
async function sourceLinked(place: Place, { evidence, base }: Suspect, staged: FileStat): Promise<Outcome> {
  if (staged.ctimeNs === evidence.ctimeNs) return 'absent';
  if (base === undefined) return 'unknown';
  for (let n = 1; n <= NAMES_TRIED; n++) {
    const path = join(place.path, withNumber(base, n));
    const found = await unless(place.fs.lstat(path), 'ENOENT');
    if (found?.identity === staged.identity) return 'placed';
  }
  return 'unknown';
}
