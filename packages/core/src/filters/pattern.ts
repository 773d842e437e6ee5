/** One pattern of a name filter, ready to use. Names come in NFC. */
export interface Pattern {
  /** @throws LanceurError `PATTERN_TOO_SLOW`. */
  test(name: string): boolean;
  /** What an administrator should know about it. */
  readonly advice: readonly string[];
}
