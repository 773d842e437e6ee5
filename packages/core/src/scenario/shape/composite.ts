import { nearest } from '../../unknown-options.js';
import { childPath, type Problems } from '../problems.js';
import { words, type Words } from '../words.js';
import { isObject, shown, type JsonSchema, type Shape } from './shape.js';

/** A field of an object. */
export interface Field<T> {
  readonly shape: Shape<T>;
  readonly isRequired: boolean;
  /** What an editor shows. */
  readonly about: Words;
  readonly example?: unknown;
}

export function required<T>(shape: Shape<T>, about: Words, example?: unknown): Field<T> {
  return { shape, isRequired: true, about, example };
}

export function optional<T>(shape: Shape<T>, about: Words, example?: unknown): Field<T> {
  return { shape, isRequired: false, about, example };
}

/** A field for each that the type has: the compiler misses none. */
export type Fields<T> = { readonly [K in keyof T]-?: Field<Required<T>[K]> };

export interface ObjectRules {
  /** What to say of a name that is no field, where more is known than which field is near. */
  readonly hint?: (name: string) => Words | undefined;
}

export function object<T extends object>(
  expected: Words,
  fields: Fields<T>,
  { hint }: ObjectRules = {},
): Shape<T> {
  const all = Object.entries(fields as Readonly<Record<string, Field<unknown>>>);
  const names = all.map(([name]) => name);
  return {
    expected,
    schema: objectSchema(all),
    read(value, path, problems) {
      if (!isObject(value)) {
        problems.wrong(path, expected, shown(value));
        return undefined;
      }
      const known = problems.count;
      for (const name of Object.keys(value)) {
        if (names.includes(name)) continue;
        problems.unknown(childPath(path, name), hint?.(name) ?? hintFor(name, names));
      }
      const read: [string, unknown][] = [];
      for (const [name, { shape, isRequired }] of all) {
        const given = Object.hasOwn(value, name) ? value[name] : undefined;
        if (given === undefined && !isRequired) continue;
        if (given === undefined) problems.wrong(childPath(path, name), shape.expected, shown(given));
        else read.push([name, shape.read(given, childPath(path, name), problems)]);
      }
      return problems.count === known ? (Object.fromEntries(read) as T) : undefined;
    },
  };
}

function objectSchema(fields: readonly (readonly [string, Field<unknown>])[]): JsonSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(
      fields.map(([name, { shape, about, example }]) => [
        name,
        {
          description: `${about.fr}\n\n${about.en}`,
          ...(example !== undefined && { examples: [example] }),
          ...shape.schema,
        },
      ]),
    ),
    required: fields.filter(([, { isRequired }]) => isRequired).map(([name]) => name),
    additionalProperties: false,
  };
}

function hintFor(name: string, names: readonly string[]): Words {
  const near = nearest(name, names);
  if (near !== undefined) return words(`did you mean \`${near}\`?`, `vouliez-vous dire \`${near}\` ?`);
  const all = names.filter((each) => !each.startsWith('$')).join(', ');
  return words(`there are ${all}`, `il y a ${all}`);
}

export function list<T>(expected: Words, item: Shape<T>, { least = 1 } = {}): Shape<readonly T[]> {
  return {
    expected,
    schema: { type: 'array', items: item.schema, minItems: least },
    read(value, path, problems) {
      if (!Array.isArray(value) || value.length < least) {
        problems.wrong(path, expected, Array.isArray(value) ? EMPTY : shown(value));
        return undefined;
      }
      const known = problems.count;
      const read = (value as readonly unknown[]).map((each, n) =>
        item.read(each, childPath(path, n), problems),
      );
      return problems.count === known ? (read as readonly T[]) : undefined;
    },
  };
}

const EMPTY = words('an empty list', 'une liste vide');

/** An object whose names are the user's own. */
export function byName<T>(
  expected: Words,
  item: Shape<T>,
  { least = 0 } = {},
): Shape<Readonly<Record<string, T>>> {
  return {
    expected,
    schema: {
      type: 'object',
      propertyNames: { pattern: '^\\S(?:.*\\S)?$' },
      additionalProperties: item.schema,
      minProperties: least,
    },
    read(value, path, problems) {
      if (!isObject(value) || Object.keys(value).length < least) {
        problems.wrong(path, expected, shown(value));
        return undefined;
      }
      const known = problems.count;
      const read = Object.entries(value).map(([name, each]) => {
        const at = childPath(path, name);
        if (!/^\S(?:.*\S)?$/u.test(name)) problems.unknown(at, NAMELESS);
        return [name, item.read(each, at, problems)] as const;
      });
      return problems.count === known ? (Object.fromEntries(read) as Readonly<Record<string, T>>) : undefined;
    },
  };
}

const NAMELESS = words(
  'a name has one line, and no blanks before or after it',
  'un nom a une ligne, sans blancs avant ni après',
);

/** One of several kinds of object, told by its content. */
export interface Kind<T> {
  readonly shape: Shape<T>;
  /** The same question in JSON Schema. */
  readonly when: JsonSchema;
}

/**
 * @param choose - which kind a value is; `undefined` if that cannot be told, which `problems` has then been told.
 * @param otherwise - the schema of what is of no kind: it says what is wrong with it.
 */
export function oneKind<T>(
  expected: Words,
  kinds: readonly Kind<T>[],
  choose: (
    value: Readonly<Record<string, unknown>>,
    path: string,
    problems: Problems,
  ) => Shape<T> | undefined,
  otherwise: JsonSchema,
): Shape<T> {
  return {
    expected,
    schema: {
      type: 'object',
      ...otherwise,
      allOf: kinds.map(({ shape, when }) => ({ if: when, then: shape.schema })),
    },
    read(value, path, problems) {
      if (isObject(value)) return choose(value, path, problems)?.read(value, path, problems);
      problems.wrong(path, expected, shown(value));
      return undefined;
    },
  };
}
