import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  memoryLedger,
  reason,
  type Change,
  type Claim,
  type ItemRef,
  type Ledger,
  type Viewer,
} from '@lanceur/core';
import { virtualClock, type VirtualClock } from '@lanceur/core/testing';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { join } from 'node:path';
import { allOf, temporaryFolder } from './bench.js';

// The memory ledger is the model of the SQLite one: the same calls must have the same answers, errors included.

const viewers: readonly Viewer[] = [
  { launcher: '16', source: 'depots', fingerprint: 'f1' },
  { launcher: '16', source: 'depots', fingerprint: 'f2' },
  { launcher: '17', source: 'depots', fingerprint: 'f1' },
  { launcher: '16', source: 'mail', fingerprint: 'f1' },
];
const refused = reason('DOCUMENT_REFUSED', { name: 'a', job: '87', why: 'no' });
const doubt = reason('IN_DOUBT', { name: 'a', job: '87' });
const LEASE = 1000;

const aViewer = fc.constantFrom(...viewers);
const aSource = fc.constantFrom('depots', 'mail');
const aRef: fc.Arbitrary<ItemRef> = fc
  .record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e'), same: fc.constantFrom('m1', 'm2', undefined) })
  .map(({ id, same }) => ({ id, version: '1', name: `${id}.pdf`, ...(same !== undefined && { same }) }));

const plan: Change = {
  type: 'planned',
  groups: [
    { id: 'S1', key: 'pdf', job: '87', documents: ['a.pdf', 'b.pdf'] },
    { id: 'S2', key: 'xml', job: '88', documents: ['a.xml'] },
  ],
  unwanted: [],
};
const receipt = (submissionId: string, sha256: string) => ({
  submissionId,
  at: 1,
  documents: [{ name: 'a.pdf', size: 3, sha256 }],
});

const submission = fc.constantFrom('S1', 'S2');
const aChange: fc.Arbitrary<Change> = fc.oneof(
  fc.constant(plan),
  fc.record({ type: fc.constant('submitting' as const), submission, sent: fc.constant([]) }),
  fc.record({
    type: fc.constant('submitted' as const),
    submission,
    receipt: fc.constantFrom('aa', 'bb').map((sha256) => receipt('S1', sha256)),
  }),
  fc.record({ type: fc.constant('notSubmitted' as const), submission }),
  fc.record({ type: fc.constant('refused' as const), submission, reason: fc.constantFrom(refused, doubt) }),
  fc.record({
    type: fc.constant('failed' as const),
    reason: fc.constant(refused),
    attempts: fc.constantFrom(1, 3),
  }),
  fc.record({
    type: fc.constant('ended' as const),
    end: fc.constantFrom('accept' as const, 'aside' as const),
  }),
  fc.record({
    type: fc.constant('ended' as const),
    end: fc.constant('reject' as const),
    reason: fc.constant(refused),
  }),
  fc.record({ type: fc.constant('ended' as const), end: fc.constant('reject' as const) }),
  fc.record({
    type: fc.constant('settled' as const),
    how: fc.constantFrom(
      'removed' as const,
      'kept' as const,
      'gone' as const,
      'changed' as const,
      'failed' as const,
    ),
  }),
  fc.constant({ type: 'skipped' } as const),
  fc.constant({ type: 'voided', reason: refused } as const),
  fc.record({ type: fc.constant('released' as const), delayMs: fc.constantFrom(0, 500, 5000) }),
);

/** Lives that get somewhere: random changes alone hardly ever leave `open`. */
const aLife: fc.Arbitrary<readonly Change[]> = fc.oneof(
  fc.array(aChange, { maxLength: 4 }),
  fc.constant<readonly Change[]>([{ type: 'skipped' }]),
  fc.constant<readonly Change[]>([
    plan,
    { type: 'submitted', submission: 'S1', receipt: receipt('S1', 'aa') },
    { type: 'submitted', submission: 'S2', receipt: receipt('S2', 'bb') },
    { type: 'ended', end: 'accept' },
    { type: 'settled', how: 'kept' },
  ]),
  fc.constant<readonly Change[]>([
    plan,
    { type: 'submitted', submission: 'S1', receipt: receipt('S1', 'aa') },
    { type: 'refused', submission: 'S2', reason: doubt },
    { type: 'ended', end: 'reject', reason: doubt },
    { type: 'settled', how: 'removed' },
  ]),
  fc.constantFrom('removed' as const, 'kept' as const, 'gone' as const, 'changed' as const).chain((how) =>
    fc.constantFrom('accept' as const, 'reject' as const).map((end): readonly Change[] => [
      { type: 'ended', end },
      { type: 'settled', how },
    ]),
  ),
);

const aQuery = fc.record(
  {
    source: aSource,
    id: fc.constantFrom('a', 'b', 'c'),
    name: fc.constantFrom('a.pdf', 'a.xml', 'b.pdf'),
    sha256: fc.constantFrom('aa', 'bb', 'cc'),
    state: fc.constantFrom('idle' as const, 'open' as const, 'ended' as const, 'settled' as const),
    end: fc.constantFrom('accept' as const, 'reject' as const, 'aside' as const),
    code: fc.constantFrom('DOCUMENT_REFUSED' as const, 'IN_DOUBT' as const),
  },
  { requiredKeys: [] },
);

