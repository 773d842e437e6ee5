import { expect, test } from 'vitest';
import { schedule } from '@lanceur/core/schedule';
import { Service } from '@lanceur/core/service';
import { virtualClock } from '@lanceur/core/testing';
import { bench, daily, standIn, START } from './stand-ins.js';

/** A clock that counts how often somebody falls asleep on it. */
function countingClock() {
  const inner = virtualClock(START);
  let sleeps = 0;
  const clock = {
    ...inner,
    sleep: async (ms: number, signal?: AbortSignal) => {
      sleeps++;
      await inner.sleep(ms, signal);
    },
  };
  return { clock, inner, sleeps: () => sleeps };
}

test('a thousand idle launchers share one timer, which rings once a minute', async () => {
  const { clock, inner, sleeps } = countingClock();
  const service = new Service({ clock });
  let asked = 0;
  for (let n = 0; n < 1_000; n++) {
    const counted = {
      next: (after: number) => {
        asked++;
        return daily.next(after);
      },
    };
    service.add({ launcher: standIn(inner, String(n)), schedule: counted });
  }
  service.startAll();
  await inner.advance(0);
  expect(inner.sleeping).toBe(1);
  const [sleepsBefore, askedBefore] = [sleeps(), asked];
  expect(askedBefore).toBe(1_000);
  await inner.advance(10 * 3_600_000);
  expect(inner.sleeping).toBe(1);
  expect(sleeps() - sleepsBefore).toBe(600);
  expect(asked).toBe(askedBefore);
  await service.close();
  expect(inner.sleeping).toBe(0);
});

test('a thousand launchers that are due every fifteen seconds share it as well', async () => {
  const { clock, inner, sleeps } = countingClock();
  const service = new Service({ clock });
  const launchers = Array.from({ length: 1_000 }, (_, n) => standIn(inner, String(n)));
  const every15s = schedule({ seconds: '*/15' }, { timeZone: 'Europe/Paris' });
  for (const launcher of launchers) service.add({ launcher, schedule: every15s });
  service.startAll();
  await inner.advance(0);
  const before = sleeps();
  await inner.advance(3 * 60_000);
  expect(inner.sleeping).toBe(1);
  // Twelve times due; and once more each time, for what is due after that.
  expect(sleeps() - before).toBeLessThanOrEqual(2 * 12);
  for (const launcher of launchers) expect(launcher.begun).toHaveLength(12);
  await service.close();
});

test('a service without anything to do holds no timer, and so keeps no process alive', async () => {
  const { clock, service } = bench();
  expect(clock.sleeping).toBe(0);
  service.add({ launcher: standIn(clock, '16'), schedule: daily });
  await clock.advance(0);
  expect(clock.sleeping).toBe(0);
  await service.close();
});
