import { randomUUID } from 'node:crypto';
import {
  LanceurError,
  reason,
  systemClock,
  type Check,
  type Clock,
  type ColdSubmitter,
  type DocumentGroup,
  type ForgetOptions,
  type Found,
  type Planned,
  type Reason,
  type Receipt,
  type SubmitOptions,
  type UsedFolder,
} from '@lanceur/core';
import { Attempt } from './attempt.js';
import { checkTarget } from './check.js';
import { targetFailure } from './failure.js';
import { errno, nodeFileSystem } from './file-system.js';
import { findIn } from './find.js';
import { keyOf } from './naming.js';
import { settingsOf, type Settings, type WaitingDirectoryOptions } from './options.js';
import { Place } from './place.js';
import { sideBySide } from './side-by-side.js';

/** A {@link ColdSubmitter} that can do all that is optional. */
export type WaitingDirectory = Required<Omit<ColdSubmitter, 'canFind'>>;

interface Target {
  readonly settings: Settings;
  readonly place: Place;
}

const FORGOTTEN_AT_ONCE = 8;

/**
 * Puts documents into the waiting directories of COLD jobs: written and flushed beside the directory, then put in place
 * in one step, so that a COLD never sees half a document.
 *
 * ```ts
 * const submitter = waitingDirectory({ jobs: { '87': 'C:/nchp/var/spool/ezged/instance/ocr/wait/factures' } });
 * ```
 *
 * Needs no launcher: `submit(group)` alone will do. What has become of a submission after a crash, `find` tells; see
 * `docs/waiting-directory.md` for what it can tell on which volume.
 *
 * @throws LanceurError `INVALID_OPTION`, or `OVERLAP` for a staging directory inside a waiting directory.
 */
export function waitingDirectory(options: WaitingDirectoryOptions): WaitingDirectory {
  const settings = settingsOf(options);
  const { clock = systemClock, fs = nodeFileSystem, stallMs = 60_000 } = options;
  const places = new Map<string, Place>();
  const targets = new Map<string, Target>();
  for (const one of settings) {
    // Jobs that share a directory share its names.
    const place = places.get(one.staging) ?? new Place(one.path, one.staging, fs, clock, stallMs);
    places.set(one.staging, place);
    targets.set(one.job, { settings: one, place });
  }
  return new Submitter([...places.values()], targets, clock);
}

class Submitter implements WaitingDirectory {
  readonly traits;
  readonly jobs: readonly string[];
  readonly folders: readonly UsedFolder[];
  readonly #places: readonly Place[];
  readonly #targets: ReadonlyMap<string, Target>;
  readonly #clock: Clock;
  /** By submission, the newest attempt of this process, until it is forgotten. */
  readonly #attempts = new Map<string, Attempt>();
  /** Submissions whose evidence could not be removed yet, and up to which fence it is to go. */
  readonly #overdue = new Map<string, number>();
  /** Why the last attempt failed, by job. */
  readonly #failures = new Map<string, Reason>();
  #count = 0;

  constructor(places: readonly Place[], targets: ReadonlyMap<string, Target>, clock: Clock) {
    this.#places = places;
    this.#targets = targets;
    this.#clock = clock;
    const settings = [...targets.values()].map((target) => target.settings);
    this.jobs = settings.map(({ job }) => job);
    this.folders = settings.flatMap(({ job, path, staging }) => [
      { role: `target of job ${job}`, path, fed: true },
      { role: `staging of job ${job}`, path: staging },
    ]);
    this.traits = { find: true, atomicGroup: settings.every(({ layout }) => layout === 'folder') };
  }

  async submit(group: DocumentGroup, options: SubmitOptions = {}): Promise<Receipt> {
    const target = this.#target(group.job);
    if (group.documents.length === 0)
      throw new LanceurError('INTERNAL', { why: 'a group without documents was submitted' });
    const id = options.submissionId ?? randomUUID();
    if (this.#attempts.get(id)?.ended === false) {
      throw new LanceurError('INTERNAL', { why: 'a submission was begun again while it was under way' });
    }
    const bytes = group.documents.reduce((sum, { size = 0 }) => sum + size, 0);
    const receipt = await this.#onTarget(target, () => this.#submit(target, id, group, options), bytes);
    // Without an id nobody can ask for it.
    if (options.submissionId === undefined) await this.forget([id]);
    return receipt;
  }

