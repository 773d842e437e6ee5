import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LanceurError, messageOf } from '@lanceur/core';
import { Store } from './store.js';

/** A store with a folder of its own, made when it is first needed. */
export interface OpenedStore {
  readonly store: Store;
  /** Removes all that it keeps. Idempotent. */
  close(): Promise<void>;
}

/** On Windows a file that another program has open at that moment cannot be removed. */
const PATIENTLY = { recursive: true, force: true, maxRetries: 5, retryDelay: 50 } as const;

/** @param parent - default: the system's temporary directory; what is made there is the user's own (mode 0700). */
export function openStore(parent: string | undefined, signal: AbortSignal | undefined): OpenedStore {
  let made: Promise<string> | undefined;
  const folder = () =>
    (made ??= mkdtemp(join(parent ?? tmpdir(), 'lanceur-envelope-')).catch((error: unknown) => {
      throw new LanceurError(
        'SPOOL_FAILED',
        { path: parent ?? tmpdir(), why: messageOf(error) },
        { cause: error },
      );
    }));
  return {
    store: new Store(folder, signal),
    async close() {
      const path = await made?.catch(() => undefined);
      if (path !== undefined) await rm(path, PATIENTLY);
    },
  };
}
