import { LanceurError } from '../errors.js';
import { reason, type Reason } from '../reasons.js';
import { words, type Words } from './words.js';

/** In which line of the file a field stands, by its path. */
export type Lines = ReadonlyMap<string, number>;

/** Collects all that is wrong with a scenario, field by field. */
export class Problems {
  readonly #found: Reason[] = [];
  readonly #lines: Lines;

  constructor(lines: Lines = new Map()) {
    this.#lines = lines;
  }

  get count(): number {
    return this.#found.length;
  }

  /** From the top of the file to its end, as far as lines are known. */
  get all(): readonly Reason[] {
    const lineOf = (r: Reason): number => this.#lineOf(String(r.data?.['field'])) ?? 0;
    return [...this.#found].sort((a, b) => lineOf(a) - lineOf(b));
  }

  /** All of it as one error: `SCENARIO_INVALID`. */
  refusal(): LanceurError {
    return new LanceurError('SCENARIO_INVALID', { count: this.count }, { problems: this.all });
  }

  wrong(path: string, expected: Words, found: Words): void {
    this.#found.push(
      reason('SCENARIO_FIELD', {
        ...this.#where(path),
        expected: expected.en,
        expected_fr: expected.fr,
        found: found.en,
        found_fr: found.fr,
      }),
    );
  }

  unknown(path: string, hint: Words): void {
    this.#found.push(
      reason('SCENARIO_UNKNOWN_FIELD', { ...this.#where(path), hint: hint.en, hint_fr: hint.fr }),
    );
  }

  clearSecret(path: string, example: Words): void {
    this.#found.push(
      reason('SCENARIO_CLEAR_SECRET', { ...this.#where(path), example: example.en, example_fr: example.fr }),
    );
  }

  conflict(path: string, why: Words): void {
    this.#found.push(reason('SCENARIO_CONFLICT', { ...this.#where(path), why: why.en, why_fr: why.fr }));
  }

  #where(path: string): { readonly field: string; readonly place: string; readonly place_fr: string } {
    const line = this.#lineOf(path);
    const at =
      line === undefined ? words('', '') : words(` (line ${String(line)})`, ` (ligne ${String(line)})`);
    return { field: path === '' ? '$' : path, place: at.en, place_fr: at.fr };
  }

  #lineOf(path: string): number | undefined {
    return this.#lines.get(path) ?? this.#lines.get(parentOf(path));
  }
}

/** `jobs["87"].waitingDirectory`, `launchers[0].id`. */
export function childPath(parent: string, key: string | number): string {
  if (typeof key === 'number') return `${parent}[${String(key)}]`;
  if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)) return `${parent}[${JSON.stringify(key)}]`;
  return parent === '' ? key : `${parent}.${key}`;
}

/** A field that is missing has no line; what it is missing in has one. */
function parentOf(path: string): string {
  return path.replace(/(?:\.[^.[\]"]+|\[(?:\d+|"(?:[^"\\]|\\.)*")\])$/u, '');
}
