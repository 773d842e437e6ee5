import type { Problems } from '../problems.js';
import { both, words, type Words } from '../words.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * What a value of a scenario may be. The one source of both the checker's verdict and the published JSON Schema; a
 * test holds them to it.
 */
export interface Shape<T> {
  /** For people: `a text`. */
  readonly expected: Words;
  readonly schema: JsonSchema;
  /** The value in its plain form; `undefined` if something is wrong, which `problems` has then been told. */
  read(value: unknown, path: string, problems: Problems): T | undefined;
}

/** A value as a message shows it: short, and of an object or a list nothing but what it is. */
export function shown(value: unknown): Words {
  switch (typeof value) {
    case 'undefined':
      return words('nothing', 'rien');
    case 'string':
    case 'number':
    case 'boolean':
      return both(JSON.stringify(value));
    default:
      if (value === null) return both('null');
      return Array.isArray(value) ? words('a list', 'une liste') : words('an object', 'un objet');
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
