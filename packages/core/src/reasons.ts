import { CODES, type Code, type CodeData } from './codes.js';
import { printable } from './text.js';

/** Why something was left, refused or went wrong: a code for programs, a sentence for people. JSON. */
export interface Reason {
  readonly code: Code;
  /** English, safe to print. {@link inFrench} says the same in French. */
  readonly message: string;
  /** What the sentence was made of, safe to print. */
  readonly data?: Readonly<Record<string, string | number>>;
}

export type Language = 'en' | 'fr';

type DataArgument<C extends Code> = [keyof CodeData<C>] extends [never] ? [] : [data: CodeData<C>];

/** A {@link Reason} with its message filled in: `reason('NO_DONE_FILE', { file: 'a.ok' })`. */
export function reason<C extends Code>(code: C, ...[data]: DataArgument<C>): Reason {
  const clean = cleanData(data);
  return {
    code,
    message: fill(CODES[code].en, clean),
    ...(clean === undefined ? {} : { data: clean }),
  };
}

/** The reason in French; in English where it carries no data to say it with, or a newer version has written it. */
export function inFrench(r: Reason): string {
  const french = Object.hasOwn(CODES, r.code) ? CODES[r.code].fr : undefined;
  if (french === undefined || (french.includes('{') && r.data === undefined)) return r.message;
  return fill(french, r.data);
}

/** What an operator can do about it, or `undefined` where there is nothing to do. */
export function whatToDo(code: Code, language: Language = 'en'): string | undefined {
  if (!Object.hasOwn(CODES, code)) return undefined;
  const entry = CODES[code];
  return 'todo' in entry ? entry.todo[language] : undefined;
}

function cleanData(
  data: Readonly<Record<string, string | number>> | undefined,
): Readonly<Record<string, string | number>> | undefined {
  if (data === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, typeof value === 'string' ? printable(value) : value]),
  );
}

function fill(text: string, data: Readonly<Record<string, string | number>> | undefined): string {
  return text.replace(/\{(\w+)\}/g, (whole, key: string) => String(data?.[key] ?? whole));
}
