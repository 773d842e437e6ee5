/** Chance that can be repeated: the same seed gives the same draws, on every machine. */
export interface SeededRandom {
  /** From 0 up to 1, 1 excluded; can be passed on in the place of `Math.random`. */
  readonly next: () => number;
  /** A whole number from 0 up to `below`, which is excluded. */
  int(below: number): number;
  /** True so often: `chance(0.1)` once in ten times. */
  chance(probability: number): boolean;
  /** One of them. @throws RangeError if there are none. */
  pick<T>(values: readonly T[]): T;
  /** The same values in another order. */
  shuffled<T>(values: readonly T[]): readonly T[];
  /** So many random bytes. */
  bytes(count: number): Buffer;
  /**
   * A stream of its own, by name. An actor that draws from its own stream does not change what the others draw, so
   * that one more draw does not make a different story of every seed.
   */
  fork(name: string): SeededRandom;
}

/** Draws that follow from `seed` alone. Not for secrets. */
export function seededRandom(seed: number | string): SeededRandom {
  const next = sfc32(String(seed));
  const int = (below: number) => Math.floor(next() * below);
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick<T>(values: readonly T[]): T {
      if (values.length === 0) throw new RangeError('there is nothing to pick from');
      return values[int(values.length)] as T;
    },
    shuffled<T>(values: readonly T[]): readonly T[] {
      const keyed = values.map((value) => ({ value, key: next() }));
      return keyed.sort((a, b) => a.key - b.key).map(({ value }) => value);
    },
    bytes: (count) => Buffer.from(Uint8Array.from({ length: count }, () => int(256))),
    fork: (name) => seededRandom(`${String(seed)}/${name}`),
  };
}

/** Chris Doty-Humphrey's "small fast counter" generator (PractRand), its state filled from a hash of the seed. */
function sfc32(seed: string): () => number {
  let [a, b, c, counter] = [hash(seed, 1), hash(seed, 2), hash(seed, 3), 1];
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** FNV-1a, 32 bits, with the last mixing steps of MurmurHash3. */
function hash(text: string, salt: number): number {
  let h = 0x811c9dc5 ^ salt;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
