/** What a dead process waits for: no `finally` of it ever runs. */
export function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}
