import { systemClock, type Clock } from '../clock.js';
import { refuseUnknownOptions } from '../unknown-options.js';
import type { Schedule } from './schedule.js';

export interface RunOnScheduleOptions {
  /** Ends the schedule; what is running is told by the same signal, and waited for. */
  readonly signal?: AbortSignal;
  /** Hears what `run` throws; the schedule goes on. */
  readonly onError: (error: unknown) => void;
  readonly clock?: Clock;
}

export interface ScheduledRun {
  /** The time for which it was due, in milliseconds since 1970: the earliest of those that it stands for. */
  readonly dueAt: number;
  readonly signal?: AbortSignal;
}

/** A clock that is set, and a machine that wakes up, are noticed within this time. */
const LONGEST_SLEEP_MS = 60_000;

/**
 * Calls `run` whenever the schedule is due, never before the run before has ended. What was missed meanwhile, because that
 * one took long or the machine slept, becomes one run, at once. Resolves when the schedule is over or the signal is aborted.
 *
 * ```ts
 * await runOnSchedule(every15s, ({ signal }) => launcher.run({ signal }), { signal, onError: console.error });
 * ```
 */
export async function runOnSchedule(
  schedule: Schedule,
  run: (due: ScheduledRun) => unknown,
  options: RunOnScheduleOptions,
): Promise<void> {
  refuseUnknownOptions('runOnSchedule', options, ['signal', 'onError', 'clock']);
  const { signal, onError, clock = systemClock } = options;
  let after = clock.now();
  while (signal?.aborted !== true) {
    // A clock that was set back must not keep it waiting until it has caught up.
    after = Math.min(after, clock.now());
    const dueAt = schedule.next(after);
    if (dueAt === undefined) return;
    const wait = dueAt - clock.now();
    if (wait > 0) {
      await clock.sleep(Math.min(wait, LONGEST_SLEEP_MS), signal);
      continue;
    }
    after = clock.now();
    try {
      await run({ dueAt, ...(signal && { signal }) });
    } catch (error) {
      onError(error);
    }
  }
}
