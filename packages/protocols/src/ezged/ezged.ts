import { randomUUID } from 'node:crypto';
import {
  LanceurError,
  systemClock,
  type Check,
  type Clock,
  type ColdSubmitter,
  type DocumentGroup,
  type Reason,
  type Receipt,
  type SubmitOptions,
} from '@lanceur/core';
import type { Answer, Voice } from './answer.js';
import { outcomeOf, statusIn, type JobOutcome, type JobStatus, type JobWait } from './jobs.js';
import { settingsOf, type EzgedOptions, type Settings } from './options.js';
import { Secrets } from './secrets.js';
import { Sessions } from './session.js';
import { Submission, type Context } from './submission.js';
import { Turns } from './turns.js';
import { Wire } from './wire.js';

/** EzGED over its web services: a {@link ColdSubmitter}, and what else can be asked of it. */
export interface Ezged extends ColdSubmitter, AsyncDisposable {
  readonly jobs: readonly string[];
  check(): Promise<readonly Check[]>;
  health(): Reason | undefined;
  /**
   * How a job of EzGED's job server is now ("état du travail").
   * @param id - `JOBQUEUE_ID`.
   * @throws LanceurError of scope `target`; `ABORTED`.
   */
  jobStatus(id: number, options?: { readonly signal?: AbortSignal }): Promise<JobStatus>;
  /**
   * Asks again and again until the job has ended, one way or another, or the time is up.
   * @throws LanceurError of scope `target`; `ABORTED`; `INVALID_OPTION`.
   */
  jobEnded(id: number, wait?: JobWait): Promise<JobOutcome>;
  /**
   * Gives the session back and closes its connections: call it when the last submission is through. It would happen by
   * itself 5 s later, if the process lives so long. Never throws; what is asked afterwards opens a session again.
   */
  close(): Promise<void>;
}

/**
 * Puts documents in front of the COLD jobs of an EzGED elsewhere, by its web services.
 *
 * ```ts
 * const submitter = ezged({
 *   url: 'https://ged.mairie.fr/ezged',
 *   user: 'lanceur',
 *   password: () => process.env.EZGED_PASSWORD ?? '',
 *   token: () => process.env.EZGED_TOKEN ?? '',
 *   jobs: { '87': 'factures' },
 * });
 * ```
 *
 * Needs no launcher: `submit(group)` alone will do. EzGED cannot be asked what became of an upload, so there is no
 * `find`: a connection that is cut once all has been sent is `IN_DOUBT`. See `docs/ezged.md`.
 *
 * @throws LanceurError `INVALID_OPTION` or `UNKNOWN_OPTION`.
 */
export function ezged(options: EzgedOptions): Ezged {
  return new Client(settingsOf(options), options.clock ?? systemClock);
}

class Client implements Ezged {
  readonly traits = { find: false, atomicGroup: false };
  readonly jobs: readonly string[];
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #wire: Wire;
  readonly #sessions: Sessions;
  readonly #voice: Voice;
  readonly #context: Context;
  /** Why the last attempt failed, by job. */
  readonly #failures = new Map<string, Reason>();

  constructor(settings: Settings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.jobs = [...settings.jobs.keys()];
    const secrets = new Secrets();
    for (const secret of [settings.password, settings.token])
      if (typeof secret === 'string') secrets.add(secret);
    this.#voice = {
      shown: settings.shown,
      user: settings.user,
      stallMs: settings.timeouts.stallMs,
      secrets,
    };
    this.#wire = new Wire(settings, clock);
    this.#sessions = new Sessions(settings, this.#wire, clock, secrets, this.#voice);
    this.#context = {
      settings,
      clock,
      wire: this.#wire,
      sessions: this.#sessions,
      secrets,
      voice: this.#voice,
      turns: new Turns(settings.connections),
      trusted: new Set(),
    };
  }

  async submit(group: DocumentGroup, options: SubmitOptions = {}): Promise<Receipt> {
    const { job, documents } = group;
    const waitDir = this.#settings.jobs.get(job);
    if (waitDir === undefined) throw new LanceurError('UNKNOWN_JOB', { job, known: this.jobs.join(', ') });
    if (documents.length === 0)
      throw new LanceurError('INTERNAL', { why: 'a group without documents was submitted' });
    const id = options.submissionId ?? randomUUID();
    try {
      const receipt = await new Submission(this.#context, group, waitDir, id, options).run();
      this.#failures.delete(job);
      return receipt;
    } catch (error) {
      if (LanceurError.is(error) && error.scope === 'target') this.#failures.set(job, error.reason);
      throw error;
    }
  }

  async jobStatus(id: number, { signal }: { readonly signal?: AbortSignal } = {}): Promise<JobStatus> {
    if (!Number.isSafeInteger(id) || id < 0) {
      throw new LanceurError('INVALID_OPTION', {
        option: 'id',
        expected: 'a JOBQUEUE_ID',
        found: String(id),
      });
    }
    const answer = await this.#load('jobqueue/load', { jobqueueid: String(id) }, signal);
    return statusIn(answer, id, this.#voice);
  }

  async jobEnded(id: number, wait: JobWait = {}): Promise<JobOutcome> {
    const { signal } = wait;
    return await outcomeOf(
      () => this.jobStatus(id, signal === undefined ? {} : { signal }),
      this.#clock,
      wait,
    );
  }

  async check(): Promise<readonly Check[]> {
    const { shown, user } = this.#voice;
    const name = `EzGED ${shown} lets ${user} in`;
    try {
      this.#sessions.forgive();
      await this.#load('secses/keepalive', {});
      return [{ name, result: 'ok' }, ...this.#advice()];
    } catch (error) {
      if (!LanceurError.is(error)) throw error;
      return [{ name, result: 'failed', message: error.message, reason: error.reason }];
    } finally {
      await this.#sessions.giveBackUnused();
    }
  }

  health(): Reason | undefined {
    for (const failure of this.#failures.values()) return failure;
    return undefined;
  }

  async close(): Promise<void> {
    await this.#sessions.close();
    this.#wire.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #load(
    service: string,
    form: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<Answer> {
    return await this.#sessions.use((session) => this.#sessions.load(session, service, form), signal);
  }

  #advice(): readonly Check[] {
    const { jobs, url, nameWithSubmissionId } = this.#settings;
    const targets = [...jobs].map(([job, waitDir]) => `${waitDir} (job ${job})`).join(', ');
    const warnings = [
      `The upload token and the waiting directories ${targets} are not tried: an upload cannot be taken back.`,
      ...(url.protocol === 'http:'
        ? [
            'EzGED is spoken to in clear: fine on this machine; on a network anyone can read password and token.',
          ]
        : []),
      ...(nameWithSubmissionId
        ? []
        : [
            'What EzGED does with a second document of the same name is not documented: it could replace the first, if its COLD has not taken it (nameWithSubmissionId: false).',
          ]),
    ];
    return warnings.map((message) => ({ name: 'EzGED', result: 'warning', message }));
  }
}
