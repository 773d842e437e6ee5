/** A day of the calendar. */
export interface CalendarDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

/**
 * The day that a field holds: `2019-03-21`, `2019-03-21Z`, `2019-03-21+01:00`, or the day of a date and time. UBL and
 * CII write `20190321` as well. `undefined` for what is no day of the calendar (a month 15).
 */
export function dateIn(text: string | undefined): CalendarDate | undefined {
  const match =
    /^(\d{4})-(\d\d)-(\d\d)(?:T[\d:.]+)?(?:Z|[+-]\d\d:\d\d)?$/u.exec(text ?? '') ??
    /^(\d{4})(\d\d)(\d\d)$/u.exec(text ?? '');
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number);
  const exists = new Date(Date.UTC(year, month - 1, day));
  return exists.getUTCMonth() === month - 1 && exists.getUTCDate() === day ? { year, month, day } : undefined;
}

/** An amount, exactly: `unscaled / 10 ** scale`. */
export interface Amount {
  /** The digits without the point: `'3245.68'` has 324568n. */
  readonly unscaled: bigint;
  /** How many of them stand behind the point. */
  readonly scale: number;
}

/** The amount of a field, exactly; `undefined` for what is none. */
export function amountIn(text: string | undefined): Amount | undefined {
  const match = /^([+-]?)(\d{1,40})(?:\.(\d{0,40}))?$/u.exec(text ?? '');
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = ''] = match;
  const digits = BigInt(whole + fraction);
  return { unscaled: sign === '-' ? -digits : digits, scale: fraction.length };
}

/**
 * Whether it is a SIREN (9 digits) or a SIRET (14) whose check digit is right. La Poste's SIRETs may follow a rule of
 * their own instead.
 */
export function isSirenOrSiret(text: string | undefined): boolean {
  if (text === undefined || !/^(?:\d{9}|\d{14})$/u.test(text)) return false;
  const digits = Array.from(text, Number);
  if (text.length === 14 && text.startsWith('356000000') && digits.reduce((a, b) => a + b) % 5 === 0) {
    return true;
  }
  const sum = digits.reverse().reduce((total, digit, i) => {
    const weighed = i % 2 === 0 ? digit : digit * 2;
    return total + (weighed > 9 ? weighed - 9 : weighed);
  }, 0);
  return sum % 10 === 0;
}

/** The SIREN within a SIRET; a SIREN as it is. `undefined` for anything else. */
export function sirenIn(text: string | undefined): string | undefined {
  return text !== undefined && /^(?:\d{9}|\d{14})$/u.test(text) ? text.slice(0, 9) : undefined;
}

/** The SIREN within a French VAT number (`FR`, two characters of a key, the SIREN). */
export function sirenInVat(text: string | undefined): string | undefined {
  return /^FR[0-9A-Z]{2}(\d{9})$/u.exec(text ?? '')?.[1];
}

export function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}
