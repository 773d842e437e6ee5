/**
 * The life of an item, as pure functions that all ledgers share: a ledger only stores what they return.
 * `docs/ledger.md` has the table.
 */
import type { ItemRef, Sent } from '../contracts/item.js';
import type {
  Change,
  Claim,
  ClaimOptions,
  ItemRecord,
  Query,
  SubmissionRecord,
  Verdict,
  Viewer,
} from '../contracts/ledger.js';
import { isAhead } from '../ahead.js';
import { LanceurError } from '../errors.js';

/** What is to be done with an item, given what is known of it. */
export function verdictOf(item: ItemRecord | undefined, viewer: Viewer, now: number): Verdict {
  if (item === undefined) return { is: 'new' };
  if (item.claim !== undefined && isClaimed(item, now)) {
    return { is: 'wait', why: 'busy', until: item.claim.until };
  }
  if (item.state === 'settled') return verdictOfSettled(item, viewer);
  if (item.state === 'idle') {
    if (item.skippedBy?.[viewer.launcher] === viewer.fingerprint)
      return { is: 'skipped', listedAt: item.listedAt };
    return begun(item) ? retry(item, viewer) : { is: 'new' };
  }
  if (isForeign(item, viewer)) return { is: 'owned', launcher: item.launcher };
  if (isAhead(item.notBefore, item.changedAt, now)) {
    return { is: 'wait', why: 'backoff', until: item.notBefore, ...(item.reason && { reason: item.reason }) };
  }
  return item.state === 'ended' ? { is: 'settleOnly' } : retry(item, viewer);
}

/** Whether somebody holds it whose time is not over. */
function isClaimed({ claim, changedAt }: ItemRecord, now: number): boolean {
  return claim !== undefined && isAhead(claim.until, changedAt, now);
}

function verdictOfSettled(item: ItemRecord, viewer: Viewer): Verdict {
  const { changedAt: at, listedAt } = item;
  const end = item.end ?? 'accept';
  switch (item.how) {
    case 'gone':
      // What was rejected may have left in a settlement whose answer was lost: being back means that it was put back.
      if (end === 'reject') return retry(item, viewer);
      return isForeign(item, viewer) ? { is: 'owned', launcher: item.launcher } : { is: 'settleOnly' };
    case 'changed':
      return { is: 'new' };
    case 'removed':
      return end === 'reject' ? retry(item, viewer) : { is: 'returned', at, listedAt };
    default:
      return { is: 'done', at, end, ...(item.reason && { reason: item.reason }), listedAt };
  }
}

function retry(item: ItemRecord, viewer: Viewer): Verdict {
  if (isForeign(item, viewer)) return { is: 'owned', launcher: item.launcher };
  const jobs = item.submissions
    ?.filter(
      (s) =>
        s.state === 'planned' ||
        s.state === 'submitting' ||
        (item.state === 'settled' && s.state === 'refused'),
    )
    .map((s) => s.job);
  return { is: 'retry', suspect: isSuspect(item), ...(jobs && { jobs: [...new Set(jobs)] }) };
}

/**
 * Frozen groups name the jobs of the launcher that planned them; no other one may know those jobs. What was rejected
 * before it was planned is anybody's who wants it: the one that rejected it may not have known that it does not.
 */
function isForeign(item: ItemRecord, viewer: Viewer): boolean {
  const planned = item.submissions !== undefined || (item.end !== undefined && item.end !== 'reject');
  return planned && item.launcher !== viewer.launcher;
}

function begun(item: ItemRecord): boolean {
  return item.submissions !== undefined || item.attempts > 0 || item.suspect;
}

/** A claim that is still there although its time is over was lost: its process died, or froze. */
function isSuspect(item: ItemRecord): boolean {
  const lost = item.state === 'open' && item.claim !== undefined;
  return item.suspect || lost || (item.state === 'settled' && item.crashes > 0);
}

/** The record as it is once claimed; or the verdict why it is not. */
export function claimed(
  known: ItemRecord | undefined,
  ref: ItemRef,
  viewer: Viewer,
  options: ClaimOptions,
  now: number,
): ItemRecord | Verdict {
  const verdict = verdictOf(known, viewer, now);
  if (verdict.is !== 'new' && verdict.is !== 'retry' && verdict.is !== 'settleOnly') return verdict;
  if (verdict.is === 'retry' && verdict.suspect && options.alone !== true) return verdict;

  const item = comesBack(known ?? blank(ref, viewer, now), viewer, now);
  const lost = item.state === 'open' && item.claim !== undefined;
  const fence = item.fence + 1;
  return {
    ...item,
    state: item.state === 'idle' ? 'open' : item.state,
    suspect: item.suspect || lost,
    crashes: item.crashes + (lost && item.claim.alone ? 1 : 0),
    claim: { fence, until: now + checkedLease(options.leaseMs), alone: options.alone === true },
    fence,
    changedAt: now,
    listedAt: now,
  };
}

