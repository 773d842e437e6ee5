import { describe, expect, test } from 'vitest';
import { LanceurError, reason } from '@lanceur/core';
import { bench, every15s, standIn, START, stuck, untilAborted } from './stand-ins.js';

describe('a launcher that', () => {
  test('fails in its run keeps its schedule, its failure is said, and the others know nothing of it', async () => {
    const { clock, service } = bench();
    let broken = true;
    const failing = standIn(clock, 'failing', async () => {
      if (broken) throw new LanceurError('SOURCE_GONE', { path: 'F:/depots' });
      return {};
    });
    const other = standIn(clock, 'other');
    service.add({ launcher: failing, schedule: every15s });
    service.add({ launcher: other, schedule: every15s });
    service.startAll();
    await clock.advance(45_000);
    expect(service.state('failing')).toMatchObject({
      is: 'waiting',
      consecutiveFailures: 3,
      lastRun: { failure: { code: 'SOURCE_GONE', message: 'the source F:/depots is not there' } },
    });
    expect(service.state('failing')).not.toHaveProperty('lastSuccessAt');
    expect(service.state('other')).toMatchObject({ consecutiveFailures: 0, lastSuccessAt: START + 45_000 });
    broken = false;
    await clock.advance(15_000);
    expect(service.state('failing')).toMatchObject({ consecutiveFailures: 0, lastSuccessAt: START + 60_000 });
    expect(service.state('failing').lastRun).not.toHaveProperty('failure');
    await service.close();
  });

  test('throws where it promised not to (run, health, on, close, its schedule) is said to, and disturbs nobody', async () => {
    const { clock, service, told } = bench();
    const bad = {
      ...standIn(clock, 'bad'),
      run: () => {
        throw new TypeError('thrown, not rejected');
      },
      health: () => {
        throw new Error('no health');
      },
      close: () => {
        throw new Error('no end');
      },
    };
    const timeless = standIn(clock, 'timeless');
    const backward = standIn(clock, 'backward');
    const other = standIn(clock, 'other');
    service.add({ launcher: bad, schedule: every15s });
    service.add({
      launcher: timeless,
      schedule: {
        next: () => {
          throw new Error('no time');
        },
      },
    });
    service.add({ launcher: backward, schedule: { next: (after) => after - 1 } });
    service.add({ launcher: other, schedule: every15s });
    service.startAll();
    await clock.advance(30_000);
    expect(other.begun).toEqual([15, 30]);
    expect(backward.begun).toEqual([]);
    expect(service.state('bad').lastRun?.failure?.message).toContain('thrown, not rejected');
    expect(service.states()).toHaveLength(4);
    expect(await service.close()).toEqual([]);
    expect(other.closed).toBe(1);
    expect(told.filter((line) => line.startsWith('error'))).toEqual([
      'error timeless',
      'error backward',
      'error bad',
    ]);
  });

  test('never returns from its run is called stalled, and the others go on', async () => {
    const { clock, service, told } = bench({ stalledAfterMs: 10 * 60_000 });
    const { call, letGo } = stuck();
    const hanging = standIn(clock, 'hanging', call);
    const other = standIn(clock, 'other');
    service.add({ launcher: hanging, schedule: every15s });
    service.add({ launcher: other, schedule: every15s });
    service.startAll();
    await clock.advance(9 * 60_000);
    expect(service.state('hanging')).not.toHaveProperty('stalled');
    await clock.advance(60 * 60_000);
    expect(hanging.begun).toEqual([15]);
    expect(other.begun).toHaveLength(69 * 4);
    expect(service.state('hanging')).toMatchObject({
      is: 'running',
      runningSince: START + 15_000,
      stalled: { code: 'RUN_STALLED' },
    });
    expect(told.filter((line) => line.startsWith('stalled'))).toEqual(['stalled hanging']);
    letGo();
    await clock.advance(15_000);
    expect(told).toContain('recovered hanging');
    expect(hanging.begun.length).toBeGreaterThan(1);
    expect(service.state('hanging')).not.toHaveProperty('stalled');
    await service.close();
  });

  test('is busy for hours and gets on is not stalled', async () => {
    const { clock, service, told } = bench({ stalledAfterMs: 10 * 60_000 });
    const busy = standIn(clock, 'busy', async () => {
      for (let n = 0; n < 30; n++) {
        await clock.sleep(9 * 60_000);
        busy.getOn();
      }
      return {};
    });
    service.add({ launcher: busy, schedule: every15s });
    service.startAll();
    await clock.advance(4 * 3_600_000);
    expect(service.state('busy').is).toBe('running');
    expect(told).toEqual(['started busy']);
    await clock.runFor(3_600_000, service.close());
  });

  test('says itself that its source does not answer is stalled within a minute', async () => {
    const { clock, service, told } = bench();
    const { call, letGo } = stuck();
    const why = reason('SOURCE_STALLED', { path: '//srv/scans', seconds: 30 });
    const launcher = standIn(clock, '16', call);
    service.add({ launcher, schedule: every15s });
    service.startAll();
    await clock.advance(15_000);
    launcher.healthIs = { stalled: true, source: why };
    await clock.advance(60_000);
    expect(service.state('16').stalled).toEqual(why);
    expect(told).toContain('stalled 16');
    launcher.healthIs = {};
    await clock.advance(60_000);
    expect(told).toContain('recovered 16');
    letGo();
    await service.close();
  });

  test('is told to stop may finish what it does, and is cut off if that takes too long', async () => {
    const { clock, service, told } = bench();
    const soft = standIn(clock, 'soft', async ({ signal }) => {
      await untilAborted(signal);
      await clock.sleep(9_000);
      return { accepted: 1 };
    });
    const slow = standIn(clock, 'slow', async ({ kill }) => {
      await untilAborted(kill);
      throw new LanceurError('ABORTED');
    });
    service.add({ launcher: soft, schedule: every15s });
    service.add({ launcher: slow, schedule: every15s });
    service.startAll();
    await clock.advance(15_000);
    const stopped = service.stopAll();
    expect(service.state('soft').is).toBe('stopping');
    expect(await clock.runFor(20_000, stopped)).toEqual([]);
    expect(service.state('soft').lastRun).toMatchObject({ stopped: true, taken: 1, endedAt: START + 24_000 });
    expect(soft.stops[0]?.kill?.aborted).toBe(false);
    // Stopped on request is no failure.
    expect(service.state('slow')).toMatchObject({
      is: 'stopped',
      consecutiveFailures: 0,
      lastRun: { stopped: true, endedAt: START + 25_000 },
    });
    expect(told).toEqual(['started soft', 'started slow', 'stopped soft', 'stopped slow']);
    await service.close();
  });

  test('is told to stop hard is cut off at once, also while it stops softly', async () => {
    const { clock, service } = bench();
    const launcher = standIn(clock, '16', async ({ kill }) => {
      await untilAborted(kill);
      return {};
    });
    service.add({ launcher, schedule: every15s });
    service.startAll();
    await clock.advance(15_000);
    expect(await service.stop('16', { hard: true })).toBe('stopped');
    expect(clock.now()).toBe(START + 15_000);

    service.start('16');
    await clock.advance(15_000);
    const soft = service.stop('16');
    await clock.advance(1_000);
    expect(service.state('16').is).toBe('stopping');
    expect(await service.stop('16', { hard: true })).toBe('stopped');
    expect(await soft).toBe('stopped');
    expect(clock.now()).toBe(START + 31_000);
    await service.close();
  });

  test('does not stop is left behind after the bounds, does not run again before it has ended, and is then at the service again', async () => {
    const { clock, service, told } = bench();
    const { call, letGo } = stuck();
    const hanging = standIn(clock, 'hanging', call);
    const other = standIn(clock, 'other');
    service.add({ launcher: hanging, schedule: every15s });
    service.add({ launcher: other, schedule: every15s });
    service.startAll();
    await clock.advance(15_000);
    expect(await clock.runFor(20_000, service.stop('hanging'))).toBe('hung');
    // 10 s softly and 5 s hard.
    expect(clock.now()).toBe(START + 30_000);
    expect(service.state('hanging').is).toBe('hung');
    expect(hanging.stops[0]?.kill?.aborted).toBe(true);

    service.start('hanging');
    await clock.advance(60_000);
    expect(hanging.begun).toEqual([15]);
    expect(other.begun).toEqual([15, 30, 45, 60, 75, 90]);
    letGo();
    await clock.advance(15_000);
    expect(hanging.begun.length).toBeGreaterThan(1);
    expect(hanging.mostAtOnce).toBe(1);
    expect(told.filter((line) => line.endsWith('hanging'))).toEqual([
      'started hanging',
      'hung hanging',
      'started hanging',
    ]);
    expect(await service.close()).toEqual([]);
  });

  test('hangs does not keep the service from closing the others, and is named', async () => {
    const { clock, service, told } = bench();
    const hanging = standIn(clock, 'hanging', stuck().call);
    const unclosable = {
      ...standIn(clock, 'unclosable'),
      close: async () => await new Promise<void>(() => {}),
    };
    const other = standIn(clock, 'other');
    for (const launcher of [hanging, unclosable, other]) service.add({ launcher, schedule: every15s });
    service.startAll();
    await clock.advance(15_000);
    const closing = service.close();
    await clock.advance(0);
    expect(other.closed).toBe(1);
    expect(await clock.runFor(60_000, closing)).toEqual(['hanging']);
    expect(clock.now()).toBe(START + 30_000);
    expect(told).toContain('error unclosable');
    expect(clock.sleeping).toBe(0);
  });

  test('hangs is closed at once if that is asked for while it stops', async () => {
    const { clock, service } = bench();
    const launcher = standIn(clock, '16', async ({ kill }) => {
      await untilAborted(kill);
      return {};
    });
    service.add({ launcher, schedule: every15s });
    service.startAll();
    await clock.advance(15_000);
    const soft = service.close();
    await clock.advance(1_000);
    expect(await service.close({ hard: true })).toEqual([]);
    expect(await soft).toEqual([]);
    expect(clock.now()).toBe(START + 16_000);
  });

  test('is removed is gone; one that hangs keeps its id until it has ended, so that no second one runs beside it', async () => {
    const { clock, service } = bench();
    const { call, letGo } = stuck();
    const hanging = standIn(clock, '16', call);
    service.add({ launcher: hanging, schedule: every15s });
    service.startAll();
    await clock.advance(15_000);
    expect(await clock.runFor(60_000, service.remove('16'))).toBe('hung');
    expect(() => service.add({ launcher: standIn(clock, '16'), schedule: every15s })).toThrow(
      /no other launcher/u,
    );
    expect(() => service.start('16')).toThrow(/launcher 16 has been closed/u);
    await expect(service.runNow('16')).rejects.toMatchObject({ code: 'CLOSED' });
    letGo();
    await clock.advance(0);
    expect(hanging.closed).toBe(1);
    expect(service.states()).toEqual([]);
    const next = standIn(clock, '16');
    service.add({ launcher: next, schedule: every15s });
    expect(await service.remove('16')).toBe('removed');
    expect(next.closed).toBe(1);
    await service.close();
  });
});
