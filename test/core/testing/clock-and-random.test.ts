import { describe, expect, test } from 'vitest';
import { seededRandom, virtualClock } from '@lanceur/core/testing';

describe('the virtual clock', () => {
  test('stands still until it is moved', async () => {
    const clock = virtualClock(1000);
    expect(clock.now()).toBe(1000);
    await clock.advance(250);
    expect(clock.now()).toBe(1250);
  });

  test('wakes sleepers in order, each at its own time', async () => {
    const clock = virtualClock(0);
    const woken: string[] = [];
    const sleeper = async (name: string, ms: number) => {
      await clock.sleep(ms);
      woken.push(`${name} at ${String(clock.now())}`);
    };
    void sleeper('late', 30);
    void sleeper('early', 10);
    void sleeper('early too', 10);
    await clock.advance(20);
    expect(woken).toEqual(['early at 10', 'early too at 10']);
    await clock.advance(20);
    expect(woken.at(-1)).toBe('late at 30');
    expect(clock.now()).toBe(40);
  });

  test('wakes in the same move who falls asleep again', async () => {
    const clock = virtualClock(0);
    const ticks: number[] = [];
    const ticking = async () => {
      for (let i = 0; i < 3; i++) {
        await clock.sleep(10);
        ticks.push(clock.now());
      }
    };
    const done = ticking();
    await clock.advance(100);
    await done;
    expect(ticks).toEqual([10, 20, 30]);
    expect(clock.sleeping).toBe(0);
  });

  test('lets go of a sleeper whose signal is aborted, and of no other', async () => {
    const clock = virtualClock(0);
    const controller = new AbortController();
    const aborted = clock.sleep(10, controller.signal);
    const other = clock.sleep(20);
    controller.abort();
    await aborted;
    expect(clock.sleeping).toBe(1);
    await clock.sleep(10, controller.signal);
    await clock.advance(20);
    await other;
    expect(clock.sleeping).toBe(0);
  });

  test('moves from sleep to sleep until a task is done, and gives its result', async () => {
    const clock = virtualClock(0);
    const task = async () => {
      for (let day = 0; day < 365; day++) await clock.sleep(86_400_000);
      return 'a year';
    };
    expect(await clock.runFor(366 * 86_400_000, task())).toBe('a year');
    expect(clock.now()).toBe(365 * 86_400_000);
  });

  test('says when a task still sleeps at the end of its time', async () => {
    const clock = virtualClock(0);
    await expect(clock.runFor(5, clock.sleep(10))).rejects.toThrow('still sleeps after 5 ms');
    expect(clock.now()).toBe(0);
  });

  test('hands on what a task throws', async () => {
    const clock = virtualClock(0);
    const task = clock.sleep(5).then(() => Promise.reject(new Error('at five')));
    await expect(clock.runFor(10, task)).rejects.toThrow('at five');
  });
});

describe('seeded chance', () => {
  test('draws the same from the same seed, and other things from another', () => {
    const draws = (seed: number | string) => Array.from({ length: 20 }, seededRandom(seed).next);
    expect(draws(7)).toEqual(draws(7));
    expect(draws(7)).not.toEqual(draws(8));
  });

  test('is the same on every machine', () => {
    const random = seededRandom(42);
    expect([random.int(1000), random.int(1000), random.int(1000)]).toEqual([161, 347, 749]);
  });

  test('is spread evenly', () => {
    const random = seededRandom('even');
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) counts[random.int(10)]! += 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
    let hits = 0;
    for (let i = 0; i < 100_000; i++) if (random.chance(0.1)) hits++;
    expect(Math.abs(hits - 10_000)).toBeLessThan(500);
  });

  test('gives an actor a stream of its own, whatever others have drawn', () => {
    const alone = seededRandom(1).fork('writer').next();
    const world = seededRandom(1);
    world.next();
    expect(world.fork('writer').next()).toBe(alone);
    expect(world.fork('reader').next()).not.toBe(alone);
  });

  test('picks what is there, and shuffles without loss', () => {
    const random = seededRandom(3);
    const values = ['a', 'b', 'c', 'd'];
    expect(new Set(Array.from({ length: 100 }, () => random.pick(values)))).toEqual(new Set(values));
    expect([...random.shuffled(values)].sort()).toEqual(values);
    expect(values).toEqual(['a', 'b', 'c', 'd']);
    expect(random.bytes(5)).toHaveLength(5);
    expect(() => random.pick([])).toThrow(RangeError);
  });
});
