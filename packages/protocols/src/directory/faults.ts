import { LanceurError, reason, type Reason } from '@lanceur/core';
import { systemWords } from '../system-words.js';
import { errorCode, isMissing } from './file-system/file-system.js';

/** What an error of a call on the source as a whole means. */
export function sourceError(path: string, error: unknown): LanceurError {
  if (LanceurError.is(error)) return error;
  if (isMissing(error)) return new LanceurError('SOURCE_GONE', { path }, { cause: error });
  const why = systemWords(error);
  return isDenied(error)
    ? new LanceurError('SOURCE_DENIED', { path, why }, { cause: error })
    : new LanceurError('SOURCE_FAILED', { path, why }, { cause: error });
}

/** What an error of a call on one item means. */
export function itemError({ root }: { readonly root: string }, name: string, error: unknown): LanceurError {
  if (LanceurError.is(error)) return error;
  if (isMissing(error)) return new LanceurError('GONE', { name }, { cause: error });
  const code = errorCode(error);
  if (OF_THE_WHOLE.has(code)) return sourceError(root, error);
  // A server that has been restarted, or has another file there: it is looked up anew.
  if (code === 'ESTALE') return new LanceurError('CHANGED', { name }, { cause: error });
  return new LanceurError('DOCUMENT_UNREADABLE', { name, why: systemWords(error) }, { cause: error });
}

/** Why an item could not leave, although it has ended. */
export function notSettled(name: string, error: unknown): Reason {
  if (LanceurError.is(error)) return error.reason;
  return reason('NOT_SETTLED', { name, why: systemWords(error) });
}

export function isDenied(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
}

/** What happens to one file after the other while a share is away or the process is short of handles: no document's fault. */
const OF_THE_WHOLE: ReadonlySet<string> = new Set([
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ENOTCONN',
  'ECONNRESET',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENODEV',
]);
