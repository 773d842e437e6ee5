import { categoryOf, escapedCharacter, octalCharacter } from './escapes.js';
import { Reader } from './reader.js';
import { parseSet } from './set.js';
import { caseOf, type Flags, type Node, type Refuse } from './syntax.js';
import { widthOf } from './width.js';

const DEEPEST = 100;
const LARGEST_COUNT = 2 ** 32 - 2;
const BLANK = /^[ \t\n\r\v\f]$/;
const IDENTIFIER = /^[\p{ID_Start}_]\p{ID_Continue}*$/u;

/** Where the parser is: how deep, under which flags, behind which group of a look-behind. */
interface Place {
  readonly depth: number;
  readonly flags: Flags;
  /** Groups from this number on are of the look-behind that surrounds the place. */
  readonly lookbehindFrom?: number;
}

/**
 * Reads a pattern by the grammar of Python's `re` for text. Goes by CPython's `re._parser` (3.11), also in what it
 * refuses; what Python reads and JavaScript cannot say is refused with the reason.
 */
export function parsePython(source: string, flags: Flags, refuse: Refuse): Node {
  return new Parser(source, refuse).parse(flags);
}

class Parser {
  readonly #reader: Reader;
  readonly #refuse: Refuse;
  readonly #names = new Map<string, number>();
  /** The groups that are closed, with their widths; `undefined` while open. */
  readonly #groups: (readonly [number, number] | undefined)[] = [];

  constructor(source: string, refuse: Refuse) {
    this.#reader = new Reader(source, refuse);
    this.#refuse = refuse;
  }

