// @ts-check
// Launchers with one guard taken out: they show that the watcher and the auditor see what they are there for.
import { readFile, writeFile } from 'node:fs/promises';
import { die } from './steps.mjs';

/**
 * @typedef {'placed in one step' | 'placed before its manifest' | 'nothing replaced' | 'whole' |
 *   'looked for after a crash' | 'evidence kept until the ledger knows' | 'evidence taken away' |
 *   'settled once it is placed'} Guard - what a launcher does not keep to
 */

/** @typedef {import('@lanceur/protocols/waiting-directory').FileSystem} FileSystem */
/** @typedef {import('@lanceur/core').ColdSubmitter} ColdSubmitter */

/**
 * What becomes of the parts of a launcher where a guard is taken out.
 *
 * @param {Guard | undefined} guard
 * @returns {{ disk(disk: FileSystem): FileSystem, submitter(submitter: ColdSubmitter): ColdSubmitter }}
 */
export function broken(guard) {
  return {
    disk: (disk) => ({ ...disk, ...(guard === undefined ? {} : brokenDisk(guard, disk)) }),
    submitter: (submitter) => {
      const parts = guard === undefined ? {} : brokenSubmitter(guard, submitter);
      return Object.keys(parts).length === 0 ? submitter : { ...delegating(submitter), ...parts };
    },
  };
}

/**
 * @param {Guard} guard
 * @param {FileSystem} disk
 * @returns {Partial<FileSystem>}
 */
function brokenDisk(guard, disk) {
  /** @type {(to: string) => boolean} */
  const isPlaced = (to) => !to.includes('.lanceur-staging');
  switch (guard) {
    case 'placed in one step':
      return {
        async link(from, to) {
          if (!isPlaced(to)) return await disk.link(from, to);
          const bytes = await readFile(from);
          await writeFile(to, bytes.subarray(0, 50), { flag: 'wx' });
          await die();
        },
      };
    case 'placed before its manifest':
      return {
        async link(from, to) {
          if (isPlaced(to) && !to.endsWith('.json')) return;
          await disk.link(from, to);
          if (isPlaced(to)) await die();
        },
      };
    case 'nothing replaced':
      return {
        async link(from, to) {
          if (!isPlaced(to)) return await disk.link(from, to);
          await writeFile(`${from}.copy`, await readFile(from));
          await disk.rename(`${from}.copy`, to);
        },
      };
    case 'whole':
      return {
        async open(path, flags) {
          const file = await disk.open(path, flags);
          return {
            write: (data) => file.write(data.length > 1_000 ? data.subarray(1) : data),
            read: (buffer, position) => file.read(buffer, position),
            sync: () => file.sync(),
            close: () => file.close(),
          };
        },
      };
    default:
      return {};
  }
}

/**
 * @param {Guard} guard
 * @param {ColdSubmitter} submitter
 * @returns {Partial<ColdSubmitter>}
 */
function brokenSubmitter(guard, submitter) {
  switch (guard) {
    case 'looked for after a crash':
      return { find: () => Promise.resolve({ is: 'absent' }) };
    case 'evidence kept until the ledger knows':
      return {
        async find(planned) {
          const found = await submitter.find?.(planned);
          await submitter.forget?.([planned.id]);
          return found ?? { is: 'unknown' };
        },
      };
    case 'evidence taken away':
      return { forget: () => Promise.resolve() };
    case 'settled once it is placed':
      return {
        async submit(group, options) {
          // All but the last step.
          const documents = await new Promise((resolve, reject) => {
            const beforePlacing = async (/** @type {readonly import('@lanceur/core').Sent[]} */ sent) => {
              await options?.beforePlacing?.(sent);
              resolve(sent);
              throw new Error('it is not placed');
            };
            submitter.submit(group, { ...options, beforePlacing }).catch(reject);
          });
          return { submissionId: options?.submissionId ?? '', at: Date.now(), documents };
        },
      };
    default:
      return {};
  }
}

/**
 * @param {ColdSubmitter} submitter
 * @returns {ColdSubmitter}
 */
function delegating(submitter) {
  const { traits, jobs, folders, find, forget } = submitter;
  return {
    traits,
    ...(jobs && { jobs }),
    ...(folders && { folders }),
    submit: (group, options) => submitter.submit(group, options),
    ...(find && { find: (planned) => find.call(submitter, planned) }),
    ...(forget && { forget: (ids, options) => forget.call(submitter, ids, options) }),
  };
}
