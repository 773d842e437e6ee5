import { LanceurError, messageOf } from '../errors.js';
import type { Pattern } from './pattern.js';
import { adviceOnPython } from './python/advice.js';
import { effortOf } from './python/effort.js';
import { parsePython, withFlags } from './python/parse.js';
import type { Flags } from './python/syntax.js';
import { translate } from './python/translate.js';
import { timeLimited } from './time-limit.js';

const BETWEEN_SLASHES = /^\/(?<source>.*)\/(?<letters>\p{L}*)$/su;
const LONGEST = 2_000;
const NO_FLAGS: Flags = { ignoreCase: false, multiline: false, dotAll: false, verbose: false, ascii: false };

/** Whether a pattern is a regular expression: `/…/`, or `/…/i`. */
export function isBetweenSlashes(text: string): boolean {
  return BETWEEN_SLASHES.test(text);
}

/**
 * A regular expression between slashes, read as Python's `re.match` reads it.
 *
 * @throws LanceurError `INVALID_PATTERN`.
 */
export function pythonPattern(text: string, limitMs: number): Pattern {
  const { source = '', letters = '' } = BETWEEN_SLASHES.exec(text)?.groups ?? {};
  // Counted as a person would, from 1, with the slash that opens.
  const refuse = (why: string, at?: number): never => {
    throw new LanceurError('INVALID_PATTERN', {
      pattern: text,
      why: at === undefined ? why : `${why} (at character ${String(at + 2)})`,
    });
  };
  if (source === '') refuse('it is empty');
  if (source.length > LONGEST) refuse(`it is longer than ${String(LONGEST)} characters`);

  const flags = withFlags(NO_FLAGS, letters, '', refuse);
  const tree = parsePython(source, flags, refuse);
  const regex = compiled(translate(tree, refuse), refuse);
  const effort = effortOf(tree);
  const guarded = timeLimited(regex, { pattern: text, limitMs });
  const test = (name: string) => (effort.mayTakeLong(name) ? guarded(name) : regex.test(name));
  return { test, advice: adviceOnPython({ source, tree, regex, unbounded: effort.unbounded }) };
}

function compiled(source: string, refuse: (why: string) => never): RegExp {
  try {
    const regex = new RegExp(source, 'v');
    // The engine compiles at the first use; what is too large for it shows only then.
    regex.test('');
    return regex;
  } catch (error) {
    return refuse(`the engine cannot take it: ${messageOf(error)}`);
  }
}