  parse(flags: Flags): Node {
    const node = this.#choice({ depth: 0, flags: this.#leadingFlags(flags) });
    if (this.#reader.peek() === ')') this.#refuse('a ) without its (', this.#reader.at);
    return node;
  }

  /** `(?i)` and its like, which Python allows at the very start only. */
  #leadingFlags(flags: Flags): Flags {
    for (;;) {
      if (flags.verbose) this.#skipVerbose();
      const at = this.#reader.at;
      if (!this.#reader.takes('(') || !this.#reader.takes('?')) {
        this.#reader.backTo(at);
        return flags;
      }
      if (this.#reader.takes('#')) {
        this.#reader.takeUntil(')', 'the comment (?#');
        continue;
      }
      const letters = this.#reader.takeWhile(/^[a-zA-Z]$/);
      if (letters === '' || letters.startsWith('P') || !this.#reader.takes(')')) {
        this.#reader.backTo(at);
        return flags;
      }
      flags = withFlags(flags, letters, '', (why) => this.#refuse(why, at));
    }
  }

  #choice(place: Place): Node {
    if (place.depth > DEEPEST)
      this.#refuse(`its groups are nested more than ${String(DEEPEST)} deep`, this.#reader.at);
    const branches = [this.#sequence(place)];
    while (this.#reader.takes('|')) branches.push(this.#sequence(place));
    const [only] = branches;
    return branches.length === 1 && only !== undefined ? only : { type: 'choice', branches };
  }

  #sequence(place: Place): Node {
    const items: Node[] = [];
    for (;;) {
      if (place.flags.verbose) this.#skipVerbose();
      const token = this.#reader.peek();
      if (token === '' || token === '|' || token === ')') return { type: 'sequence', items };
      const at = this.#reader.at;
      const count = this.#count();
      if (count === undefined) items.push(...this.#item(place));
      else items.push(this.#repeated(items.pop(), count, at));
    }
  }

  #skipVerbose(): void {
    for (;;) {
      const token = this.#reader.peek();
      if (token === '#') while (!['', '\n'].includes(this.#reader.next()));
      else if (BLANK.test(token)) this.#reader.next();
      else return;
    }
  }

  /** `*`, `+`, `?`, `{2,3}`; a brace that counts nothing is a brace. */
  #count(): { readonly min: number; readonly max: number } | undefined {
    if (this.#reader.takes('*')) return { min: 0, max: Infinity };
    if (this.#reader.takes('+')) return { min: 1, max: Infinity };
    if (this.#reader.takes('?')) return { min: 0, max: 1 };

    const at = this.#reader.at;
    if (!this.#reader.takes('{') || this.#reader.peek() === '}') {
      this.#reader.backTo(at);
      return undefined;
    }
    const low = this.#reader.takeWhile(/^[0-9]$/);
    const high = this.#reader.takes(',') ? this.#reader.takeWhile(/^[0-9]$/) : low;
    if (!this.#reader.takes('}')) {
      this.#reader.backTo(at);
      return undefined;
    }
    const min = low === '' ? 0 : Number(low);
    const max = high === '' ? Infinity : Number(high);
    if (Math.max(min, high === '' ? 0 : max) > LARGEST_COUNT) this.#refuse('a count is too large', at);
    if (max < min) this.#refuse(`it counts from ${low} down to ${high}`, at);
    return { min, max };
  }

  #repeated(body: Node | undefined, count: { readonly min: number; readonly max: number }, at: number): Node {
    if (body === undefined || body.type === 'assertion')
      return this.#refuse('there is nothing to repeat', at);
    if (body.type === 'repeat') this.#refuse('a repetition directly after a repetition', at);
    const mode = this.#reader.takes('?') ? 'lazy' : this.#reader.takes('+') ? 'possessive' : 'greedy';
    return { type: 'repeat', ...count, mode, body };
  }

  #item(place: Place): readonly Node[] {
    const { flags } = place;
    const at = this.#reader.at;
    const token = this.#reader.next();
    if (token.startsWith('\\')) return [this.#escape(token.slice(1), at, place)];
    switch (token) {
      case '.':
        return [{ type: 'any', newlines: flags.dotAll }];
      case '^':
        return [assertion(flags.multiline ? 'lineStart' : 'start', flags)];
      case '$':
        return [assertion(flags.multiline ? 'lineEnd' : 'lastLine', flags)];
      case '[':
        return [parseSet(this.#reader, flags, this.#refuse)];
      case '(':
        return this.#group(at, place);
      default:
        return [character(token.codePointAt(0) ?? 0, flags)];
    }
  }

  #escape(letter: string, at: number, place: Place): Node {
    const { flags } = place;
    const category = categoryOf(letter);
    if (category !== undefined) {
      const member = { type: 'category', ...category, ascii: flags.ascii } as const;
      return { type: 'set', negated: false, members: [member], case: 'exact' };
    }
    if (letter === 'A') return assertion('start', flags);
    if (letter === 'Z' || letter === 'z') return assertion('end', flags);
    if (letter === 'b') return assertion('boundary', flags);
    if (letter === 'B') return assertion('notBoundary', flags);
    if (letter === '0') return character(octalCharacter(letter, this.#reader, this.#refuse), flags);
    if (/^[1-9]$/.test(letter)) return this.#numbered(letter, at, place);
    return character(escapedCharacter(letter, this.#reader, this.#refuse), flags);
  }

  /** `\1` is a group; `\123` is an octal character; `\12` is group 12. */
  #numbered(first: string, at: number, place: Place): Node {
    const behindFirst = this.#reader.at;
    if (/^[1-7]$/.test(first) && this.#reader.takeWhile(/^[0-7]$/, 2).length === 2) {
      this.#reader.backTo(behindFirst);
      return character(octalCharacter(first, this.#reader, this.#refuse), place.flags);
    }
    this.#reader.backTo(behindFirst);
    return this.#backreference(Number(first + this.#reader.takeWhile(/^[0-9]$/, 1)), at, place);
  }

  #backreference(number: number, at: number, place: Place): Node {
    if (number > this.#groups.length) this.#refuse(`there is no group ${String(number)} before it`, at);
    if (this.#groups[number - 1] === undefined)
      this.#refuse(`group ${String(number)} is still open there`, at);
    if (place.lookbehindFrom !== undefined && number >= place.lookbehindFrom) {
      this.#refuse('a group cannot be referred to within its own look-behind', at);
    }
    return { type: 'backreference', number, ignoresCase: place.flags.ignoreCase, at };
  }

  #group(at: number, place: Place): readonly Node[] {
    if (!this.#reader.takes('?')) return [this.#captured(at, place)];
    const token = this.#reader.next();
    switch (token) {
      case ':':
        return [{ type: 'group', body: this.#body(at, place) }];
      case '>':
        return [{ type: 'atomic', body: this.#body(at, place) }];
      case '#':
        this.#reader.takeUntil(')', 'the comment (?#');
        return [];
      case 'P':
        return [this.#pythonGroup(at, place)];
      case '=':
      case '!':
        return [{ type: 'look', behind: false, negated: token === '!', body: this.#body(at, place) }];
      case '<':
        return [this.#lookbehind(at, place)];
      case '(':
        return this.#refuse('conditional groups, (?(1)…), are not supported: write both cases with |', at);
      default:
        return [this.#scoped(token, at, place)];
    }
  }

  #captured(at: number, place: Place, name?: string): Node {
    const index = this.#groups.push(undefined) - 1;
    if (name !== undefined) this.#names.set(name, index + 1);
    const body = this.#body(at, place);
    this.#groups[index] = widthOf(body, this.#groups);
    return { type: 'group', number: index + 1, body };
  }

  #pythonGroup(at: number, place: Place): Node {
    if (this.#reader.takes('<')) {
      const name = this.#name('>', at);
      if (this.#names.has(name)) this.#refuse(`the group name ${name} is used twice`, at);
      return this.#captured(at, place, name);
    }
    if (!this.#reader.takes('=')) this.#refuse('after (?P comes <name> or =name', at);
    const name = this.#name(')', at);
    const number = this.#names.get(name);
    if (number === undefined) return this.#refuse(`there is no group ${name} before it`, at);
    return this.#backreference(number, at, place);
  }

  #name(end: string, at: number): string {
    const name = this.#reader.takeUntil(end, 'a group name');
    if (!IDENTIFIER.test(name)) this.#refuse(`"${name}" cannot be the name of a group`, at);
    return name;
  }

  #lookbehind(at: number, place: Place): Node {
    const negated = this.#reader.takes('!');
    if (!negated && !this.#reader.takes('=')) {
      this.#refuse('Python writes a named group as (?P<name>…), a look-behind as (?<=…) or (?<!…)', at);
    }
    const lookbehindFrom = place.lookbehindFrom ?? this.#groups.length + 1;
    const body = this.#body(at, { ...place, lookbehindFrom });
    const [least, most] = widthOf(body, this.#groups);
    if (least !== most) this.#refuse('a look-behind must have one fixed length', at);
    return { type: 'look', behind: true, negated, body };
  }

  /** `(?i-s:…)`. */
  #scoped(first: string, at: number, place: Place): Node {
    const refuse = (why: string) => this.#refuse(why, at);
    if (!/^[a-zA-Z-]$/.test(first)) return refuse(`Python knows no group (?${first}`);
    const on = first === '-' ? '' : first + this.#reader.takeWhile(/^[a-zA-Z]$/);
    const off = first === '-' || this.#reader.takes('-') ? this.#reader.takeWhile(/^[a-zA-Z]$/) : undefined;
    const flags = withFlags(place.flags, on, off ?? '', refuse);
    if (this.#reader.peek() === ')' && off === undefined) {
      return refuse(
        `flags such as (?${on}) stand at the start of a pattern only, or after its closing slash`,
      );
    }
    if (off === '') refuse('after (?- come the flags to turn off');
    if (!this.#reader.takes(':')) refuse(`after (?${on} comes : or )`);
    return { type: 'group', body: this.#body(at, { ...place, flags }) };
  }

  #body(at: number, place: Place): Node {
    const body = this.#choice({ ...place, depth: place.depth + 1 });
    if (!this.#reader.takes(')')) this.#refuse('a ( without its )', at);
    return body;
  }
}

/** Flags turned on and off by their letters. */
export function withFlags(flags: Flags, on: string, off: string, refuse: (why: string) => never): Flags {
  const both = Array.from(on).find((letter) => off.includes(letter));
  if (both !== undefined) refuse(`the flag ${both} is turned on and off at once`);
  if (on.includes('a') && on.includes('u')) refuse('the flags a and u exclude each other');
  const changed = { ...flags };
  for (const [letters, value] of [
    [on, true],
    [off, false],
  ] as const) {
    for (const letter of letters) {
      switch (letter) {
        case 'i':
          changed.ignoreCase = value;
          break;
        case 'm':
          changed.multiline = value;
          break;
        case 's':
          changed.dotAll = value;
          break;
        case 'x':
          changed.verbose = value;
          break;
        case 'a':
        case 'u':
          if (!value) refuse(`the flag ${letter} cannot be turned off`);
          changed.ascii = letter === 'a';
          break;
        default:
          refuse(whyNoFlag(letter));
      }
    }
  }
  return changed;
}

function whyNoFlag(letter: string): string {
  if (letter === 'L') return 'Python allows the flag L for bytes only, never for text';
  if (letter === 'g' || letter === 'y') {
    return `the flag ${letter} is JavaScript's: a name is matched once, and always from its start`;
  }
  if (letter === 'd' || letter === 'v')
    return `the flag ${letter} is JavaScript's and has no meaning for a filter`;
  return `there is no flag ${letter}; the flags are i, s, m, x, a and u`;
}

function assertion(is: Extract<Node, { type: 'assertion' }>['is'], flags: Flags): Node {
  return { type: 'assertion', is, ascii: flags.ascii };
}

function character(code: number, flags: Flags): Node {
  return { type: 'character', code, case: caseOf(flags) };
}