  async find(planned: Planned): Promise<Found> {
    const target = this.#target(planned.job);
    return this.#onTarget(target, async () => {
      const attempt = this.#attempts.get(planned.id);
      if (attempt?.ended === false) {
        attempt.cancelled = true;
        if (attempt.placing) await attempt.whenEnded;
      }
      const found = await findIn(target.place, planned, attempt, this.#clock);
      if (found.is === 'absent') this.#attempts.delete(planned.id);
      return found;
    });
  }

  async forget(submissionIds: readonly string[], { fence = Infinity }: ForgetOptions = {}): Promise<void> {
    for (const id of submissionIds) {
      this.#attempts.delete(id);
      this.#overdue.set(id, fence);
    }
    await sideBySide([...this.#overdue], FORGOTTEN_AT_ONCE, async ([id, upTo]) => {
      const key = keyOf(id);
      const known = this.#places.filter((place) => place.runs.knows(key));
      try {
        // An id that is not known may be an earlier process's, for any of the targets.
        for (const place of known.length > 0 ? known : this.#places)
          await place.busy(() => place.runs.remove(key, upTo));
        this.#overdue.delete(id);
      } catch {
        // A target that does not answer now: asked again with the next that is forgotten.
      }
    });
  }

  async check(): Promise<readonly Check[]> {
    const checks = [...this.#targets.values()].map(({ place, settings }) =>
      place.busy(() => checkTarget(place, settings, this.#clock)),
    );
    return (await Promise.all(checks)).flat();
  }

  health(): Reason | undefined {
    for (const failure of this.#failures.values()) return failure;
    for (const { place, settings } of this.#targets.values()) {
      const { job, path } = settings;
      if (place.known?.links === false) return reason('TARGET_UNGUARDED', { job, path });
    }
    return undefined;
  }

  #target(job: string): Target {
    const target = this.#targets.get(job);
    if (target === undefined) throw new LanceurError('UNKNOWN_JOB', { job, known: this.jobs.join(', ') });
    return target;
  }

  /**
   * Failures of the target are remembered, its successes too. Whatever else `work` throws passes unchanged.
   * @param bytes - that `work` writes, for the message of a disk that is full.
   */
  async #onTarget<T>({ place, settings }: Target, work: () => Promise<T>, bytes = 0): Promise<T> {
    try {
      const result = await place.busy(work);
      this.#failures.delete(settings.job);
      return result;
    } catch (error) {
      if (error instanceof Foreign) throw error.cause;
      const failure = await place.busy(() => targetFailure(error, place, settings, bytes));
      if (failure.scope === 'target') this.#failures.set(settings.job, failure.reason);
      throw failure;
    }
  }

  async #submit(target: Target, id: string, group: DocumentGroup, options: SubmitOptions): Promise<Receipt> {
    const attempt = await this.#staged(target, id, group, options);
    const sent = attempt.sent();
    const { beforePlacing } = options;
    try {
      if (beforePlacing !== undefined) {
        attempt.noted = true;
        await beforePlacing.call(options, sent).catch(async (error: unknown) => {
          // It may be noted all the same: the answer of a write can be lost. Not if somebody else has the lease.
          const isUnknown = options.submissionId === undefined || LanceurError.is(error, 'LEASE_LOST');
          if (isUnknown) await attempt.unstage().catch(() => undefined);
          throw new Foreign(error);
        });
      }
      attempt.placing = true;
      await attempt.put().catch(async (error: unknown) => {
        // What has been noted stays, for `find`; nobody will ask for anything else.
        if (!attempt.noted) await attempt.unstage().catch(() => undefined);
        throw error;
      });
    } finally {
      await attempt.release().catch(() => undefined);
      attempt.end();
    }
    return { submissionId: id, at: this.#clock.now(), documents: attempt.placed() };
  }

  async #staged(target: Target, id: string, group: DocumentGroup, options: SubmitOptions): Promise<Attempt> {
    const { place, settings } = target;
    for (let again = true; ; again = false) {
      const placement = await place.placement();
      const run = await place.run();
      await place.runs.remove(keyOf(id), options.fence);
      const token = (this.#count++).toString(36);
      const attempt = new Attempt({
        id,
        run,
        token,
        group,
        options,
        settings,
        place,
        placement,
        clock: this.#clock,
      });
      this.#attempts.set(id, attempt);
      try {
        await attempt.stage();
        return attempt;
      } catch (error) {
        await attempt.unstage().catch(() => undefined);
        await attempt.release().catch(() => undefined);
        attempt.end();
        this.#attempts.delete(id);
        // Somebody took this run for dead, or emptied staging: the same again in a new one.
        if (!again || errno(error) !== 'ENOENT' || !(await place.runs.renewed())) throw error;
      }
    }
  }
}

/** Carries what `beforePlacing` rejected with past all that treats errors of the target. */
class Foreign extends Error {
  constructor(error: unknown) {
    super('', { cause: error });
  }
}
