import { describe, expect, test } from 'vitest';
import { reason, type Change, type ItemRecord, type ItemRef, type Sent, type Viewer } from '@lanceur/core';
import {
  carried,
  changed,
  changedBy,
  claimed,
  isCarriable,
  isPrunable,
  isRecord,
  isReplayable,
  matches,
  reopened,
  sentOf,
  verdictOf,
  written,
} from '../../../packages/core/dist/ledger/transitions.js';

// The rows of the table in docs/ledger.md, one test or more each.

const now = 1_000_000;
const viewer: Viewer = { launcher: '16', source: 's', fingerprint: 'f1' };
const other: Viewer = { launcher: '17', source: 's', fingerprint: 'f2' };
const ref: ItemRef = { id: 'a.pdf', version: '1', name: 'a.pdf' };
const lease = { leaseMs: 1000 };
const refused = reason('DOCUMENT_REFUSED', { name: 'a.pdf', job: '87', why: 'no' });
const doubt = reason('IN_DOUBT', { name: 'a.pdf', job: '87' });
const gone = reason('GONE', { name: 'a.pdf' });
const sent: readonly Sent[] = [{ name: 'a.pdf', size: 3, sha256: 'aa' }];
const have: readonly Sent[] = [{ name: 'b.pdf', size: 4, sha256: 'bb' }];
const receipt = { submissionId: 'S1', at: 5, documents: sent };
const groups = [
  { id: 'S1', key: 'pdf', job: '87', documents: ['a.pdf'] },
  { id: 'S2', key: 'xml', job: '88', documents: ['a.xml'] },
];

const plan: Change = { type: 'planned', groups, unwanted: ['Thumbs.db'] };
const submitting: Change = { type: 'submitting', submission: 'S1', sent };
const submitted: Change = { type: 'submitted', submission: 'S1', receipt };
const submitOther: Change = {
  type: 'submitted',
  submission: 'S2',
  receipt: { ...receipt, submissionId: 'S2' },
};
const accept: Change = { type: 'ended', end: 'accept' };
const reject: Change = { type: 'ended', end: 'reject', reason: refused };
const failed: Change = { type: 'failed', submission: 'S1', reason: refused, attempts: 3 };

function record(outcome: ReturnType<typeof claimed>): ItemRecord {
  if (!isRecord(outcome)) throw new Error(`not claimed: ${JSON.stringify(outcome)}`);
  return outcome;
}

function claim(item?: ItemRecord, at = now, alone = false): ItemRecord {
  return record(claimed(item, ref, viewer, { ...lease, alone }, at));
}

/** An item after these changes, each of them legal. */
function after(...changes: readonly Change[]): ItemRecord {
  return changedBy(claim(), changes, viewer, lease.leaseMs, now);
}

function first(item: ItemRecord) {
  return item.submissions?.[0];
}

function illegal(item: ItemRecord, change: Change): void {
  expect(() => changed(item, change, now), `${change.type} on ${item.state}`).toThrow(
    expect.objectContaining({ code: 'INTERNAL' }),
  );
}

