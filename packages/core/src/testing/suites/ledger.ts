import assert from 'node:assert/strict';
import type { ItemRef, Receipt, Sent } from '../../contracts/item.js';
import type { Change, Claim, ItemRecord, Ledger, Query, Verdict, Viewer } from '../../contracts/ledger.js';
import type { Planned } from '../../contracts/submitter.js';
import { LanceurError } from '../../errors.js';
import { reason } from '../../reasons.js';
import { needed, type SuiteCase } from '../suite.js';

/** What some ledgers cannot do; the cases that need it are left out of the suite. */
export type LedgerCapability =
  /** What is remembered outlives the object (a file, a database). */
  'again';

/** An empty ledger, for one case. */
export interface LedgerBench {
  readonly ledger: Ledger;
  /** The ledger's own clock. */
  readonly clock: {
    now(): number;
    /** Moves on by so many milliseconds. */
    advance(ms: number): void | Promise<void>;
  };
  /** Another object on the same memory and clock, as another process would have it. The bench closes it. */
  again?(): Promise<Ledger>;
  /** Closes what is still open, and leaves nothing behind. */
  dispose(): Promise<void>;
}

export interface LedgerSubject {
  create(): Promise<LedgerBench>;
  readonly without?: readonly LedgerCapability[];
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
const LEASE = MINUTE;

const viewer: Viewer = { launcher: '16', source: 'depots', fingerprint: 'f1' };
const other: Viewer = { launcher: '17', source: 'depots', fingerprint: 'f2' };
const gone = reason('GONE', { name: 'a.pdf' });
const refused = reason('DOCUMENT_REFUSED', { name: 'a.pdf', job: '87', why: 'no' });
const doubt = reason('IN_DOUBT', { name: 'a.pdf', job: '87' });

/**
 * What every {@link Ledger} must do, as cases for any test runner. Each runs on a ledger of its own.
 *
 * ```ts
 * for (const c of ledgerSuite({ create: myBench, without: ['again'] })) test(c.name, c.run);
 * ```
 */
export function ledgerSuite(subject: LedgerSubject): readonly SuiteCase[] {
  const cases: SuiteCase[] = [];
  const promise = (
    name: string,
    body: (bench: LedgerBench) => Promise<void>,
    ...needs: readonly LedgerCapability[]
  ) => {
    if (needs.some((capability) => subject.without?.includes(capability) === true)) return;
    const run = async () => {
      const bench = await subject.create();
      try {
        await body(bench);
      } finally {
        await bench.dispose();
      }
    };
    cases.push({ name, run });
  };

  // ── verdicts ────────────────────────────────────────────────────────────────────────────────────────

  promise('an item that was never seen is new', async ({ ledger }) => {
    assert.deepEqual(await verdict(ledger, 'a.pdf'), { is: 'new' });
  });

  promise('verdicts come in the order of the refs, each its own', async ({ ledger }) => {
    await settled(ledger, 'done.pdf', 'accept', 'kept');
    await begun(ledger, 'busy.pdf');
    const refs = Array.from({ length: 1200 }, (_, n) => refOf(`new ${String(n)}.pdf`));
    refs.splice(700, 0, refOf('done.pdf'));
    refs.splice(300, 0, refOf('busy.pdf'));
    const verdicts = await ledger.classify(viewer, refs);
    assert.equal(verdicts.length, refs.length);
    const seen = verdicts.flatMap((v, n) => (v.is === 'new' ? [] : [`${refs[n]?.name ?? ''}: ${v.is}`]));
    assert.deepEqual(seen, ['busy.pdf: wait', 'done.pdf: done']);
  });

  promise('looking changes nothing', async ({ ledger }) => {
    const before = await all(ledger.find({}));
    await ledger.classify(viewer, [refOf('a.pdf'), refOf('b.pdf')]);
    assert.deepEqual(await all(ledger.find({})), before);
    assert.equal(before.length, 0);
  });

  promise('the same name in another version, or another source, is another item', async ({ ledger }) => {
    await settled(ledger, 'a.pdf', 'accept', 'kept');
    assert.deepEqual(await ledger.classify(viewer, [{ ...refOf('a.pdf'), version: '2' }]), [{ is: 'new' }]);
    assert.deepEqual(await ledger.classify({ ...viewer, source: 'mail' }, [refOf('a.pdf')]), [{ is: 'new' }]);
  });

  promise('what is being worked on waits until its lease ends', async ({ ledger, clock }) => {
    await begun(ledger, 'a.pdf');
    assert.deepEqual(await verdict(ledger, 'a.pdf'), { is: 'wait', why: 'busy', until: clock.now() + LEASE });
    assert.deepEqual(await verdict(ledger, 'a.pdf', other), {
      is: 'wait',
      why: 'busy',
      until: clock.now() + LEASE,
    });
  });

  promise('what failed waits for its next attempt, and says why', async ({ ledger, clock }) => {
    await ledger.write(
      await planned(ledger, 'a.pdf'),
      [
        { type: 'failed', submission: 'a.pdf#1', reason: refused, attempts: 3 },
        { type: 'released', delayMs: 5 * MINUTE },
      ],
      LEASE,
    );
    const until = clock.now() + 5 * MINUTE;
    assert.deepEqual(await verdict(ledger, 'a.pdf'), { is: 'wait', why: 'backoff', until, reason: refused });
    await clock.advance(5 * MINUTE);
    assert.deepEqual(await verdict(ledger, 'a.pdf'), { is: 'retry', suspect: false, jobs: ['87'] });
  });

  promise('what has been planned is retried for the jobs that it has not reached', async ({ ledger }) => {
    const claim = await begun(ledger, 'a.pdf');
    const groups = [planOf('a.pdf', 1, '87'), planOf('a.pdf', 2, '88'), planOf('a.pdf', 3, '88')];
    await ledger.write(
      claim,
      [{ type: 'planned', groups, unwanted: [] }, ...sending('a.pdf', 1), { type: 'released' }],
      LEASE,
    );
    assert.deepEqual(await verdict(ledger, 'a.pdf'), { is: 'retry', suspect: false, jobs: ['88'] });
  });

  promise('what has been planned by another launcher is that launcher’s', async ({ ledger }) => {
    await ledger.write(await planned(ledger, 'a.pdf'), [{ type: 'released' }], LEASE);
    assert.deepEqual(await verdict(ledger, 'a.pdf', other), { is: 'owned', launcher: viewer.launcher });
    assert.deepEqual(await ledger.claim(other, refOf('a.pdf'), { leaseMs: LEASE }), {
      is: 'owned',
      launcher: '16',
    });
  });

  promise('what has ended has only to be settled', async ({ ledger }) => {
    const claim = await sent(ledger, 'a.pdf');
    await ledger.write(claim, [{ type: 'ended', end: 'accept' }, { type: 'released' }], LEASE);
    assert.deepEqual(await verdict(ledger, 'a.pdf'), { is: 'settleOnly' });
  });

  promise('what the source failed to settle is settled again', async ({ ledger }) => {
    await settled(ledger, 'a.pdf', 'accept', 'failed');
    assert.deepEqual(await verdict(ledger, 'a.pdf'), { is: 'settleOnly' });
  });

  promise('what is kept in its source is done', async ({ ledger, clock }) => {
    await settled(ledger, 'a.pdf', 'accept', 'kept');
    const at = clock.now();
    await clock.advance(DAY);
    assert.deepEqual(await verdict(ledger, 'a.pdf'), { is: 'done', at, end: 'accept', listedAt: at });
    assert.deepEqual(await verdict(ledger, 'a.pdf', other), { is: 'done', at, end: 'accept', listedAt: at });
  });

  promise('what is rejected and kept is done, and says why', async ({ ledger, clock }) => {
    await settled(ledger, 'a.pdf', 'reject', 'kept', refused);
    const at = clock.now();
    assert.deepEqual(await verdict(ledger, 'a.pdf'), {
      is: 'done',
      at,
      end: 'reject',
      reason: refused,
      listedAt: at,
    });
  });

  promise('what is put aside and kept is done, and says why', async ({ ledger, clock }) => {
    const why = reason('PARTLY_UNWANTED', { names: 'b.pdf' });
    const changes: readonly Change[] = [
      { type: 'ended', end: 'aside', reason: why },
      { type: 'settled', how: 'kept' },
    ];
    await ledger.write(await sent(ledger, 'a.pdf'), changes, LEASE);
    const at = clock.now();
    assert.deepEqual(await verdict(ledger, 'a.pdf'), {
      is: 'done',
      at,
      end: 'aside',
      reason: why,
      listedAt: at,
    });
  });

  promise('what was rejected without a word and put back is sent again all the same', async ({ ledger }) => {
    const changes: readonly Change[] = [
      { type: 'ended', end: 'reject' },
      { type: 'settled', how: 'removed' },
    ];
    await ledger.write(await planned(ledger, 'a.pdf'), changes, LEASE);
    assert.deepEqual(await verdict(ledger, 'a.pdf'), { is: 'retry', suspect: false, jobs: ['87'] });
  });

  promise('what was accepted and removed, and is listed again, has returned', async ({ ledger, clock }) => {
    await settled(ledger, 'a.pdf', 'accept', 'removed');
    const at = clock.now();
    assert.deepEqual(await verdict(ledger, 'a.pdf'), { is: 'returned', at, listedAt: at });
  });

  promise('what was rejected and put back is sent again under the same ids', async ({ ledger }) => {
    const claim = await planned(ledger, 'a.pdf');
    await ledger.write(
      claim,
      [
        { type: 'refused', submission: 'a.pdf#1', reason: refused },
        { type: 'ended', end: 'reject', reason: refused },
        { type: 'settled', how: 'removed' },
      ],
      LEASE,
    );
    assert.deepEqual(await verdict(ledger, 'a.pdf'), { is: 'retry', suspect: false, jobs: ['87'] });
    const { item } = await claimOf(ledger, 'a.pdf');
    assert.equal(item.state, 'open');
    assert.equal(item.epoch, 0);
    assert.deepEqual(
      item.submissions?.map((s) => [s.id, s.state]),
      [['a.pdf#1', 'planned']],
    );
  });

  promise('what was gone when it was settled is settled again once it is back', async ({ ledger }) => {
    await settled(ledger, 'a.pdf', 'accept', 'gone');
    assert.deepEqual(await verdict(ledger, 'a.pdf'), { is: 'settleOnly' });
    assert.equal((await claimOf(ledger, 'a.pdf')).item.state, 'ended');
  });

  promise('what changed before it was settled is planned anew, under new ids', async ({ ledger }) => {
    await settled(ledger, 'a.pdf', 'accept', 'changed');
    assert.deepEqual(await verdict(ledger, 'a.pdf'), { is: 'new' });
    const { item } = await claimOf(ledger, 'a.pdf');
    assert.equal(item.epoch, 1);
    assert.equal(item.submissions, undefined);
  });

  promise(
    'what holds nothing wanted is skipped, by this launcher as it is now',
    async ({ ledger, clock }) => {
      await ledger.write(await begun(ledger, 'a.pdf'), [{ type: 'skipped' }], LEASE);
      assert.deepEqual(await verdict(ledger, 'a.pdf'), { is: 'skipped', listedAt: clock.now() });
      assert.deepEqual(await verdict(ledger, 'a.pdf', { ...viewer, fingerprint: 'f9' }), { is: 'new' });
      assert.deepEqual(await verdict(ledger, 'a.pdf', other), { is: 'new' });
    },
  );

  promise('what was gone when it was opened is taken again once it is listed', async ({ ledger }) => {
    await ledger.write(await begun(ledger, 'a.pdf'), [{ type: 'voided', reason: gone }], LEASE);
    assert.deepEqual(await verdict(ledger, 'a.pdf'), { is: 'new' });
    await ledger.write(await planned(ledger, 'a.pdf'), [{ type: 'voided', reason: gone }], LEASE);
    assert.deepEqual(await verdict(ledger, 'a.pdf'), { is: 'retry', suspect: false, jobs: ['87'] });
  });

  // ── claims ──────────────────────────────────────────────────────────────────────────────────────────

  promise('of fifty that claim an item at once, exactly one has it', async ({ ledger }) => {
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => ledger.claim(viewer, refOf('a.pdf'), { leaseMs: LEASE })),
    );
    assert.equal(outcomes.filter((o) => 'fence' in o).length, 1);
    assert.equal(outcomes.filter((o) => 'is' in o && o.is === 'wait').length, 49);
  });

  promise('fifty items claimed at once are all claimed, and all remembered', async ({ ledger }) => {
    const names = Array.from({ length: 50 }, (_, n) => `${String(n)}.pdf`);
    const claims = await Promise.all(names.map((name) => claimOf(ledger, name)));
    assert.deepEqual(
      claims.map((c) => c.item.name),
      names,
    );
    assert.equal((await all(ledger.unfinished(viewer.source))).length, 50);
  });

  promise('a claim holds what the ref said, and when', async ({ ledger, clock }) => {
    const ref = { ...refOf('a.pdf'), size: 20_480, same: 'mark' };
    const claim = await ledger.claim(viewer, ref, { leaseMs: LEASE });
    assert.ok('fence' in claim);
    const { id, version, name, size, same, createdAt, listedAt } = claim.item;
    assert.deepEqual({ id, version, name, size, same }, ref);
    assert.deepEqual([createdAt, listedAt], [clock.now(), clock.now()]);
    assert.deepEqual(claim.item.claim, { fence: claim.fence, until: clock.now() + LEASE, alone: false });
  });

  promise('a lease is over when the ledger’s clock says so', async ({ ledger, clock }) => {
    await begun(ledger, 'a.pdf');
    await clock.advance(LEASE - 1);
    assert.equal((await verdict(ledger, 'a.pdf')).is, 'wait');
    await clock.advance(1);
    assert.equal((await verdict(ledger, 'a.pdf')).is, 'retry');
  });

  promise('a write renews the lease, one without changes as well', async ({ ledger, clock }) => {
    const claim = await begun(ledger, 'a.pdf');
    await clock.advance(LEASE - 1);
    await ledger.write(claim, [], LEASE);
    await clock.advance(LEASE - 1);
    assert.equal((await verdict(ledger, 'a.pdf')).is, 'wait');
  });

  promise('who was late but undisturbed may still write', async ({ ledger, clock }) => {
    const claim = await begun(ledger, 'a.pdf');
    await clock.advance(10 * LEASE);
    await ledger.write(claim, [{ type: 'planned', groups: [planOf('a.pdf')], unwanted: [] }], LEASE);
    assert.equal((await verdict(ledger, 'a.pdf')).is, 'wait');
  });

  promise('who has lost the claim can write nothing more', async ({ ledger, clock }) => {
    const frozen = await planned(ledger, 'a.pdf');
    await clock.advance(LEASE);
    const next = await claimOf(ledger, 'a.pdf', true);
    assert.ok(next.fence > frozen.fence);
    await rejectsWith('LEASE_LOST', ledger.write(frozen, sending('a.pdf'), LEASE));
    await rejectsWith('LEASE_LOST', ledger.write(frozen, [], LEASE));
    assert.deepEqual(await one(ledger.find({})), next.item);
  });

  promise('who has let go can write nothing more', async ({ ledger }) => {
    const claim = await ledger.write(await begun(ledger, 'a.pdf'), [{ type: 'released' }], LEASE);
    await rejectsWith('LEASE_LOST', ledger.write(claim, [], LEASE));
  });

  promise('who was late finds the item replayed, and can write nothing more', async ({ ledger, clock }) => {
    const frozen = await planned(ledger, 'a.pdf');
    await clock.advance(LEASE);
    assert.equal(await ledger.replay({}, 'everything'), 1);
    await rejectsWith('LEASE_LOST', ledger.write(frozen, sending('a.pdf'), LEASE));
  });

  promise('one who has lost the claim does not fail the others', async ({ ledger, clock }) => {
    const frozen = await begun(ledger, 'a.pdf');
    await clock.advance(LEASE);
    await claimOf(ledger, 'a.pdf', true);
    const fine = await begun(ledger, 'b.pdf');
    const results = await Promise.allSettled([
      ledger.write(fine, [{ type: 'planned', groups: [planOf('b.pdf')], unwanted: [] }], LEASE),
      ledger.write(frozen, [], LEASE),
      claimOf(ledger, 'c.pdf'),
      ledger.write(fine, sending('b.pdf'), LEASE),
    ]);
    assert.deepEqual(
      results.map((r) => r.status),
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    );
    assert.equal((await one(ledger.find({ id: 'b.pdf' }))).submissions?.[0]?.state, 'submitted');
  });

  promise('a lease that cannot be measured is refused', async ({ ledger }) => {
    for (const leaseMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await rejectsWith('INVALID_OPTION', ledger.claim(viewer, refOf('a.pdf'), { leaseMs }));
    }
    assert.deepEqual(await verdict(ledger, 'a.pdf'), { is: 'new' });
  });

  // ── suspects ────────────────────────────────────────────────────────────────────────────────────────

  promise('a claim that was lost makes its item suspect, to be claimed alone', async ({ ledger, clock }) => {
    await begun(ledger, 'a.pdf');
    await clock.advance(LEASE);
    assert.deepEqual(await verdict(ledger, 'a.pdf'), { is: 'retry', suspect: true });
    assert.deepEqual(await ledger.claim(viewer, refOf('a.pdf'), { leaseMs: LEASE }), {
      is: 'retry',
      suspect: true,
    });
    const { item } = await claimOf(ledger, 'a.pdf', true);
    assert.deepEqual([item.suspect, item.crashes, item.claim?.alone], [true, 0, true]);
  });

  promise('only a claim that was lost alone counts as a crash', async ({ ledger, clock }) => {
    await begun(ledger, 'a.pdf');
    for (const crashes of [0, 1, 2]) {
      await clock.advance(LEASE);
      assert.equal((await claimOf(ledger, 'a.pdf', true)).item.crashes, crashes);
    }
  });

  promise('a claim that was let go is no crash', async ({ ledger, clock }) => {
    await ledger.write(await begun(ledger, 'a.pdf'), [{ type: 'released', delayMs: SECOND }], LEASE);
    await clock.advance(LEASE);
    assert.deepEqual(await verdict(ledger, 'a.pdf'), { is: 'retry', suspect: false });
  });

  promise('a claim that was lost while its item was settled is no crash', async ({ ledger, clock }) => {
    await ledger.write(await sent(ledger, 'a.pdf'), [{ type: 'ended', end: 'accept' }], LEASE);
    await clock.advance(LEASE);
    const { item } = await claimOf(ledger, 'a.pdf');
    assert.deepEqual([item.state, item.suspect, item.crashes], ['ended', false, 0]);
  });

  // ── writes ──────────────────────────────────────────────────────────────────────────────────────────

  promise('of several changes, all are kept', async ({ ledger }) => {
    const claim = await begun(ledger, 'a.pdf');
    await ledger.write(
      claim,
      [
        { type: 'planned', groups: [planOf('a.pdf')], unwanted: ['Thumbs.db'] },
        ...sending('a.pdf'),
        { type: 'ended', end: 'accept' },
      ],
      LEASE,
    );
    const item = await one(ledger.find({}));
    assert.equal(item.state, 'ended');
    assert.deepEqual(item.unwanted, ['Thumbs.db']);
    assert.deepEqual(item.submissions?.[0]?.receipt, receiptOf('a.pdf'));
  });

  promise('of several changes, none is kept if one cannot follow', async ({ ledger }) => {
    const claim = await planned(ledger, 'a.pdf');
    const before = await one(ledger.find({}));
    const changes: readonly Change[] = [...sending('a.pdf'), { type: 'settled', how: 'removed' }];
    await rejectsWith('INTERNAL', ledger.write(claim, changes, LEASE));
    assert.deepEqual(await one(ledger.find({})), before);
  });

  promise('what is handed in or out is nobody else’s to change', async ({ ledger }) => {
    const documents = ['a.pdf'];
    const claim = await begun(ledger, 'a.pdf');
    const groups = [{ ...planOf('a.pdf'), documents }];
    await ledger.write(claim, [{ type: 'planned', groups, unwanted: [] }], LEASE);
    documents.push('another.pdf');
    const before = await one(ledger.find({}));
    assert.deepEqual(before.submissions?.[0]?.documents, ['a.pdf']);
    Reflect.set(before, 'state', 'settled');
    assert.equal((await one(ledger.find({}))).state, 'open');
  });

  promise('any text is kept as it is', async ({ ledger }) => {
    const odd = [
      '\u0000',
      'a\u0000b',
      '\u0001',
      '\u00010000',
      '\ud800',
      'é',
      'e\u0301',
      '文書',
      '🧾',
      `'"\\;--%_`,
      ' ',
    ];
    for (const text of odd) {
      const ref = { id: text, version: text, name: text, same: text };
      const claim = await ledger.claim(viewer, ref, { leaseMs: LEASE });
      assert.ok('fence' in claim, `${JSON.stringify(text)} is taken for another`);
      const groups = [{ id: text, key: text, job: text, documents: [text] }];
      await ledger.write(claim, [{ type: 'planned', groups, unwanted: [text] }], LEASE);
      const found = await one(ledger.find({ id: text }));
      const { id, version, name, same, submissions } = found;
      assert.deepEqual({ id, version, name, same }, ref);
      assert.deepEqual(submissions, [{ ...groups[0], state: 'planned', attempts: 0 }]);
      assert.equal((await all(ledger.find({ name: text }))).length, 1);
      const [known] = await ledger.classify(viewer, [{ ...ref, id: `another ${text}` }]);
      assert.deepEqual(known, { is: 'new', known: [{ id: text, version: text }] });
    }
  });

  // ── same, carry ─────────────────────────────────────────────────────────────────────────────────────

  promise('a new item that bears the mark of known ones names them, oldest first', async ({ ledger }) => {
    await settled(ledger, refOf('1', 'mark'), 'accept', 'kept');
    await settled(ledger, refOf('2', 'mark'), 'accept', 'kept');
    await settled(ledger, refOf('3', 'another'), 'accept', 'kept');
    const known = ['1', '2'].map((id) => ({ id, version: '1' }));
    const refs = [refOf('9', 'mark'), refOf('8', 'unknown'), refOf('7'), refOf('2', 'mark')];
    const [nine, eight, seven, two] = await ledger.classify(viewer, refs);
    assert.deepEqual([nine, eight, seven], [{ is: 'new', known }, { is: 'new' }, { is: 'new' }]);
    assert.equal(two?.is, 'done');
    assert.deepEqual(await ledger.classify({ ...viewer, source: 'mail' }, [refOf('9', 'mark')]), [
      { is: 'new' },
    ]);
  });

  promise('a renumbered item keeps its memory', async ({ ledger, clock }) => {
    await settled(ledger, refOf('1', 'mark'), 'accept', 'kept');
    const at = clock.now();
    await clock.advance(DAY);
    await ledger.carry(viewer.source, [{ to: refOf('9', 'mark'), from: { id: '1', version: '1' } }]);
    const [nine, one_] = await ledger.classify(viewer, [refOf('9', 'mark'), refOf('1')]);
    assert.deepEqual(nine, { is: 'done', at, end: 'accept', listedAt: clock.now() });
    assert.deepEqual(one_, { is: 'new' });
    assert.equal((await all(ledger.find({}))).length, 1);
    assert.equal((await one(ledger.find({ sha256: digestOf('1') }))).id, '9');
  });

  promise(
    'nothing is carried onto what is known, nor from what is not, is claimed, or bears another mark',
    async ({ ledger }) => {
      await settled(ledger, refOf('1', 'mark'), 'accept', 'kept');
      await settled(ledger, refOf('2', 'mark'), 'accept', 'kept');
      await settled(ledger, refOf('3'), 'accept', 'kept');
      await claimOf(ledger, refOf('4', 'busy'));
      const before = await all(ledger.find({}));
      await ledger.carry(viewer.source, [
        { to: refOf('2', 'mark'), from: { id: '1', version: '1' } },
        { to: refOf('9', 'mark'), from: { id: '7', version: '1' } },
        { to: refOf('9', 'other'), from: { id: '1', version: '1' } },
        { to: refOf('9'), from: { id: '3', version: '1' } },
        { to: refOf('9', 'busy'), from: { id: '4', version: '1' } },
      ]);
      await ledger.carry('mail', [{ to: refOf('9', 'mark'), from: { id: '1', version: '1' } }]);
      assert.deepEqual(await all(ledger.find({})), before);
    },
  );

  promise('one record is carried once, to the first that asks', async ({ ledger }) => {
    await settled(ledger, refOf('1', 'mark'), 'accept', 'kept');
    const from = { id: '1', version: '1' };
    await ledger.carry(viewer.source, [
      { to: refOf('8', 'mark'), from },
      { to: refOf('9', 'mark'), from },
    ]);
    assert.deepEqual(
      (await all(ledger.find({}))).map((item) => item.id),
      ['8'],
    );
  });

  promise('a carried item that was rejected is sent under the ids that it had', async ({ ledger }) => {
    await settled(ledger, refOf('1', 'mark'), 'reject', 'removed', refused);
    await ledger.carry(viewer.source, [{ to: refOf('9', 'mark'), from: { id: '1', version: '1' } }]);
    const { item } = await claimOf(ledger, refOf('9', 'mark'));
    assert.deepEqual(
      item.submissions?.map((s) => s.id),
      ['1#1'],
    );
  });

  // ── bind, adopt ─────────────────────────────────────────────────────────────────────────────────────

  promise('a source that has moved is an error until it is adopted', async ({ ledger }) => {
    await ledger.bind(viewer, 'directory F:\\depots');
    await ledger.bind(other, 'directory F:\\depots');
    await rejectsWith('SOURCE_MOVED', ledger.bind(viewer, 'directory G:\\depots'));
    await ledger.bind({ ...viewer, source: 'mail' }, 'directory G:\\depots');
    await ledger.bind(viewer, 'directory G:\\depots', { adopt: true });
    await ledger.bind(viewer, 'directory G:\\depots');
    await rejectsWith('SOURCE_MOVED', ledger.bind(other, 'directory F:\\depots'));
  });

  promise('adopting hands over what other launchers have begun, in this source', async ({ ledger }) => {
    await ledger.bind(viewer, 'here');
    await ledger.write(await planned(ledger, 'a.pdf'), [{ type: 'released' }], LEASE);
    const mail: Viewer = { ...viewer, source: 'mail' };
    await ledger.write(await planned(ledger, 'a.pdf', mail), [{ type: 'released' }], LEASE);
    await ledger.bind(other, 'here', { adopt: true });
    assert.equal((await verdict(ledger, 'a.pdf', other)).is, 'retry');
    assert.deepEqual(await verdict(ledger, 'a.pdf'), { is: 'owned', launcher: other.launcher });
    assert.equal((await verdict(ledger, 'a.pdf', mail)).is, 'retry');
  });

  promise('adopting takes no claim away', async ({ ledger }) => {
    await ledger.bind(viewer, 'here');
    const claim = await planned(ledger, 'a.pdf');
    await ledger.bind(other, 'here', { adopt: true });
    assert.equal((await verdict(ledger, 'a.pdf', other)).is, 'wait');
    await ledger.write(claim, sending('a.pdf'), LEASE);
  });

  // ── find, unfinished ────────────────────────────────────────────────────────────────────────────────

  promise('items are found by each of their marks, and by all that are asked for', async ({ ledger }) => {
    await settled(ledger, 'a.pdf', 'accept', 'kept');
    await settled(ledger, 'b.pdf', 'reject', 'removed', refused);
    await planned(ledger, 'c.pdf');
    await settled(ledger, 'd.pdf', 'accept', 'kept', undefined, { ...viewer, source: 'mail' });
    const found = async (which: Query) => (await all(ledger.find(which))).map((item) => item.id).join(' ');
    assert.equal(await found({}), 'a.pdf b.pdf c.pdf d.pdf');
    assert.equal(await found({ source: 'depots' }), 'a.pdf b.pdf c.pdf');
    assert.equal(await found({ id: 'a.pdf' }), 'a.pdf');
    assert.equal(await found({ state: 'settled' }), 'a.pdf b.pdf d.pdf');
    assert.equal(await found({ state: 'open' }), 'c.pdf');
    assert.equal(await found({ end: 'reject' }), 'b.pdf');
    assert.equal(await found({ state: 'settled', end: 'accept', source: 'depots' }), 'a.pdf');
    assert.equal(await found({ state: 'open', end: 'accept' }), '');
    assert.equal(await found({ source: 'nowhere' }), '');
  });

  promise('items are found by their own name, and by those of their documents', async ({ ledger }) => {
    await ledger.write(
      await claimOf(ledger, { ...refOf('7'), name: 'Subject' }),
      [{ type: 'planned', groups: [{ ...planOf('7'), documents: ['in.pdf', 'side.xml'] }], unwanted: [] }],
      LEASE,
    );
    for (const name of ['Subject', 'in.pdf', 'side.xml']) {
      assert.equal((await all(ledger.find({ name }))).length, 1, name);
    }
    assert.equal((await all(ledger.find({ name: 'IN.PDF' }))).length, 0);
    assert.equal((await all(ledger.find({ name: 'in' }))).length, 0);
  });

  promise('items are found by the digest of what was handed over, and only of that', async ({ ledger }) => {
    const claim = await planned(ledger, 'a.pdf');
    const submitting = await ledger.write(claim, sending('a.pdf').slice(0, 1), LEASE);
    assert.equal((await all(ledger.find({ sha256: digestOf('a.pdf') }))).length, 0);
    await ledger.write(submitting, sending('a.pdf').slice(1), LEASE);
    assert.equal((await one(ledger.find({ sha256: digestOf('a.pdf') }))).id, 'a.pdf');
    assert.equal((await all(ledger.find({ sha256: digestOf('b.pdf') }))).length, 0);
  });

  promise('items are found by the code of their end, and of their refused groups', async ({ ledger }) => {
    await settled(ledger, 'a.pdf', 'reject', 'removed', doubt);
    await ledger.write(
      await planned(ledger, 'b.pdf'),
      [{ type: 'refused', submission: 'b.pdf#1', reason: refused }],
      LEASE,
    );
    assert.equal((await one(ledger.find({ code: 'IN_DOUBT' }))).id, 'a.pdf');
    assert.equal((await one(ledger.find({ code: 'DOCUMENT_REFUSED' }))).id, 'b.pdf');
    assert.equal((await all(ledger.find({ code: 'CRASHED' }))).length, 0);
  });

  promise('the unfinished are those that are open or have ended, whoever began them', async ({ ledger }) => {
    await begun(ledger, 'open.pdf');
    await planned(ledger, 'of another.pdf', other);
    await settled(ledger, 'ended.pdf', 'accept', 'failed');
    await settled(ledger, 'settled.pdf', 'accept', 'kept');
    await ledger.write(await begun(ledger, 'skipped.pdf'), [{ type: 'skipped' }], LEASE);
    await begun(ledger, 'elsewhere.pdf', { ...viewer, source: 'mail' });
    const ids = (await all(ledger.unfinished(viewer.source))).map((item) => item.id);
    assert.deepEqual(ids, ['open.pdf', 'of another.pdf', 'ended.pdf']);
  });

  promise(
    'whoever reads through the ledger keeps nobody from writing, and sees each item once',
    async ({ ledger }) => {
      const names = Array.from({ length: 450 }, (_, n) => `${String(n)}.pdf`);
      await Promise.all(names.map((name) => begun(ledger, name)));
      const seen: string[] = [];
      for await (const item of ledger.unfinished(viewer.source)) {
        seen.push(item.id);
        const claim: Claim = { item, viewer, fence: item.fence };
        if (seen.length % 50 === 1) await ledger.write(claim, [{ type: 'skipped' }], LEASE);
      }
      assert.deepEqual(seen, names);
      assert.equal((await all(ledger.unfinished(viewer.source))).length, 441);
    },
  );

  // ── replay ──────────────────────────────────────────────────────────────────────────────────────────

  promise('a replay of everything opens the item under new ids', async ({ ledger }) => {
    await settled(ledger, 'a.pdf', 'accept', 'removed');
    await settled(ledger, 'b.pdf', 'accept', 'removed');
    assert.equal(await ledger.replay({ name: 'a.pdf' }, 'everything'), 1);
    const item = await one(ledger.find({ state: 'open' }));
    assert.deepEqual([item.id, item.epoch, item.submissions, item.end], ['a.pdf', 1, undefined, undefined]);
    assert.equal((await verdict(ledger, 'a.pdf')).is, 'retry');
    assert.equal((await verdict(ledger, 'b.pdf')).is, 'returned');
  });

  promise('what is replayed lives again, and is found by what was sent last', async ({ ledger }) => {
    await settled(ledger, 'a.pdf', 'accept', 'removed');
    await ledger.replay({}, 'everything');
    assert.equal((await all(ledger.find({ sha256: digestOf('a.pdf') }))).length, 0);
    await settled(ledger, 'a.pdf', 'accept', 'removed');
    assert.equal((await one(ledger.find({ sha256: digestOf('a.pdf') }))).epoch, 1);
  });

  promise(
    'a replay of what is missing keeps what has a receipt, and asks for what is in doubt',
    async ({ ledger }) => {
      const groups = [1, 2, 3].map((n) => planOf('a.pdf', n, String(86 + n)));
      await ledger.write(
        await begun(ledger, 'a.pdf'),
        [
          { type: 'planned', groups, unwanted: [] },
          ...sending('a.pdf', 1),
          { type: 'refused', submission: 'a.pdf#2', reason: refused },
          ...sending('a.pdf', 3).slice(0, 1),
          { type: 'refused', submission: 'a.pdf#3', reason: doubt },
          { type: 'ended', end: 'reject', reason: doubt },
          { type: 'settled', how: 'removed' },
        ],
        LEASE,
      );
      assert.equal(await ledger.replay({ code: 'IN_DOUBT' }, 'missing'), 1);
      const { epoch, submissions } = await one(ledger.find({}));
      assert.equal(epoch, 0);
      assert.deepEqual(
        submissions?.map((s) => [s.id, s.state, s.insist]),
        [
          ['a.pdf#1', 'submitted', undefined],
          ['a.pdf#2', 'planned', undefined],
          ['a.pdf#3', 'submitting', true],
        ],
      );
      assert.deepEqual(await verdict(ledger, 'a.pdf'), { is: 'retry', suspect: false, jobs: ['88', '89'] });
    },
  );

  promise(
    'what is accepted misses nothing, and what is worked on is left alone',
    async ({ ledger, clock }) => {
      await settled(ledger, 'a.pdf', 'accept', 'kept');
      await begun(ledger, 'b.pdf');
      const before = await all(ledger.find({}));
      assert.equal(await ledger.replay({}, 'missing'), 0);
      assert.equal(await ledger.replay({ id: 'b.pdf' }, 'everything'), 0);
      assert.deepEqual(await all(ledger.find({})), before);
      await clock.advance(LEASE);
      assert.equal(await ledger.replay({ id: 'b.pdf' }, 'everything'), 1);
      assert.deepEqual(await verdict(ledger, 'b.pdf'), { is: 'retry', suspect: true });
    },
  );

  promise('a replay of many opens each once', async ({ ledger }) => {
    const names = Array.from({ length: 250 }, (_, n) => `${String(n)}.pdf`);
    await Promise.all(names.map((name) => settled(ledger, name, 'reject', 'removed', refused)));
    assert.equal(await ledger.replay({ end: 'reject' }, 'everything'), 250);
    assert.equal(await ledger.replay({ end: 'reject' }, 'everything'), 0);
    for await (const item of ledger.find({})) assert.deepEqual([item.state, item.epoch], ['open', 1]);
  });

  // ── listed, prune ───────────────────────────────────────────────────────────────────────────────────

  promise(
    'only what is over, was left alone and was not listed of late is forgotten',
    async ({ ledger, clock }) => {
      await settled(ledger, 'old.pdf', 'accept', 'removed');
      await settled(ledger, 'listed.pdf', 'accept', 'kept');
      await settled(ledger, 'elsewhere.pdf', 'accept', 'kept', undefined, { ...viewer, source: 'mail' });
      await ledger.write(await begun(ledger, 'skipped.pdf'), [{ type: 'skipped' }], LEASE);
      await ledger.write(await planned(ledger, 'open.pdf'), [{ type: 'released' }], LEASE);
      await settled(ledger, 'ended.pdf', 'accept', 'failed');
      await clock.advance(30 * DAY);
      const now = clock.now();
      await settled(ledger, 'young.pdf', 'accept', 'removed');
      await ledger.listed(viewer.source, [refOf('listed.pdf'), refOf('unknown.pdf')]);
      assert.equal(
        await ledger.prune(viewer.source, { changedBefore: now - 31 * DAY, listedBefore: now }),
        0,
      );
      assert.equal(await ledger.prune(viewer.source, { changedBefore: now, listedBefore: now }), 2);
      assert.deepEqual(
        (await all(ledger.find({}))).map((item) => item.id),
        ['listed.pdf', 'elsewhere.pdf', 'open.pdf', 'ended.pdf', 'young.pdf'],
      );
      assert.equal((await verdict(ledger, 'old.pdf')).is, 'new');
      assert.equal((await all(ledger.find({ sha256: digestOf('old.pdf') }))).length, 0);
    },
  );

  promise('a listing is remembered, and changes nothing else', async ({ ledger, clock }) => {
    await settled(ledger, 'a.pdf', 'accept', 'kept');
    const before = await one(ledger.find({}));
    await clock.advance(DAY);
    await ledger.listed(viewer.source, [refOf('a.pdf')]);
    const listedAt = clock.now();
    await clock.advance(DAY);
    await ledger.listed('mail', [refOf('a.pdf')]);
    assert.deepEqual(await one(ledger.find({})), { ...before, listedAt });
  });

  // ── memory ──────────────────────────────────────────────────────────────────────────────────────────

  promise('a source’s memory gives back what was put in, key by key', async ({ ledger }) => {
    const memory = ledger.memory(viewer.source);
    assert.deepEqual(await memory.read(['a', 'b']), new Map());
    await memory.write(
      new Map([
        ['a', '1'],
        ['b', ''],
        ['\u0000\ud800', '\u0000\ud800'],
      ]),
    );
    assert.deepEqual(
      new Map(await memory.read(['b', 'a', '\u0000\ud800', 'c'])),
      new Map([
        ['a', '1'],
        ['b', ''],
        ['\u0000\ud800', '\u0000\ud800'],
      ]),
    );
    await memory.write(
      new Map<string, string | undefined>([
        ['a', undefined],
        ['b', '2'],
        ['z', undefined],
      ]),
    );
    assert.deepEqual(await ledger.memory(viewer.source).read(['a', 'b', 'z']), new Map([['b', '2']]));
  });

  promise('each source has a memory of its own', async ({ ledger }) => {
    await ledger.memory('depots').write(new Map([['a', '1']]));
    assert.deepEqual(await ledger.memory('mail').read(['a']), new Map());
  });

  promise('a source’s memory takes thousands of keys at once', async ({ ledger }) => {
    const entries = new Map(Array.from({ length: 5000 }, (_, n) => [`key ${String(n)}`, String(n)]));
    await ledger.memory('depots').write(entries);
    assert.deepEqual(new Map(await ledger.memory('depots').read([...entries.keys()])), entries);
  });

  // ── another process, the end ────────────────────────────────────────────────────────────────────────

  promise(
    'what one process has written, another one knows',
    async (bench) => {
      await settled(bench.ledger, 'a.pdf', 'accept', 'kept');
      await planned(bench.ledger, 'b.pdf');
      await bench.ledger.bind(viewer, 'here');
      await bench.ledger.memory('depots').write(new Map([['a', '1']]));
      const again = await needed(bench.again, 'again')();
      assert.deepEqual(await all(again.find({})), await all(bench.ledger.find({})));
      assert.equal((await verdict(again, 'b.pdf')).is, 'wait');
      await rejectsWith('SOURCE_MOVED', again.bind(viewer, 'there'));
      assert.deepEqual(await again.memory('depots').read(['a']), new Map([['a', '1']]));
    },
    'again',
  );

  promise(
    'of two processes that claim the same items at once, each item has one',
    async (bench) => {
      const again = await needed(bench.again, 'again')();
      const names = Array.from({ length: 50 }, (_, n) => `${String(n)}.pdf`);
      const outcomes = await Promise.all(
        names.flatMap((name) =>
          [bench.ledger, again].map((l) => l.claim(viewer, refOf(name), { leaseMs: LEASE })),
        ),
      );
      assert.equal(outcomes.filter((o) => 'fence' in o).length, names.length);
      const claimed = new Set(outcomes.flatMap((o) => ('fence' in o ? [o.item.id] : [])));
      assert.equal(claimed.size, names.length);
    },
    'again',
  );

  promise('what was asked for before the ledger is closed is done', async (bench) => {
    const claims = Promise.all(['a.pdf', 'b.pdf'].map((name) => claimOf(bench.ledger, name)));
    await bench.ledger.close();
    assert.equal((await claims).length, 2);
  });

  promise('a closed ledger says so, and closes twice', async ({ ledger }) => {
    const claim = await begun(ledger, 'a.pdf');
    await ledger.close();
    await ledger.close();
    const calls = [
      () => ledger.classify(viewer, [refOf('a.pdf')]),
      () => ledger.claim(viewer, refOf('b.pdf'), { leaseMs: LEASE }),
      () => ledger.write(claim, [], LEASE),
      () => ledger.listed(viewer.source, [refOf('a.pdf')]),
      () => ledger.carry(viewer.source, [{ to: refOf('b.pdf'), from: { id: 'a.pdf', version: '1' } }]),
      () => ledger.prune(viewer.source, { changedBefore: 0, listedBefore: 0 }),
      () => ledger.replay({}, 'everything'),
      () => ledger.bind(viewer, 'here'),
      () => all(ledger.find({})),
      () => all(ledger.unfinished(viewer.source)),
      () => ledger.memory('depots').read(['a']),
      () => ledger.memory('depots').write(new Map([['a', '1']])),
    ];
    for (const call of calls) await rejectsWith('CLOSED', call());
  });

  return cases;
}

