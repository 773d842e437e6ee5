import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LanceurError } from '@lanceur/core';
import { schedule, type ScheduleRow } from '@lanceur/core/schedule';

const paris = { timeZone: 'Europe/Paris' };

/** The next times, as the clock in Paris shows them, with the offset. */
function runs(rows: ScheduleRow | readonly ScheduleRow[], after: string, count: number): readonly string[] {
  return schedule(rows, paris).nextRuns(count, Date.parse(after)).map(inParis);
}

const format = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'Europe/Paris',
  dateStyle: 'short',
  timeStyle: 'medium',
  hourCycle: 'h23',
});

function inParis(date: Date): string {
  const winter = new Intl.DateTimeFormat('en', { timeZone: 'Europe/Paris', timeZoneName: 'shortOffset' });
  const zone = winter.formatToParts(date).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  return `${format.format(date).replace(', ', ' ')} ${zone}`;
}

describe('a row', () => {
  test('with nothing in it is due at second 0 of every minute, as a new one of EzGED', () => {
    expect(runs({}, '2026-11-24T10:00:00Z', 2)).toEqual([
      '2026-11-24 11:01:00 GMT+1',
      '2026-11-24 11:02:00 GMT+1',
    ]);
  });

  test('of every 15 seconds is due four times a minute', () => {
    expect(runs({ seconds: '*/15' }, '2026-11-24T10:00:07Z', 4)).toEqual([
      '2026-11-24 11:00:15 GMT+1',
      '2026-11-24 11:00:30 GMT+1',
      '2026-11-24 11:00:45 GMT+1',
      '2026-11-24 11:01:00 GMT+1',
    ]);
  });

  test('takes lists, ranges and steps in all seven fields', () => {
    const row = {
      years: '2027,2029-2030',
      months: '1-12/6',
      weekdays: 'lun,wed-ven',
      days: '1-7',
      hours: '8,18-20/2',
      minutes: '30',
      seconds: 5,
    };
    expect(runs(row, '2026-11-24T10:00:00Z', 4)).toEqual([
      '2027-01-01 08:30:05 GMT+1',
      '2027-01-01 18:30:05 GMT+1',
      '2027-01-01 20:30:05 GMT+1',
      '2027-01-04 08:30:05 GMT+1',
    ]);
    expect(runs({ ...row, years: 2030 }, '2026-11-24T10:00:00Z', 1)).toEqual(['2030-01-02 08:30:05 GMT+1']);
  });

  test('with a day of the month and a weekday is due when both fit', () => {
    expect(runs({ days: 13, weekdays: 'fri', hours: 0, minutes: 0 }, '2026-01-01T00:00:00Z', 3)).toEqual([
      '2026-02-13 00:00:00 GMT+1',
      '2026-03-13 00:00:00 GMT+1',
      '2026-11-13 00:00:00 GMT+1',
    ]);
  });

  test('takes 0 and 7 for Sunday', () => {
    const sunday = { hours: 12, minutes: 0 };
    for (const weekdays of ['0', '7', 'sun', 'dim', 0, 7]) {
      expect(runs({ ...sunday, weekdays }, '2026-11-24T10:00:00Z', 1)).toEqual(['2026-11-29 12:00:00 GMT+1']);
    }
    expect(runs({ ...sunday, weekdays: '6-7' }, '2026-11-24T10:00:00Z', 2)).toEqual([
      '2026-11-28 12:00:00 GMT+1',
      '2026-11-29 12:00:00 GMT+1',
    ]);
  });

  test('is due never again where it says so', () => {
    expect(runs({ years: 2020 }, '2026-11-24T10:00:00Z', 3)).toEqual([]);
    expect(schedule({ years: 2020 }, paris).next(Date.parse('2026-11-24T10:00:00Z'))).toBeUndefined();
    expect(runs({ months: 2, days: 30 }, '2026-11-24T10:00:00Z', 1)).toEqual([]);
  });

  test('is due after the moment that is asked for, not at it', () => {
    const at = Date.parse('2026-11-24T10:00:15Z');
    expect(schedule({ seconds: '*/15' }, paris).next(at)).toBe(at + 15_000);
    expect(schedule({ seconds: '*/15' }, paris).next(at - 1)).toBe(at);
  });
});

