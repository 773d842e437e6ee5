import { folded, numbered, safeName } from '@lanceur/core';

/**
 * Gives each name that comes, in the order in which they come, a safe one that no other has, without regard to letter
 * case: the second `A.pdf` is `A (2).pdf`. What `safeNames` does for a list, for who cannot wait for its end.
 */
export class UniqueNames {
  readonly #taken = new Set<string>();
  readonly #next = new Map<string, number>();

  take(name: string): string {
    const safe = safeName(name);
    const key = folded(safe);
    let unique = safe;
    let n = this.#next.get(key) ?? 2;
    for (; this.#taken.has(folded(unique)); n++) unique = numbered(safe, n, LONGEST);
    this.#next.set(key, n);
    this.#taken.add(folded(unique));
    return unique;
  }
}

/** As in `safeName`. */
const LONGEST = 240;
