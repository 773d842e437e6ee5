/**
 * Whether a time that was set for later is still to come. A clock that is set back would have it waited for as long
 * again as the clock went back, a day perhaps: once it shows an earlier time than `setAt` by more than what was to be
 * waited, the wait is over.
 *
 * @param setAt - when `until` was set, by the same clock; if it is later than `until`, that was before the clock went back.
 */
export function isAhead(until: number, setAt: number, now: number): boolean {
  if (until <= now) return false;
  const waited = until - setAt;
  return waited <= 0 || setAt - now <= waited;
}