describe('several rows', () => {
  test('are a union, in which a second counts once', () => {
    const rows = [
      { hours: '8-9', minutes: 0 },
      { hours: 9, minutes: '0,30' },
    ];
    expect(runs(rows, '2026-11-24T05:00:00Z', 4)).toEqual([
      '2026-11-24 08:00:00 GMT+1',
      '2026-11-24 09:00:00 GMT+1',
      '2026-11-24 09:30:00 GMT+1',
      '2026-11-25 08:00:00 GMT+1',
    ]);
  });
});

describe('when clocks go forward (29 March 2026, 2 to 3 o’clock)', () => {
  test('a time that is skipped is due at the end of the gap', () => {
    expect(runs({ hours: 2, minutes: 30 }, '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29 03:00:00 GMT+2',
      '2026-03-30 02:30:00 GMT+2',
    ]);
    expect(runs({ hours: '2,14', minutes: 30 }, '2026-03-28T14:00:00Z', 2)).toEqual([
      '2026-03-29 03:00:00 GMT+2',
      '2026-03-29 14:30:00 GMT+2',
    ]);
  });

  test('steps go on after it', () => {
    expect(runs({ minutes: '*/30' }, '2026-03-29T00:15:00Z', 3)).toEqual([
      '2026-03-29 01:30:00 GMT+1',
      '2026-03-29 03:00:00 GMT+2',
      '2026-03-29 03:30:00 GMT+2',
    ]);
  });
});

describe('when clocks go back (25 October 2026, 3 to 2 o’clock)', () => {
  test('a time that comes twice is due the first time only', () => {
    expect(runs({ hours: 2, minutes: 30 }, '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25 02:30:00 GMT+2',
      '2026-10-26 02:30:00 GMT+1',
    ]);
  });

  test('steps go on through both hours', () => {
    expect(runs({ minutes: '*/30' }, '2026-10-24T23:45:00Z', 5)).toEqual([
      '2026-10-25 02:00:00 GMT+2',
      '2026-10-25 02:30:00 GMT+2',
      '2026-10-25 02:00:00 GMT+1',
      '2026-10-25 02:30:00 GMT+1',
      '2026-10-25 03:00:00 GMT+1',
    ]);
  });
});

describe('what cannot be read is refused, and says which field, what was expected and what was found', () => {
  test.each([
    [{ hours: '24' }, '`rows[0].hours`', '24'],
    [{ minutes: '*/0' }, '`rows[0].minutes`', '*/0'],
    [{ minutes: '*/15/2' }, '`rows[0].minutes`', '*/15/2'],
    [{ minutes: '5/15' }, '`rows[0].minutes`', '5/15'],
    [{ seconds: '1-2-3' }, '`rows[0].seconds`', '1-2-3'],
    [{ days: '0' }, '`rows[0].days`', '0'],
    [{ months: 'jan' }, '`rows[0].months`', 'jan'],
    [{ weekdays: 'lundi' }, '`rows[0].weekdays`', 'lundi'],
    [{ weekdays: 'ven-lun' }, '`rows[0].weekdays`', 'ven-lun'],
    [{ years: '26' }, '`rows[0].years`', '26'],
    [{ hours: '' }, '`rows[0].hours`', ''],
    [{ hours: '8;9' }, '`rows[0].hours`', '8;9'],
    [{ hours: 1.5 }, '`rows[0].hours`', '1.5'],
    [{ hours: 'L' }, '`rows[0].hours`', 'L'],
  ] as const)('%j', (row, field, found) => {
    const error = failure(() => schedule([row], paris));
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.message).toContain(field);
    expect(error.message).toContain(found);
  });

  test.each([
    ['seconds', 60],
    ['minutes', 60],
    ['hours', 24],
    ['days', 31],
    ['months', 12],
    ['weekdays', 7],
    ['years', 8030],
  ] as const)('steps of %s longer than all of them', (field, most) => {
    expect(() => schedule({ [field]: `*/${String(most)}` }, paris)).not.toThrow();
    expect(failure(() => schedule({ [field]: `*/${String(most + 1)}` }, paris)).code).toBe('INVALID_OPTION');
  });

  test('anything that is no text and no number', () => {
    const row = { hours: null } as unknown as ScheduleRow;
    expect(schedule(row, paris).next(0)).toBe(60_000);
    expect(failure(() => schedule({ hours: [8] } as unknown as ScheduleRow, paris)).message).toContain(
      'row.hours',
    );
  });

  test('a field that there is not', () => {
    const error = failure(() => schedule({ heures: '8' } as ScheduleRow, paris));
    expect(error.code).toBe('UNKNOWN_OPTION');
    expect(error.message).toContain('heures');
  });

  test('options that are left out: it names the time zone that it needs', () => {
    const untyped = schedule as (row: ScheduleRow) => unknown;
    const error = failure(() => untyped({ minutes: '*' }));
    expect(error.message).toContain('`timeZone` to be the IANA name of a time zone, such as Europe/Paris');
  });

  test.each(['Paris', '', 'GMT+25', undefined])('a time zone that there is not (%s)', (timeZone) => {
    const error = failure(() => schedule({}, { timeZone } as { timeZone: string }));
    expect(error.message).toContain('timeZone');
  });

  test('no row at all', () => {
    expect(failure(() => schedule([], paris)).code).toBe('INVALID_OPTION');
  });
});

