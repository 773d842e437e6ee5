import { createHash } from 'node:crypto';
import type { Delivery, ItemRef, SourceDocument } from '../contracts/item.js';
import type { DocumentGroup } from '../contracts/grouper.js';
import type { Change, ItemRecord, Ledger, SubmissionRecord, Verdict, Viewer } from '../contracts/ledger.js';
import type { DocumentInfo } from '../contracts/item.js';
import type { End, Session, Wants } from '../contracts/listener.js';
import type { Found } from '../contracts/submitter.js';
import { isAbort, LanceurError, messageOf } from '../errors.js';
import type { Events } from '../events.js';
import { inFrench, reason, type Reason } from '../reasons.js';
import type { Spool } from '../spool/index.js';
import { backoff } from './backoff.js';
import type { Circuits } from './circuits.js';
import { Lease, type Leases } from './lease.js';
import type { Settings } from './options.js';
import type { Outcome, Submission } from './report.js';
import type { Sessions } from './sessions.js';
import { forgetQuietly, type Settler } from './settler.js';
import { reasonOfVerdict } from './verdict-reasons.js';
import { nothingWanted, unwantedByName, wantedOf } from './wants.js';

export interface WorkContext {
  readonly settings: Settings;
  readonly viewer: Viewer;
  readonly ledger: Ledger;
  readonly sessions: Sessions;
  readonly settler: Settler;
  readonly circuits: Circuits;
  readonly leases: Leases;
  readonly events: Events;
  readonly spool: () => Promise<Spool>;
}

/** What came of working on an item: it was left, or it has an end that its source is yet to be told. */
export type Worked =
  | { readonly is: 'left'; readonly outcome: Outcome }
  | { readonly is: 'ended'; settle(): Promise<Outcome> }
  /** It may be what ended a process: to be worked on once more, alone. */
  | { readonly is: 'suspect' };

/**
 * Takes one item through its life: claim, resolve what is in doubt, open, expand, plan, submit, end. Every step is in
 * the ledger before the next one that cannot be undone, so that a crash anywhere is taken up where it was.
 *
 * @throws LanceurError of scope `source` or `system`; everything else is told in what it returns.
 */
export async function workOn(
  ref: ItemRef,
  context: WorkContext,
  o: { readonly alone: boolean; readonly kill?: AbortSignal },
): Promise<Worked> {
  const { ledger, settings, viewer } = context;
  await context.leases.catchUp();
  const claim = await ledger.claim(viewer, ref, { leaseMs: settings.leaseMs, alone: o.alone });
  if ('is' in claim) return refusedClaim(ref, claim, context);

  const lease = new Lease(ledger, claim, settings.leaseMs);
  const signal = o.kill === undefined ? lease.signal : AbortSignal.any([lease.signal, o.kill]);
  context.leases.hold(lease);
  try {
    const worked = await new ItemWork(ref, lease, signal, context, o.kill).run();
    if (worked.is !== 'ended') context.leases.letGo(lease);
    return worked;
  } catch (error) {
    context.leases.letGo(lease);
    return await interrupted(error, ref, lease, context);
  }
}

function refusedClaim(ref: ItemRef, verdict: Verdict, { settings, events }: WorkContext): Worked {
  if (verdict.is === 'retry' && verdict.suspect) return { is: 'suspect' };
  // Whether it is listed again is the poll's to see; a queue may simply have asked twice.
  const seen = verdict.is === 'returned' ? ({ ...verdict, is: 'done', end: 'accept' } as const) : verdict;
  const why = reasonOfVerdict(seen, settings.clock.now());
  events.emit('left', { ref, reason: why });
  return leftBecause(ref, why);
}

