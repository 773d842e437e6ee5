export interface Sizes {
  /** Mails of 50 KB. */
  readonly mails: number;
  /** Mails of 25 MB. */
  readonly big: number;
  readonly rounds: number;
}

export const ROUND_TRIP_MS = 20;

/** Of those that are fetched one by one, which takes its time. */
export const ONE_BY_ONE = 200;