/** Whether {@link claimed} gave a record, not a verdict. */
export function isRecord(outcome: ItemRecord | Verdict): outcome is ItemRecord {
  return !('is' in outcome);
}

/** A lease without end would never be found lost; one that is over at once would never hold. */
function checkedLease(leaseMs: number): number {
  if (Number.isFinite(leaseMs) && leaseMs > 0) return leaseMs;
  throw new LanceurError('INVALID_OPTION', {
    option: 'leaseMs',
    expected: 'a number of milliseconds above 0',
    found: String(leaseMs),
  });
}

function blank(ref: ItemRef, viewer: Viewer, now: number): ItemRecord {
  return {
    source: viewer.source,
    id: ref.id,
    version: ref.version,
    name: ref.name,
    ...(ref.size === undefined ? {} : { size: ref.size }),
    ...(ref.same === undefined ? {} : { same: ref.same }),
    launcher: viewer.launcher,
    state: 'idle',
    epoch: 0,
    attempts: 0,
    crashes: 0,
    suspect: false,
    notBefore: 0,
    fence: 0,
    createdAt: now,
    changedAt: now,
    listedAt: now,
  };
}

/** A settled item that is worked on again: what its being listed once more means. */
function comesBack(item: ItemRecord, viewer: Viewer, now: number): ItemRecord {
  const own = isForeign(item, viewer) ? item : { ...item, launcher: viewer.launcher };
  if (own.state !== 'settled') return own;
  if (own.how === 'gone' && own.end !== 'reject') return without({ ...own, state: 'ended' }, 'how');
  const open = reopened(
    { ...own, launcher: viewer.launcher },
    own.how === 'changed' ? 'everything' : 'missing',
    now,
  );
  return own.how === 'gone' ? withoutInsisting(open) : open;
}

/**
 * The one rule for making an item open again, whether it was put back, retried or replayed.
 *
 * `missing` keeps the epoch: what has a receipt is not sent again, and what was refused because its fate was in doubt
 * is looked for once more, then sent, since an operator asked for it. `everything` raises the epoch and plans anew.
 */
export function reopened(item: ItemRecord, what: 'missing' | 'everything', now: number): ItemRecord {
  const open: ItemRecord = {
    ...without(item, 'end', 'how', 'was', 'reason', 'claim', 'skippedBy'),
    state: 'open',
    attempts: 0,
    crashes: 0,
    suspect: isSuspect(item) || item.crashes > 0,
    notBefore: 0,
    changedAt: now,
    ...rejection(item),
  };
  if (what === 'everything') return { ...without(open, 'submissions', 'unwanted'), epoch: item.epoch + 1 };
  if (open.submissions === undefined) return open;
  return { ...open, submissions: open.submissions.map(retried) };
}

/** What is to be known of an item again that was rejected out of its source, if it turns out not to be back. */
function rejection({ state, end, how, reason }: ItemRecord): Pick<ItemRecord, 'was'> {
  if (end !== 'reject') return {};
  // It has ended, and the source has not answered: it may have done its part all the same.
  const left = state === 'ended' ? 'gone' : how;
  return left === 'removed' || left === 'gone' ? { was: { end, how: left, ...(reason && { reason }) } } : {};
}

/** It may only have been out of sight: that it is back is nobody's word that what is in doubt may be sent. */
function withoutInsisting(item: ItemRecord): ItemRecord {
  if (item.submissions === undefined) return item;
  return { ...item, submissions: item.submissions.map((s) => without(s, 'insist')) };
}

function retried(s: SubmissionRecord): SubmissionRecord {
  if (s.state === 'planned') return { ...without(s, 'reason'), attempts: 0 };
  if (s.state !== 'refused') return s;
  const doubt = s.reason?.code === 'IN_DOUBT';
  return {
    ...without(s, 'reason'),
    state: doubt ? 'submitting' : 'planned',
    attempts: 0,
    ...(doubt && { insist: true }),
  };
}

/** Whether an item may be replayed: nobody works on it, and there is something to send. */
export function isReplayable(item: ItemRecord, what: 'missing' | 'everything', now: number): boolean {
  if (isClaimed(item, now)) return false;
  return what === 'everything' || item.state === 'open' || item.state === 'idle' || item.end === 'reject';
}