describe('a claim', () => {
  test('opens an item that was never seen', () => {
    expect(claim()).toEqual({
      source: 's',
      id: 'a.pdf',
      version: '1',
      name: 'a.pdf',
      launcher: '16',
      state: 'open',
      epoch: 0,
      attempts: 0,
      crashes: 0,
      suspect: false,
      notBefore: 0,
      fence: 1,
      claim: { fence: 1, until: now + 1000, alone: false },
      createdAt: now,
      changedAt: now,
      listedAt: now,
    });
  });

  test('raises the fence each time', () => {
    const once = after({ type: 'released' });
    expect(once.claim).toBeUndefined();
    expect(claim(once).fence).toBe(2);
  });

  test('that was lost makes the item suspect, and it is then claimed alone or not at all', () => {
    const late = now + 1000;
    expect(verdictOf(claim(), viewer, late)).toEqual({ is: 'retry', suspect: true });
    expect(claimed(claim(), ref, viewer, lease, late)).toEqual({ is: 'retry', suspect: true });
    expect(claim(claim(), late, true)).toMatchObject({ suspect: true, crashes: 0, claim: { alone: true } });
  });

  test('that was lost while alone counts as a crash', () => {
    const alone = claim(undefined, now, true);
    expect(claim(alone, now + 1000, true)).toMatchObject({ suspect: true, crashes: 1 });
  });

  test('that was lost after the end is neither', () => {
    const ended = after(plan, submitted, submitOther, accept);
    expect(claim(ended, now + 1000)).toMatchObject({ state: 'ended', suspect: false, crashes: 0, fence: 2 });
  });

  test('takes over what another launcher has not planned', () => {
    const item = record(claimed(after({ type: 'released' }), ref, other, lease, now));
    expect(item.launcher).toBe('17');
  });

  test('is refused with the verdict why', () => {
    expect(claimed(claim(), ref, viewer, lease, now)).toEqual({ is: 'wait', why: 'busy', until: now + 1000 });
    const planned = after(plan, { type: 'released' });
    expect(claimed(planned, ref, other, lease, now)).toEqual({ is: 'owned', launcher: '16' });
  });
});

describe('a verdict', () => {
  test('on an item that is not known is new', () => {
    expect(verdictOf(undefined, viewer, now)).toEqual({ is: 'new' });
  });

  test('on a claimed item is to wait, whoever asks, until the very end of the lease', () => {
    for (const v of [viewer, other]) {
      expect(verdictOf(claim(), v, now + 999)).toEqual({ is: 'wait', why: 'busy', until: now + 1000 });
    }
    expect(verdictOf(claim(), viewer, now + 1000).is).toBe('retry');
  });

  test('on an item that backs off is to wait, with the reason if there is one', () => {
    const item = after({ type: 'released', delayMs: 500 });
    expect(verdictOf(item, viewer, now + 499)).toEqual({ is: 'wait', why: 'backoff', until: now + 500 });
    expect(verdictOf({ ...item, reason: gone }, viewer, now)).toMatchObject({ reason: gone });
    expect(verdictOf(item, viewer, now + 500)).toEqual({ is: 'retry', suspect: false });
  });

  test('on a planned item names each job that it has still to reach, once', () => {
    const more = [...groups, { ...groups[1], id: 'S3', key: 'z', job: '88', documents: [] }];
    const item = after({ ...plan, groups: more }, submitting, submitted, { type: 'released' });
    expect(verdictOf(item, viewer, now)).toEqual({ is: 'retry', suspect: false, jobs: ['88'] });
  });

  test('on a refused group names its job only once the item is put back', () => {
    const refuse: Change = { type: 'refused', submission: 'S1', reason: refused };
    const open = after(plan, refuse, submitOther, { type: 'released' });
    expect(verdictOf(open, viewer, now)).toMatchObject({ jobs: [] });
    const back = after(plan, refuse, submitOther, reject, { type: 'settled', how: 'removed' });
    expect(verdictOf(back, viewer, now)).toEqual({ is: 'retry', suspect: false, jobs: ['87'] });
  });

  test('on an item that another launcher has planned, or ended, is that it is owned', () => {
    const planned = after(plan, { type: 'released' });
    const ended = after(accept, { type: 'released' });
    const void_ = after(plan, { type: 'voided', reason: gone });
    const back = after(plan, submitting, submitted, submitOther, reject, { type: 'settled', how: 'removed' });
    const lost = after(accept, { type: 'settled', how: 'gone' });
    for (const item of [planned, ended, void_, back, lost]) {
      expect(verdictOf(item, other, now)).toEqual({ is: 'owned', launcher: '16' });
      expect(verdictOf(item, viewer, now).is).not.toBe('owned');
    }
  });

  test('on an item that another launcher rejected before it was planned is that anybody may try it once it is back', () => {
    const back = after(reject, { type: 'settled', how: 'removed' });
    expect(verdictOf(back, other, now)).toEqual({ is: 'retry', suspect: false });
    expect(record(claimed(back, ref, other, lease, now)).launcher).toBe(other.launcher);
  });

  test('on a skipped item holds for this launcher with this fingerprint', () => {
    const item = after({ type: 'skipped' });
    expect(verdictOf(item, viewer, now)).toEqual({ is: 'skipped', listedAt: now });
    expect(verdictOf(item, { ...viewer, fingerprint: 'f9' }, now)).toEqual({ is: 'new' });
    expect(verdictOf(item, other, now)).toEqual({ is: 'new' });
  });

  test('on an ended item is to settle', () => {
    expect(verdictOf(after(accept, { type: 'released' }), viewer, now)).toEqual({ is: 'settleOnly' });
  });

  test.each([
    ['accept', 'removed', { is: 'returned', at: now, listedAt: now }],
    ['aside', 'removed', { is: 'returned', at: now, listedAt: now }],
    ['reject', 'removed', { is: 'retry', suspect: false }],
    ['accept', 'kept', { is: 'done', at: now, end: 'accept', listedAt: now }],
    ['aside', 'kept', { is: 'done', at: now, end: 'aside', listedAt: now }],
    ['reject', 'kept', { is: 'done', at: now, end: 'reject', listedAt: now }],
    ['accept', 'gone', { is: 'settleOnly' }],
    ['aside', 'gone', { is: 'settleOnly' }],
    ['reject', 'gone', { is: 'retry', suspect: false }],
    ['accept', 'changed', { is: 'new' }],
    ['aside', 'changed', { is: 'new' }],
    ['reject', 'changed', { is: 'new' }],
  ] as const)('on an item settled %s, %s, and listed again', (end, how, verdict) => {
    expect(verdictOf(after({ type: 'ended', end }, { type: 'settled', how }), viewer, now)).toEqual(verdict);
  });

  test('on a settled item that had crashed and is put back is that it is suspect', () => {
    const item = { ...after(reject, { type: 'settled', how: 'removed' }), crashes: 1 };
    expect(verdictOf(item, viewer, now)).toMatchObject({ is: 'retry', suspect: true });
  });
});

