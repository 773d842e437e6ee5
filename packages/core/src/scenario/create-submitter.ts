import type { ColdSubmitter } from '../contracts/submitter.js';
import { LanceurError } from '../errors.js';
import { byJob } from '../submitters/by-job.js';
import { refuseUnknownOptions } from '../unknown-options.js';
import { certificatesIn } from './certificates.js';
import type { EzgedAccount, EzgedTarget, FolderTarget, JobTarget, Scenario } from './scenario.js';
import { secretOf } from './secrets.js';

/** What `ezged()` of `@lanceur/protocols/ezged` is called with. */
export interface EzgedCall extends Omit<EzgedAccount, 'password' | 'token' | 'caFile'> {
  readonly password: () => Promise<string>;
  readonly token: () => Promise<string>;
  readonly ca?: string;
  readonly jobs: Readonly<Record<string, string>>;
}

/** What `waitingDirectory()` of `@lanceur/protocols/waiting-directory` is called with. */
export interface WaitingDirectoryCall {
  readonly jobs: Readonly<
    Record<string, Omit<FolderTarget, 'description' | 'waitingDirectory'> & { readonly path: string }>
  >;
}

/** The submitters that a host has: the functions themselves. */
export interface SubmitterMakers {
  readonly waitingDirectory?: (options: WaitingDirectoryCall) => ColdSubmitter;
  readonly ezged?: (options: EzgedCall) => ColdSubmitter;
  /** Where `{ "env": … }` looks. Default: the process's own environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * One submitter for all jobs of a scenario: waiting directories here, and EzGEDs elsewhere, one session for each of them.
 * All launchers may share it.
 *
 * ```ts
 * const submitter = createSubmitter(scenario, { waitingDirectory, ezged });
 * ```
 *
 * @throws LanceurError `INVALID_OPTION` if the host lacks what a job needs (it says what to import), or for a `caFile` that
 *   cannot be read. `OVERLAP`.
 */
export function createSubmitter(
  { jobs, ezged = {} }: Pick<Scenario, 'jobs' | 'ezged'>,
  makers: SubmitterMakers,
): ColdSubmitter {
  refuseUnknownOptions('createSubmitter', makers, ['waitingDirectory', 'ezged', 'env']);
  const all = Object.entries(jobs);
  const folders = all.filter((entry): entry is [string, FolderTarget] => !isRemote(entry[1]));
  const remote = all.filter((entry): entry is [string, EzgedTarget] => isRemote(entry[1]));
  const submitters: [string, ColdSubmitter][] = [];
  if (folders.length > 0) {
    const submitter = waitingDirectories(folders, makers);
    for (const [job] of folders) submitters.push([job, submitter]);
  }
  for (const name of new Set(remote.map(([, target]) => target.ezged))) {
    const its = remote.filter(([, target]) => target.ezged === name);
    const submitter = oneEzged(name, { account: ezged[name], jobs: its, makers });
    for (const [job] of its) submitters.push([job, submitter]);
  }
  return byJob(Object.fromEntries(submitters));
}

function isRemote(target: JobTarget): target is EzgedTarget {
  return 'ezged' in target;
}

function waitingDirectories(
  targets: readonly (readonly [string, FolderTarget])[],
  { waitingDirectory }: SubmitterMakers,
): ColdSubmitter {
  if (waitingDirectory === undefined) {
    throw lacking(
      'waitingDirectory',
      "import { waitingDirectory } from '@lanceur/protocols/waiting-directory'",
    );
  }
  const jobs = targets.map(([job, { waitingDirectory: path, description: _description, ...options }]) => {
    return [job, { ...options, path }] as const;
  });
  return waitingDirectory({ jobs: Object.fromEntries(jobs) });
}

function oneEzged(
  name: string,
  {
    account,
    jobs,
    makers,
  }: {
    readonly account: EzgedAccount | undefined;
    readonly jobs: readonly (readonly [string, EzgedTarget])[];
    readonly makers: SubmitterMakers;
  },
): ColdSubmitter {
  if (makers.ezged === undefined) throw lacking('ezged', "import { ezged } from '@lanceur/protocols/ezged'");
  if (account === undefined) {
    throw new LanceurError('INVALID_OPTION', {
      option: 'ezged',
      expected: `an account called ${name}`,
      found: 'none',
    });
  }
  const { password, token, caFile, ...options } = account;
  return makers.ezged({
    ...options,
    password: secretOf(password, makers.env),
    token: secretOf(token, makers.env),
    ...(caFile !== undefined && { ca: certificatesIn(caFile) }),
    jobs: Object.fromEntries(jobs.map(([job, { waitingDirectory }]) => [job, waitingDirectory])),
  });
}

function lacking(option: string, how: string): LanceurError {
  return new LanceurError('INVALID_OPTION', {
    option,
    expected: `given, since a job needs it: ${how}`,
    found: 'nothing',
  });
}
