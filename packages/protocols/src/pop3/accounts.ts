/** Sessions of this process, by account: one at a time, as POP3 has it (RFC 1939, section 4: the mailbox is locked). */
const queues = new Map<string, Promise<void>>();

/**
 * Waits until no other session of this process has the account, `ms` at most.
 *
 * @returns what gives the account to the next one; `undefined` if it did not get free in time, or the signal came first.
 */
export async function takeAccount(
  account: string,
  ms: number,
  signal?: AbortSignal,
): Promise<(() => void) | undefined> {
  const before = queues.get(account);
  let leave: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const turn = (before ?? Promise.resolve()).then(() => held);
  queues.set(account, turn);
  void turn.then(() => {
    if (queues.get(account) === turn) queues.delete(account);
  });
  if (before === undefined) return leave;
  const isFree = await within(before, ms, signal);
  if (isFree) return leave;
  leave();
  return undefined;
}

async function within(event: Promise<void>, ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  return await new Promise((resolve) => {
    const timer = setTimeout(() => settle(false), ms);
    const aborted = () => settle(false);
    const settle = (came: boolean) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      resolve(came);
    };
    signal?.addEventListener('abort', aborted, { once: true });
    if (signal?.aborted === true) settle(false);
    void event.then(() => settle(true));
  });
}