/** The item is let go of as it stands; only a failure of the source or the system is the caller's. */
async function interrupted(
  error: unknown,
  ref: ItemRef,
  lease: Lease,
  context: WorkContext,
): Promise<Worked> {
  const known = LanceurError.is(error)
    ? error
    : new LanceurError('INTERNAL', { why: messageOf(error) }, { cause: error });
  if (known.code !== 'LEASE_LOST') await context.leases.release(lease);
  if (known.scope === 'source' || known.scope === 'system') throw known;
  const why = reasonToLeave(known, ref, lease);
  context.events.emit('left', { ref, reason: why });
  return leftBecause(ref, why);
}

function reasonToLeave(error: LanceurError, ref: ItemRef, lease: Lease): Reason {
  if (error.code !== 'ABORTED') return error.reason;
  return lease.signal.aborted ? reason('LEASE_LOST', { name: ref.name }) : reason('STOPPED');
}

function leftBecause(ref: ItemRef, why: Reason, submissions: readonly Submission[] = []): Worked {
  return { is: 'left', outcome: { ref, is: 'left', reason: why, submissions } };
}

class ItemWork {
  readonly #ref: ItemRef;
  readonly #lease: Lease;
  readonly #signal: AbortSignal;
  readonly #context: WorkContext;
  readonly #settings: Settings;
  /** What stops everything: not this item's lease, since others share the connection. */
  readonly #kill: AbortSignal | undefined;
  readonly #submissions: Submission[] = [];
  /** Receipts that the next write makes durable, and that are told of then. */
  readonly #untold: Submission[] = [];
  /** Why something of the item is still to be done, the newest last. */
  #held: Reason | undefined;
  /** What its expander has left as it is. */
  #leftAsItIs: Reason[] = [];
  /** Set when an attempt failed by the item's own fault. */
  #failures = 0;

  constructor(ref: ItemRef, lease: Lease, signal: AbortSignal, context: WorkContext, kill?: AbortSignal) {
    this.#ref = ref;
    this.#lease = lease;
    this.#signal = signal;
    this.#context = context;
    this.#settings = context.settings;
    this.#kill = kill;
  }

