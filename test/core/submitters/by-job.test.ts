import { byJob, byExtension, Launcher, LanceurError, memoryLedger, type ColdSubmitter } from '@lanceur/core';
import { memoryCold, memoryDocument, memoryListener, submitterSuite } from '@lanceur/core/testing';
import { describe, expect, test } from 'vitest';
import { coldBench } from '../testing/memory-bench.js';

describe('a submitter that routes by job keeps what every submitter promises', () => {
  const create = () => coldBench({}, (cold) => byJob({ '12': memoryCold(), '87': cold }));
  for (const { name, run } of submitterSuite({ create })) test(name, run);
});

test('each job’s documents go to its own submitter, and what became of them is asked there', async () => {
  const [factures, plans] = [memoryCold(), memoryCold()];
  const submitter = byJob({ '87': factures, '12': plans });
  const documents = [memoryDocument('a.pdf', 'A')];
  await submitter.submit({ key: 'pdf', job: '12', documents }, { submissionId: 's' });
  expect([factures.waiting.length, plans.waiting.length]).toEqual([0, 1]);
  const planned = { id: 's', key: 'pdf', documents: ['a.pdf'] };
  expect(await submitter.find?.({ ...planned, job: '12' })).toMatchObject({ is: 'found' });
  expect(await submitter.find?.({ ...planned, job: '87' })).toEqual({ is: 'absent' });
});

test('it promises what all can, forgets in all, and tells the troubles of any', async () => {
  const forgotten: unknown[] = [];
  const troubled: ColdSubmitter = {
    ...memoryCold(),
    forget: async (ids, options) => void forgotten.push(...ids, options),
    folders: [{ role: 'target', path: '/x' }],
    check: async () => [{ name: 'tried', result: 'ok' }],
    health: () => ({ code: 'TARGET_GONE', message: 'gone' }),
  };
  const blind: ColdSubmitter = { traits: { find: false, atomicGroup: false }, submit: memoryCold().submit };
  const submitter = byJob({ '1': blind, '2': troubled, '3': troubled });
  expect(submitter.traits).toEqual({ find: false, atomicGroup: false });
  expect(submitter.jobs).toEqual(['1', '2', '3']);
  expect([submitter.canFind?.('1'), submitter.canFind?.('2')]).toEqual([false, true]);
  await submitter.forget?.(['s'], { fence: 3 });
  expect(forgotten).toEqual(['s', { fence: 3 }]);
  expect(submitter.folders).toEqual([{ role: 'target', path: '/x' }]);
  expect(await submitter.check?.()).toEqual([{ name: 'tried', result: 'ok' }]);
  expect(submitter.health?.()?.code).toBe('TARGET_GONE');
});

test('the word of a submitter without find counts although another one has it', async () => {
  let tries = 0;
  const blind: ColdSubmitter = {
    traits: { find: false, atomicGroup: true },
    async submit(group, options) {
      tries++;
      await options?.beforePlacing?.([]);
      // Not IN_DOUBT: nothing of the group is there.
      throw new LanceurError('TARGET_FAILED', { job: group.job, why: 'no' }, { job: group.job });
    },
  };
  const launcher = new Launcher({
    id: '16',
    listener: memoryListener({ items: [{ name: 'a.pdf', documents: [{ name: 'a.pdf', content: 'A' }] }] }),
    grouper: byExtension({ pdf: '88' }),
    submitter: byJob({ '87': memoryCold(), '88': blind }),
    ledger: memoryLedger(),
    inDoubt: 'reject',
  });
  const { counts } = await launcher.run();
  await launcher.close();
  expect(tries).toBe(1);
  // In doubt it would have been rejected.
  expect([counts.accepted, counts.rejected]).toEqual([0, 0]);
});

test('a job without submitter, and a submitter without the job, are refused', async () => {
  expect(() => byJob({})).toThrow(LanceurError);
  expect(() => byJob({ '87': memoryCold({ jobs: ['12'] }) })).toThrow(/one that has 12/);
  const only = byJob({ '87': memoryCold() });
  await expect(only.submit({ key: 'k', job: '99', documents: [] })).rejects.toMatchObject({
    code: 'UNKNOWN_JOB',
  });
});
