export interface BackoffOptions {
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

/** Doubles from the first delay to the longest, each time spread over half of itself, so that many do not come at once. */
export function backoff(failures: number, options: BackoffOptions, random: () => number): number {
  const delay = Math.min(options.maxDelayMs, options.firstDelayMs * 2 ** Math.min(failures - 1, 40));
  return Math.round(delay * (0.75 + random() / 2));
}
