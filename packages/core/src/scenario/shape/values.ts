import { nearest } from '../../unknown-options.js';
import { oneOfThem, words, type Words } from '../words.js';
import { isObject, shown, type JsonSchema, type Shape } from './shape.js';

/** A value that one test tells. */
function value<T>(
  expected: Words,
  schema: JsonSchema,
  test: (value: unknown) => T | undefined,
  show: (value: unknown) => Words = shown,
): Shape<T> {
  return {
    expected,
    schema,
    read(given, path, problems) {
      const read = test(given);
      if (read === undefined) problems.wrong(path, expected, show(given));
      return read;
    },
  };
}

export interface TextRules {
  /** What it has to match; JavaScript and JSON Schema read it alike. Default: one character that is no blank. */
  readonly pattern?: string;
  /** It may hold a password: what was found is not shown. Default false. */
  readonly hidden?: boolean;
}

// A single \ in a path of Windows makes a line feed of D:\nchp and a backspace of D:\bin. DEL and above are left alone.
const CONTROL = /[^\P{Cc}\u007f-\u009f]/u;
const NO_CONTROL = '^[^\\u0000-\\u001f]*$';

/** A text in one line. */
export function text(expected: Words, { pattern = '\\S', hidden = false }: TextRules = {}): Shape<string> {
  const regex = new RegExp(pattern, 'u');
  const show = (found: unknown): Words => {
    if (typeof found === 'string' && CONTROL.test(found)) return WITH_CONTROL;
    return hidden && typeof found === 'string' ? words('another text', 'un autre texte') : shown(found);
  };
  const schema = { type: 'string', allOf: [{ pattern: NO_CONTROL }, { pattern }] };
  return value(
    expected,
    schema,
    (given) => (typeof given === 'string' && !CONTROL.test(given) && regex.test(given) ? given : undefined),
    show,
  );
}

const WITH_CONTROL = words(
  'a text with a control character (in JSON the \\ of a path is written \\\\, or /)',
  'un texte avec un caractère de contrôle (en JSON le \\ d’un chemin s’écrit \\\\, ou /)',
);

export interface NumberRules {
  readonly from: number;
  readonly to?: number;
  readonly whole?: boolean;
}

export function number({ from, to = Number.MAX_SAFE_INTEGER, whole = true }: NumberRules): Shape<number> {
  const until =
    to === Number.MAX_SAFE_INTEGER ? words(' up', '') : words(` to ${String(to)}`, ` à ${String(to)}`);
  const expected = words(
    `a ${whole ? 'whole ' : ''}number from ${String(from)}${until.en}`,
    to === Number.MAX_SAFE_INTEGER
      ? `un nombre${whole ? ' entier' : ''} d’au moins ${String(from)}`
      : `un nombre${whole ? ' entier' : ''} de ${String(from)}${until.fr}`,
  );
  return value(expected, { type: whole ? 'integer' : 'number', minimum: from, maximum: to }, (given) =>
    typeof given === 'number' && given >= from && given <= to && (!whole || Number.isInteger(given))
      ? given
      : undefined,
  );
}

export const flag: Shape<boolean> = value(
  words('true or false', 'true ou false'),
  { type: 'boolean' },
  (given) => (typeof given === 'boolean' ? given : undefined),
);

/** One of a few words. */
export function choice<const T extends string>(...names: readonly T[]): Shape<T> {
  return word(names, oneOfThem(names.map((name) => JSON.stringify(name))));
}

/** One of a few words, or an object that says more: who writes another word is shown both. */
export function wordOrObject<const T extends string, B>(names: readonly T[], object: Shape<B>): Shape<T | B> {
  const quoted = names.map((name) => JSON.stringify(name)).join(', ');
  const expected = words(`${quoted} or ${object.expected.en}`, `${quoted} ou ${object.expected.fr}`);
  return either<T, B>(word(names, expected), object, (given) => !isObject(given));
}

/** No slip of the pen is to become a deletion. */
const NEVER_SUGGESTED = 'remove';

function word<const T extends string>(names: readonly T[], expected: Words): Shape<T> {
  const suggested = names.filter((name) => name !== NEVER_SUGGESTED);
  return {
    expected,
    schema: { enum: names },
    read(given, path, problems) {
      const read = names.find((name) => name === given);
      if (read !== undefined) return read;
      const near = typeof given === 'string' ? nearest(given, suggested) : undefined;
      problems.wrong(path, expected, withHint(shown(given), near));
      return undefined;
    },
  };
}

/** One of several shapes, told apart by the type of the value. */
export function either<A, B>(a: Shape<A>, b: Shape<B>, isA: (value: unknown) => boolean): Shape<A | B> {
  const expected = words(`${a.expected.en}, or ${b.expected.en}`, `${a.expected.fr}, ou ${b.expected.fr}`);
  const mine = (given: unknown): Shape<A | B> => (isA(given) ? a : b);
  return {
    expected,
    schema: { anyOf: [a.schema, b.schema] },
    read: (given, path, problems) => mine(given).read(given, path, problems),
  };
}

/** The same, read into something else. */
export function as<A, B>(shape: Shape<A>, change: (value: A) => B): Shape<B> {
  return {
    ...shape,
    read(given, path, problems) {
      const read = shape.read(given, path, problems);
      return read === undefined ? undefined : change(read);
    },
  };
}

export function withHint(found: Words, near: string | undefined): Words {
  if (near === undefined) return found;
  return words(`${found.en}: did you mean ${near}?`, `${found.fr} : vouliez-vous dire ${near} ?`);
}
