import { randomUUID } from 'node:crypto';
import { addAbortSignal } from 'node:stream';
import type { DocumentGroup } from '../contracts/grouper.js';
import type { Receipt, Sent, SourceDocument } from '../contracts/item.js';
import type { ColdSubmitter, Found, Planned, SubmitOptions } from '../contracts/submitter.js';
import { LanceurError } from '../errors.js';
import { safeName } from '../names.js';
import { sentAs } from './documents.js';
import { Faults, type FaultTiming } from './faults.js';
import type { Step } from './step.js';

/**
 * What a memory COLD does, each with a step on either side: `stage` once a document that has been read, `place` once
 * a group, or once a document where groups do not appear in one step.
 */
export type ColdEffect = 'stage' | 'place' | 'find' | 'forget';

export interface MemoryColdOptions {
  /** The jobs that it has; others are refused with `UNKNOWN_JOB`. Default: any. */
  readonly jobs?: readonly string[];
  /** Whether it can be asked what became of a submission. Default true. */
  readonly find?: boolean;
  /** Whether `find` can say which documents of a cut-off group are there; if not, it answers `unknown`. Default true. */
  readonly partial?: boolean;
  /** Whether the documents of a group appear in one step. Default true. */
  readonly atomicGroup?: boolean;
  /** For the receipts. Default: the time of day. */
  readonly now?: () => number;
  readonly step?: Step;
}

/** A document that has come to the COLD. */
export interface Arrival extends Sent {
  readonly submissionId: string;
  readonly job: string;
  readonly bytes: Buffer;
}

/** A COLD in memory, which remembers all that came. */
export interface MemoryCold extends ColdSubmitter {
  /** All that ever arrived, in order, eaten or not. */
  readonly arrivals: readonly Arrival[];
  /** What has arrived and waits to be eaten. */
  readonly waiting: readonly Arrival[];
  /** The COLD takes what waits for it; what it took. `find` still knows of it. */
  eat(): readonly Arrival[];
  /**
   * The next effect of this kind fails with `error`: by default `TARGET_FAILED`, or `IN_DOUBT` if it takes place all
   * the same (`done: true`). `place` fails once `beforePlacing` has resolved.
   */
  failNext(effect: ColdEffect, error?: Error, timing?: FaultTiming): void;
  /** From now on every call for this job fails with `TARGET_FAILED`; without one, for any job. */
  down(job?: string): void;
  /** Takes back `down` for this job; without one, for all that was down. */
  up(job?: string): void;
  /** `find` looks, and then gives this answer once. */
  answerNext(found: Found): void;
  /** The same COLD as another process sees it, with steps of its own. */
  seenBy(step?: Step): MemoryCold;
}

/**
 * A submitter whose COLD is in memory.
 *
 * ```ts
 * const cold = memoryCold({ atomicGroup: false });
 * cold.failNext('place', undefined, { after: 1 }); // one document of the group arrives, the next does not
 * ```
 */
export function memoryCold(options: MemoryColdOptions = {}): MemoryCold {
  return view(new World(), options);
}

/** What outlives a process. */
class World {
  readonly arrivals: Arrival[] = [];
  readonly faults = new Faults<ColdEffect>();
  readonly answers: Found[] = [];
  readonly eaten = new Set<Arrival>();
  readonly forgotten = new Set<Arrival>();
  readonly downJobs = new Set<string>();
  /** By submission, the attempt that may still place: the newest, unless `find` has taken its means away. */
  readonly staged = new Map<string, symbol>();
  down = false;
}

function view(world: World, options: MemoryColdOptions): MemoryCold {
  const cold: MemoryCold = {
    traits: { find: options.find ?? true, atomicGroup: options.atomicGroup ?? true },
    ...(options.jobs && { jobs: options.jobs }),
    submit: (group, how) => submit(world, options, group, how ?? {}),
    ...(options.find !== false && { find: (planned: Planned) => find(world, options, planned) }),
    async forget(ids) {
      const forgetAll = () => {
        for (const arrival of world.arrivals)
          if (ids.includes(arrival.submissionId)) world.forgotten.add(arrival);
        for (const id of ids) world.staged.delete(id);
      };
      await world.faults.run('forget', options.step, forgetAll, () =>
        targetFailed('any', 'forget was to fail'),
      );
    },
    get arrivals() {
      return [...world.arrivals];
    },
    get waiting() {
      return world.arrivals.filter((arrival) => !world.eaten.has(arrival));
    },
    eat() {
      const meal = cold.waiting;
      for (const arrival of meal) world.eaten.add(arrival);
      return meal;
    },
    failNext: (effect, error, timing) => {
      world.faults.order(effect, error, timing);
    },
    down: (job) => {
      if (job === undefined) world.down = true;
      else world.downJobs.add(job);
    },
    up: (job) => {
      if (job !== undefined) {
        world.downJobs.delete(job);
        return;
      }
      world.down = false;
      world.downJobs.clear();
    },
    answerNext: (found) => {
      world.answers.push(found);
    },
    seenBy: (step) => {
      const { step: _own, ...rest } = options;
      return view(world, step === undefined ? rest : { ...rest, step });
    },
  };
  return cold;
}

