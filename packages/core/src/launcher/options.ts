import { systemClock, type Clock } from '../clock.js';
import type { Expander } from '../contracts/expander.js';
import type { Filter } from '../contracts/filter.js';
import type { Grouper } from '../contracts/grouper.js';
import type { Ledger } from '../contracts/ledger.js';
import type { Listener } from '../contracts/listener.js';
import type { ColdSubmitter } from '../contracts/submitter.js';
import { LanceurError } from '../errors.js';
import { refuseUnknownOptions } from '../unknown-options.js';

/** The blocks of a launcher, and how it deals with what goes wrong. Everything below `ledger` has a default. */
export interface LauncherOptions {
  /** Names the launcher in the ledger: EzGED's row id. Two launchers on one ledger need two ids. */
  readonly id: string;
  readonly listener: Listener;
  readonly grouper: Grouper;
  readonly submitter: ColdSubmitter;
  readonly ledger: Ledger;
  /** Default: every name is accepted. */
  readonly filter?: Filter;
  /** Unpacks envelopes. Default: a delivery is what the source gives. */
  readonly expand?: Expander;
  /** A folder of this launcher's host for what has to be unpacked. Needed with `expand`, and never the default temporary directory. */
  readonly spool?: string;
  /**
   * An item in which nothing is wanted: `leave` it in the source (default), `accept` it (the source may delete it),
   * or `reject` it.
   */
  readonly unwanted?: 'leave' | 'accept' | 'reject';
  /**
   * An item of which a part is wanted is settled as accepted although the source does not keep the rest. Default
   * false: it is put aside as a whole.
   */
  readonly discardUnwanted?: boolean;
  /**
   * Where it cannot be told whether a submission reached its COLD: `resubmit` it (default; a document may arrive
   * twice) or `reject` the item, for a person to look (nothing arrives twice).
   */
  readonly inDoubt?: 'resubmit' | 'reject';
  /** Attempts that fail by a document's own fault before its item is rejected. Default 5. */
  readonly attempts?: number;
  /** Times that the process may be lost while it works on an item alone, before the item is rejected. Default 3. */
  readonly crashes?: number;
  /** Delay after the first failed attempt, doubled with each further one. Default 30,000 ms. */
  readonly firstDelayMs?: number;
  /** The longest delay between attempts. Default 3,600,000 ms. */
  readonly maxDelayMs?: number;
  /**
   * Items worked on at once. They share the syncs of the ledger, which are most of what a small document costs: with 8, a
   * file costs twice the time that it does with 32. Default 32.
   */
  readonly concurrency?: number;
  /** How long a claim outlives a process that died, by the ledger's clock. Default 60,000 ms. */
  readonly leaseMs?: number;
  readonly limits?: {
    /** The most bytes of one document; larger ones fail with `TOO_BIG`. Default 2 GiB. */
    readonly documentBytes?: number;
    /** The most documents of one delivery; more fail with `TOO_MANY_DOCUMENTS`. Default 10,000. */
    readonly documentsPerDelivery?: number;
    /** The most items that one run begins. Default: no limit. */
    readonly deliveriesPerRun?: number;
  };
  /** Entries in each list of a run's report. Default 1,000. */
  readonly reportLimit?: number;
  /** Days for which an item that has left the source is remembered. Default 400. */
  readonly rememberDays?: number;
  /**
   * The source has another address behind its old name, or another launcher's work there is to be taken over: accept
   * it, once. Default false: `SOURCE_MOVED`, `OWNED`.
   */
  readonly adopt?: boolean;
  /** How long the session with the source stays open between calls of `process`. Default 2,000 ms. */
  readonly sessionIdleMs?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Between 0 and 1, for jitter. Default: `Math.random`. */
  readonly random?: () => number;
}

export type Settings = Required<Omit<LauncherOptions, 'filter' | 'expand' | 'spool' | 'limits'>> &
  Pick<LauncherOptions, 'expand' | 'spool'> & {
    readonly filter: Filter;
    readonly limits: Required<NonNullable<LauncherOptions['limits']>>;
  };

const OPTIONS: readonly (keyof LauncherOptions)[] = [
  'id',
  'listener',
  'filter',
  'expand',
  'grouper',
  'submitter',
  'ledger',
  'spool',
  'unwanted',
  'discardUnwanted',
  'inDoubt',
  'attempts',
  'crashes',
  'firstDelayMs',
  'maxDelayMs',
  'concurrency',
  'leaseMs',
  'limits',
  'reportLimit',
  'rememberDays',
  'adopt',
  'sessionIdleMs',
  'clock',
  'random',
];
const LIMITS: readonly (keyof Settings['limits'])[] = [
  'documentBytes',
  'documentsPerDelivery',
  'deliveriesPerRun',
];

const EVERYTHING: Filter = { fingerprint: 'everything', decide: () => ({ accepted: true }) };

