import type { Check } from '../contracts/check.js';
import type { ColdSubmitter } from '../contracts/submitter.js';
import { LanceurError } from '../errors.js';
import { refuseUnknownOptions } from '../unknown-options.js';

/**
 * One submitter made of several: each job has its own. For a launcher, or a whole host, that feeds waiting directories
 * here and EzGEDs elsewhere.
 *
 * ```ts
 * byJob({ '87': waitingDirectory({ jobs: { '87': path } }), '88': ezged({ …, jobs: { '88': 'courriers' } }) });
 * ```
 *
 * What became of a submission is asked of its job's submitter; `traits` promise what all of them can.
 *
 * @throws LanceurError `INVALID_OPTION` for no job at all, or a submitter that does not have the job.
 */
export function byJob(submitters: Readonly<Record<string, ColdSubmitter>>): ColdSubmitter {
  refuseUnknownOptions('byJob', submitters, Object.keys(submitters));
  const byName = new Map(Object.entries(submitters));
  if (byName.size === 0) throw invalid('at least one job with its submitter', 'none');
  for (const [job, submitter] of byName) {
    if (typeof (submitter as Partial<ColdSubmitter> | undefined)?.submit !== 'function')
      throw invalid(`a ColdSubmitter for job ${job}`, typeof submitter);
    if (submitter.jobs?.includes(job) === false)
      throw invalid(`a submitter for job ${job} that has it`, `one that has ${submitter.jobs.join(', ')}`);
  }
  const of = (job: string): ColdSubmitter => {
    const submitter = byName.get(job);
    if (submitter === undefined)
      throw new LanceurError('UNKNOWN_JOB', { job, known: [...byName.keys()].join(', ') });
    return submitter;
  };
  const each = [...new Set(byName.values())];
  return {
    traits: {
      find: each.every(({ traits }) => traits.find),
      atomicGroup: each.every(({ traits }) => traits.atomicGroup),
    },
    jobs: [...byName.keys()],
    folders: each.flatMap(({ folders = [] }) => folders),
    async submit(group, options) {
      return await of(group.job).submit(group, options);
    },
    canFind: (job) => canFind(of(job), job),
    async find(planned) {
      const submitter = of(planned.job);
      if (!canFind(submitter, planned.job)) return { is: 'unknown' };
      return (await submitter.find?.(planned)) ?? { is: 'unknown' };
    },
    async forget(ids, options) {
      // An id does not say of which job it is, and what is not there is nobody's fault.
      for (const submitter of each) await submitter.forget?.(ids, options);
    },
    async check() {
      const checks: Check[] = [];
      for (const submitter of each) checks.push(...((await submitter.check?.()) ?? []));
      return checks;
    },
    health() {
      for (const submitter of each) {
        const reason = submitter.health?.();
        if (reason !== undefined) return reason;
      }
      return undefined;
    },
  };
}

function canFind(submitter: ColdSubmitter, job: string): boolean {
  return submitter.find !== undefined && submitter.canFind?.(job) !== false;
}

function invalid(expected: string, found: string): LanceurError {
  return new LanceurError('INVALID_OPTION', { option: 'byJob', expected, found });
}
