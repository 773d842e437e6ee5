import { Cron } from 'croner';
import { LanceurError } from '../errors.js';
import { refuseUnknownOptions } from '../unknown-options.js';
import { patternOf, type ScheduleRow } from './fields.js';

export interface ScheduleOptions {
  /** Whose clock on the wall counts: an IANA name such as `Europe/Paris`. */
  readonly timeZone: string;
}

/**
 * When a launcher is due: "Programmer le lanceur".
 *
 * When clocks go forward, a time of day that is skipped is due at the end of the gap, and steps and `*` go on after it.
 * When they go back, a time of day that comes twice is due the first time only, and steps and `*` go on through both.
 */
export interface Schedule {
  readonly timeZone: string;
  /**
   * The first time it is due after this moment, in milliseconds since 1970; whole seconds. `undefined`: never again.
   * @param after - milliseconds since 1970.
   */
  next(after: number): number | undefined;
  /** The next `count` of them, the earliest first; fewer if there are no more. */
  nextRuns(count: number, after?: number): readonly Date[];
}

/**
 * Due whenever one of the rows is: several rows are a union, and two that fit the same second make one run.
 *
 * ```ts
 * schedule({ minutes: '0-59/15', hours: '8-18', weekdays: 'mon-fri' }, { timeZone: 'Europe/Paris' });
 * ```
 *
 * @throws LanceurError `INVALID_OPTION` or `UNKNOWN_OPTION`: names the row and the field, says what was expected and what
 * was found.
 */
export function schedule(rows: ScheduleRow | readonly ScheduleRow[], options: ScheduleOptions): Schedule {
  // Who has left them out is to hear which one is needed.
  if ((options as unknown) === undefined) refuseUnknownZone(undefined);
  refuseUnknownOptions('schedule', options, ['timeZone']);
  const { timeZone } = options;
  refuseUnknownZone(timeZone);
  const list = isList(rows) ? rows : [rows];
  if (list.length === 0)
    throw new LanceurError('INVALID_OPTION', { option: 'rows', expected: 'at least one row', found: 'none' });
  const crons = list.map((row, n) =>
    cronOf(patternOf(row, isList(rows) ? `rows[${String(n)}]` : 'row'), timeZone),
  );

  const next = (after: number): number | undefined => {
    const times = crons.flatMap((cron) => cron.nextRun(new Date(after))?.getTime() ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  };
  return {
    timeZone,
    next,
    nextRuns(count, after = Date.now()) {
      const runs: Date[] = [];
      for (let at = next(after); at !== undefined && runs.length < count; at = next(at))
        runs.push(new Date(at));
      return runs;
    },
  };
}

/** Rows that say the same share one: each holds a list of ten thousand years. */
const shared = new Map<string, WeakRef<Cron>>();

function cronOf(pattern: string, timezone: string): Cron {
  const key = `${pattern} ${timezone}`;
  const known = shared.get(key)?.deref();
  if (known !== undefined) return known;
  const cron = new Cron(pattern, {
    mode: '7-part',
    timezone,
    paused: true,
    domAndDow: true,
    fixedTimeRule: 'no-wildcard',
  });
  shared.set(key, new WeakRef(cron));
  return cron;
}

function refuseUnknownZone(timeZone: unknown): void {
  try {
    if (typeof timeZone === 'string' && timeZone !== '') {
      new Intl.DateTimeFormat('en', { timeZone });
      return;
    }
  } catch {
    // Said below.
  }
  throw new LanceurError('INVALID_OPTION', {
    option: 'timeZone',
    expected: 'the IANA name of a time zone, such as Europe/Paris',
    found: typeof timeZone === 'string' ? timeZone : shownType(timeZone),
  });
}

function shownType(value: unknown): string {
  return value === undefined ? 'nothing' : typeof value;
}

function isList(rows: ScheduleRow | readonly ScheduleRow[]): rows is readonly ScheduleRow[] {
  return Array.isArray(rows);
}
