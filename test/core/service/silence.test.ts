import { describe, expect, test } from 'vitest';
import { memoryLedger, type RunReport, type SourceMemory } from '@lanceur/core';
import { schedule } from '@lanceur/core/schedule';
import { virtualClock, type VirtualClock } from '@lanceur/core/testing';
import { bench, DAY, standIn, START, type Bench } from './stand-ins.js';

const hourly = schedule({ minutes: 0 }, { timeZone: 'Europe/Paris' });
type Counts = Partial<RunReport['counts']>;

/** A service with one launcher that brings what `brings` says, and the alarm after three days. */
function watched(brings: () => Counts, memory: SourceMemory, clock = virtualClock(START)): Bench {
  const made = bench({ memory }, clock);
  const launcher = standIn(clock, '16', async () => brings());
  made.service.add({ launcher, schedule: hourly, silentAfterDays: 3 });
  made.service.startAll();
  return made;
}

const memory = () => memoryLedger().memory('service');
const alarms = (told: readonly string[]) => told.filter((line) => /silent|heard/u.test(line));

describe('a source that usually brings something', () => {
  test('is called silent after so many days, again after as many more, and heard when it ends', async () => {
    let brings: Counts = { accepted: 1 };
    const { clock, service, told } = watched(() => brings, memory());
    const said: string[] = [];
    service.on('silent', ({ reason }) => said.push(reason.message));
    await clock.advance(10 * DAY);
    expect(alarms(told)).toEqual([]);

    brings = {};
    await clock.advance(3 * DAY - 3_600_000);
    expect(alarms(told)).toEqual([]);
    expect(service.state('16')).not.toHaveProperty('silent');
    await clock.advance(2 * 3_600_000);
    expect(alarms(told)).toEqual(['silent 16']);
    expect(said).toEqual([
      'nothing has come for 3 days (since 2026-12-04T10:00:00.000Z), where something usually comes',
    ]);
    expect(service.state('16').silent).toMatchObject({ code: 'SOURCE_SILENT', data: { days: 3 } });
    await clock.advance(2 * DAY);
    expect(alarms(told)).toHaveLength(1);
    await clock.advance(DAY);
    expect(alarms(told)).toHaveLength(2);

    brings = { accepted: 1 };
    await clock.advance(3_600_000);
    expect(alarms(told)).toEqual(['silent 16', 'silent 16', 'heard 16']);
    expect(service.state('16')).not.toHaveProperty('silent');
    await service.close();
  });

  test('is called silent although the service is restarted every day, and not once more for each restart', async () => {
    const kept = memory();
    const clock = virtualClock(START);
    const all: string[] = [];
    let brings: Counts = { rejected: 1 };
    for (let day = 0; day < 9; day++) {
      const { service, told } = watched(() => brings, kept, clock);
      await clock.advance(DAY - 60_000);
      await service.close();
      all.push(...alarms(told).map((line) => `day ${String(day)}: ${line}`));
      await clock.advance(60_000);
      brings = day === 7 ? { accepted: 1 } : {};
    }
    expect(all).toEqual(['day 3: silent 16', 'day 6: silent 16', 'day 8: heard 16']);
  });

  test('is noticed also by a process that makes one run a day and ends', async () => {
    const kept = memory();
    // A ledger takes a moment, and is closed right after the service.
    let open = true;
    const slow = (inner: SourceMemory, clock: VirtualClock): SourceMemory => ({
      read: async (keys) => {
        await clock.sleep(10);
        return await inner.read(keys);
      },
      write: async (entries) => {
        await clock.sleep(10);
        if (!open) throw new Error('the ledger has been closed');
        await inner.write(entries);
      },
    });
    const clock = virtualClock(START);
    const all: string[] = [];
    for (let day = 0; day < 5; day++) {
      open = true;
      const { service, told } = bench({ memory: slow(kept, clock) }, clock);
      const launcher = standIn(clock, '16', async () => (day === 0 ? { accepted: 1 } : {}));
      service.add({ launcher, schedule: hourly, silentAfterDays: 3 });
      await clock.runFor(1_000, service.runNow('16'));
      await clock.runFor(1_000, service.close());
      open = false;
      all.push(...told.map((line) => `day ${String(day)}: ${line}`));
      await clock.advance(DAY);
    }
    expect(all).toEqual(['day 3: silent 16']);
  });

  test('that has never brought anything is silent from when it was first watched', async () => {
    const { clock, service, told } = watched(() => ({}), memory());
    await clock.advance(3 * DAY + 3 * 3_600_000);
    expect(alarms(told)).toEqual(['silent 16']);
    await service.close();
  });

  test('is silent also if all its runs fail', async () => {
    const { clock, service, told } = watched(() => {
      throw new Error('the share is gone');
    }, memory());
    await clock.advance(3 * DAY + 3 * 3_600_000);
    expect(alarms(told)).toEqual(['silent 16']);
    await service.close();
  });

  test.each<[what: string, silent: boolean, Counts]>([
    ['files that nothing wants', true, { listed: 4, left: { NO_JOB: 2, JUNK: 2 } }],
    ['files that were settled long ago and are kept', true, { listed: 4, left: { DONE: 4 } }],
    ['an item that was put aside', false, { aside: 1 }],
    ['a document while its COLD is away', false, { left: { CIRCUIT_OPEN: 1 } }],
    ['a document that cannot be read yet', false, { left: { DOCUMENT_UNREADABLE: 1 } }],
    ['a file that is still written', false, { left: { NOT_QUIET: 1 } }],
  ])('that brings %s: called silent is %s', async (_, silent, brings) => {
    const { clock, service, told } = watched(() => brings, memory());
    await clock.advance(4 * DAY);
    expect(alarms(told)).toEqual(silent ? ['silent 16'] : []);
    await service.close();
  });

  test('is not called silent because the clock was ahead for a while', async () => {
    const kept = memory();
    const ahead = watched(() => ({ accepted: 1 }), kept, virtualClock(START + 400 * DAY));
    await ahead.clock.advance(DAY);
    await ahead.service.close();
    const { clock, service, told } = watched(() => ({}), kept);
    await clock.advance(2 * DAY);
    expect(alarms(told)).toEqual([]);
    await clock.advance(2 * DAY);
    expect(alarms(told)).toEqual(['silent 16']);
    await service.close();
  });

  test('runs on, and stops, while the memory fails, or hangs, and the failure is said', async () => {
    const failing: SourceMemory = {
      read: async () => await Promise.reject(new Error('the ledger is locked')),
      write: async () => {},
    };
    const one = watched(() => ({}), failing);
    const hanging: SourceMemory = { ...failing, read: async () => await new Promise<never>(() => {}) };
    const other = watched(() => ({}), hanging);
    await one.clock.advance(DAY);
    await other.clock.advance(DAY);
    expect(one.told.filter((line) => line === 'error 16')).toHaveLength(24);
    expect(other.told).toEqual(['started 16']);
    for (const { clock, service } of [one, other]) {
      expect(service.state('16')).toMatchObject({ consecutiveFailures: 0, lastSuccessAt: START + DAY });
      expect(await clock.runFor(10_000, service.close())).toEqual([]);
    }
  });

  test('begins anew with what it cannot read of its memory, and writes next to nothing', async () => {
    const kept = memory();
    await kept.write(new Map([['heard:16', '{"since":"yesterday"']]));
    let writes = 0;
    const counted: SourceMemory = {
      read: async (keys) => await kept.read(keys),
      write: async (entries) => {
        writes++;
        await kept.write(entries);
      },
    };
    const clock = virtualClock(START);
    const { service } = bench({ memory: counted }, clock);
    const launcher = standIn(clock, '16', async () => ({ accepted: 1 }));
    service.add({
      launcher,
      schedule: schedule({ seconds: '*/15' }, { timeZone: 'UTC' }),
      silentAfterDays: 3,
    });
    service.startAll();
    await clock.advance(3 * 3_600_000);
    expect(launcher.begun).toHaveLength(720);
    expect(writes).toBeLessThanOrEqual(4);
    await service.close();
  });
});