/** The record after one change. @throws LanceurError `INTERNAL` if an item in this state cannot change so. */
export function changed(item: ItemRecord, change: Change, now: number): ItemRecord {
  const next = step(item, change, now);
  return { ...next, changedAt: now };
}

function step(item: ItemRecord, change: Change, now: number): ItemRecord {
  switch (change.type) {
    case 'planned':
      expect(item, change, item.state === 'open' && item.submissions === undefined);
      return {
        ...item,
        submissions: change.groups.map((g) => ({ ...g, state: 'planned', attempts: 0 })),
        unwanted: change.unwanted,
      };
    case 'submitting':
      return onSubmission(item, change, ['planned'], (s) => ({
        ...without(s, 'insist'),
        state: 'submitting',
        attempts: s.attempts + 1,
        sent: withHave(change.sent, s.have),
      }));
    case 'submitted':
      return onSubmission(item, change, ['submitting', 'planned'], (s) => ({
        ...without(s, 'have', 'insist', 'reason', 'sent'),
        state: 'submitted',
        receipt: change.receipt,
      }));
    case 'notSubmitted':
      return onSubmission(item, change, ['submitting'], (s) => ({
        ...without(s, 'insist', 'have', 'sent'),
        state: 'planned',
        attempts: Math.max(0, s.attempts - 1),
        ...placedOf(change),
      }));
    case 'resubmit':
      return onSubmission(item, change, ['submitting'], (s) => ({
        ...without(s, 'insist', 'sent'),
        state: 'planned',
        ...placedOf(change),
      }));
    case 'refused':
      return onSubmission(item, change, ['submitting', 'planned'], (s) => ({
        ...without(s, 'insist'),
        state: 'refused',
        reason: change.reason,
        ...placedOf(change),
      }));
    case 'failed':
      return failed(item, change);
    case 'ended':
      expect(item, change, item.state === 'open' && (change.end !== 'accept' || isSubmitted(item)));
      return {
        ...without(item, 'reason', 'was'),
        state: 'ended',
        end: change.end,
        notBefore: 0,
        ...(change.reason && { reason: change.reason }),
      };
    case 'voided':
      expect(item, change, item.state === 'open');
      if (item.was !== undefined) {
        return {
          ...without(item, 'claim', 'was', 'reason'),
          ...item.was,
          state: 'settled',
          suspect: false,
          notBefore: 0,
        };
      }
      return { ...without(item, 'claim'), state: 'idle', reason: change.reason };
    case 'skipped':
      expect(item, change, item.state === 'open' && item.submissions === undefined);
      return {
        ...without(item, 'claim', 'reason', 'was'),
        state: 'idle',
        attempts: 0,
        crashes: 0,
        suspect: false,
        notBefore: 0,
      };
    case 'settled':
      expect(item, change, item.state === 'ended');
      if (change.how === 'failed') return without(item, 'claim');
      return { ...without(item, 'claim'), state: 'settled', how: change.how, suspect: false, notBefore: 0 };
    case 'released':
      return {
        ...without(item, 'claim'),
        notBefore: change.delayMs === undefined ? 0 : now + change.delayMs,
      };
  }
}

/** Whether all that was planned has a receipt: accepting anything less would lose the rest. */
function isSubmitted(item: ItemRecord): boolean {
  return (item.submissions ?? []).every((s) => s.state === 'submitted');
}

/**
 * The record after a write under a claim. A claim whose time is over still holds as long as nobody has claimed or
 * reopened the item since.
 *
 * @throws LanceurError `LEASE_LOST` if somebody has; `INTERNAL` if the changes do not follow; `INVALID_OPTION`.
 */
export function written(
  known: ItemRecord | undefined,
  claim: Claim,
  changes: readonly Change[],
  leaseMs: number,
  now: number,
): ItemRecord {
  if (known?.claim?.fence !== claim.fence) throw new LanceurError('LEASE_LOST', { name: claim.item.name });
  return changedBy(known, changes, claim.viewer, leaseMs, now);
}

/** All the changes of one write, in order, by whoever holds the claim. */
export function changedBy(
  item: ItemRecord,
  changes: readonly Change[],
  viewer: Viewer,
  leaseMs: number,
  now: number,
): ItemRecord {
  let next = item;
  for (const change of changes) {
    next = changed(next, change, now);
    if (change.type === 'skipped') {
      next = { ...next, skippedBy: { ...next.skippedBy, [viewer.launcher]: viewer.fingerprint } };
    }
  }
  if (next.claim === undefined) return next;
  return { ...next, claim: { ...next.claim, until: now + checkedLease(leaseMs) } };
}

