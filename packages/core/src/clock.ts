import { setTimeout as sleep } from 'node:timers/promises';

/** Time, injected everywhere, so that a test or a simulation owns it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms` milliseconds, or as soon as `signal` is aborted; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    await sleep(ms, undefined, signal && { signal }).catch(() => undefined);
  },
};
