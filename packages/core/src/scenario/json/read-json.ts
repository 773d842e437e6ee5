import { LanceurError } from '../../errors.js';
import { childPath } from '../problems.js';
import { words, type Words } from '../words.js';

/** What a text of JSON says, and where. */
export interface ReadJson {
  readonly value: unknown;
  /** The line of each value, by its path: from 1 up. */
  readonly lines: ReadonlyMap<string, number>;
  /** Paths of names that an object holds a second time: the first would be lost without a word. */
  readonly repeated: readonly string[];
}

const DEEPEST = 64;

/**
 * JSON (RFC 8259), with a byte order mark before it if need be. Unlike `JSON.parse` it says in which line something is
 * wrong, notices a name that is written twice, knows the mistakes that are made by hand, and quotes nothing of the text
 * but the character at which it stopped: the rest may be a secret.
 *
 * @throws LanceurError `SCENARIO_NOT_JSON`.
 */
export function readJson(text: string): ReadJson {
  return new Reader(text).read();
}

class Reader {
  readonly #text: string;
  readonly #lines = new Map<string, number>();
  readonly #repeated: string[] = [];
  #at: number;
  /** Of `#countedTo`: counting goes on from there, or a large file would take n² steps. */
  #line = 1;
  #countedTo = 0;

  constructor(text: string) {
    this.#text = text;
    this.#at = text.startsWith('\ufeff') ? 1 : 0;
  }

  read(): ReadJson {
    const value = this.#value('', 0);
    this.#skipBlanks();
    if (this.#at < this.#text.length)
      throw this.#wrong(words('something comes after its end', 'il y a quelque chose après sa fin'));
    return { value, lines: this.#lines, repeated: this.#repeated };
  }

  #value(path: string, depth: number): unknown {
    if (depth > DEEPEST)
      throw this.#wrong(
        words(`nested deeper than ${String(DEEPEST)}`, `imbriqué à plus de ${String(DEEPEST)}`),
      );
    this.#skipBlanks();
    this.#lines.set(path, this.#lineHere());
    const c = this.#text.charAt(this.#at);
    if (c === '{') return this.#object(path, depth);
    if (c === '[') return this.#array(path, depth);
    if (c === '"') return this.#string();
    const word = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/uy;
    word.lastIndex = this.#at;
    const found = word.exec(this.#text)?.[0];
    if (found === undefined) throw this.#wrong(this.#noValue(c));
    this.#at += found.length;
    return JSON.parse(found) as unknown;
  }

  #object(path: string, depth: number): unknown {
    const entries: [string, unknown][] = [];
    const names = new Set<string>();
    this.#at++;
    for (let next = this.#first('}'); !next; next = this.#next('}')) {
      this.#skipBlanks();
      if (this.#text.charAt(this.#at) !== '"') {
        throw this.#wrong(words('expected a name between "', 'un nom entre " est attendu'));
      }
      const line = this.#lineHere();
      const name = this.#string();
      this.#skipBlanks();
      if (this.#text.charAt(this.#at) !== ':')
        throw this.#wrong(words('expected : after a name', ': est attendu après un nom'));
      this.#at++;
      const child = childPath(path, name);
      if (names.has(name)) this.#repeated.push(child);
      names.add(name);
      entries.push([name, this.#value(child, depth + 1)]);
      this.#lines.set(child, line);
    }
    return Object.fromEntries(entries);
  }

  #array(path: string, depth: number): unknown {
    const items: unknown[] = [];
    this.#at++;
    for (let next = this.#first(']'); !next; next = this.#next(']')) {
      items.push(this.#value(childPath(path, items.length), depth + 1));
    }
    return items;
  }

  /** Whether it ends before it has begun. */
  #first(end: string): boolean {
    this.#skipBlanks();
    if (this.#text.charAt(this.#at) !== end) return false;
    this.#at++;
    return true;
  }

  /** Whether it ends after a value; else what follows a comma is next. */
  #next(end: string): boolean {
    this.#skipBlanks();
    const c = this.#text.charAt(this.#at);
    if (c !== end && c !== ',')
      throw this.#wrong(words(`expected , or ${end} here`, `, ou ${end} est attendu ici`));
    this.#at++;
    if (c === end) return true;
    this.#skipBlanks();
    if (this.#text.charAt(this.#at) === end)
      throw this.#wrong(words(`a , too many before ${end}`, `une virgule de trop avant ${end}`));
    return false;
  }

  #string(): string {
    const start = this.#at;
    for (this.#at++; ; this.#at++) {
      const c = this.#text.charAt(this.#at);
      if (c === '"') break;
      if (c === '' || c < ' ')
        throw this.#wrong(words('a text without its closing "', 'un texte sans son " final'));
      if (c !== '\\') continue;
      this.#at++;
      const escape = /["\\/bfnrt]|u[\da-fA-F]{4}/uy;
      escape.lastIndex = this.#at;
      if (!escape.test(this.#text)) {
        this.#at--;
        throw this.#wrong(
          words(
            'a single \\ : in JSON a path is written with / or with \\\\, as in D:/lanceur or D:\\\\lanceur',
            'un \\ seul : en JSON un chemin s’écrit avec / ou avec \\\\, comme D:/lanceur ou D:\\\\lanceur',
          ),
        );
      }
    }
    this.#at++;
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  #skipBlanks(): void {
    while (' \t\r\n'.includes(this.#text.charAt(this.#at)) && this.#at < this.#text.length) this.#at++;
    if (this.#text.charAt(this.#at) === '/' || this.#text.charAt(this.#at) === '#') {
      throw this.#wrong(
        words(
          'JSON knows no comments; say it in a `description`',
          'le JSON ne connaît pas les commentaires ; le dire dans une `description`',
        ),
      );
    }
  }

  #noValue(c: string): Words {
    if (c === '')
      return words('it ends too early: a } or ] is missing', 'il finit trop tôt : il manque } ou ]');
    if (c === "'")
      return words('texts stand between ", not between \'', 'les textes sont entre ", pas entre \'');
    if (c === '\0' || c === '\ufffd') {
      return words('it is not UTF-8: save it as UTF-8', 'il n’est pas en UTF-8 : l’enregistrer en UTF-8');
    }
    return words(
      `expected a text between ", a number, true, false, { or [, found ${c}`,
      `un texte entre ", un nombre, true, false, { ou [ est attendu, trouvé ${c}`,
    );
  }

  #lineHere(): number {
    for (; this.#countedTo < this.#at; this.#countedTo++) {
      if (this.#text.charAt(this.#countedTo) === '\n') this.#line++;
    }
    return this.#line;
  }

  #wrong(why: Words): LanceurError {
    const line = this.#lineHere();
    const column = this.#at - this.#text.lastIndexOf('\n', this.#at - 1);
    return new LanceurError('SCENARIO_NOT_JSON', { line, column, why: why.en, why_fr: why.fr });
  }
}
