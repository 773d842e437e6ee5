import type { Filter } from '../../contracts/filter.js';
import type { DocumentGroup, Grouper } from '../../contracts/grouper.js';
import type { SourceDocument } from '../../contracts/item.js';
import { extensionOf } from '../../names.js';
import { reason } from '../../reasons.js';
import { JOBS, type DocumentKind } from './story.js';

/** Refuses `tmp`. */
export const noTemporaryFiles: Filter = {
  fingerprint: 'life: no temporary files',
  decide: ({ name }) =>
    extensionOf(name) === 'tmp'
      ? { accepted: false, reason: reason('NAME_REFUSED', { filter: 'no temporary files' }) }
      : { accepted: true },
};

/** Each kind that is taken to its own job; or, `together`, all of them to the job of the first. */
export function groupingOf(takes: readonly DocumentKind[], together: boolean): Grouper {
  const jobOf = (name: string) => {
    const kind = extensionOf(name) as DocumentKind;
    return takes.includes(kind) ? JOBS[kind] : undefined;
  };
  return {
    fingerprint: `life: ${takes.join(', ')}${together ? ', together' : ''}`,
    jobs: Object.values(JOBS),
    jobFor: ({ name }) => jobOf(name),
    group({ documents }) {
      const groups = new Map<string, { job: string; documents: SourceDocument[] }>();
      for (const document of documents) {
        const job = jobOf(document.name);
        if (job === undefined) continue;
        const key = together ? 'all' : job;
        const group = groups.get(key);
        if (group === undefined) groups.set(key, { job, documents: [document] });
        else group.documents.push(document);
      }
      return [...groups].map(([key, group]): DocumentGroup => ({ key, ...group }));
    },
  };
}
