import { issue, type Issue } from '../issues.js';
import { dateIn } from '../values.js';

/** Each kind of oddity is told at most this often: a file may repeat one thousands of times. */
const MOST = 20;

/** Looks at values as a schema would, and notes what it would not allow. Nothing is ever refused. */
export class Checks {
  readonly issues: Issue[] = [];
  readonly #told = new Map<string, number>();

  /** Whether a value is there; notes if it is not. */
  required(field: string, value: string | undefined): void {
    if (value === undefined) this.note(`missing ${field}`, issue('FIELD_MISSING', { field }));
  }

  /** What is there has to match. */
  like(field: string, value: string | undefined, pattern: RegExp): void {
    if (value === undefined || pattern.test(value)) return;
    this.note(`odd ${field}`, issue('SCHEMA_ODD', { field, value }));
  }

  /** A date, with or without a time zone (xs:date). */
  date(field: string, value: string | undefined): void {
    if (value === undefined || dateIn(value) !== undefined) return;
    this.note(`odd ${field}`, issue('SCHEMA_ODD', { field, value }));
  }

  /** An amount (xs:decimal). */
  amount(field: string, value: string | undefined): void {
    this.like(field, value, /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+))$/u);
  }

  /** A number that says how many there are. */
  count(field: string, said: string | undefined, found: number): void {
    if (said === undefined || Number(said) === found) return;
    this.note(`count ${field}`, issue('COUNT_ODD', { field, said, found }));
  }

  note(kind: string, noted: Issue): void {
    const told = this.#told.get(kind) ?? 0;
    this.#told.set(kind, told + 1);
    if (told < MOST) this.issues.push(noted);
  }
}
