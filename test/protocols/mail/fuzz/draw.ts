import { seededRandom, type SeededRandom } from '@lanceur/core/testing';

/** Chance, and how a mail is written that comes of it. */
export interface Draw extends SeededRandom {
  /** As the RFCs have it, so that any reader must understand it; else as the worst programs do. */
  readonly isPlain: boolean;
}

/** Every second seed writes plainly. */
export function drawOf(seed: number): Draw {
  return { ...seededRandom(seed), isPlain: seed % 2 === 0 };
}
