import path from 'node:path';
import { refuseUnknownOptions, systemClock, type Clock, type Reason } from '@lanceur/core';
import { remove, type After } from './after.js';
import { all } from './completeness/combine.js';
import type { Completeness } from './completeness/completeness.js';
import { quiet } from './completeness/quiet.js';
import type { FileSystem } from './file-system/file-system.js';
import { guarded, type Guarded, type GuardOptions } from './file-system/guard.js';
import { patient } from './file-system/patient.js';
import { startThread } from './file-system/thread.js';
import { atLeast, invalid } from '../invalid.js';
import { JUNK, nameMatcher, type NameMatcher } from './junk.js';

/**
 * What is settled as one:
 * - `file`: each file.
 * - `stem`: the files of a folder that share their name up to the extension, without regard to letter case: a document
 *   with its index file.
 * - `entry`: each top-level file, and each top-level sub-folder with all that is in it.
 */
export type Unit = 'file' | 'stem' | 'entry';

export interface DirectoryOptions {
  /** The folder that is watched. Absolute. */
  readonly path: string;
  /** The name under which the ledger knows it. Default: made from the path. */
  readonly source?: string;
  /** Default `file`. */
  readonly unit?: Unit;
  /** Whether sub-folders are looked into (`file` and `stem`). Links to folders never are. Default false. */
  readonly recursive?: boolean;
  /**
   * How long an item must have been left alone before it is taken ("temporisation"), in milliseconds; 0 = at once.
   * Default 5000. It comes on top of `complete`.
   */
  readonly quiet?: number;
  /** What else makes an item whole: a done-file, the end marks of its format. Default: nothing else. */
  readonly complete?: Completeness;
  /**
   * When to give up on an item that does not become whole, and what then: `leave` says so and leaves it, and still takes
   * it if it becomes whole after all; `take` takes it as it is once it has been left alone for the quiet time, with the
   * attribute `incomplete`. Default: after 24 hours, `leave`.
   */
  readonly completeTimeout?: { readonly ms: number; readonly then: 'leave' | 'take' };
  /** What accepting does: `remove()`, `moveTo(path)` or `keep()`. Default `remove()`. */
  readonly after?: After;
  /** Where rejected items go. Absolute, on the same volume. Default `<path>/.lanceur/rejected`. */
  readonly quarantine?: string;
  /** Names that are never documents, as globs. Default {@link JUNK}; an empty list takes everything. */
  readonly junk?: readonly string[];
  /** Files and folders that are left out as if they were not there: relative to `path`, or absolute. */
  readonly exclude?: readonly string[];
  /**
   * Whether files with several hard links are taken: their content can be changed through another name. Needed beside a
   * submitter that links instead of copying. Default false.
   */
  readonly hardLinks?: boolean;
  /**
   * How an accepted item is compared with what was handed over before it leaves: by size and mtime, or by reading it
   * again. Default `version`; `digest` all the same where the quiet time is shorter than the volume's clock can tell.
   */
  readonly verify?: 'version' | 'digest';
  /** How long a call on the folder may take before it counts as dead, in milliseconds. Default 30,000. */
  readonly stallMs?: number;
  readonly clock?: Clock;
  /** The calls on the folder. Default: `node:fs` on a thread of its own. */
  readonly fs?: FileSystem;
}

/** The options, complete and checked. */
export interface Settings {
  readonly root: string;
  readonly source: string;
  readonly unit: Unit;
  readonly recursive: boolean;
  readonly quietMs: number;
  readonly complete: Completeness;
  /** Whether anything but the quiet time makes an item whole. */
  readonly hasMarks: boolean;
  readonly timeout: { readonly ms: number; readonly then: 'leave' | 'take' };
  readonly after: After;
  /** `<path>/.lanceur`. */
  readonly work: string;
  readonly quarantine: string;
  readonly aside: string;
  readonly junk: NameMatcher;
  /** Absolute paths that are left out. */
  readonly exceptions: readonly string[];
  readonly hardLinks: boolean;
  readonly verify: 'version' | 'digest';
  readonly clock: Clock;
  readonly fs: FileSystem;
  stalled(): Reason | undefined;
}

/** The name of the working folder, which is never listed. */
const WORK = '.lanceur';

const OPTIONS: readonly (keyof DirectoryOptions)[] = [
  'path',
  'source',
  'unit',
  'recursive',
  'quiet',
  'complete',
  'completeTimeout',
  'after',
  'quarantine',
  'junk',
  'exclude',
  'hardLinks',
  'verify',
  'stallMs',
  'clock',
  'fs',
];