async function submit(
  world: World,
  options: MemoryColdOptions,
  group: DocumentGroup,
  { submissionId = randomUUID(), signal, have = [], documentBytes = Infinity, beforePlacing }: SubmitOptions,
): Promise<Receipt> {
  const { job } = group;
  const first = group.documents[0]?.name ?? group.key;
  stopIf(signal);
  if (options.jobs?.includes(job) === false) {
    throw new LanceurError('UNKNOWN_JOB', { job, known: options.jobs.join(', ') });
  }
  mustBeUp(world, job);

  const attempt = Symbol(submissionId);
  world.staged.set(submissionId, attempt);
  const mustBeStaged = () => {
    if (world.staged.get(submissionId) !== attempt) throw new LanceurError('LEASE_LOST', { name: first });
  };
  const run = <T>(effect: ColdEffect, act: () => T) =>
    world.faults.run(effect, options.step, act, ({ done }) =>
      done === true
        ? new LanceurError('IN_DOUBT', { name: first, job })
        : targetFailed(job, `${effect} was to fail`),
    );

  try {
    const staged: Arrival[] = [];
    for (const document of group.documents) {
      if (have.some(({ name }) => name === document.name)) continue;
      const bytes = await read(document, documentBytes, signal);
      await run('stage', mustBeStaged);
      staged.push({ ...sentAs(document.name, bytes), submissionId, job, bytes });
    }
    const sent = staged.map(asSent);
    stopIf(signal);
    await beforePlacing?.(sent);

    const place = (arrivals: readonly Arrival[]) =>
      run('place', () => {
        mustBeStaged();
        mustBeUp(world, job);
        world.arrivals.push(...arrivals.map((a) => ({ ...a, name: safeName(a.name) })));
      });
    if (options.atomicGroup !== false) await place(staged);
    else for (const arrival of staged) await place([arrival]);

    const documents = group.documents.flatMap(
      ({ name }) => [...have, ...sent].find((s) => s.name === name) ?? [],
    );
    return { submissionId, at: now(options), documents };
  } finally {
    if (world.staged.get(submissionId) === attempt) world.staged.delete(submissionId);
  }
}

async function find(world: World, options: MemoryColdOptions, planned: Planned): Promise<Found> {
  const look = (): Found => {
    mustBeUp(world, planned.job);
    world.staged.delete(planned.id);
    const known = world.arrivals.filter((a) => a.submissionId === planned.id && !world.forgotten.has(a));
    const placed = planned.documents.flatMap((name) => {
      const arrival = known.find((a) => a.name === safeName(name));
      return arrival === undefined ? [] : [{ ...asSent(arrival), name }];
    });
    const answer = world.answers.shift();
    if (answer !== undefined) return answer;
    if (placed.length === 0) return { is: 'absent' };
    if (placed.length === planned.documents.length) {
      return { is: 'found', receipt: { submissionId: planned.id, at: now(options), documents: placed } };
    }
    return options.partial === false ? { is: 'unknown' } : { is: 'partial', have: placed };
  };
  return world.faults.run('find', options.step, look, () => targetFailed(planned.job, 'find was to fail'));
}

async function read(
  document: SourceDocument,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const stream = document.open();
  if (signal !== undefined) addAbortSignal(signal, stream);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw new LanceurError('TOO_BIG', { name: document.name, size, limit });
      chunks.push(chunk);
    }
  } catch (error) {
    throw signal?.aborted === true ? new LanceurError('ABORTED', undefined, { cause: error }) : error;
  }
  return Buffer.concat(chunks);
}

function stopIf(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new LanceurError('ABORTED');
}

function asSent({ name, size, sha256 }: Sent): Sent {
  return { name, size, sha256 };
}

function mustBeUp(world: World, job: string): void {
  if (world.down || world.downJobs.has(job)) throw targetFailed(job, 'it is down');
}

function targetFailed(job: string, why: string): LanceurError {
  return new LanceurError('TARGET_FAILED', { job, why }, { job });
}

function now(options: MemoryColdOptions): number {
  return options.now?.() ?? Date.now();
}