  get #item(): ItemRecord {
    return this.#lease.item;
  }

  async run(): Promise<Worked> {
    if (this.#item.state === 'ended') return this.#ended();
    if (this.#item.crashes > this.#settings.crashes) return await this.#giveUp();
    await this.#resolveDoubts();
    if (this.#item.crashes >= this.#settings.crashes) return await this.#giveUp();

    const planned = this.#item.submissions;
    if (planned !== undefined && !planned.some((s) => s.state === 'planned')) return await this.#conclude();
    if (this.#ref.notReady !== undefined) return await this.#leave(this.#ref.notReady);
    if (planned === undefined) {
      const unwanted = unwantedByName(this.#ref, this.#settings);
      if (unwanted !== undefined) return await this.#unwantedByName(unwanted);
    } else {
      const blocked = planned
        .filter((s) => s.state === 'planned')
        .map((s) => this.#context.circuits.blocked(s.job));
      const [first] = blocked;
      if (first !== undefined && blocked.every((b) => b !== undefined)) {
        return await this.#leave(reason('CIRCUIT_OPEN', { job: first.job, until: at(first.until) }));
      }
    }
    return await this.#context.sessions.use(async (session) => await this.#deliver(session), this.#kill);
  }

  // ── opening and planning ──────────────────────────────────────────────────────────────────────────────

  async #deliver(session: Session): Promise<Worked> {
    const refused: { readonly document: DocumentInfo; readonly why: Reason }[] = [];
    // A frozen plan is carried out as it stands, whatever the filter says by now.
    const wants: Wants | undefined =
      this.#item.submissions === undefined
        ? (document) => {
            const wanted = wantedOf(document, this.#settings);
            if (!wanted.wanted) refused.push({ document, why: wanted.reason });
            return wanted.wanted;
          }
        : undefined;
    let delivery: Delivery;
    try {
      delivery = await this.#open(session, wants);
    } catch (error) {
      return await this.#failedToOpen(error);
    }
    try {
      this.#checkLimits(delivery);
      if (this.#item.submissions === undefined) {
        const unwanted = this.#plan(delivery, refused);
        if (unwanted !== undefined) return await this.#nothingWanted(unwanted);
      }
      for (const submission of this.#item.submissions ?? []) {
        if (submission.state === 'planned') await this.#submit(submission, delivery);
      }
      return await this.#conclude();
    } catch (error) {
      return await this.#failedToOpen(error);
    } finally {
      await delivery[Symbol.asyncDispose]();
    }
  }

  async #open(session: Session, wants: Wants | undefined): Promise<Delivery> {
    const delivery = await session.open(this.#ref, wants, { signal: this.#signal });
    const { expand } = this.#settings;
    if (expand === undefined) return delivery;
    this.#leftAsItIs = [];
    const spool = await this.#context.spool();
    const folder = await spool.folder();
    try {
      const expanded = await expand.expand(delivery, {
        signal: this.#signal,
        folder: folder.path,
        leftAsItIs: (why) => this.#leftAsItIs.push(why),
      });
      return withDisposal(expanded, folder);
    } catch (error) {
      await delivery[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
      if (LanceurError.is(error)) throw error;
      const why = messageOf(error);
      throw new LanceurError(
        'EXPAND_FAILED',
        { name: this.#ref.name, why },
        { cause: error, transient: true },
      );
    }
  }

  #checkLimits(delivery: Delivery): void {
    const { documentBytes, documentsPerDelivery } = this.#settings.limits;
    const { name } = this.#ref;
    const count = delivery.documents.length;
    if (count > documentsPerDelivery) {
      throw new LanceurError('TOO_MANY_DOCUMENTS', { name, count, limit: documentsPerDelivery });
    }
    for (const { name: document, size } of delivery.documents) {
      if (size !== undefined && size > documentBytes) {
        throw new LanceurError('TOO_BIG', { name: document, size, limit: documentBytes });
      }
    }
  }

  /** Freezes the groups. Nothing wanted: why. */
  #plan(
    delivery: Delivery,
    refused: readonly { readonly document: DocumentInfo; readonly why: Reason }[],
  ): Reason | undefined {
    const groups = this.#group(delivery);
    const grouped = new Set(groups.flatMap((g) => g.documents));
    const ungrouped = delivery.documents.filter((d) => !grouped.has(d));
    if (groups.length === 0) {
      return nothingWanted(this.#ref, [
        ...refused.map(({ document, why }) => ({ name: document.name, why })),
        ...this.#leftAsItIs.map((why) => ({ why })),
        ...ungrouped.map((d) => ({
          why: reason('NO_JOB', { kind: d.group?.replace(/#.*$/su, '') ?? d.name }),
        })),
      ]);
    }
    // Frozen together with the first submission that could be in doubt: until then, planning anew harms nothing.
    this.#lease.defer({
      type: 'planned',
      groups: groups.map(({ key, job, documents }) => ({
        id: submissionId(this.#item, key),
        key,
        job,
        documents: documents.map((d) => d.name),
      })),
      unwanted: [...refused.map((r) => r.document.name), ...ungrouped.map((d) => d.name)],
    });
    return undefined;
  }

  #group(delivery: Delivery): readonly DocumentGroup[] {
    const groups = this.#settings.grouper.group(delivery);
    const keys = new Set(groups.map((g) => g.key));
    const documents = groups.flatMap((g) => g.documents);
    const sound =
      keys.size === groups.length &&
      groups.every((g) => g.documents.length > 0) &&
      new Set(documents).size === documents.length &&
      documents.every((d) => delivery.documents.includes(d));
    if (sound) return groups;
    throw new LanceurError('INTERNAL', {
      why: 'the grouper gave groups with the same key, without documents, or with documents that are not in the delivery, once each',
    });
  }

  /**
   * Unopened: what is remembered of it is not disproved. An item which only seems to be back stays settled as it was, and
   * one that another launcher wants stays suspect of ending processes.
   */
  async #unwantedByName(why: Reason): Promise<Worked> {
    const { was, suspect, crashes, attempts } = this.#item;
    const isRemembered = was !== undefined || suspect || crashes > 0 || attempts > 0;
    if (!isRemembered || this.#settings.unwanted !== 'leave') return await this.#nothingWanted(why);
    await this.#lease.write({ type: 'voided', reason: why });
    return this.#left(why);
  }

  async #nothingWanted(why: Reason): Promise<Worked> {
    switch (this.#settings.unwanted) {
      case 'leave':
        await this.#lease.write({ type: 'skipped' });
        return this.#left(why);
      case 'accept':
        return await this.#end('accept', why);
      case 'reject':
        return await this.#end('reject', reason('UNWANTED', { why: why.message, why_fr: inFrench(why) }));
    }
  }

  /** An error of the item as a whole: its opening, its expansion, or a change under way. */
  async #failedToOpen(error: unknown): Promise<Worked> {
    if (LanceurError.is(error, 'GONE', 'CHANGED')) {
      const item = this.#item;
      await this.#lease.write({ type: 'voided', reason: error.reason });
      // Not before: who has lost the lease must not take away what the one who has it needs.
      await forgetQuietly(this.#context.settings.submitter, [item], this.#lease.fence);
      return this.#left(error.reason);
    }
    if (!LanceurError.is(error) || error.scope !== 'document') throw error;
    const attempts = this.#attemptsFor(error);
    const item = await this.#lease.write({ type: 'failed', reason: error.reason, attempts });
    const willRetry = item.state === 'open';
    this.#context.events.emit('failed', { ref: this.#ref, reason: error.reason, willRetry });
    if (!willRetry) return this.#ended();
    return await this.#leave(error.reason, this.#delay(item.attempts));
  }

  // ── submitting ────────────────────────────────────────────────────────────────────────────────────────

  async #submit(submission: SubmissionRecord, delivery: Delivery): Promise<void> {
    const { circuits, events } = this.#context;
    const { job } = submission;
    const blocked = circuits.enter(job);
    if (blocked !== undefined) {
      this.#held = reason('CIRCUIT_OPEN', { job, until: at(blocked.until) });
      return;
    }
    const attempt = { placing: false };
    let receipt: Submission['receipt'];
    try {
      receipt = await this.#place(submission, delivery, attempt);
    } catch (error) {
      circuits.left(job);
      await this.#failedToSubmit(knownError(error, submission, attempt.placing), submission, attempt.placing);
      return;
    }
    if (circuits.succeeded(job)) events.emit('circuit', { job, open: false });
    // If the ledger fails here it is not the submitter's word that nothing is there: the submission stays in doubt.
    this.#lease.defer({ type: 'submitted', submission: submission.id, receipt });
    this.#untold.push({ job, receipt });
    // The end of the item, which follows at once, takes the last receipt along.
    if (!this.#isSubmitted()) await this.#write();
  }

  /** Writes, and tells of the receipts that are durable by that. */
  async #write(...changes: readonly Change[]): Promise<ItemRecord> {
    const item = await this.#lease.write(...changes);
    for (const { job, receipt } of this.#untold.splice(0)) {
      this.#submissions.push({ job, receipt });
      this.#context.events.emit('submitted', { ref: this.#ref, job, receipt });
    }
    return item;
  }

  #isSubmitted(): boolean {
    return this.#item.submissions?.every((s) => s.state === 'submitted') === true;
  }

  async #place(
    submission: SubmissionRecord,
    delivery: Delivery,
    attempt: { placing: boolean },
  ): Promise<Submission['receipt']> {
    const { submitter, limits } = this.#settings;
    const { id, key, job, have } = submission;
    if (submitter.jobs !== undefined && !submitter.jobs.includes(job)) {
      const why = reason('UNKNOWN_JOB', { job, known: submitter.jobs.join(', ') }).message;
      throw new LanceurError('TARGET_FAILED', { job, why }, { job });
    }
    return await submitter.submit(
      { key, job, documents: this.#documentsOf(submission, delivery) },
      {
        submissionId: id,
        fence: this.#lease.fence,
        signal: this.#signal,
        attributes: delivery.attributes,
        documentBytes: limits.documentBytes,
        ...(have && { have }),
        beforePlacing: async (sent) => {
          await this.#lease.write({ type: 'submitting', submission: id, sent });
          attempt.placing = true;
        },
      },
    );
  }

  #documentsOf(submission: SubmissionRecord, delivery: Delivery): readonly SourceDocument[] {
    const byName = new Map(delivery.documents.map((d) => [d.name, d]));
    return submission.documents.map((name) => {
      const document = byName.get(name);
      if (document !== undefined) return document;
      throw new LanceurError('DOCUMENT_UNREADABLE', { name, why: 'it is no longer in its delivery' });
    });
  }

  async #failedToSubmit(error: LanceurError, submission: SubmissionRecord, placing: boolean): Promise<void> {
    if (error.scope === 'document' && error.code !== 'IN_DOUBT') {
      await this.#failed(submission, error);
      return;
    }
    if (error.scope === 'target') this.#targetFailed(submission.job, error);
    if (placing && error.code !== 'ABORTED' && error.code !== 'LEASE_LOST')
      await this.#resolve(submission, error);
    // What concerns the item as a whole, the source or the system is not this submission's to answer.
    if (error.scope !== 'document' && error.scope !== 'target') throw error;
    if (this.#stateOf(submission) !== 'submitted') this.#held = error.reason;
  }

  #targetFailed(job: string, error: LanceurError): void {
    const { until, reason: why } = this.#context.circuits.failed(job, error.reason);
    this.#context.events.emit('circuit', { job, open: true, until, reason: why });
    this.#held = error.reason;
  }

  async #failed(submission: SubmissionRecord, error: LanceurError): Promise<void> {
    const { reason: why } = error;
    const attempts = this.#attemptsFor(error);
    const item = await this.#lease.write({
      type: 'failed',
      submission: submission.id,
      reason: why,
      attempts,
      ...(error.have !== undefined && { have: error.have }),
    });
    const record = item.submissions?.find((s) => s.id === submission.id);
    this.#failures = Math.max(this.#failures, record?.attempts ?? 1);
    this.#held = why;
    const willRetry = record?.state === 'planned';
    this.#context.events.emit('failed', { ref: this.#ref, job: submission.job, reason: why, willRetry });
  }

  // ── doubt ─────────────────────────────────────────────────────────────────────────────────────────────

  /** Submissions that a process which is no more was about to place. */
  async #resolveDoubts(): Promise<void> {
    for (const submission of this.#item.submissions ?? []) {
      if (submission.state === 'submitting') await this.#resolve(submission, undefined);
    }
  }

  /**
   * Asks the submitter what became of a submission; where it cannot tell, the policy does. If the target does not
   * answer, the submission stays in doubt until it does.
   */
  async #resolve(submission: SubmissionRecord, failure: LanceurError | undefined): Promise<void> {
    const record = this.#item.submissions?.find((s) => s.id === submission.id) ?? submission;
    let found: Found;
    try {
      found = await this.#find(record, failure);
    } catch (error) {
      const known = knownError(error, record, false);
      if (known.scope !== 'target') throw known;
      this.#targetFailed(record.job, known);
      return;
    }
    this.#context.events.emit('doubt', { ref: this.#ref, submissionId: record.id, found: found.is });
    await this.#lease.write(this.#answer(record, found, failure));
    if (found.is !== 'found') return;
    this.#submissions.push({ job: record.job, receipt: found.receipt });
    this.#context.events.emit('submitted', { ref: this.#ref, job: record.job, receipt: found.receipt });
  }

  async #find(record: SubmissionRecord, failure: LanceurError | undefined): Promise<Found> {
    const { submitter } = this.#settings;
    if (submitter.find !== undefined && submitter.canFind?.(record.job) !== false) {
      const { id, key, job, documents, sent } = record;
      return await submitter.find({ id, key, job, documents, ...(sent && { sent }) });
    }
    // Where it cannot be asked, the submitter's word counts: any other error than these means that the group is not there.
    if (failure === undefined || failure.code === 'IN_DOUBT') return { is: 'unknown' };
    return failure.have === undefined ? { is: 'absent' } : { is: 'partial', have: failure.have };
  }

  #answer(record: SubmissionRecord, found: Found, failure: LanceurError | undefined): Change {
    const submission = record.id;
    switch (found.is) {
      case 'found':
        return { type: 'submitted', submission, receipt: found.receipt };
      case 'partial':
        return { type: 'notSubmitted', submission, have: found.have };
      case 'absent':
        return { type: 'notSubmitted', submission };
      case 'unknown': {
        const have = failure?.have !== undefined && { have: failure.have };
        if (record.insist === true) return { type: 'resubmit', submission, ...have };
        const spent = failure !== undefined && record.attempts >= this.#settings.attempts;
        if (this.#settings.inDoubt === 'resubmit' && !spent) return { type: 'resubmit', submission, ...have };
        const name = record.documents.join(', ');
        const why = reason('IN_DOUBT', { name, job: record.job });
        return { type: 'refused', submission, reason: why, ...have };
      }
    }
  }

  // ── ending ────────────────────────────────────────────────────────────────────────────────────────────

  /** The item ends once every submission has; else it is left until the next attempt. */
  async #conclude(): Promise<Worked> {
    const submissions = this.#item.submissions ?? [];
    if (submissions.some((s) => s.state === 'planned' || s.state === 'submitting')) {
      const why = this.#held ?? this.#item.reason ?? reason('STOPPED');
      return await this.#leave(why, this.#failures > 0 ? this.#delay(this.#failures) : undefined);
    }
    const refused = submissions.filter((s) => s.state === 'refused');
    if (refused.length > 0) return await this.#end('reject', refusal(submissions, refused));

    const unwanted = this.#item.unwanted ?? [];
    const loses =
      unwanted.length > 0 && !this.#settings.listener.traits.keeps && !this.#settings.discardUnwanted;
    if (loses) return await this.#end('aside', reason('PARTLY_UNWANTED', { names: unwanted.join(', ') }));
    return await this.#end('accept');
  }

  /** The process has been lost too often with this item alone: it must not take the others along. */
  async #giveUp(): Promise<Worked> {
    const { name } = this.#ref;
    const doubts = (this.#item.submissions ?? []).filter((s) => s.state === 'submitting');
    await this.#lease.write(
      ...doubts.map(({ id, job, documents }): Change => {
        return {
          type: 'refused',
          submission: id,
          reason: reason('IN_DOUBT', { name: documents.join(', '), job }),
        };
      }),
    );
    return await this.#end('reject', reason('CRASHED', { times: this.#item.crashes, name }));
  }

  async #end(end: End, why?: Reason): Promise<Worked> {
    await this.#write({ type: 'ended', end, ...(why && { reason: why }) });
    this.#context.events.emit('ended', { ref: this.#ref, end, ...(why && { reason: why }) });
    return this.#ended();
  }

  #ended(): Worked {
    return { is: 'ended', settle: async () => await this.#settle() };
  }

  async #settle(): Promise<Outcome> {
    const { end = 'accept', reason: why, unwanted } = this.#item;
    const { settler, leases, events } = this.#context;
    try {
      const settled = await settler.settle(this.#lease, this.#ref);
      const failed = settled.how === 'failed' ? (settled.reason ?? unsaid(this.#ref)) : undefined;
      events.emit('settled', { ref: this.#ref, end, how: settled.how, ...(failed && { reason: failed }) });
      if (failed !== undefined) events.emit('left', { ref: this.#ref, reason: failed });
      const because = failed ?? why;
      return {
        ref: this.#ref,
        is: end,
        ...(because && { reason: because }),
        submissions: this.#submissions,
        ...(unwanted !== undefined && unwanted.length > 0 && { unwanted }),
        how: settled.how,
      };
    } catch (error) {
      const worked = await interrupted(error, this.#ref, this.#lease, this.#context);
      if (worked.is === 'left') return { ...worked.outcome, submissions: this.#submissions };
      throw error;
    } finally {
      leases.letGo(this.#lease);
    }
  }

  async #leave(why: Reason, delayMs?: number): Promise<Worked> {
    await this.#lease.write({ type: 'released', ...(delayMs !== undefined && { delayMs }) });
    return this.#left(why);
  }

  #left(why: Reason): Worked {
    this.#context.events.emit('left', { ref: this.#ref, reason: why });
    return leftBecause(this.#ref, why, this.#submissions);
  }

  /** What cannot heal by itself is not tried again. */
  #attemptsFor(error: LanceurError): number {
    return error.transient ? this.#settings.attempts : 1;
  }

  #delay(failures: number): number {
    return backoff(failures, this.#settings, this.#settings.random);
  }

  #stateOf(submission: SubmissionRecord): SubmissionRecord['state'] | undefined {
    return this.#item.submissions?.find((s) => s.id === submission.id)?.state;
  }
}

/** What a submitter threw that is no LanceurError: before placing, the target's failure; after it, nobody knows. */
function knownError(error: unknown, submission: SubmissionRecord, placing: boolean): LanceurError {
  if (LanceurError.is(error)) return error;
  if (isAbort(error) && !placing) return new LanceurError('ABORTED', undefined, { cause: error });
  const { job } = submission;
  if (placing)
    return new LanceurError('IN_DOUBT', { name: submission.documents.join(', '), job }, { cause: error });
  return new LanceurError('TARGET_FAILED', { job, why: messageOf(error) }, { job, cause: error });
}

/** The same at every attempt, and another one once the item is to be sent anew. */
function submissionId(item: ItemRecord, key: string): string {
  const parts = JSON.stringify([item.source, item.id, item.version, key, item.epoch]);
  return createHash('sha256').update(parts).digest('hex').slice(0, 32);
}

/** For a listener that does not say why it could not settle. */
function unsaid({ name }: ItemRef): Reason {
  return reason('NOT_SETTLED', { name, why: 'its listener does not say why' });
}

function refusal(all: readonly SubmissionRecord[], refused: readonly SubmissionRecord[]): Reason {
  const [first] = refused;
  const why = first?.reason ?? reason('INTERNAL', { why: 'refused without a reason' });
  if (all.length === 1) return why;
  const submitted = all.filter((s) => s.receipt !== undefined);
  const said = (job: string, sep: string): string =>
    submitted.map((s) => `${job} ${s.job}${sep}${s.documents.join(', ')}`).join('; ');
  return reason('PART_REFUSED', {
    refused: refused.length,
    why: why.message,
    why_fr: inFrench(why),
    submitted: said('job', ': ') || 'nothing',
    submitted_fr: said('travail', ' : ') || 'rien',
  });
}

function withDisposal(delivery: Delivery, also: AsyncDisposable): Delivery {
  return {
    ref: delivery.ref,
    documents: delivery.documents,
    attributes: delivery.attributes,
    async [Symbol.asyncDispose]() {
      await delivery[Symbol.asyncDispose]();
      await also[Symbol.asyncDispose]();
    },
  };
}

function at(time: number): string {
  return new Date(time).toISOString();
}