describe('a plan', () => {
  test('freezes the groups, each planned', () => {
    const item = after(plan);
    expect(item.submissions).toEqual(groups.map((g) => ({ ...g, state: 'planned', attempts: 0 })));
    expect(item.unwanted).toEqual(['Thumbs.db']);
  });

  test('is made once, and only of an open item', () => {
    illegal(after(plan), plan);
    illegal(after(accept), plan);
    illegal(after({ type: 'skipped' }), plan);
  });
});

describe('a submission', () => {
  test('is submitting, counted, with its digests', () => {
    expect(first(after(plan, submitting))).toEqual({ ...groups[0], state: 'submitting', attempts: 1, sent });
  });

  test('is submitted with its receipt, also when it is found without an attempt', () => {
    const expected = { ...groups[0], state: 'submitted', receipt };
    expect(first(after(plan, submitting, submitted))).toEqual({ ...expected, attempts: 1 });
    expect(first(after(plan, submitted))).toEqual({ ...expected, attempts: 0 });
  });

  test('that is absent is planned again, and its attempt given back', () => {
    const item = after(plan, submitting, { type: 'notSubmitted', submission: 'S1' });
    expect(first(item)).toEqual({ ...groups[0], state: 'planned', attempts: 0 });
  });

  test('that is there in part keeps what is there, as part of the next attempt’s', () => {
    const partly = after(plan, submitting, { type: 'notSubmitted', submission: 'S1', have });
    expect(first(partly)).toEqual({ ...groups[0], state: 'planned', attempts: 0, have });
    const again = changed(partly, submitting, now);
    expect(first(again)).toEqual({
      ...groups[0],
      state: 'submitting',
      attempts: 1,
      have,
      sent: [...have, ...sent],
    });
    const sentAgain = changed(again, { type: 'resubmit', submission: 'S1' }, now);
    expect(first(sentAgain)).toEqual({ ...groups[0], state: 'planned', attempts: 1, have });
    const resent = changed(
      partly,
      { ...submitting, sent: [...sent, { name: 'b.pdf', size: 4, sha256: 'cc' }] },
      now,
    );
    expect(first(resent)?.sent).toEqual([...sent, { name: 'b.pdf', size: 4, sha256: 'cc' }]);
  });

  test.each(['resubmit', 'refused', 'failed'] as const)(
    'that ended as %s keeps what the submitter said is there all the same',
    (type) => {
      const why = { submission: 'S1', reason: refused, have };
      const change: Change = type === 'failed' ? { ...why, type, attempts: 3 } : { ...why, type };
      expect(first(after(plan, submitting, change))?.have).toEqual(have);
    },
  );

  test('that is there in part and is refused keeps what is there, so that a retry does not send it twice', () => {
    const partly = after(plan, submitting, { type: 'notSubmitted', submission: 'S1', have });
    const item = changed(partly, { type: 'refused', submission: 'S1', reason: refused }, now);
    expect(first(item)).toEqual({ ...groups[0], state: 'refused', attempts: 0, have, reason: refused });
    expect(first(reopened(item, 'missing', now))).toEqual({
      ...groups[0],
      state: 'planned',
      attempts: 0,
      have,
    });
  });

  test('in doubt that the policy sends again counts its attempt', () => {
    const item = after(plan, submitting, { type: 'resubmit', submission: 'S1' });
    expect(first(item)).toEqual({ ...groups[0], state: 'planned', attempts: 1 });
  });

  test('that fails by its document is counted once, before and after it began', () => {
    const before = after(plan, failed);
    expect(first(before)).toEqual({ ...groups[0], state: 'planned', attempts: 1, reason: refused });
    expect(before.reason).toEqual(refused);
    expect(first(after(plan, submitting, failed))).toEqual({
      ...groups[0],
      state: 'planned',
      attempts: 1,
      reason: refused,
    });
  });

  test('that fails for the last time is refused', () => {
    expect(first(after(plan, failed, submitting, failed))?.state).toBe('planned');
    expect(first(after(plan, failed, submitting, failed, failed))).toMatchObject({
      state: 'refused',
      attempts: 3,
    });
    expect(first(after(plan, { ...failed, attempts: 1 }))?.state).toBe('refused');
  });

  test('that failed forgets that an operator insisted', () => {
    const insisted = reopened(
      after(plan, submitting, { type: 'refused', submission: 'S1', reason: doubt }),
      'missing',
      now,
    );
    expect(first(insisted)?.insist).toBe(true);
    expect(first(changed(insisted, failed, now))?.insist).toBeUndefined();
  });

  test('that is refused keeps what it would have sent, so that it can still be looked for', () => {
    const item = after(plan, submitting, { type: 'refused', submission: 'S1', reason: doubt });
    expect(first(item)).toEqual({ ...groups[0], state: 'refused', attempts: 1, sent, reason: doubt });
  });

  test('is begun from planned only, and ends once', () => {
    illegal(after(plan, submitting), submitting);
    for (const end of [submitted, { type: 'refused', submission: 'S1', reason: refused } as const]) {
      for (const next of [submitting, submitted, failed]) illegal(after(plan, end), next);
      illegal(after(plan, end), { type: 'notSubmitted', submission: 'S1' });
      illegal(after(plan, end), { type: 'resubmit', submission: 'S1' });
      illegal(after(plan, end), { type: 'refused', submission: 'S1', reason: refused });
    }
    illegal(after(plan), { type: 'notSubmitted', submission: 'S1' });
    illegal(after(plan), { type: 'resubmit', submission: 'S1' });
  });

  test('must be one of the plan, of an open item', () => {
    illegal(after(plan), { ...submitting, submission: 'S9' });
    illegal(after(), submitting);
    illegal(after(plan, reject), submitting);
  });

  test('leaves the others as they are', () => {
    expect(after(plan, submitting).submissions?.[1]).toEqual({ ...groups[1], state: 'planned', attempts: 0 });
  });
});

