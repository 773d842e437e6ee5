import type { ColdSubmitter, Planned } from '../../contracts/submitter.js';
import { LanceurError } from '../../errors.js';
import type { Trouble } from './trouble.js';
import type { Watched } from './troubled-listener.js';
import { itemOf } from './world.js';

/** A submitter to which happens what the story says, and which the auditor watches. */
export function troubledSubmitter(submitter: ColdSubmitter, { trouble, auditor }: Watched): ColdSubmitter {
  return {
    traits: submitter.traits,
    ...(submitter.jobs && { jobs: submitter.jobs }),
    ...(submitter.folders && { folders: submitter.folders }),
    async submit(group, options = {}) {
      const { job } = group;
      const names = group.documents.map((d) => d.name);
      const item = itemOf(names[0] ?? '');
      if (options.submissionId !== undefined) auditor.submits(options.submissionId, job, names);
      refuseIfDown(trouble, job);
      const fault = trouble.strikes('submit');
      const receipt = await submitter.submit(group, {
        ...options,
        async beforePlacing(sent) {
          auditor.places(item);
          await options.beforePlacing?.(sent);
          const fails = trouble.fails(item, 'submit');
          if (fails !== undefined) {
            auditor.faulty(item, fails.final);
            throw new LanceurError(
              'DOCUMENT_REFUSED',
              { name: item, job, why: 'the story wants it so' },
              { transient: !fails.final },
            );
          }
          if (fault === 'before')
            throw new LanceurError('TARGET_FAILED', { job, why: 'the story wants it so' }, { job });
          refuseIfDown(trouble, job);
        },
      });
      if (fault !== 'after') return receipt;
      auditor.disturbed();
      throw new Error('the connection was cut');
    },
    ...(submitter.forget && {
      forget: async (ids, options) => await submitter.forget?.(ids, options),
    }),
    ...(submitter.find && {
      async find(planned: Planned) {
        refuseIfDown(trouble, planned.job);
        if (trouble.strikes('find') !== undefined) throw down(planned.job);
        return await (submitter.find?.(planned) ?? { is: 'unknown' as const });
      },
    }),
  };
}

function refuseIfDown(trouble: Trouble, job: string): void {
  if (trouble.is('cold') || trouble.is(`job ${job}`)) throw down(job);
}

function down(job: string): LanceurError {
  return new LanceurError('TARGET_GONE', { path: `wait/${job}`, job }, { job });
}
