import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { virtualClock, type VirtualClock } from '@lanceur/core/testing';
import { ezged, type Ezged, type EzgedOptions } from '@lanceur/protocols/ezged';
import { startEzged, type EzgedDouble, type EzgedOptions as DoubleOptions } from '../../servers/ezged.js';

export const ACCOUNT = { user: 'lanceur', password: 'mot de passe très secret' };
export const TOKEN = 'jeton-de-dépôt-42';

/** A double with one account, and one waiting directory `factures`; stopped after the test. */
export async function aDouble(options: Partial<DoubleOptions> = {}): Promise<EzgedDouble> {
  const dir = mkdtempSync(join(tmpdir(), 'lanceur-ezged-'));
  const double = await startEzged({
    dir,
    accounts: [ACCOUNT],
    token: TOKEN,
    waitDirs: ['factures'],
    ...options,
  });
  onTestFinished(async () => {
    await double.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  return double;
}

/** A submitter for it; closed before the double is stopped. */
export function submitterFor(double: EzgedDouble, options: Partial<EzgedOptions> = {}): Ezged {
  const submitter = ezged({
    url: double.url,
    ...ACCOUNT,
    token: TOKEN,
    jobs: { '87': 'factures' },
    ...options,
  });
  onTestFinished(() => submitter.close());
  return submitter;
}

/** How often a service was called. */
export function callsOf(double: EzgedDouble, service: string): number {
  return double.calls.filter((call) => call.service === service).length;
}

/** What a promise is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

export interface WatchedClock extends VirtualClock {
  /** Resolves when somebody has fallen asleep for so long, and is still asleep. */
  asleepFor(ms: number): Promise<void>;
}

/** A virtual clock beside real connections: it is moved only when those who matter are asleep. */
export function watchedClock(): WatchedClock {
  const clock = virtualClock();
  const asleep = new Map<number, number>();
  return {
    ...clock,
    get sleeping() {
      return clock.sleeping;
    },
    async sleep(ms, signal) {
      asleep.set(ms, (asleep.get(ms) ?? 0) + 1);
      await clock.sleep(ms, signal);
      asleep.set(ms, (asleep.get(ms) ?? 0) - 1);
    },
    async asleepFor(ms) {
      while ((asleep.get(ms) ?? 0) === 0) await new Promise((turn) => setImmediate(turn));
    },
  };
}

/** More than the buffers of both ends of a connection take, so that a sender never gets rid of it all by itself. */
export const MORE_THAN_BUFFERS = 64_000_000;
