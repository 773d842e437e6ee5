const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const MARKS = `éèàçùâêîôûëïüÉÈÀÇ «»'"&<>-_()/:;,.°%§²`;

/** Values by chance, the same ones for the same seed (xorshift32). */
export class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e37_79b9) >>> 0 || 1;
  }

  /** 0 to `below` - 1. */
  below(below: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % below;
  }

  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  /** `undefined` now and then. */
  maybe<T>(make: () => T): T | undefined {
    return this.chance(60) ? make() : undefined;
  }

  list<T>(from: number, to: number, make: (i: number) => T): readonly T[] {
    return Array.from({ length: this.between(from, to) }, (_, i) => make(i));
  }

  /** Text as people write it, with all that has to be escaped in XML; no blanks around it. */
  text(longest: number): string {
    const length = this.between(1, longest);
    let text = '';
    for (let i = 0; i < length; i++) text += this.character(this.chance(75) ? LETTERS : MARKS);
    return text.trim() === '' ? 'a' : text.trim();
  }

  character(of: string): string {
    return of.charAt(this.below(of.length));
  }

  letters(length: number): string {
    return Array.from({ length }, () => this.character(LETTERS)).join('');
  }

  digits(length: number): string {
    return Array.from({ length }, () => String(this.below(10))).join('');
  }

  code(from: number, to: number, width = 2): string {
    return String(this.between(from, to)).padStart(width, '0');
  }

  date(): string {
    return `${String(this.between(2008, 2029))}-${this.code(1, 12)}-${this.code(1, 28)}`;
  }

  amount(): string {
    return `${String(this.below(10_000_000))}.${this.digits(2)}`;
  }

  /** A name that is the same once it has been made safe. */
  fileName(extension = this.pick(['pdf', 'PDF', 'xml', 'docx'])): string {
    return `${this.letters(this.between(1, 20))} ${this.pick(['é', 'n°', '-', '(1)'])}${this.letters(3)}.${extension}`;
  }

  bytes(longest: number): Buffer {
    const bytes = Buffer.alloc(this.between(1, longest));
    // Half of it repeats, as documents do.
    for (let i = 0; i < bytes.length; i++) bytes[i] = i % 2 === 0 ? this.below(256) : 0x20;
    return bytes;
  }
}