describe('an open item', () => {
  test('that cannot be opened is counted, and rejected at the last attempt', () => {
    const fail: Change = { type: 'failed', reason: refused, attempts: 2 };
    expect(after(fail)).toMatchObject({ state: 'open', attempts: 1, reason: refused });
    expect(after(fail, fail)).toMatchObject({
      state: 'ended',
      end: 'reject',
      attempts: 2,
      reason: refused,
      notBefore: 0,
    });
    illegal(after(accept), fail);
  });

  test('ends accepted when all is submitted, or nothing was planned, and never before', () => {
    expect(after(plan, submitted, submitOther, accept)).toMatchObject({ state: 'ended', end: 'accept' });
    expect(after(accept)).toMatchObject({ state: 'ended', end: 'accept' });
    illegal(after(plan, submitted), accept);
    illegal(after(plan, submitting, submitOther), accept);
    illegal(after(plan, submitOther, { type: 'refused', submission: 'S1', reason: refused }), accept);
  });

  test('ends rejected or aside with its reason, whatever it has reached', () => {
    expect(after(plan, submitted, reject)).toMatchObject({ state: 'ended', end: 'reject', reason: refused });
    expect(after(plan, { type: 'ended', end: 'aside', reason: refused })).toMatchObject({
      end: 'aside',
      reason: refused,
    });
  });

  test('that ends loses the reason of its failures, and does not wait', () => {
    const item = changed({ ...after(), reason: gone, notBefore: now + 5 }, accept, now);
    expect(item.reason).toBeUndefined();
    expect(item.notBefore).toBe(0);
  });

  test('ends once', () => {
    illegal(after(accept), accept);
    illegal(after({ type: 'skipped' }), accept);
  });

  test('that is gone or changed is void: idle, its plan kept, retried when it is listed again', () => {
    const item = after(plan, submitted, { type: 'voided', reason: gone });
    expect(item).toMatchObject({ state: 'idle', reason: gone });
    expect(item.claim).toBeUndefined();
    expect(verdictOf(item, viewer, now)).toEqual({ is: 'retry', suspect: false, jobs: ['88'] });
    expect(verdictOf(after({ type: 'voided', reason: gone }), viewer, now)).toEqual({ is: 'new' });
    const opened = claim(item);
    expect(opened.state).toBe('open');
    expect(opened.submissions).toEqual(item.submissions);
    illegal(after(accept), { type: 'voided', reason: gone });
  });

  test('that is skipped forgets its failures, and remembers who skipped it', () => {
    const fail: Change = { type: 'failed', reason: refused, attempts: 9 };
    const item = after(fail, { type: 'skipped' });
    expect(item).toMatchObject({
      state: 'idle',
      attempts: 0,
      crashes: 0,
      suspect: false,
      skippedBy: { '16': 'f1' },
    });
    expect(item.claim ?? item.reason).toBeUndefined();
    const both = changedBy(
      record(claimed(item, ref, other, lease, now)),
      [{ type: 'skipped' }],
      other,
      1,
      now,
    );
    expect(both.skippedBy).toEqual({ '16': 'f1', '17': 'f2' });
    illegal(after(plan), { type: 'skipped' });
    illegal(after(accept), { type: 'skipped' });
  });

  test('that is let go waits as long as it is told, else not at all', () => {
    expect(after({ type: 'released', delayMs: 50 })).toMatchObject({ state: 'open', notBefore: now + 50 });
    expect(after({ type: 'released' })).toMatchObject({ state: 'open', notBefore: 0 });
    expect(after({ type: 'released' }).claim).toBeUndefined();
  });
});

