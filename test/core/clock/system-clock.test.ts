import { expect, test } from 'vitest';
import { systemClock } from '@lanceur/core';

test('a sleep longer than Node’s longest timer does not end at once', async () => {
  const stop = new AbortController();
  let awake = false;
  const sleep = systemClock.sleep(40 * 86_400_000, stop.signal).then(() => {
    awake = true;
  });
  await systemClock.sleep(20);
  expect(awake).toBe(false);
  stop.abort();
  await sleep;
  expect(awake).toBe(true);
});

test('a sleep that is aborted, or was before it began, resolves', async () => {
  await systemClock.sleep(1_000_000, AbortSignal.abort());
  const stop = new AbortController();
  const sleep = systemClock.sleep(1_000_000, stop.signal);
  stop.abort();
  await sleep;
});