/** The options with their defaults. @throws LanceurError `INVALID_OPTION`, `UNKNOWN_JOB`. */
export function settingsOf(options: LauncherOptions): Settings {
  refuseUnknownOptions('Launcher', options, OPTIONS);
  if (options.limits !== undefined) refuseUnknownOptions('limits', options.limits, LIMITS);
  const settings: Settings = {
    unwanted: 'leave',
    discardUnwanted: false,
    inDoubt: 'resubmit',
    attempts: 5,
    crashes: 3,
    firstDelayMs: 30_000,
    maxDelayMs: 3_600_000,
    concurrency: 32,
    leaseMs: 60_000,
    reportLimit: 1_000,
    rememberDays: 400,
    adopt: false,
    sessionIdleMs: 2_000,
    clock: systemClock,
    random: Math.random,
    ...defined(options),
    filter: options.filter ?? EVERYTHING,
    limits: {
      documentBytes: 2 * 1024 ** 3,
      documentsPerDelivery: 10_000,
      deliveriesPerRun: Infinity,
      ...defined(options.limits ?? {}),
    },
  };
  checkBlocks(options);
  checkNumbers(settings);
  oneOf('unwanted', settings.unwanted, ['leave', 'accept', 'reject']);
  oneOf('inDoubt', settings.inDoubt, ['resubmit', 'reject']);
  if (settings.expand !== undefined && settings.spool === undefined) {
    throw invalid('spool', 'a folder to unpack into, since `expand` is given', undefined);
  }
  checkJobs(settings);
  return Object.freeze(settings);
}

function checkBlocks(options: LauncherOptions): void {
  if (typeof options.id !== 'string' || options.id === '')
    throw invalid('id', 'a text that names this launcher', options.id);
  const blocks = [
    ['listener', 'connect', 'a Listener, such as directory({ path })'],
    ['grouper', 'group', "a Grouper, such as byExtension({ pdf: '87' })"],
    ['submitter', 'submit', "a ColdSubmitter, such as waitingDirectory({ jobs: { '87': path } })"],
    ['ledger', 'claim', 'a Ledger, such as await sqliteLedger({ path })'],
    ['filter', 'decide', "a Filter, such as nameFilter('*.pdf')"],
    ['expand', 'expand', 'an Expander'],
  ] as const;
  for (const [option, method, expected] of blocks) {
    const block = options[option] as unknown;
    if (block === undefined && (option === 'filter' || option === 'expand')) continue;
    const found =
      typeof block === 'object' && block !== null ? (block as Record<string, unknown>)[method] : undefined;
    if (typeof found !== 'function') throw invalid(option, expected, block);
  }
}

function checkNumbers(settings: Settings): void {
  const least: readonly (readonly [name: string, value: number, least: number])[] = [
    ['attempts', settings.attempts, 1],
    ['crashes', settings.crashes, 1],
    ['firstDelayMs', settings.firstDelayMs, 0],
    ['maxDelayMs', settings.maxDelayMs, settings.firstDelayMs],
    ['concurrency', settings.concurrency, 1],
    ['leaseMs', settings.leaseMs, 1_000],
    ['reportLimit', settings.reportLimit, 0],
    ['rememberDays', settings.rememberDays, 1],
    ['sessionIdleMs', settings.sessionIdleMs, 0],
    ['limits.documentBytes', settings.limits.documentBytes, 1],
    ['limits.documentsPerDelivery', settings.limits.documentsPerDelivery, 1],
    ['limits.deliveriesPerRun', settings.limits.deliveriesPerRun, 1],
  ];
  for (const [name, value, from] of least) {
    if (typeof value !== 'number' || Number.isNaN(value) || value < from) {
      throw invalid(name, `a number from ${String(from)} up`, value);
    }
  }
}

/** A job that nothing can take must be seen when the launcher is built, not when its first document has come. */
function checkJobs({ grouper, submitter }: Settings): void {
  const known = submitter.jobs;
  if (known === undefined) return;
  const unknown = grouper.jobs?.find((job) => !known.includes(job));
  if (unknown !== undefined) {
    throw new LanceurError('UNKNOWN_JOB', { job: unknown, known: known.join(', ') || 'none' });
  }
}

function oneOf(option: string, value: string, values: readonly string[]): void {
  if (!values.includes(value)) throw invalid(option, values.map((v) => `'${v}'`).join(' or '), value);
}

function invalid(option: string, expected: string, found: unknown): LanceurError {
  return new LanceurError('INVALID_OPTION', { option, expected, found: shown(found) });
}

/** What was found, with the mistakes that are made most often called by their name. */
function shown(found: unknown): string {
  if (found instanceof Promise) return 'a Promise: an `await` is missing';
  if (typeof found === 'function') return 'a function: it is to be called';
  if (typeof found === 'object' && found !== null) return 'an object that is none';
  return found === undefined ? 'nothing' : JSON.stringify(found);
}

/** Without the entries that are `undefined`, so that they do not hide a default. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