function failed(item: ItemRecord, change: Extract<Change, { type: 'failed' }>): ItemRecord {
  if (change.submission === undefined) {
    expect(item, change, item.state === 'open');
    const attempts = item.attempts + 1;
    if (attempts < change.attempts) return { ...item, attempts, reason: change.reason };
    return {
      ...without(item, 'was'),
      attempts,
      state: 'ended',
      end: 'reject',
      reason: change.reason,
      notBefore: 0,
    };
  }
  const after = onSubmission(
    item,
    { ...change, submission: change.submission },
    ['planned', 'submitting'],
    (s) => {
      const attempts = s.state === 'submitting' ? s.attempts : s.attempts + 1;
      return {
        ...without(s, 'sent', 'insist'),
        attempts,
        state: attempts < change.attempts ? 'planned' : 'refused',
        reason: change.reason,
        ...placedOf(change),
      };
    },
  );
  return { ...after, reason: change.reason };
}

function onSubmission(
  item: ItemRecord,
  change: Change & { readonly submission: string },
  from: readonly SubmissionRecord['state'][],
  next: (s: SubmissionRecord) => SubmissionRecord,
): ItemRecord {
  const submissions = item.submissions ?? [];
  const found = submissions.find((s) => s.id === change.submission);
  expect(item, change, item.state === 'open' && found !== undefined && from.includes(found.state));
  return { ...item, submissions: submissions.map((s) => (s === found ? next(s) : s)) };
}

/** What a change says is there all the same; where it says nothing, what was known stays known. */
function placedOf({ have = [] }: { readonly have?: readonly Sent[] }): Pick<SubmissionRecord, 'have'> {
  return have.length === 0 ? {} : { have };
}

/** What is there already stays part of what the submission will have sent. */
function withHave(sent: readonly Sent[], have: readonly Sent[] | undefined): readonly Sent[] {
  if (have === undefined) return sent;
  const names = new Set(sent.map((s) => s.name));
  return [...have.filter((h) => !names.has(h.name)), ...sent];
}

function expect(item: ItemRecord, change: Change, holds: boolean): void {
  if (holds) return;
  const submission =
    'submission' in change ? item.submissions?.find((s) => s.id === change.submission) : undefined;
  const where = submission === undefined ? item.state : `${item.state}, submission ${submission.state}`;
  throw new LanceurError('INTERNAL', { why: `"${change.type}" cannot follow on an item that is ${where}` });
}

/** The record under a new id, its memory kept. */
export function carried(item: ItemRecord, to: ItemRef, now: number): ItemRecord {
  return { ...item, id: to.id, version: to.version, name: to.name, listedAt: now };
}

/** Whether a record may be carried over to another id. */
export function isCarriable(item: ItemRecord, to: ItemRef, now: number): boolean {
  return item.same !== undefined && item.same === to.same && !isClaimed(item, now);
}

/** Whether a record may be forgotten: nothing is under way, and it has been left alone and unlisted long enough. */
export function isPrunable(
  item: ItemRecord,
  o: { readonly changedBefore: number; readonly listedBefore: number },
): boolean {
  const over = item.state === 'settled' || item.state === 'idle';
  return over && item.changedAt < o.changedBefore && item.listedAt < o.listedBefore;
}

/** Whether a record is what the query asks for. */
export function matches(item: ItemRecord, which: Query): boolean {
  return (
    (which.source === undefined || item.source === which.source) &&
    (which.id === undefined || item.id === which.id) &&
    (which.state === undefined || item.state === which.state) &&
    (which.end === undefined || item.end === which.end) &&
    (which.code === undefined ||
      item.reason?.code === which.code ||
      (item.submissions ?? []).some((s) => s.state === 'refused' && s.reason?.code === which.code)) &&
    (which.name === undefined ||
      item.name === which.name ||
      (item.submissions ?? []).some((s) => s.documents.includes(which.name ?? ''))) &&
    (which.sha256 === undefined || sentOf(item).some((d) => d.sha256 === which.sha256))
  );
}

/** Everything of an item that has been handed over, with receipts. */
export function sentOf(item: ItemRecord): readonly Sent[] {
  return (item.submissions ?? []).flatMap((s) => s.receipt?.documents ?? []);
}

/** By leaving out, not by deleting: an object that has lost a property is slow ever after, and each of these is stored. */
function without<T extends object, K extends keyof T>(value: T, ...keys: readonly K[]): Omit<T, K> & T {
  const copy: Partial<T> = {};
  for (const key of Object.keys(value) as (keyof T)[]) {
    if (!(keys as readonly (keyof T)[]).includes(key)) copy[key] = value[key];
  }
  return copy as Omit<T, K> & T;
}
