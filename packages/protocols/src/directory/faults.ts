import { LanceurError, messageOf, type Clock } from '@lanceur/core';
import { errorCode, isMissing } from './file-system/file-system.js';

/** What an error of a call on the source as a whole means. */
export function sourceError(path: string, error: unknown): LanceurError {
  if (LanceurError.is(error)) return error;
  if (isMissing(error)) return new LanceurError('SOURCE_GONE', { path }, { cause: error });
  const why = wordFor(error);
  return isDenied(error)
    ? new LanceurError('SOURCE_DENIED', { path, why }, { cause: error })
    : new LanceurError('SOURCE_FAILED', { path, why }, { cause: error });
}

/** What an error of a call on one item means. */
export function itemError(name: string, error: unknown): LanceurError {
  if (LanceurError.is(error)) return error;
  if (isMissing(error)) return new LanceurError('GONE', { name }, { cause: error });
  return new LanceurError('DOCUMENT_UNREADABLE', { name, why: wordFor(error) }, { cause: error });
}

export function isDenied(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
}

/** In a few words, for a reason. */
function wordFor(error: unknown): string {
  return WORDS[errorCode(error)] ?? messageOf(error);
}

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'access is denied (EACCES)',
  EPERM: 'it is not permitted, or another program holds it (EPERM)',
  EBUSY: 'another program holds it (EBUSY)',
  EROFS: 'the volume is read-only (EROFS)',
  ENOSPC: 'the volume is full (ENOSPC)',
  EIO: 'the disk or the share reports an error (EIO)',
  ELOOP: 'it has become a symbolic link (ELOOP)',
  EXDEV: 'it lies on another volume (EXDEV)',
};

const PAUSES_MS = [50, 150, 400] as const;

/**
 * Tries again for a short while what another program may be holding, as a virus scanner holds a new file on Windows:
 * EBUSY anywhere; EPERM and EACCES on Windows, which has them for the same thing.
 */
export async function patiently<T>(clock: Clock, call: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await call();
    } catch (error) {
      if (!isHeld(error)) throw error;
      await clock.sleep(pause);
    }
  }
  return await call();
}

function isHeld(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'EBUSY' || (process.platform === 'win32' && (code === 'EPERM' || code === 'EACCES'));
}