// ── a life, step by step ────────────────────────────────────────────────────────────────────────────────

function refOf(id: string, same?: string): ItemRef {
  return { id, version: '1', name: id, ...(same !== undefined && { same }) };
}

function asRef(item: string | ItemRef): ItemRef {
  return typeof item === 'string' ? refOf(item) : item;
}

function planOf(id: string, n = 1, job = '87'): Planned {
  return { id: `${id}#${String(n)}`, key: `group ${String(n)}`, job, documents: [id] };
}

/** A made-up digest that tells documents apart. */
function digestOf(name: string): string {
  return Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64);
}

function receiptOf(id: string, n = 1): Receipt {
  return { submissionId: `${id}#${String(n)}`, at: 1_767_225_600_000, documents: sentOf(id) };
}

function sentOf(id: string): readonly Sent[] {
  return [{ name: id, size: 3, sha256: digestOf(id) }];
}

function sending(id: string, n = 1): readonly Change[] {
  const submission = `${id}#${String(n)}`;
  return [
    { type: 'submitting', submission, sent: sentOf(id) },
    { type: 'submitted', submission, receipt: receiptOf(id, n) },
  ];
}

async function verdict(ledger: Ledger, id: string, by: Viewer = viewer): Promise<Verdict> {
  const [found] = await ledger.classify(by, [refOf(id)]);
  assert.ok(found, 'no verdict');
  return found;
}

