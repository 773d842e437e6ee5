import { describe, expect, test } from 'vitest';
import { byExtension, Launcher, LanceurError, memoryLedger } from '@lanceur/core';
import { schedule } from '@lanceur/core/schedule';
import { Service } from '@lanceur/core/service';
import { memoryCold, memoryListener, virtualClock } from '@lanceur/core/testing';
import { bench, daily, every15s, standIn, START, stuck, untilAborted } from './stand-ins.js';

describe('a service', () => {
  test('runs each launcher by its own schedule, from when it is started', async () => {
    const { clock, service, told } = bench();
    const quick = standIn(clock, 'quick');
    const slow = standIn(clock, 'slow');
    const idle = standIn(clock, 'idle');
    service.add({ launcher: quick, schedule: every15s });
    service.add({ launcher: slow, schedule: schedule({ seconds: 30 }, { timeZone: 'UTC' }) });
    service.add({ launcher: idle, schedule: every15s });
    service.start('quick');
    service.start('slow');
    await clock.advance(60_000);
    await service.close();
    expect(quick.begun).toEqual([15, 30, 45, 60]);
    expect(slow.begun).toEqual([30]);
    expect(idle.begun).toEqual([]);
    expect([quick, slow, idle].map((launcher) => launcher.closed)).toEqual([1, 1, 1]);
    expect(told).toEqual(['started quick', 'started slow', 'stopped quick', 'stopped slow']);
  });

  test('says in plain data how a launcher is: before, in and after a run', async () => {
    const { clock, service } = bench();
    const launcher = standIn(clock, '16', async () => {
      await clock.sleep(4_000);
      return {
        accepted: 2,
        aside: 1,
        rejected: 1,
        documents: 5,
        bytes: 70,
        left: { DONE: 9, NO_JOB: 1, NOT_QUIET: 3 },
      };
    });
    service.add({ launcher, schedule: every15s });
    expect(service.state('16')).toEqual({ id: '16', is: 'stopped', consecutiveFailures: 0 });
    service.startAll();
    expect(service.states()).toEqual([
      { id: '16', is: 'waiting', nextRunAt: START + 15_000, consecutiveFailures: 0 },
    ]);
    await clock.advance(16_000);
    expect(service.state('16')).toEqual({
      id: '16',
      is: 'running',
      runningSince: START + 15_000,
      nextRunAt: START + 30_000,
      consecutiveFailures: 0,
    });
    await clock.advance(4_000);
    const state = service.state('16');
    expect(state).toEqual({
      id: '16',
      is: 'waiting',
      nextRunAt: START + 30_000,
      consecutiveFailures: 0,
      lastSuccessAt: START + 19_000,
      lastRun: {
        dueAt: START + 15_000,
        startedAt: START + 15_000,
        endedAt: START + 19_000,
        stopped: false,
        taken: 3,
        rejected: 1,
        notSettled: 0,
        documents: 5,
        bytes: 70,
        left: [
          { code: 'NOT_QUIET', count: 3 },
          { code: 'NO_JOB', count: 1 },
        ],
      },
    });
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    await service.close();
  });

  test('never runs a launcher twice at once, and makes one run of what was due meanwhile', async () => {
    const { clock, service } = bench();
    let long = true;
    const launcher = standIn(clock, '16', async () => {
      if (long) await clock.sleep(50_000);
      long = false;
      return {};
    });
    service.add({ launcher, schedule: every15s });
    const due: (number | undefined)[] = [];
    service.on('runStarted', ({ dueAt }) => due.push(dueAt));
    service.startAll();
    await clock.advance(90_000);
    await service.close();
    expect(launcher.mostAtOnce).toBe(1);
    // From 15 to 65; then the one for 30, 45 and 60.
    expect(launcher.begun).toEqual([15, 65, 75, 90]);
    expect(due.map((at) => ((at ?? 0) - START) / 1000)).toEqual([15, 30, 75, 90]);
  });

  test('started twice is started once', async () => {
    const { clock, service, told } = bench();
    const launcher = standIn(clock, '16');
    service.add({ launcher, schedule: every15s });
    service.start('16');
    await clock.advance(10_000);
    service.start('16');
    service.startAll();
    await clock.advance(5_000);
    await service.close();
    expect(launcher.begun).toEqual([15]);
    expect(told).toEqual(['started 16', 'stopped 16']);
  });

  test('can be stopped in the turn in which it was started, and started in the one in which it is stopped', async () => {
    const { clock, service } = bench();
    const launcher = standIn(clock, '16', async ({ signal }) => {
      await untilAborted(signal);
      await clock.sleep(2_000);
      return {};
    });
    service.add({ launcher, schedule: every15s });
    service.start('16');
    expect(await service.stop('16')).toBe('stopped');
    await clock.advance(30_000);
    expect(launcher.begun).toEqual([]);

    service.start('16');
    await clock.advance(15_000);
    const stopped = service.stop('16');
    service.start('16');
    expect(await clock.runFor(5_000, stopped)).toBe('stopped');
    expect(service.state('16').is).toBe('waiting');
    await clock.advance(15_000);
    expect(launcher.begun).toEqual([45, 60]);
    expect(launcher.mostAtOnce).toBe(1);
    await clock.runFor(20_000, service.close());
  });

  test('goes on after a clock that is set back, and makes one run of a jump forward', async () => {
    let offset = 0;
    const inner = virtualClock(START);
    const clock = { ...inner, now: () => inner.now() + offset };
    const service = new Service({ clock });
    const launcher = standIn(inner, '16');
    const nightly = standIn(inner, 'nightly');
    service.add({ launcher, schedule: every15s });
    service.add({ launcher: nightly, schedule: daily });
    service.startAll();
    await inner.advance(15_000);
    offset = -2 * 3_600_000;
    await inner.advance(60_000);
    const afterBack = launcher.begun.length;
    expect(afterBack).toBeGreaterThanOrEqual(4);
    offset = 48 * 3_600_000;
    await inner.advance(15_000);
    // Two nights at once are one run.
    expect(nightly.begun).toHaveLength(1);
    expect(launcher.begun.length - afterBack).toBeLessThanOrEqual(2);
    await service.close();
  });

  test('says that a schedule is over, and lets the launcher be', async () => {
    const { clock, service, told } = bench();
    const launcher = standIn(clock, '16');
    const once = schedule(
      { years: 2026, months: 11, days: 24, hours: 11, minutes: 1 },
      { timeZone: 'Europe/Paris' },
    );
    service.add({ launcher, schedule: once });
    service.startAll();
    await clock.advance(3 * 60_000);
    expect(launcher.begun).toEqual([60]);
    expect(told).toEqual(['started 16', 'over 16']);
    expect(service.state('16')).toMatchObject({ is: 'waiting', consecutiveFailures: 0 });
    expect(service.state('16')).not.toHaveProperty('nextRunAt');
    await service.close();
  });

  test('runs one at once when asked to, started or not, and says what came of it', async () => {
    const { clock, service } = bench();
    const launcher = standIn(clock, '16', async () => {
      await clock.sleep(1_000);
      return { accepted: 1 };
    });
    service.add({ launcher, schedule: every15s });
    expect(await clock.runFor(2_000, service.runNow('16'))).toMatchObject({ taken: 1, stopped: false });
    expect(service.state('16').is).toBe('stopped');
    await clock.advance(60_000);
    expect(launcher.begun).toEqual([0]);
    await service.close();
  });

  test('asked for a run while one is under way makes one more, for all who asked', async () => {
    const { clock, service } = bench();
    const launcher = standIn(clock, '16', async () => {
      await clock.sleep(1_000);
      return {};
    });
    service.add({ launcher, schedule: daily });
    service.startAll();
    const first = service.runNow('16');
    await clock.advance(500);
    const later = Promise.all([service.runNow('16'), service.runNow('16')]);
    service.wake('16');
    await clock.runFor(10_000, first);
    const [one, other] = await clock.runFor(10_000, later);
    expect(one).toBe(other);
    await clock.advance(10_000);
    expect(launcher.begun).toEqual([0, 1]);
    await service.close();
  });

  test('wakes a launcher that is started, once for many hints, and no other', async () => {
    const { clock, service } = bench();
    const launcher = standIn(clock, '16');
    const stopped = standIn(clock, 'stopped');
    service.add({ launcher, schedule: daily });
    service.add({ launcher: stopped, schedule: daily });
    service.start('16');
    for (let n = 0; n < 10; n++) service.wake('16');
    service.wake('stopped');
    service.wake('unheard of');
    await clock.advance(1_000);
    expect(launcher.begun).toHaveLength(1);
    expect(stopped.begun).toEqual([]);
    await service.close();
    service.wake('16');
  });

  test('refuses what cannot work, and says what was expected', async () => {
    const { clock, service } = bench();
    const launcher = standIn(clock, '16');
    service.add({ launcher, schedule: every15s });
    expect(() => service.add({ launcher: standIn(clock, '16'), schedule: every15s })).toThrow(
      /no other launcher.*got 16/u,
    );
    expect(() => service.add({ launcher: standIn(clock, '2') } as never)).toThrow(/`schedule`.*a Schedule/u);
    expect(() => service.add({ schedule: every15s } as never)).toThrow(/`launcher`.*a Launcher/u);
    expect(() => service.add({ launcher, schedule: every15s, silentDays: 3 } as never)).toThrow(
      /silentAfterDays/u,
    );
    expect(() => service.add({ launcher, schedule: every15s, silentAfterDays: 0 })).toThrow(/from 1 up/u);
    expect(() => new Service({ softStop: 1 } as never)).toThrow(/did you mean `softStopMs`/u);
    expect(() => new Service({ softStopMs: -1 })).toThrow(/softStopMs/u);
    expect(() => service.start('17')).toThrow(/no launcher 17; there are 16/u);
    await service.close();
    expect(() => service.start('16')).toThrow(LanceurError);
    expect(() => service.startAll()).toThrow(/the service has been closed/u);
    expect(await service.close()).toEqual([]);
  });

  test('survives handlers of events that throw, and tells them what happened all the same', async () => {
    const { clock, service, told } = bench();
    const warnings: string[] = [];
    const warn = (warning: Error) => warnings.push(warning.message);
    process.on('warning', warn);
    const launcher = standIn(clock, '16');
    for (const event of ['started', 'runStarted', 'runEnded', 'stopped'] as const) {
      service.on(event, () => {
        throw new Error(`thrown at ${event}`);
      });
    }
    service.add({ launcher, schedule: every15s });
    service.startAll();
    await clock.advance(30_000);
    await service.close();
    process.off('warning', warn);
    expect(launcher.begun).toEqual([15, 30]);
    expect(told).toEqual(['started 16', 'stopped 16']);
    expect(warnings).toContain('thrown at runEnded');
  });

  test('drives real launchers: what comes is taken at the next run, and what is left is named', async () => {
    const clock = virtualClock(START);
    const service = new Service({ clock });
    const ledger = memoryLedger({ clock });
    const cold = memoryCold();
    const listener = memoryListener({ items: [] });
    const launcher = new Launcher({
      id: '16',
      listener,
      grouper: byExtension({ pdf: '87' }),
      submitter: cold,
      ledger,
      clock,
    });
    service.add({ launcher, schedule: every15s });
    service.startAll();
    listener.put({ name: 'a.pdf' });
    listener.put({ name: 'b.xlsx' });
    await clock.advance(15_000);
    expect(cold.arrivals.map(({ name }) => name)).toEqual(['a.pdf']);
    expect(service.state('16').lastRun).toMatchObject({
      taken: 1,
      documents: 1,
      left: [{ code: 'NO_JOB', count: 1, example: { reason: { message: 'no job takes .xlsx' } } }],
    });
    await service.close();
    await expect(launcher.run()).rejects.toThrow(/closed/u);
    await ledger.close();
  });

  test('ends what waits for a run that is never to come', async () => {
    const { clock, service } = bench();
    const { call, letGo } = stuck();
    service.add({ launcher: standIn(clock, '16', call), schedule: every15s });
    const under = service.runNow('16');
    await clock.advance(0);
    const after = service.runNow('16');
    const stopping = service.stop('16');
    await expect(after).rejects.toMatchObject({ code: 'ABORTED' });
    const gaveUp = expect(under).rejects.toMatchObject({ code: 'LAUNCHER_HUNG' });
    expect(await clock.runFor(60_000, stopping)).toBe('hung');
    await gaveUp;
    letGo();
    await service.close();
  });
});
