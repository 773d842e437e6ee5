import type { Clock } from '@lanceur/core';
import { atLeast } from '../invalid.js';
import { ezgedError, numberIn, rowOf, type Answer, type Voice } from './answer.js';

/**
 * What EzGED's job server says of a job (`JOBQUEUE_STATUS`):
 * - `pending` (0): waits to be picked.
 * - `queued` (1): picked, and about to run or running.
 * - `ended` (2): ended well; EzGED removes its record by and by.
 * - `kept` (3): ended well; its record stays.
 * - `error` (4): failed, and is tried again every 3 minutes.
 * - `critical` (5): failed and was stopped, or waits for somebody to index its document.
 * - `gone`: EzGED has no record of it: it never had one, or the job ended and was removed.
 */
export type JobState = 'pending' | 'queued' | 'ended' | 'kept' | 'error' | 'critical' | 'gone';

export interface JobStatus {
  readonly id: number;
  readonly state: JobState;
}

/** What became of a job that was waited for. */
export type JobOutcome =
  | { readonly is: 'ended'; readonly id: number; readonly kept: boolean }
  /** Only a person can go on. */
  | { readonly is: 'stopped'; readonly id: number }
  | { readonly is: 'gone'; readonly id: number }
  /** The time was up first. */
  | { readonly is: 'unfinished'; readonly id: number; readonly state: 'pending' | 'queued' | 'error' };

export interface JobWait {
  /** How often to ask, in milliseconds, from 1 up. Default 5,000. */
  readonly pollMs?: number;
  /** How long to wait at most, in milliseconds. Default 600,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const STATES: readonly JobState[] = ['pending', 'queued', 'ended', 'kept', 'error', 'critical'];

/** @throws LanceurError `EZGED_BAD_ANSWER`. */
export function statusIn(answer: Answer, id: number, voice: Voice): JobStatus {
  const row = rowOf(answer);
  if (row === undefined || Object.keys(row).length === 0) return { id, state: 'gone' };
  const state = STATES[numberIn(row['JOBQUEUE_STATUS']) ?? -1];
  if (state !== undefined) return { id, state };
  const data = { url: voice.shown, what: 'jobqueue/load', why: 'rows without a JOBQUEUE_STATUS from 0 to 5' };
  throw ezgedError('EZGED_BAD_ANSWER', data, voice);
}

/**
 * Asks until it has ended, one way or another, or the time is up.
 * @throws LanceurError `INVALID_OPTION`; what `ask` throws.
 */
export async function outcomeOf(
  ask: () => Promise<JobStatus>,
  clock: Clock,
  { pollMs = 5_000, timeoutMs = 600_000, signal }: JobWait,
): Promise<JobOutcome> {
  atLeast('pollMs', pollMs, 1);
  if (timeoutMs !== Infinity) atLeast('timeoutMs', timeoutMs, 0);
  for (let waited = 0; ;) {
    const { id, state } = await ask();
    switch (state) {
      case 'ended':
      case 'kept':
        return { is: 'ended', id, kept: state === 'kept' };
      case 'critical':
        return { is: 'stopped', id };
      case 'gone':
        return { is: 'gone', id };
      default:
        if (waited >= timeoutMs) return { is: 'unfinished', id, state };
    }
    const nap = Math.min(pollMs, timeoutMs - waited);
    await clock.sleep(nap, signal);
    waited += nap;
  }
}