describe('an ended item', () => {
  test.each(['removed', 'kept', 'gone', 'changed'] as const)('is settled: %s', (how) => {
    const item = after(accept, { type: 'settled', how });
    expect(item).toMatchObject({ state: 'settled', how, suspect: false, notBefore: 0 });
    expect(item.claim).toBeUndefined();
  });

  test('stays ended where the source did nothing', () => {
    const item = after(accept, { type: 'settled', how: 'failed' });
    expect(item).toMatchObject({ state: 'ended', end: 'accept' });
    expect(item.how ?? item.claim).toBeUndefined();
  });

  test('is the only one to be settled', () => {
    illegal(after(), { type: 'settled', how: 'removed' });
    illegal(after(accept, { type: 'settled', how: 'removed' }), { type: 'settled', how: 'removed' });
  });
});

describe('a settled item that is claimed again', () => {
  const ended = (end: 'accept' | 'reject', how: 'removed' | 'gone' | 'changed') =>
    after(
      plan,
      submitting,
      submitted,
      submitOther,
      { type: 'ended', end, reason: refused },
      { type: 'settled', how },
    );

  test('rejected and removed: it is open, its epoch and plan kept', () => {
    const item = claim(ended('reject', 'removed'));
    expect(item).toMatchObject({ state: 'open', epoch: 0 });
    expect(item.end ?? item.how ?? item.reason).toBeUndefined();
    expect(item.submissions?.map((s) => s.state)).toEqual(['submitted', 'submitted']);
  });

  test('rejected and gone, as when the answer of its settling was lost: it is open, its epoch and plan kept', () => {
    const item = claim(ended('reject', 'gone'));
    expect(item).toMatchObject({ state: 'open', epoch: 0 });
    expect(item.end ?? item.how ?? item.reason).toBeUndefined();
    expect(item.submissions?.map((s) => s.state)).toEqual(['submitted', 'submitted']);
  });

  test('rejected, replayed, and never put back: it is rejected again, and can be replayed once more', () => {
    const replayed = reopened(ended('reject', 'removed'), 'missing', now);
    const item = changed(claim(replayed), { type: 'voided', reason: gone }, now);
    expect(item).toMatchObject({ state: 'settled', end: 'reject', how: 'removed', reason: refused });
    expect(isReplayable(item, 'missing', now)).toBe(true);
  });

  test('rejected, replayed before its source had answered, and not there: it is gone, and can be replayed once more', () => {
    const replayed = reopened(after(plan, reject, { type: 'released' }), 'missing', now);
    const item = changed(claim(replayed), { type: 'voided', reason: gone }, now);
    expect(item).toMatchObject({ state: 'settled', end: 'reject', how: 'gone' });
    expect(isReplayable(item, 'missing', now)).toBe(true);
  });

  test('rejected in doubt and gone: it is in doubt again, and nobody has said to send it', () => {
    const refusedInDoubt = { type: 'refused', submission: 'S1', reason: doubt } as const;
    const back = (how: 'gone' | 'removed') =>
      claim(
        after(
          plan,
          submitting,
          refusedInDoubt,
          { type: 'ended', end: 'reject', reason: doubt },
          { type: 'settled', how },
        ),
      );
    expect(back('removed').submissions?.[0]).toMatchObject({ state: 'submitting', insist: true });
    expect(back('gone').submissions?.[0]).toMatchObject({ state: 'submitting' });
    expect(back('gone').submissions?.[0]?.insist).toBeUndefined();
  });

  test('rejected and removed, but a listing was older than that: it is as it was, and can still be put back', () => {
    const before = ended('reject', 'removed');
    const item = changed(claim(before), { type: 'voided', reason: gone }, now);
    expect(item).toMatchObject({
      state: 'settled',
      end: 'reject',
      how: 'removed',
      reason: before.reason,
      epoch: 0,
    });
    expect(item.claim ?? item.was).toBeUndefined();
    expect(verdictOf(item, viewer, now)).toMatchObject({ is: 'retry' });
  });

  test('changed: it is open, its epoch raised, its plan dropped, and anybody’s', () => {
    const item = record(claimed(ended('accept', 'changed'), ref, other, lease, now));
    expect(item).toMatchObject({ state: 'open', epoch: 1, launcher: '17' });
    expect(item.submissions ?? item.unwanted ?? item.end).toBeUndefined();
  });

  test('accepted and gone: it has ended, and is to be settled', () => {
    const item = claim(ended('accept', 'gone'));
    expect(item).toMatchObject({ state: 'ended', end: 'accept', epoch: 0 });
    expect(item.how).toBeUndefined();
  });
});