const DAY_MS = 24 * 60 * 60 * 1000;

/** @throws LanceurError `INVALID_OPTION`. */
export function settingsOf(options: DirectoryOptions): Settings {
  refuseUnknownOptions('directory', options, OPTIONS);
  const root = absolute('path', options.path);
  const clock = options.clock ?? systemClock;
  // `null` from a file must not mean deletion.
  const { after: wished = remove() } = options;
  const quietMs = options.quiet ?? 5000;
  const timeout = options.completeTimeout ?? { ms: DAY_MS, then: 'leave' };
  const stallMs = options.stallMs ?? 30_000;
  oneOf('unit', options.unit, ['file', 'stem', 'entry']);
  oneOf('verify', options.verify, ['version', 'digest']);
  oneOf('completeTimeout.then', timeout.then, ['leave', 'take']);
  atLeast('completeTimeout.ms', timeout.ms, 0);
  atLeast('stallMs', stallMs, 1);
  if (options.source?.trim() === '') throw invalid('source', 'a name', options.source);

  const work = path.join(root, WORK);
  const quarantine =
    options.quarantine === undefined
      ? path.join(work, 'rejected')
      : absolute('quarantine', options.quarantine);
  if (pathKey(quarantine) === pathKey(root))
    throw invalid('quarantine', 'another folder than `path`', quarantine);
  const after = absoluteAfter(wished, root);
  const exceptions = [
    work,
    ...[quarantine, ...(after.do === 'move' ? [after.to] : [])].filter((p) => isInside(root, p)),
    ...(options.exclude ?? []).map((p) => path.resolve(root, p)),
  ];
  const whenQuiet = quiet(quietMs);
  const limits = { path: root, stallMs, clock };
  const { fs, stalled } = options.fs === undefined ? guardedThread(limits) : guarded(options.fs, limits);
  return {
    root,
    source: options.source ?? `directory ${pathKey(root).replaceAll('\\', '/')}`,
    unit: options.unit ?? 'file',
    recursive: options.unit !== 'entry' && options.recursive === true,
    quietMs,
    complete: options.complete === undefined ? whenQuiet : all(whenQuiet, options.complete),
    hasMarks: options.complete !== undefined,
    timeout,
    after,
    work,
    quarantine,
    aside: path.join(work, 'aside'),
    junk: nameMatcher(options.junk ?? JUNK),
    exceptions,
    hardLinks: options.hardLinks === true,
    verify: options.verify ?? 'version',
    clock,
    fs: patient(fs, clock),
    stalled,
  };
}

function guardedThread(limits: GuardOptions): Guarded {
  const { fs, dropWaiting } = startThread();
  return guarded(fs, { ...limits, dropWaiting });
}

/** What Windows takes for the same path. Elsewhere letter case counts. */
export function pathKey(absolutePath: string): string {
  return process.platform === 'win32' ? absolutePath.toLowerCase() : absolutePath;
}

/** From a file or from JavaScript anything may come, and a word that is not understood must not mean deletion. */
function absoluteAfter(after: After, root: string): After {
  const what: unknown = (after as Partial<After> | null)?.do;
  if (what !== 'remove' && what !== 'keep' && what !== 'move') {
    throw invalid('after', 'remove(), moveTo(path) or keep()', after);
  }
  if (after.do !== 'move') return after;
  oneOf('dated', after.dated, ['day', 'month', 'year']);
  const to = absolute('after', after.to);
  if (pathKey(to) === pathKey(root)) throw invalid('after', 'a move to another folder than `path`', to);
  return { ...after, to };
}

function isInside(folder: string, inner: string): boolean {
  const relative = path.relative(folder, inner);
  // A folder may be called `..x`.
  return relative !== '' && relative.split(path.sep, 1)[0] !== '..' && !path.isAbsolute(relative);
}

function absolute(option: string, value: unknown): string {
  if (typeof value === 'string' && path.isAbsolute(value) && !value.includes('\0'))
    return path.resolve(value);
  throw invalid(option, 'an absolute path on this system', value);
}

function oneOf(option: string, value: unknown, allowed: readonly string[]): void {
  if (value === undefined || (typeof value === 'string' && allowed.includes(value))) return;
  throw invalid(option, `one of ${allowed.join(', ')}`, value);
}