test('it agrees with a reader of clocks that looks at every minute', () => {
  const field = (low: number, high: number) =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min: low, max: high }).map(String),
      fc.integer({ min: 1, max: Math.min(12, high - low + 1) }).map((n) => `*/${String(n)}`),
      fc
        .tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high }))
        .map(([a, b]) => `${String(Math.min(a, b))}-${String(Math.max(a, b))}`),
      fc
        .uniqueArray(fc.integer({ min: low, max: high }), { minLength: 1, maxLength: 3 })
        .map((l) => l.join(',')),
    );
  // A step among minutes makes it a row that goes on through a change of the clocks.
  const row = fc.record({
    minutes: fc.constantFrom('*/20', '*/7', '*'),
    hours: field(0, 23),
    days: field(1, 31),
    weekdays: field(0, 6),
    months: fc.constantFrom('*', '3', '10', '*/2'),
  });
  const start = fc.constantFrom('2026-03-28T21:00:00Z', '2026-10-24T20:00:00Z', '2026-12-31T20:00:00Z');
  fc.assert(
    fc.property(row, start, (one, at) => {
      const from = Date.parse(at);
      const until = from + 36 * 3_600_000;
      const expected: number[] = [];
      for (let t = from + 60_000; t <= until; t += 60_000) if (fits(one, t)) expected.push(t);
      const found = schedule(one, paris)
        .nextRuns(expected.length + 1, from)
        .map((d) => d.getTime())
        .filter((t) => t <= until);
      expect(found).toEqual(expected);
    }),
    { numRuns: 40 },
  );
});

/** A model of its own: does the clock on the wall fit the row at this instant? */
function fits(
  row: Record<'minutes' | 'hours' | 'days' | 'weekdays' | 'months', string>,
  at: number,
): boolean {
  const [date = '', time = ''] = format.format(at).split(', ');
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  return (
    has(row.minutes, minute, 0) &&
    has(row.hours, hour, 0) &&
    has(row.days, day, 1) &&
    has(row.weekdays, weekday, 0) &&
    has(row.months, month, 1)
  );
}

function has(field: string, value: number, low: number): boolean {
  return field.split(',').some((part) => {
    if (part === '*') return true;
    if (part.startsWith('*/')) return (value - low) % Number(part.slice(2)) === 0;
    const [from = 0, to = from] = part.split('-').map(Number);
    return value >= from && value <= to;
  });
}

function failure(act: () => unknown): LanceurError {
  try {
    act();
  } catch (error) {
    if (LanceurError.is(error)) return error;
  }
  throw new Error('it was not refused');
}
