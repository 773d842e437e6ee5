import { describe, expect, test } from 'vitest';
import {
  runOnSchedule,
  schedule,
  type RunOnScheduleOptions,
  type ScheduledRun,
} from '@lanceur/core/schedule';
import { virtualClock, type VirtualClock } from '@lanceur/core/testing';

const START = Date.parse('2026-11-24T10:00:00Z');
const every15s = schedule({ seconds: '*/15' }, { timeZone: 'Europe/Paris' });

const rethrow: RunOnScheduleOptions['onError'] = (error) => {
  throw error;
};

/** Lets the schedule live for so long, and says when its runs were due and when they began, in seconds. */
async function live(
  clock: VirtualClock,
  seconds: number,
  run: (due: ScheduledRun) => unknown,
  onError = rethrow,
): Promise<readonly (readonly [due: number, begun: number])[]> {
  const begun: (readonly [number, number])[] = [];
  const stop = new AbortController();
  const done = runOnSchedule(
    every15s,
    (due) => {
      begun.push([(due.dueAt - START) / 1000, (clock.now() - START) / 1000]);
      return run(due);
    },
    { clock, signal: stop.signal, onError },
  );
  await clock.advance(seconds * 1000);
  stop.abort();
  await done;
  return begun;
}

describe('runOnSchedule', () => {
  test('calls when it is due', async () => {
    expect(await live(virtualClock(START), 45, () => undefined)).toEqual([
      [15, 15],
      [30, 30],
      [45, 45],
    ]);
  });

  test('never runs twice at once, and makes one run of what was missed meanwhile', async () => {
    const clock = virtualClock(START);
    let atOnce = 0;
    let long = true;
    const run = async () => {
      expect(++atOnce).toBe(1);
      if (long) await clock.sleep(50_000);
      long = false;
      atOnce--;
    };
    expect(await live(clock, 90, run)).toEqual([
      [15, 15],
      [30, 65],
      [75, 75],
      [90, 90],
    ]);
  });

  test('goes on after a run that failed', async () => {
    const heard: unknown[] = [];
    const run = () => Promise.reject(new Error('no'));
    const begun = await live(virtualClock(START), 30, run, (error) => heard.push(error));
    expect(begun).toHaveLength(2);
    expect(heard).toHaveLength(2);
  });

  test('waits for the run that is under way when it is stopped, and tells it', async () => {
    const clock = virtualClock(START);
    const stop = new AbortController();
    let told = false;
    let ended = false;
    const done = runOnSchedule(
      every15s,
      async ({ signal }) => {
        signal?.addEventListener('abort', () => (told = true));
        await clock.sleep(10_000);
        ended = true;
      },
      { clock, signal: stop.signal, onError: rethrow },
    );
    await clock.advance(16_000);
    stop.abort();
    await clock.advance(20_000);
    await done;
    expect([told, ended]).toEqual([true, true]);
  });

  test('ends where it is due never again', async () => {
    const past = schedule({ years: 2020 }, { timeZone: 'Europe/Paris' });
    await runOnSchedule(past, rethrow, { clock: virtualClock(START), onError: rethrow });
  });
});