describe('reopening', () => {
  const refusedBoth = after(
    plan,
    { type: 'refused', submission: 'S1', reason: refused },
    { type: 'submitting', submission: 'S2', sent },
    { type: 'refused', submission: 'S2', reason: doubt },
    reject,
  );

  test('for what is missing sends what was refused, and asks for what is in doubt', () => {
    const item = reopened(refusedBoth, 'missing', now);
    expect(item).toMatchObject({ state: 'open', epoch: 0 });
    expect(item.submissions).toEqual([
      { ...groups[0], state: 'planned', attempts: 0 },
      { ...groups[1], state: 'submitting', attempts: 0, sent, insist: true },
    ]);
    expect(item.end ?? item.reason ?? item.claim).toBeUndefined();
  });

  test('for what is missing keeps receipts and what is under way, and gives attempts back', () => {
    const item = reopened(after(plan, submitted, { ...failed, submission: 'S2' }), 'missing', now);
    expect(item.submissions?.[0]).toMatchObject({ state: 'submitted', receipt });
    expect(item.submissions?.[1]).toEqual({ ...groups[1], state: 'planned', attempts: 0 });
    expect(first(reopened(after(plan, submitting), 'missing', now))?.state).toBe('submitting');
  });

  test('for everything plans anew under the next epoch', () => {
    const item = reopened(refusedBoth, 'everything', now);
    expect(item).toMatchObject({ state: 'open', epoch: 1 });
    expect(item.submissions ?? item.unwanted).toBeUndefined();
  });

  test('forgets failures, but not that a process was lost over it', () => {
    expect(reopened({ ...after(), attempts: 2, notBefore: 9, crashes: 3 }, 'missing', now)).toMatchObject({
      attempts: 0,
      crashes: 0,
      notBefore: 0,
      suspect: true,
    });
    expect(reopened(after({ type: 'released' }), 'missing', now).suspect).toBe(false);
  });

  test('is for items that nobody works on', () => {
    expect(isReplayable(claim(), 'everything', now)).toBe(false);
    expect(isReplayable(claim(), 'everything', now + 1000)).toBe(true);
  });

  test('for what is missing is for items that miss something', () => {
    const let_go = after({ type: 'released' });
    const skipped = after({ type: 'skipped' });
    const rejected = after(reject, { type: 'settled', how: 'removed' });
    const accepted = after(accept, { type: 'settled', how: 'removed' });
    for (const item of [let_go, skipped, rejected]) expect(isReplayable(item, 'missing', now)).toBe(true);
    expect(isReplayable(accepted, 'missing', now)).toBe(false);
    expect(isReplayable(accepted, 'everything', now)).toBe(true);
  });
});

