import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fingerprintOf, folded, LanceurError, refuseUnknownOptions, type Clock } from '@lanceur/core';
import type { FileSystem } from './file-system.js';
import type { ManifestSubject } from '../manifest.js';

/** How one waiting directory is filled. */
export interface TargetOptions {
  /**
   * `flat` (default): every document is a file of the waiting directory, and appears on its own. `folder`: every
   * group is a sub-folder, named after its first document, that appears whole.
   */
  readonly layout?: 'flat' | 'folder';
  /**
   * What to do where a name is taken. `number` (default): `a (2).pdf`, the same number for all documents of one stem.
   * `refuse`: `NAME_CONFLICT`, an error of the document. `same`: what has the same content counts as placed, anything
   * else is numbered.
   */
  readonly conflict?: 'number' | 'refuse' | 'same';
  /**
   * A JSON file that lists the group's documents with size, SHA-256 and attributes, placed last: a consumer that waits
   * for it sees whole groups only. Default false. It is called as the first document, with `.json`; `manifest.json` in
   * layout `folder`.
   */
  readonly manifest?: boolean | { readonly name: (about: ManifestSubject) => string };
  /**
   * Gives a document's own file a further name instead of copying it, where it is a file on the same volume: needs
   * `hardLinks: true` on the directory listener. Default false: a source that rewrites its file in
   * place would change the bytes under the COLD, and the file keeps the owner and rights that it had in the source.
   */
  readonly link?: boolean;
  /**
   * Where documents are written before they are placed: on the same volume, and in no waiting directory. Default:
   * `.lanceur-staging` beside the waiting directory. Each target has a sub-folder there.
   */
  readonly staging?: string;
  /** Free bytes that are left on the volume. Default 256 MiB. */
  readonly keepFree?: number;
}

/** A waiting directory that differs from the others. */
export interface JobTarget extends TargetOptions {
  /** Absolute. Never made: a path that is not there is an error that heals by itself. */
  readonly path: string;
}

export interface WaitingDirectoryOptions extends TargetOptions {
  /** Which waiting directory (absolute path) each job reads: `{ '87': 'C:/nchp/…/ocr/wait/factures' }`. */
  readonly jobs: Readonly<Record<string, string | JobTarget>>;
  /** How long one call on a disk or share may take, in milliseconds; `Infinity` = for ever. Default 60,000. */
  readonly stallMs?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Default: the disk itself. For tests. */
  readonly fs?: FileSystem;
}

/** The settings of one job, complete. */
export interface Settings extends Required<TargetOptions> {
  readonly job: string;
  readonly path: string;
}

const OF_TARGET: readonly (keyof TargetOptions)[] = [
  'layout',
  'conflict',
  'manifest',
  'link',
  'staging',
  'keepFree',
];

/** @throws LanceurError `INVALID_OPTION`, `UNKNOWN_OPTION` or `OVERLAP`. */
export function settingsOf(options: WaitingDirectoryOptions): readonly Settings[] {
  refuseUnknownOptions('waitingDirectory', options, [...OF_TARGET, 'jobs', 'stallMs', 'clock', 'fs']);
  const { stallMs } = options;
  if (stallMs !== undefined && !(stallMs > 0))
    throw invalid('stallMs', 'milliseconds above 0, or Infinity', stallMs);
  const jobs = Object.entries(options.jobs);
  if (jobs.length === 0) throw invalid('jobs', 'at least one job with its waiting directory', {});
  const settings = jobs.map(([job, target]) => {
    if (typeof target !== 'object') return complete(job, { ...options, path: target });
    refuseUnknownOptions(`jobs['${job}']`, target, [...OF_TARGET, 'path']);
    return complete(job, { ...options, ...target });
  });
  for (const one of settings) refuseOverlaps(one, settings);
  return settings;
}

function complete(job: string, o: JobTarget): Settings {
  const {
    layout = 'flat',
    conflict = 'number',
    manifest = false,
    link = false,
    keepFree = 256 * 1024 * 1024,
  } = o;
  const of = `jobs['${job}']`;
  if (job.trim() === '') throw invalid('jobs', 'jobs with a number or name', job);
  if (typeof o.path !== 'string' || !isAbsolute(o.path))
    throw invalid(of, 'an absolute path on this system', o.path);
  if (o.staging !== undefined && !isAbsolute(o.staging))
    throw invalid('staging', 'an absolute path on this system', o.staging);
  if (!['flat', 'folder'].includes(layout)) throw invalid('layout', '"flat" or "folder"', layout);
  if (!['number', 'refuse', 'same'].includes(conflict)) {
    throw invalid('conflict', '"number", "refuse" or "same"', conflict);
  }
  if (typeof manifest === 'object' ? typeof manifest.name !== 'function' : typeof manifest !== 'boolean') {
    throw invalid('manifest', 'true, false or { name: (about) => string }', manifest);
  }
  if (!(keepFree >= 0)) throw invalid('keepFree', 'bytes, from 0 up', keepFree);
  const path = resolve(o.path);
  if (dirname(path) === path) throw invalid(of, 'a folder below the root of a volume', o.path);
  return { job, path, layout, conflict, manifest, link, keepFree, staging: stagingOf(path, o.staging) };
}

function stagingOf(path: string, staging: string | undefined): string {
  if (staging === undefined) return join(dirname(path), '.lanceur-staging', basename(path));
  return join(resolve(staging), `${basename(path)}-${fingerprintOf(path).slice(0, 8)}`);
}

/** A COLD that looks into sub-folders must never find what is not placed yet. */
function refuseOverlaps(one: Settings, all: readonly Settings[]): void {
  for (const other of all) {
    if (!isInside(one.staging, other.path) && !isInside(other.path, one.staging)) continue;
    throw new LanceurError('OVERLAP', {
      one: `staging of job ${one.job}`,
      onePath: one.staging,
      other: `target of job ${other.job}`,
      otherPath: other.path,
    });
  }
}

/** Without regard to case: most shares are so, and no two honest folders differ by it alone. */
function isInside(path: string, folder: string): boolean {
  const way = relative(folded(folder), folded(path));
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function invalid(option: string, expected: string, found: unknown): LanceurError {
  return new LanceurError('INVALID_OPTION', {
    option,
    expected,
    found: found === undefined ? 'nothing' : JSON.stringify(found),
  });
}
