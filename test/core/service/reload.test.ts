import { describe, expect, test } from 'vitest';
import { LanceurError } from '@lanceur/core';
import { schedule } from '@lanceur/core/schedule';
import { bench, daily, every15s, standIn, START, stuck, untilAborted } from './stand-ins.js';

const every20s = schedule({ seconds: '*/20' }, { timeZone: 'Europe/Paris' });

describe('a launcher that is reloaded', () => {
  test('runs by its new self and its new schedule, while the others run', async () => {
    const { clock, service, told } = bench();
    const before = standIn(clock, '16');
    const after = standIn(clock, '16');
    const other = standIn(clock, 'other');
    service.add({ launcher: before, schedule: every15s });
    service.add({ launcher: other, schedule: every15s });
    service.startAll();
    await clock.advance(31_000);
    expect(await service.reload('16', () => ({ launcher: after, schedule: every20s }))).toBe('reloaded');
    await clock.advance(29_000);
    expect(before.begun).toEqual([15, 30]);
    expect(before.closed).toBe(1);
    expect(after.begun).toEqual([40, 60]);
    expect(other.begun).toEqual([15, 30, 45, 60]);
    expect(told).toContain('reloaded 16');
    await service.close();
    expect(after.closed).toBe(1);
  });

  test('goes on as before if the new one cannot be built, and says so until one can', async () => {
    const { clock, service, told } = bench();
    const before = standIn(clock, '16');
    service.add({ launcher: before, schedule: every15s });
    service.startAll();
    await clock.advance(15_000);
    const broken = service.reload('16', () => {
      throw new LanceurError('UNKNOWN_JOB', { job: '87', known: '12' });
    });
    await expect(broken).rejects.toMatchObject({ code: 'UNKNOWN_JOB' });
    await expect(
      service.reload('16', async () => await Promise.reject(new Error('no file'))),
    ).rejects.toThrow('no file');
    const mistaken = standIn(clock, '17');
    await expect(service.reload('16', () => ({ launcher: mistaken, schedule: every15s }))).rejects.toThrow(
      /`launcher.id` to be 16.*got 17/u,
    );
    await clock.advance(15_000);
    expect(before.begun).toEqual([15, 30]);
    expect(before.closed).toBe(0);
    expect(told.filter((line) => line.startsWith('reload'))).toEqual(Array(3).fill('reloadFailed 16'));
    expect(service.state('16').reloadFailed?.code).toBe('INVALID_OPTION');

    await service.reload('16', () => ({ launcher: standIn(clock, '16'), schedule: every15s }));
    expect(service.state('16')).not.toHaveProperty('reloadFailed');
    await service.close();
  });

  test('lets its run finish what is under way, and the new one takes at once what that has left', async () => {
    const { clock, service } = bench();
    const before = standIn(clock, '16', async ({ signal }) => {
      await untilAborted(signal);
      await clock.sleep(3_000);
      return {};
    });
    const after = standIn(clock, '16', async () => {
      expect(before.closed).toBe(1);
      return {};
    });
    service.add({ launcher: before, schedule: daily });
    service.startAll();
    service.wake('16');
    await clock.advance(15_000);
    const reloaded = service.reload('16', () => ({ launcher: after, schedule: daily }));
    expect(await clock.runFor(10_000, reloaded)).toBe('reloaded');
    await clock.advance(1_000);
    expect(after.begun).toEqual([18]);
    expect(service.state('16').lastRun).toMatchObject({ stopped: false });
    await service.close();
  });

  test('never runs twice at once: the new one waits for a run that hangs, and begins when that has ended', async () => {
    const { clock, service, told } = bench();
    const { call, letGo } = stuck();
    let atOnce = 0;
    const counted = async (work: () => Promise<object>) => {
      expect(++atOnce).toBe(1);
      await work();
      atOnce--;
      return {};
    };
    const before = standIn(clock, '16', async () => await counted(call));
    const after = standIn(clock, '16', async () => await counted(async () => ({})));
    service.add({ launcher: before, schedule: every15s });
    service.startAll();
    await clock.advance(15_000);
    const reloaded = service.reload('16', () => ({ launcher: after, schedule: every15s }));
    expect(await clock.runFor(60_000, reloaded)).toBe('waiting');
    expect(service.state('16').is).toBe('hung');
    await clock.advance(60_000);
    expect(after.begun).toEqual([]);
    letGo();
    await clock.advance(15_000);
    expect(before.closed).toBe(1);
    expect(after.begun.length).toBeGreaterThanOrEqual(1);
    expect(told.filter((line) => !line.startsWith('started'))).toEqual(['hung 16', 'reloaded 16']);
    await service.close();
  });

  test('is not kept by a predecessor that cannot be closed', async () => {
    const { clock, service, told } = bench();
    const before = { ...standIn(clock, '16'), close: async () => await new Promise<void>(() => {}) };
    const after = standIn(clock, '16');
    service.add({ launcher: before, schedule: every15s });
    service.startAll();
    const reloaded = service.reload('16', () => ({ launcher: after, schedule: every15s }));
    expect(await clock.runFor(60_000, reloaded)).toBe('reloaded');
    await clock.advance(15_000);
    expect(after.begun.length).toBeGreaterThan(0);
    expect(told).toContain('error 16');
    await service.close();
  });

  test('takes the newest of several that come at once, and closes those that it does not take', async () => {
    const { clock, service } = bench();
    const before = standIn(clock, '16');
    const [slow, quick] = [standIn(clock, '16'), standIn(clock, '16')];
    service.add({ launcher: before, schedule: every15s });
    service.startAll();
    const first = service.reload('16', async () => {
      await clock.sleep(5_000);
      return { launcher: slow, schedule: every15s };
    });
    const overtaken = expect(first).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await service.reload('16', () => ({ launcher: quick, schedule: every15s }))).toBe('reloaded');
    await clock.advance(15_000);
    await overtaken;
    expect([before.closed, slow.closed, quick.closed]).toEqual([1, 1, 0]);
    expect(quick.begun).toEqual([15]);
    await service.close();
    expect([before.closed, slow.closed, quick.closed]).toEqual([1, 1, 1]);
  });

  test('takes the newest also of those that wait for a run that hangs', async () => {
    const { clock, service } = bench();
    const { call, letGo } = stuck();
    const before = standIn(clock, '16', call);
    const [second, third] = [standIn(clock, '16'), standIn(clock, '16')];
    service.add({ launcher: before, schedule: every15s });
    service.startAll();
    await clock.advance(15_000);
    const one = service.reload('16', () => ({ launcher: second, schedule: every15s }));
    await clock.advance(1_000);
    const other = service.reload('16', () => ({ launcher: third, schedule: every15s }));
    expect(await clock.runFor(60_000, Promise.all([one, other]))).toEqual(['waiting', 'waiting']);
    letGo();
    await clock.advance(15_000);
    expect([before.closed, second.closed, third.closed]).toEqual([1, 1, 0]);
    expect(second.begun).toEqual([]);
    expect(third.begun.length).toBeGreaterThan(0);
    await service.close();
    expect(third.closed).toBe(1);
  });

  test('keeps its run if it is the same launcher with another schedule', async () => {
    const { clock, service } = bench();
    const launcher = standIn(clock, '16', async () => {
      await clock.sleep(2_000);
      return {};
    });
    service.add({ launcher, schedule: daily });
    service.startAll();
    const run = service.runNow('16');
    await clock.advance(1_000);
    expect(await service.reload('16', () => ({ launcher, schedule: every15s }))).toBe('reloaded');
    expect(await clock.runFor(5_000, run)).toMatchObject({ stopped: false });
    expect(launcher.closed).toBe(0);
    expect(service.state('16').nextRunAt).toBe(START + 15_000);
    await service.close();
  });

  test('stays stopped if it was', async () => {
    const { clock, service } = bench();
    const after = standIn(clock, '16');
    service.add({ launcher: standIn(clock, '16'), schedule: every15s });
    await service.reload('16', () => ({ launcher: after, schedule: every15s }));
    await clock.advance(60_000);
    expect(after.begun).toEqual([]);
    expect(service.state('16').is).toBe('stopped');
    await service.close();
  });

  test('and removed, or closed, while the new one is built is gone, and the new one is closed', async () => {
    const { clock, service } = bench();
    const after = standIn(clock, '16');
    service.add({ launcher: standIn(clock, '16'), schedule: every15s });
    const reload = service.reload('16', async () => {
      await clock.sleep(5_000);
      return { launcher: after, schedule: every15s };
    });
    const overtaken = expect(reload).rejects.toMatchObject({ code: 'ABORTED' });
    await service.remove('16');
    await clock.advance(5_000);
    await overtaken;
    expect(after.closed).toBe(1);
    expect(service.states()).toEqual([]);
    await service.close();
  });
});
