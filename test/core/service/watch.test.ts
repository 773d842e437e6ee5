import { setImmediate as turn } from 'node:timers/promises';
import { byExtension, Launcher, memoryLedger } from '@lanceur/core';
import { memoryCold, memoryListener, virtualClock, type VirtualClock } from '@lanceur/core/testing';
import { describe, expect, test } from 'vitest';
import { bench, daily, every15s, standIn, START, type StandIn } from './stand-ins.js';

interface Watched extends StandIn {
  /** Watches that are open. */
  open: number;
  /** The source says that something has come, to who watches now. */
  something(): void;
}

function watched(clock: VirtualClock, end: () => Promise<void> = async () => {}): Watched {
  const wakers = new Set<() => void>();
  const launcher: Watched = Object.assign(standIn(clock, '16'), {
    open: 0,
    something: () => {
      for (const wake of wakers) wake();
    },
    watch: (wake: () => void) => {
      wakers.add(wake);
      launcher.open++;
      return {
        [Symbol.asyncDispose]: async () => {
          wakers.delete(wake);
          launcher.open--;
          await end();
        },
      };
    },
  });
  return launcher;
}

describe('a launcher that is watched', () => {
  test('runs when its source says so, whatever its schedule says, from start to stop', async () => {
    const { clock, service } = bench();
    const launcher = watched(clock);
    service.add({ launcher, schedule: daily, watch: true });
    expect(launcher.open).toBe(0);
    service.startAll();
    service.startAll();
    expect(launcher.open).toBe(1);
    await clock.advance(1_000);
    launcher.something();
    launcher.something();
    await clock.advance(1_000);
    expect(launcher.begun).toHaveLength(1);
    await service.stop('16');
    expect(launcher.open).toBe(0);
    service.start('16');
    expect(launcher.open).toBe(1);
    await service.close();
    expect([launcher.open, launcher.closed]).toEqual([0, 1]);
  });

  test('is not watched unless asked for', async () => {
    const { clock, service } = bench();
    const launcher = watched(clock);
    service.add({ launcher, schedule: daily });
    service.startAll();
    expect(launcher.open).toBe(0);
    await service.close();
  });

  test('is watched by its successor after a reload, and by nobody once it is removed', async () => {
    const { clock, service } = bench();
    const [before, after] = [watched(clock), watched(clock)];
    service.add({ launcher: before, schedule: daily, watch: true });
    service.startAll();
    await service.reload('16', () => ({ launcher: after, schedule: daily, watch: true }));
    expect([before.open, before.closed, after.open]).toEqual([0, 1, 1]);
    await service.reload('16', () => ({ launcher: after, schedule: daily }));
    expect(after.open).toBe(0);
    await service.reload('16', () => ({ launcher: after, schedule: daily, watch: true }));
    expect(after.open).toBe(1);
    await service.remove('16');
    expect([after.open, after.closed]).toEqual([0, 1]);
    await service.close();
  });

  test('is closed although its watch never ends, and that is said', async () => {
    const { clock, service, told } = bench();
    const launcher = watched(clock, async () => await new Promise<void>(() => {}));
    service.add({ launcher, schedule: daily, watch: true });
    service.startAll();
    await clock.runFor(60_000, service.close());
    expect(launcher.closed).toBe(1);
    expect(told).toContain('error 16');
  });

  test('runs by its schedule if its watch cannot begin, and that is said', async () => {
    const { clock, service, told } = bench();
    const launcher = Object.assign(standIn(clock, '16'), {
      watch: (): AsyncDisposable => {
        throw new Error('out of watches');
      },
    });
    service.add({ launcher, schedule: every15s, watch: true });
    service.startAll();
    await clock.advance(15_000);
    await service.close();
    expect(launcher.begun).toEqual([15]);
    expect(told).toContain('error 16');
  });

  test('is refused if its source cannot be watched', () => {
    const { clock, service } = bench();
    const launcher = standIn(clock, '16');
    expect(() => service.add({ launcher, schedule: daily, watch: true })).toThrow(
      /expected `watch` to be false: the source of this launcher cannot be watched/u,
    );
    expect(() => service.add({ launcher, schedule: daily, watch: 1 } as never)).toThrow(/true or false/u);
    service.add({ launcher, schedule: daily, watch: false });
  });

  test('takes what comes at once: a real launcher, by the watch of its listener', async () => {
    const clock = virtualClock(START);
    const { service } = bench({}, clock);
    const source = memoryListener();
    const cold = memoryCold();
    const launcher = new Launcher({
      id: '16',
      listener: source,
      grouper: byExtension({ pdf: '87' }),
      submitter: cold,
      ledger: memoryLedger({ clock }),
      clock,
    });
    service.add({ launcher, schedule: daily, watch: true });
    service.startAll();
    source.put({ name: 'a.pdf' });
    for (let n = 0; n < 200 && cold.arrivals.length === 0; n++) {
      await clock.advance(1);
      await turn();
    }
    expect(cold.arrivals.map(({ name }) => name)).toEqual(['a.pdf']);
    await clock.runFor(60_000, service.close());
  });

  test('of a listener that cannot be watched is known by its launcher', () => {
    const { watch: _watch, ...listener } = memoryListener();
    const launcher = new Launcher({
      id: '16',
      listener,
      grouper: byExtension({ pdf: '87' }),
      submitter: memoryCold(),
      ledger: memoryLedger(),
    });
    expect(launcher.watch).toBeUndefined();
  });
});
