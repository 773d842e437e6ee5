import { describe, expect, test } from 'vitest';
import { aDouble, callsOf, failureOf, submitterFor, watchedClock } from './bench.js';

describe('a job of the job server', () => {
  test.each([
    [0, 'pending'],
    [1, 'queued'],
    [2, 'ended'],
    [3, 'kept'],
    [4, 'error'],
    [5, 'critical'],
  ])('with JOBQUEUE_STATUS %s is %s, written as a number or as text', async (status, state) => {
    for (const numbersAsText of [false, true]) {
      const double = await aDouble({ numbersAsText });
      double.addJob(2439, [[0, status]]);
      expect(await submitterFor(double).jobStatus(2439)).toEqual({ id: 2439, state });
    }
  });

  test('that EzGED knows nothing of is gone', async () => {
    const double = await aDouble();
    expect(await submitterFor(double).jobStatus(7)).toEqual({ id: 7, state: 'gone' });
  });

  test('is waited for until it has ended, through an error that EzGED tries again', async () => {
    const clock = watchedClock();
    const double = await aDouble({ clock });
    double.addJob(1, [
      [0, 0],
      [10_000, 1],
      [20_000, 4],
      [200_000, 1],
      [215_000, 3],
    ]);
    const submitter = submitterFor(double, {
      clock,
      timeouts: { idleMs: 1_000_000, keepaliveMs: 1_000_000 },
    });
    const outcome = submitter.jobEnded(1, { pollMs: 7_000 });
    for (let n = 1; n <= 31; n++) {
      await clock.asleepFor(7_000);
      await clock.advance(7_000);
    }
    expect(await outcome).toEqual({ is: 'ended', id: 1, kept: true });
    expect(callsOf(double, 'jobqueue/load')).toBe(32 + callsOf(double, 'sec/authenticate') - 1);
  });

  test('that was stopped, that is gone, or that takes too long is said to be so', async () => {
    const double = await aDouble();
    double.addJob(1, [[0, 5]]);
    double.addJob(2, [[0, undefined]]);
    double.addJob(3, [[0, 4]]);
    const submitter = submitterFor(double);
    expect(await submitter.jobEnded(1)).toEqual({ is: 'stopped', id: 1 });
    expect(await submitter.jobEnded(2)).toEqual({ is: 'gone', id: 2 });
    const wait = { pollMs: 1, timeoutMs: 2 };
    expect(await submitter.jobEnded(3, wait)).toEqual({ is: 'unfinished', id: 3, state: 'error' });
  });

  test.each([{ pollMs: 0 }, { pollMs: Number.NaN }, { timeoutMs: -1 }])(
    'is not asked for without a pause, nor for a time that never ends: %j',
    async (wait) => {
      const double = await aDouble();
      double.addJob(1, [[0, 0]]);
      await expect(submitterFor(double).jobEnded(1, wait)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
      expect(callsOf(double, 'jobqueue/load')).toBe(0);
    },
  );

  test('is no longer waited for when the caller stops', async () => {
    const clock = watchedClock();
    const double = await aDouble();
    double.addJob(1, [[0, 0]]);
    const stop = new AbortController();
    const stopped = failureOf(submitterFor(double, { clock }).jobEnded(1, { signal: stop.signal }));
    await double.called('jobqueue/load', 1);
    stop.abort();
    expect(await stopped).toMatchObject({ code: 'ABORTED' });
  });

  test('with a status that nobody knows, or an id that is none, is an error', async () => {
    const double = await aDouble();
    double.addJob(1, [[0, 9]]);
    const submitter = submitterFor(double);
    expect(await failureOf(submitter.jobStatus(1))).toMatchObject({ code: 'EZGED_BAD_ANSWER' });
    expect(await failureOf(submitter.jobStatus(-1))).toMatchObject({ code: 'INVALID_OPTION' });
    double.fault = () => ({ is: 'refuse', errorcode: '12', errormsg: 'Droits insuffisants' });
    expect(await failureOf(submitter.jobStatus(1))).toMatchObject({ code: 'EZGED_REFUSED' });
  });
});
