import { LanceurError, refuseUnknownOptions } from '@lanceur/core';
import type { Severity } from './issues.js';
import { limitsOf, type Limits } from './limits.js';
import { DEFAULT_ROLES, withoutStep, type Role } from './pastell/roles.js';
import { DEFAULT_RECOGNITION, recogniserOf, type Recogniser, type Recognition } from './recognise.js';

/** How deposits are read: what installations do differently. */
export interface DepositOptions {
  /** Names of the metadata file without extension; others are found by what they say. Default `['metadata', 'manifest']`. */
  readonly metadata?: readonly string[];
  /** The file that says that a deposit is finished. Default `fichier_termine.txt`, as in Pastell. */
  readonly endMark?: string;
}

export interface ReadingOptions extends DepositOptions {
  readonly limits?: Partial<Limits>;
  /** By what the type of a deposit is told. Default {@link DEFAULT_RECOGNITION}. */
  readonly recognise?: readonly Recognition[];
  /** What lies in which field, beside {@link DEFAULT_ROLES}: `{ piece_principale: 'act' }`. */
  readonly roles?: Readonly<Record<string, Role>>;
  /**
   * Refuses an envelope with an issue that matters as much as this, or more. Default: none is refused, whatever can be
   * read is read.
   */
  readonly refuse?: Severity;
}

const READING_OPTIONS = [
  'metadata',
  'endMark',
  'limits',
  'recognise',
  'roles',
  'refuse',
] as const satisfies readonly (keyof ReadingOptions)[];

/** The options, complete and checked. */
export interface Settings extends Names {
  readonly limits: Limits;
  readonly recogniser: Recogniser;
  readonly roleOf: (field: string) => Role;
  readonly refuse: Severity | undefined;
  /** All that reading depends on, for a fingerprint. */
  readonly all: () => unknown;
}

/** Files with a meaning of their own. */
export interface Names {
  /** How much a name looks like that of the metadata: 0 most; `undefined` not at all. */
  rankOfMetadata(name: string): number | undefined;
  isEndMark(name: string): boolean;
}

// Made once, and not for each of thousands of small deposits.
const DEFAULT_RECOGNISER = recogniserOf(DEFAULT_RECOGNITION);
const DEFAULT_ROLE_BY_FIELD: ReadonlyMap<string, Role> = new Map(Object.entries(DEFAULT_ROLES));

/** @throws LanceurError `UNKNOWN_OPTION`, `INVALID_OPTION`. */
export function settingsOf(where: string, options: ReadingOptions, more: readonly string[]): Settings {
  refuseUnknownOptions(where, options, [...READING_OPTIONS, ...more]);
  const { recognise = DEFAULT_RECOGNITION, roles, refuse } = options;
  if (refuse !== undefined && !['note', 'warning', 'error'].includes(refuse)) {
    throw new LanceurError('INVALID_OPTION', {
      option: 'refuse',
      expected: 'note, warning or error',
      found: JSON.stringify(refuse),
    });
  }
  const limits = limitsOf(options.limits);
  const roleByField =
    roles === undefined ? DEFAULT_ROLE_BY_FIELD : new Map(Object.entries({ ...DEFAULT_ROLES, ...roles }));
  return {
    limits,
    recogniser: recognise === DEFAULT_RECOGNITION ? DEFAULT_RECOGNISER : recogniserOf(recognise),
    roleOf: (field) => roleByField.get(field) ?? roleByField.get(withoutStep(field)) ?? 'other',
    refuse,
    ...namesOf(options),
    all: () => [
      limits,
      recognise,
      [...roleByField],
      refuse ?? '',
      options.metadata ?? [],
      options.endMark ?? '',
    ],
  };
}

/** @throws LanceurError `INVALID_OPTION`. */
export function namesOf({
  metadata = ['metadata', 'manifest'],
  endMark = 'fichier_termine.txt',
}: DepositOptions): Names {
  for (const [option, name] of [
    ...metadata.map((m) => ['metadata', m] as const),
    ['endMark', endMark] as const,
  ]) {
    if (typeof name === 'string' && name !== '' && !/[/\\]/u.test(name)) continue;
    throw new LanceurError('INVALID_OPTION', {
      option,
      expected: 'a file name, without a path',
      found: JSON.stringify(name),
    });
  }
  const stems = metadata.map((name) => name.toLowerCase());
  return {
    rankOfMetadata(name) {
      const rank = stems.indexOf(name.toLowerCase().replace(/\.[^.]*$/u, ''));
      return rank === -1 ? undefined : rank;
    },
    isEndMark: (name) => name.toLowerCase() === endMark.toLowerCase(),
  };
}
