// What keeps a process that has lost an item from taking what the one needs that has it now.
import { LanceurError, type ColdSubmitter, type ForgetOptions } from '@lanceur/core';
import { expect, test } from 'vitest';
import { bench, type Bench } from './bench.js';

interface Watched {
  readonly submitter: ColdSubmitter;
  readonly fences: (number | undefined)[];
  readonly done: unknown[];
}

/** Places nothing: its target fails each time, once it has said that it is about to place. */
function failing(): Watched {
  const fences: (number | undefined)[] = [];
  const done: unknown[] = [];
  const submitter: ColdSubmitter = {
    traits: { find: false, atomicGroup: true },
    async submit({ job }, { fence, beforePlacing } = {}) {
      fences.push(fence);
      await beforePlacing?.([]);
      throw new LanceurError('TARGET_FAILED', { job, why: 'it is away' }, { job });
    },
    forget: async (ids: readonly string[], options?: ForgetOptions) =>
      void done.push(['forget', ids.length, options]),
  };
  return { submitter, fences, done };
}

/** What is written of an item that is changed, among what the submitter does. */
function watchVoiding({ ledger }: Bench, done: unknown[], refuse = false): void {
  const write = ledger.write.bind(ledger);
  ledger.write = async (claim, changes, leaseMs) => {
    if (!changes.some(({ type }) => type === 'voided')) return await write(claim, changes, leaseMs);
    done.push('voided');
    if (refuse) throw new LanceurError('LEASE_LOST', { name: claim.item.name });
    return await write(claim, changes, leaseMs);
  };
}

test('an attempt under a later claim has a higher fence', async () => {
  const { submitter, fences } = failing();
  const b = bench({ submitter });
  b.source.put({ name: 'a.pdf' });
  for (let n = 0; n < 3; n++) {
    await b.launcher.run();
    await b.clock.advance(7_200_000);
  }

  expect(fences).toHaveLength(3);
  expect(fences.every((fence, i) => fence !== undefined && fence > (fences[i - 1] ?? 0))).toBe(true);
});

test.each([
  ['is forgotten once that is written, up to the fence of its claim', false],
  ['is not forgotten by a process that has lost it', true],
])('what was staged of an item that is changed %s', async (_what, isLost) => {
  const { submitter, fences, done } = failing();
  const b = bench({ submitter });
  b.source.put({ name: 'a.pdf' });
  await b.launcher.run();
  await b.clock.advance(7_200_000);
  b.source.failNext('open', new LanceurError('CHANGED', { name: 'a.pdf' }));
  watchVoiding(b, done, isLost);
  await b.launcher.run();

  const [first = 0] = fences;
  expect(done).toEqual(isLost ? ['voided'] : ['voided', ['forget', 1, { fence: first + 1 }]]);
});