/** One call, made of both ledgers; what it answers is compared. `held` are the claims that were handed out so far. */
interface Call {
  readonly name: string;
  make(ledger: Ledger, held: Claim[], clock: VirtualClock): Promise<unknown>;
}

const aCall: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ v: aViewer, ref: aRef, alone: fc.boolean() }).map(({ v, ref, alone }) => ({
      name: `claim ${v.launcher} ${v.source} ${ref.id} ${String(alone)}`,
      async make(ledger: Ledger, held: Claim[]) {
        const outcome = await ledger.claim(v, ref, { leaseMs: LEASE, alone });
        if ('fence' in outcome) held.push(outcome);
        return outcome;
      },
    })),
  },
  {
    weight: 6,
    arbitrary: fc.record({ nth: fc.nat(5), changes: aLife }).map(({ nth, changes }) => ({
      name: `write ${String(nth)} ${JSON.stringify(changes)}`,
      async make(ledger: Ledger, held: Claim[]) {
        const claim = held[held.length - 1 - (nth % Math.max(1, held.length))];
        return claim === undefined ? undefined : ledger.write(claim, changes, LEASE);
      },
    })),
  },
  fc.record({ which: aQuery, everything: fc.boolean() }).map(({ which, everything }) => ({
    name: `replay ${JSON.stringify(which)} ${String(everything)}`,
    make: (ledger: Ledger) => ledger.replay(which, everything ? 'everything' : 'missing'),
  })),
  fc.record({ source: aSource, to: aRef, from: aRef }).map(({ source, to, from }) => ({
    name: `carry ${source} ${from.id} ${to.id}`,
    make: (ledger: Ledger) => ledger.carry(source, [{ to, from }]),
  })),
  fc.record({ source: aSource, ref: aRef }).map(({ source, ref }) => ({
    name: `listed ${source} ${ref.id}`,
    make: (ledger: Ledger) => ledger.listed(source, [ref]),
  })),
  fc.record({ source: aSource, age: fc.constantFrom(0, 2000) }).map(({ source, age }) => ({
    name: `prune ${source} ${String(age)}`,
    make: (ledger: Ledger, _held: Claim[], clock: VirtualClock) =>
      ledger.prune(source, { changedBefore: clock.now() - age, listedBefore: clock.now() - age }),
  })),
  fc
    .record({ v: aViewer, address: fc.constantFrom('x', 'y'), adopt: fc.boolean() })
    .map(({ v, address, adopt }) => ({
      name: `bind ${v.launcher} ${v.source} ${address} ${String(adopt)}`,
      make: (ledger: Ledger) => ledger.bind(v, address, { adopt }),
    })),
  aQuery.map((which) => ({
    name: `find ${JSON.stringify(which)}`,
    make: (ledger: Ledger) => allOf(ledger.find(which)),
  })),
  fc.constantFrom(1, 400, 1000, 6000).map((ms) => ({
    name: `wait ${String(ms)}`,
    make: (_ledger: Ledger, _held: Claim[], clock: VirtualClock) => clock.advance(ms),
  })),
);

/** What a call comes to, fit to be compared. */
async function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return JSON.parse(JSON.stringify({ answer: await call })) as unknown;
  } catch (error) {
    return { code: (error as { code?: unknown }).code, message: String(error) };
  }
}

test(
  'the SQLite ledger answers whatever is asked as the memory ledger does',
  { timeout: 300_000 },
  async () => {
    const refs: readonly ItemRef[] = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => ({
      id,
      version: '1',
      name: id,
      same: 'm1',
    }));
    const everything = async (ledger: Ledger) => [
      await allOf(ledger.find({})),
      await allOf(ledger.unfinished('depots')),
      ...(await Promise.all(viewers.map((v) => ledger.classify(v, refs)))),
    ];
    const reached = new Set<string>();

    await fc.assert(
      fc.asyncProperty(fc.array(aCall, { minLength: 5, maxLength: 40 }), async (calls) => {
        const folder = await temporaryFolder();
        const [clockOne, clockTwo] = [virtualClock(), virtualClock()];
        const model = memoryLedger({ clock: clockOne });
        const real = await sqliteLedger({ path: join(folder.path, 'ledger.db'), clock: clockTwo });
        try {
          const [heldOne, heldTwo]: [Claim[], Claim[]] = [[], []];
          for (const call of calls) {
            const expected = await outcomeOf(call.make(model, heldOne, clockOne));
            expect(await outcomeOf(call.make(real, heldTwo, clockTwo)), call.name).toEqual(expected);
            const all = await everything(model);
            expect(await everything(real), `after ${call.name}`).toEqual(all);
            for (const verdict of all.slice(2).flat())
              reached.add('is' in verdict ? verdict.is : verdict.state);
          }
        } finally {
          await real.close();
          await folder.remove();
        }
      }),
      { numRuns: 40, seed: 20_260_101 },
    );
    // A property that never gets anywhere proves nothing.
    expect([...reached].sort()).toEqual(
      expect.arrayContaining(['done', 'new', 'owned', 'retry', 'returned', 'settleOnly', 'skipped', 'wait']),
    );
  },
);
