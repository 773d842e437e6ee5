import type { Sent } from '@lanceur/core';

/**
 * How something is put in place, and so what its absence from staging means:
 * - `link`: a second name for a staged file, which stays as evidence.
 * - `source`: the same, where the staged file is itself a name of the source's file (`link: true`).
 * - `rename`: the staged file itself, where the volume has no hard links.
 * - `folder`: a staged folder, whole.
 */
export type Means = 'link' | 'source' | 'rename' | 'folder';

/** Where to look for what became of one staged thing. */
export interface Evidence {
  readonly means: Means;
  /** The run's directory below staging. */
  readonly run: string;
  /** Its name in there. */
  readonly staged: string;
  /** As it was before it could be placed; absent where this volume's ctime says nothing. In nanoseconds. */
  readonly ctimeNs?: bigint;
  /** As they were: a change of rights moves the ctime as well, and must not look like a link. */
  readonly rights?: string;
}

/** The submitter's note on a document, kept by the ledger in `Sent.mark` until it is given back to `find`. */
export interface Mark {
  /** Its number in the name, as in `a (2).pdf`; 1 = none. */
  readonly n: number;
  /** Absent: it was there before this attempt. */
  readonly evidence?: Evidence;
  /** Of the group's manifest, which is placed last; on one of its documents. */
  readonly manifest?: Evidence;
}

type Written = readonly (string | undefined)[];
const MEANS: readonly unknown[] = ['link', 'source', 'rename', 'folder'] satisfies readonly Means[];
// Whatever a ledger gives back, nothing outside staging is looked at, let alone renamed.
const INSIDE = /^[0-9a-z][0-9a-z.-]{0,120}$/u;

export function writeMark(mark: Mark): string {
  return JSON.stringify({
    n: mark.n,
    ...(mark.evidence && { e: written(mark.evidence) }),
    ...(mark.manifest && { m: written(mark.manifest) }),
  });
}

/** `undefined` for what is no mark of ours, so that nothing is concluded from it. */
export function readMark(sent: Sent): Mark | undefined {
  const value = parsed(sent.mark);
  if (typeof value !== 'object' || value === null || !('n' in value) || !Number.isSafeInteger(value.n))
    return undefined;
  const evidence = 'e' in value ? read(value.e) : undefined;
  const manifest = 'm' in value ? read(value.m) : undefined;
  if (('e' in value && evidence === undefined) || ('m' in value && manifest === undefined)) return undefined;
  return { n: value.n as number, ...(evidence && { evidence }), ...(manifest && { manifest }) };
}

function written(e: Evidence): Written {
  return e.ctimeNs === undefined
    ? [e.means, e.run, e.staged]
    : [e.means, e.run, e.staged, String(e.ctimeNs), e.rights];
}

function read(value: unknown): Evidence | undefined {
  if (!Array.isArray(value)) return undefined;
  const [means, run, staged, ctime, rights] = value as readonly unknown[];
  if (!MEANS.includes(means) || !isInside(run) || !isInside(staged)) return undefined;
  const times = typeof ctime === 'string' && /^-?\d{1,20}$/u.test(ctime) ? { ctimeNs: BigInt(ctime) } : {};
  return { means: means as Means, run, staged, ...times, ...(typeof rights === 'string' && { rights }) };
}

function isInside(value: unknown): value is string {
  return typeof value === 'string' && INSIDE.test(value);
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
