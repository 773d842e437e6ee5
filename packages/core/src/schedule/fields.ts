import { LanceurError } from '../errors.js';
import { refuseUnknownOptions } from '../unknown-options.js';

/**
 * One row of EzGED's "Programmer le lanceur". Each field is any (`*`), a number, a range (`8-18`), a step (`0-59/15`, or a
 * star, a slash and 15), or several of these with commas. A run is due when **all** fields fit: `days: 13` with
 * `weekdays: 5` is a Friday the 13th, not every Friday and every 13th as in cron.
 */
export interface ScheduleRow {
  /** "Années": four digits. Default `*`. */
  readonly years?: string | number;
  /** "Mois": 1 to 12. Default `*`. */
  readonly months?: string | number;
  /**
   * "Jours de la semaine": 1 = Monday … 7 = Sunday, which 0 is as well; or `mon` … `sun`, `lun` … `dim`. Default `*`.
   */
  readonly weekdays?: string | number;
  /** "Jours": of the month, 1 to 31. Default `*`. */
  readonly days?: string | number;
  /** "Heures": 0 to 23. Default `*`. */
  readonly hours?: string | number;
  /** "Minutes": 0 to 59. Default `*`. */
  readonly minutes?: string | number;
  /** "Secondes": 0 to 59. Default 0, as in a new row of EzGED's. */
  readonly seconds?: string | number;
}

type Field = keyof ScheduleRow;

/** The lowest and the highest number of each field, in the order in which croner wants them. */
const BOUNDS: readonly (readonly [Field, number, number])[] = [
  ['seconds', 0, 59],
  ['minutes', 0, 59],
  ['hours', 0, 23],
  ['days', 1, 31],
  ['months', 1, 12],
  ['weekdays', 0, 7],
  ['years', 1970, 9999],
];

const WEEKDAYS: readonly (readonly string[])[] = [
  ['mon', 'lun'],
  ['tue', 'mar'],
  ['wed', 'mer'],
  ['thu', 'jeu'],
  ['fri', 'ven'],
  ['sat', 'sam'],
  ['sun', 'dim'],
];

/** The row as croner's pattern of seven parts. @throws LanceurError `INVALID_OPTION` or `UNKNOWN_OPTION`, naming the field. */
export function patternOf(row: ScheduleRow, where: string): string {
  refuseUnknownOptions(
    where,
    row,
    BOUNDS.map(([field]) => field),
  );
  return BOUNDS.map(([field, low, high]) => {
    const value = row[field] ?? (field === 'seconds' ? 0 : '*');
    const option = `${where}.${field}`;
    if (typeof value !== 'string' && typeof value !== 'number') throw refused(option, low, high, value);
    const items = String(value).replaceAll(' ', '').toLowerCase().split(',');
    return items.map((item) => checked(item, { field, option, low, high, value })).join(',');
  }).join(' ');
}

interface Context {
  readonly field: Field;
  readonly option: string;
  readonly low: number;
  readonly high: number;
  readonly value: string | number;
}

function checked(item: string, context: Context): string {
  const { field, option, low, high, value } = context;
  const [range = '', step, ...rest] = item.split('/');
  const [from = '', to, ...more] = range.split('-');
  const every = step === undefined ? undefined : wholeNumber(step);
  const isStepWrong =
    step !== undefined &&
    (every === undefined ||
      every < 1 ||
      every > mostSteps(field, low, high) ||
      (range !== '*' && to === undefined));
  if (rest.length > 0 || more.length > 0 || isStepWrong) throw refused(option, low, high, value);
  if (range === '*') return item;
  const first = numberIn(from, context);
  const last = to === undefined ? undefined : numberIn(to, context);
  if (last !== undefined && last < first) {
    throw new LanceurError('INVALID_OPTION', {
      option,
      expected: `a range from low to high, or two of them with a comma`,
      found: value,
    });
  }
  return `${String(first)}${last === undefined ? '' : `-${String(last)}`}${step === undefined ? '' : `/${step}`}`;
}

/** Sunday is both ends of the week. */
function mostSteps(field: Field, low: number, high: number): number {
  return field === 'weekdays' ? 7 : high - low + 1;
}

function numberIn(text: string, { field, option, low, high, value }: Context): number {
  const named = field === 'weekdays' ? WEEKDAYS.findIndex((names) => names.includes(text)) + 1 : 0;
  const number = named > 0 ? named : wholeNumber(text);
  if (number === undefined || number < low || number > high) throw refused(option, low, high, value);
  return number;
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,4}$/u.test(text) ? Number(text) : undefined;
}

function refused(option: string, low: number, high: number, found: unknown): LanceurError {
  const numbers = `${String(low)} to ${String(high)}`;
  return new LanceurError('INVALID_OPTION', {
    option,
    expected: `*, numbers from ${numbers}, ranges (a-b) or steps (*/n, a-b/n), with commas between them`,
    found: typeof found === 'string' || typeof found === 'number' ? found : String(found),
  });
}
