import type { Refuse } from './syntax.js';

/** Reads a pattern as Python does: a backslash and what follows it are one token. */
export class Reader {
  readonly #characters: readonly string[];
  readonly #refuse: Refuse;
  #at = 0;

  constructor(source: string, refuse: Refuse) {
    this.#characters = Array.from(source);
    this.#refuse = refuse;
  }

  get at(): number {
    return this.#at;
  }

  /** The next token, without taking it; `''` at the end. */
  peek(): string {
    const character = this.#characters[this.#at] ?? '';
    if (character !== '\\') return character;
    const escaped = this.#characters[this.#at + 1];
    if (escaped === undefined) return this.#refuse('it ends in a lone backslash', this.#at);
    return character + escaped;
  }

  /** Takes the next token. */
  next(): string {
    const token = this.peek();
    this.#at += token.startsWith('\\') ? 2 : token === '' ? 0 : 1;
    return token;
  }

  /** Takes the next token if it is this one. */
  takes(token: string): boolean {
    if (this.peek() !== token) return false;
    this.next();
    return true;
  }

  /** Takes as many characters as fit, `most` at most. */
  takeWhile(fits: RegExp, most = Infinity): string {
    let taken = '';
    for (let n = 0; n < most && fits.test(this.#characters[this.#at] ?? ''); n++) {
      taken += this.#characters[this.#at++] ?? '';
    }
    return taken;
  }

  /** Takes all up to `end`, and `end` too. */
  takeUntil(end: string, what: string): string {
    const from = this.#at;
    let taken = '';
    for (;;) {
      const token = this.next();
      if (token === end) break;
      if (token === '') return this.#refuse(`${what} is not closed by ${end}`, from);
      taken += token;
    }
    return taken;
  }

  /** Goes back to a place that has been read before. */
  backTo(at: number): void {
    this.#at = at;
  }
}