describe('a write', () => {
  const mine = { item: claim(), viewer, fence: 1 };

  test('renews the lease, and dates the item', () => {
    const item = written(claim(), mine, [plan], 5000, now + 10);
    expect(item).toMatchObject({ changedAt: now + 10, claim: { fence: 1, until: now + 5010 } });
    expect(written(claim(), mine, [], 5000, now + 10).claim?.until).toBe(now + 5010);
  });

  test('that lets go holds no lease', () => {
    expect(written(claim(), mine, [{ type: 'released' }], 5000, now).claim).toBeUndefined();
  });

  test('is refused once somebody has claimed, let go or removed the item', () => {
    const lost = expect.objectContaining({ code: 'LEASE_LOST' });
    expect(() => written(claim(claim(), now + 1000, true), mine, [], 1, now)).toThrow(lost);
    expect(() => written(after({ type: 'released' }), mine, [], 1, now)).toThrow(lost);
    expect(() => written(reopened(claim(), 'missing', now), mine, [], 1, now)).toThrow(lost);
    expect(() => written(undefined, mine, [], 1, now)).toThrow(lost);
  });

  test('never holds a lease without end', () => {
    for (const leaseMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const invalid = expect.objectContaining({ code: 'INVALID_OPTION' });
      expect(() => written(claim(), mine, [], leaseMs, now)).toThrow(invalid);
      expect(() => claimed(undefined, ref, viewer, { leaseMs }, now)).toThrow(invalid);
    }
  });
});

