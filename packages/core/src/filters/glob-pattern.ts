import { Minimatch, type MinimatchOptions } from 'minimatch';

import { LanceurError } from '../errors.js';
import type { Pattern } from './pattern.js';

const LONGEST = 2_000;

/** With {@link GUARD} before them, patterns are left with `*` and `?` alone: Windows knows no other sign. */
const ONLY_WILDCARDS: MinimatchOptions = {
  platform: 'linux',
  nocase: true,
  nobrace: true,
  noext: true,
};

/**
 * Put before pattern and name alike. With it none of them is `.` or `..`, is empty, or begins with a dot, `!`, `#` or
 * `**`, all of which minimatch treats in a way of its own.
 */
const GUARD = 'x';
/** Stands for a slash, which minimatch would take for the end of a folder's name. Of the private use area. */
const SLASH = '\u{f02f}';

/**
 * A glob read as Windows reads it:
 * `*` is any number of characters, `?` is exactly one, all else stands for itself; letter case does not matter.
 * `.*` at the end is any extension or none, so that `*.*` takes every name; a `.` at the end is no extension.
 *
 * @throws LanceurError `INVALID_PATTERN`.
 */
export function globPattern(glob: string): Pattern {
  if (glob === '') throw new LanceurError('INVALID_PATTERN', { pattern: '""', why: 'it is empty' });
  if (glob.length > LONGEST) {
    throw new LanceurError('INVALID_PATTERN', {
      pattern: glob,
      why: `it is longer than ${String(LONGEST)} characters`,
    });
  }
  return { test: testOf(glob), advice: adviceOnGlob(glob) };
}

function testOf(glob: string): Pattern['test'] {
  if (glob.endsWith('.') && glob !== '.') return withoutExtension(glob.slice(0, -1));
  const matchers = withOptionalExtensions(glob).map(matcherOf);
  return (name) => {
    const prepared = prepare(name);
    return matchers.some((matcher) => matcher.match(prepared));
  };
}

/** `readme.*` takes `readme` as well; the shortest form, which takes the most, comes first. */
function withOptionalExtensions(glob: string): readonly string[] {
  const shorter = glob.slice(0, -'.*'.length);
  return glob.endsWith('.*') && shorter !== '' ? [...withOptionalExtensions(shorter), glob] : [glob];
}

function withoutExtension(glob: string): Pattern['test'] {
  const matcher = matcherOf(glob);
  const dots = dotsIn(glob);
  return (name) => dotsIn(name) === dots && matcher.match(prepare(name));
}

function dotsIn(text: string): number {
  return text.split('.').length - 1;
}

function matcherOf(glob: string): Minimatch {
  const literal = glob.replace(/[[\\]/gu, (sign) => (sign === '[' ? '[[]' : '\\\\'));
  return new Minimatch(prepare(literal), ONLY_WILDCARDS);
}

function prepare(text: string): string {
  return GUARD + (text.includes('/') ? text.replaceAll('/', SLASH) : text);
}

/** `C:\…`, `\\server\…`. */
const ABSOLUTE = /^(?:[a-z]:|\\\\)/iu;
/** What of a regular expression no one would write in a glob: `^…`, `…$`, `|`, `(?…`, `\.`, `.*x` at its start. */
const REGEX_LIKE = /^\^|\$$|\||\(\?|\\[.dswSDWbAZ]|^\.\*./u;

/** Signs of other languages are plain characters here, and most of them characters that no name has. */
function adviceOnGlob(glob: string): readonly string[] {
  const advice: string[] = [];
  if (glob.startsWith('/')) {
    advice.push(
      'it begins with a slash and does not end with one: a regular expression stands between two, /…/',
    );
  } else if (!ABSOLUTE.test(glob) && REGEX_LIKE.test(glob)) {
    advice.push('it looks like a regular expression: as such it has to stand between slashes, /…/');
  } else if (/[\\/]/u.test(glob)) {
    advice.push('it holds a path separator, which no name holds: a filter sees names, never paths');
  }
  if (/[[\]{}]|[+@!?]\(/u.test(glob)) {
    advice.push('brackets and braces stand for themselves, as on Windows; separate alternatives by ;');
  }
  if (glob.startsWith('!')) advice.push('a leading ! stands for itself; not(nameFilter(…)) excludes names');
  if (/^\.\w+$/u.test(glob))
    advice.push(`it takes the name ${glob} alone; *${glob} takes all with this extension`);
  if (/,\s*\*/u.test(glob)) advice.push('a comma stands for itself; separate alternatives by ;');
  return advice;
}
