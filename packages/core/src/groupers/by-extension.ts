import type { DocumentGroup, Grouper } from '../contracts/grouper.js';
import type { DocumentInfo, SourceDocument } from '../contracts/item.js';
import { LanceurError } from '../errors.js';
import { fingerprintOf } from '../fingerprint.js';
import { extensionOf } from '../names.js';
import { refuseUnknownOptions } from '../unknown-options.js';

export interface ByExtensionOptions {
  /**
   * The whole delivery goes to the job of its first document that has one: for a document with its index file.
   * Default false: the documents of one extension make one group.
   */
  readonly together?: boolean;
}

/**
 * EzGED's "regroupement par extension": which job takes which extension, or which type of envelope.
 *
 * ```ts
 * byExtension({ pdf: '87', tif: '87', chorus_fact: '88', '*': '1' })
 * ```
 *
 * An extension is written as `pdf`, `.PDF` or `*.pdf`; `''` stands for files without one, `'*'` for all that are not
 * named. Documents that an expander found in one envelope stay together, under the envelope's type.
 *
 * @throws LanceurError `INVALID_OPTION` for no job at all, an empty job, an extension named twice, or one that no file
 *   can have (`tar.gz`: what follows the last dot is `gz`).
 */
export function byExtension(
  jobs: Readonly<Record<string, string>>,
  options: ByExtensionOptions = {},
): Grouper {
  if (typeof jobs !== 'object' || Array.isArray(jobs)) {
    throw invalid('jobs', 'an object of extensions with their jobs, such as { pdf: "87" }', jobs);
  }
  refuseUnknownOptions('byExtension', options, ['together']);
  const byName = new Map<string, string>();
  for (const [extension, job] of Object.entries(jobs)) {
    const name = extensionKey(extension);
    if (typeof job !== 'string' || job.trim() === '') {
      throw invalid(`jobs['${extension}']`, 'the number or name of a job', job);
    }
    if (/[./\\]/u.test(name)) {
      throw invalid('jobs', 'extensions, which is what follows the last dot of a name', extension);
    }
    if (byName.has(name))
      throw invalid(
        'jobs',
        `a job for each extension once, and "${extension}" is "${name}" again`,
        extension,
      );
    byName.set(name, job);
  }
  if (byName.size === 0)
    throw invalid('jobs', 'a job for at least one extension, such as { pdf: "87" }', 'none');

  const jobOf = (name: string) => byName.get(name) ?? byName.get('*');
  return {
    fingerprint: fingerprintOf('by-extension', [...byName].sort(), options.together === true),
    jobs: [...new Set(byName.values())],
    jobFor: (document: DocumentInfo) => jobOf(extensionOf(document.name)),
    group(delivery) {
      const groups = new Map<string, { key: string; job: string; documents: SourceDocument[] }>();
      const { documents } = delivery;
      const first = documents.find((d) => jobOf(kindOf(d)) !== undefined);
      if (first === undefined) return [];
      for (const document of documents) {
        const leader = options.together === true ? first : document;
        const job = jobOf(kindOf(leader));
        if (job === undefined) continue;
        const key =
          options.together === true ? kindOf(first) : (document.group ?? extensionOf(document.name));
        // What an expander calls a group, a file may bear as its extension.
        const origin = options.together === true || document.group === undefined ? 'name' : 'expander';
        const group = groups.get(`${origin}:${key}`);
        if (group) group.documents.push(document);
        else groups.set(`${origin}:${key}`, { key, job, documents: [document] });
      }
      return withDistinctKeys([...groups.values()]);
    },
  };
}

/** An extension however it is written: `pdf`, `.PDF` and `*.pdf` are one. */
export function extensionKey(extension: string): string {
  return extension === '*' ? extension : extension.replace(/^\*?\./u, '').toLowerCase();
}

/** One job takes every document, each delivery as one group. */
export function toJob(job: string): Grouper {
  if (typeof job !== 'string' || job.trim() === '') throw invalid('job', 'the number or name of a job', job);
  return {
    fingerprint: fingerprintOf('to-job', job),
    jobs: [job],
    jobFor: () => job,
    group: ({ documents }) => (documents.length === 0 ? [] : [{ key: 'all', job, documents }]),
  };
}

/** An envelope's type where an expander has said so, else the extension. */
function kindOf(document: SourceDocument): string {
  if (document.group === undefined) return extensionOf(document.name);
  return document.group.replace(/#.*$/su, '').toLowerCase();
}

function withDistinctKeys(groups: readonly DocumentGroup[]): readonly DocumentGroup[] {
  const taken = new Set<string>();
  return groups.map((group) => {
    let { key } = group;
    while (taken.has(key)) key = `.${key}`;
    taken.add(key);
    return { ...group, key };
  });
}

function invalid(option: string, expected: string, found: unknown): LanceurError {
  return new LanceurError('INVALID_OPTION', {
    option,
    expected,
    found: typeof found === 'string' ? JSON.stringify(found) : String(found),
  });
}