describe('a record', () => {
  test('is carried under its new id, all else kept', () => {
    const item = { ...after(plan, submitted), same: 'mark' };
    const to: ItemRef = { id: '9', version: '2', name: 'b.pdf', same: 'mark' };
    expect(carried(item, to, now + 5)).toEqual({
      ...item,
      id: '9',
      version: '2',
      name: 'b.pdf',
      listedAt: now + 5,
    });
  });

  test('is carried to one that bears its mark, if nobody works on it', () => {
    const to: ItemRef = { ...ref, same: 'mark' };
    const item = { ...after({ type: 'released' }), same: 'mark' };
    expect(isCarriable(item, to, now)).toBe(true);
    expect(isCarriable({ ...claim(), same: 'mark' }, to, now + 999)).toBe(false);
    expect(isCarriable({ ...claim(), same: 'mark' }, to, now + 1000)).toBe(true);
    expect(isCarriable({ ...item, same: 'other' }, to, now)).toBe(false);
    expect(isCarriable(after({ type: 'released' }), ref, now)).toBe(false);
  });

  test('is forgotten once it is over, was left alone, and was not listed of late', () => {
    const o = { changedBefore: now + 1, listedBefore: now + 1 };
    const settled = after(accept, { type: 'settled', how: 'kept' });
    expect(isPrunable(settled, o)).toBe(true);
    expect(isPrunable(after({ type: 'skipped' }), o)).toBe(true);
    expect(isPrunable(settled, { ...o, changedBefore: now })).toBe(false);
    expect(isPrunable(settled, { ...o, listedBefore: now })).toBe(false);
    expect(isPrunable(after({ type: 'released' }), o)).toBe(false);
    expect(isPrunable(after(accept, { type: 'released' }), o)).toBe(false);
  });

  test('matches what holds of it in every respect', () => {
    const item = after(plan, submitted, { type: 'refused', submission: 'S2', reason: doubt }, reject);
    const right = {
      source: 's',
      id: 'a.pdf',
      name: 'a.xml',
      sha256: 'aa',
      state: 'ended',
      end: 'reject',
      code: 'IN_DOUBT',
    } as const;
    expect(matches(item, right)).toBe(true);
    expect(matches(item, { name: 'a.pdf', code: 'DOCUMENT_REFUSED' })).toBe(true);
    expect(matches(item, {})).toBe(true);
    const wrong = {
      source: 't',
      id: 'b',
      name: 'b',
      sha256: 'bb',
      state: 'open',
      end: 'accept',
      code: 'CRASHED',
    } as const;
    for (const key of Object.keys(wrong) as (keyof typeof wrong)[]) {
      expect(matches(item, { ...right, [key]: wrong[key] }), key).toBe(false);
    }
  });

  test('holds what was handed over, with receipts only', () => {
    expect(sentOf(after(plan, submitted, { type: 'submitting', submission: 'S2', sent: have }))).toEqual(
      sent,
    );
    expect(sentOf(after())).toEqual([]);
  });
});

describe('a clock that is set back', () => {
  const far = 900_000;

  test('does not have a lost claim waited for until it is where it was', () => {
    const lost = claim();
    expect(verdictOf(lost, viewer, now - lease.leaseMs)).toMatchObject({ is: 'wait', why: 'busy' });
    expect(verdictOf(lost, viewer, now - lease.leaseMs - 1)).toMatchObject({ is: 'retry', suspect: true });
    expect(isReplayable(lost, 'everything', now - far)).toBe(true);
  });

  test('leaves a claim alone that has been renewed since', () => {
    const renewed = changedBy(claim(), [], viewer, lease.leaseMs, now - far);
    expect(verdictOf(renewed, viewer, now - far)).toMatchObject({ is: 'wait', why: 'busy' });
    expect(verdictOf(renewed, viewer, now - far + lease.leaseMs)).toMatchObject({ is: 'retry' });
  });

  test('does not put off the next attempt by as much', () => {
    const waiting = after({ type: 'released', delayMs: 30_000 });
    expect(verdictOf(waiting, viewer, now + 29_999)).toMatchObject({ is: 'wait', why: 'backoff' });
    expect(verdictOf(waiting, viewer, now - 30_000)).toMatchObject({ is: 'wait', why: 'backoff' });
    expect(verdictOf(waiting, viewer, now - far)).toEqual({ is: 'retry', suspect: false });
  });
});