async function claimOf(
  ledger: Ledger,
  item: string | ItemRef,
  alone = false,
  by: Viewer = viewer,
): Promise<Claim> {
  const claim = await ledger.claim(by, asRef(item), { leaseMs: LEASE, alone });
  assert.ok('fence' in claim, `not claimed: ${JSON.stringify(claim)}`);
  return claim;
}

async function begun(ledger: Ledger, item: string | ItemRef, by: Viewer = viewer): Promise<Claim> {
  return claimOf(ledger, item, false, by);
}

async function planned(ledger: Ledger, item: string | ItemRef, by: Viewer = viewer): Promise<Claim> {
  const groups = [planOf(asRef(item).id)];
  return ledger.write(await begun(ledger, item, by), [{ type: 'planned', groups, unwanted: [] }], LEASE);
}

async function sent(ledger: Ledger, item: string | ItemRef, by: Viewer = viewer): Promise<Claim> {
  return ledger.write(await planned(ledger, item, by), sending(asRef(item).id), LEASE);
}

async function settled(
  ledger: Ledger,
  item: string | ItemRef,
  end: 'accept' | 'reject',
  how: 'removed' | 'kept' | 'gone' | 'changed' | 'failed',
  why = end === 'reject' ? refused : undefined,
  by: Viewer = viewer,
): Promise<void> {
  const claim = await (end === 'accept' ? sent : planned)(ledger, item, by);
  const ended: Change = { type: 'ended', end, ...(why && { reason: why }) };
  await ledger.write(claim, [ended, { type: 'settled', how }], LEASE);
}

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function one(items: AsyncIterable<ItemRecord>): Promise<ItemRecord> {
  const found = await all(items);
  const [only] = found;
  assert.ok(only !== undefined && found.length === 1, `${String(found.length)} items instead of one`);
  return only;
}

async function rejectsWith(
  code: Parameters<typeof LanceurError.is>[1],
  call: Promise<unknown>,
): Promise<void> {
  await assert.rejects(call, (error) => LanceurError.is(error, code));
}
