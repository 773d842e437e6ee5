import { CODES, type Code, type CodeData } from './codes.js';
import { phraseInFrench } from './phrases.js';
import { printable } from './text.js';

/** Why something was left, refused or went wrong: a code for programs, a sentence for people. JSON. */
export interface Reason {
  readonly code: Code;
  /** English, safe to print. {@link inFrench} says the same in French. */
  readonly message: string;
  /** What the sentence was made of, safe to print. */
  readonly data?: Readonly<Record<string, string | number>>;
  /** Where several things are wrong at once, each of them; the message lists them. */
  readonly problems?: readonly Reason[];
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

/** What an error carries: see {@link inFrench}. */
interface Reasoned {
  readonly code: Code;
  readonly reason: Reason;
}

/**
 * The reason in French; in English where it carries no data to say it with, or a newer version has written it. Of a
 * `LanceurError`, what to do about it as well, as its message says it in English.
 */
export function inFrench(what: Reason | Reasoned): string {
  if (!('reason' in what)) return reasonInFrench(what);
  const todo = whatToDo(what.code, 'fr');
  const why = reasonInFrench(what.reason);
  return todo === undefined ? why : `${why}. ${todo}`;
}

function reasonInFrench(r: Reason): string {
  return listed(ownFrench(r), (r.problems ?? []).map(reasonInFrench));
}

/** The reason with what it consists of, which its message then lists. */
export function withProblems(r: Reason, problems: readonly Reason[]): Reason {
  const messages = problems.map(({ message }) => message);
  return { ...r, message: listed(r.message, messages), problems };
}

/** One line each: a list that an administrator works off is not read in a row. */
function listed(text: string, lines: readonly string[]): string {
  return [text, ...lines.map((line) => `  - ${line}`)].join('\n');
}

function ownFrench(r: Reason): string {
  const french = Object.hasOwn(CODES, r.code) ? CODES[r.code].fr : undefined;
  if (french === undefined || (french.includes('{') && r.data === undefined))
    return r.problems === undefined ? r.message : (r.message.split('\n', 1)[0] ?? '');
  return french.replace(/\{(\w+)\}/g, (whole, key: string) => {
    const own = r.data?.[`${key}_fr`];
    const value = own ?? r.data?.[key] ?? whole;
    return typeof value === 'string' && own === undefined && !NAMES.has(key)
      ? phraseInFrench(value)
      : String(value);
  });
}

/** What holds a name that somebody else has given, which is no phrase whatever it says. */
const NAMES = new Set([
  'name',
  'names',
  'path',
  'file',
  'filter',
  'user',
  'host',
  'option',
  'launcher',
  'job',
]);

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
