import type { Clock } from '../clock.js';

/** Whether `task` is over, well or not, within so many milliseconds. It goes on all the same; `hurry` ends the waiting. */
export async function within(
  clock: Clock,
  ms: number,
  task: Promise<unknown>,
  hurry?: AbortSignal,
): Promise<boolean> {
  const progress: { over: boolean } = { over: false };
  const awake = new AbortController();
  const over = (): void => {
    progress.over = true;
    awake.abort();
  };
  task.then(over, over);
  await clock.sleep(ms, hurry === undefined ? awake.signal : AbortSignal.any([awake.signal, hurry]));
  return progress.over;
}
