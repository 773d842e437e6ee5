import { messageOf } from '@lanceur/core';

/** What an operating system's error means, in a few words fit for the `why` of a reason; what it says itself where it is not known here. */
export function systemWords(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return (typeof code === 'string' ? WORDS[code] : undefined) ?? messageOf(error);
}

/** The same where nothing but the error's code is known. */
export function wordsOfCode(code: string): string {
  return WORDS[code] ?? code;
}

const NO_HANDLES = 'raise the limit of open files (ulimit -n), or lower `concurrency`';
const CUT_OFF = 'the connection to the share is lost';

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'access is denied (EACCES)',
  EPERM: 'it is not permitted, or another program holds it (EPERM)',
  EBUSY: 'another program holds it (EBUSY)',
  EROFS: 'the volume is read-only (EROFS)',
  ENOSPC: 'the volume is full (ENOSPC)',
  EDQUOT: 'the quota of the account is used up (EDQUOT)',
  EIO: 'the disk or the share reports an error (EIO)',
  ELOOP: 'it has become a symbolic link (ELOOP)',
  EXDEV: 'it lies on another volume (EXDEV)',
  ENAMETOOLONG: 'its path is too long (ENAMETOOLONG)',
  ENOTDIR: 'it is not a folder (ENOTDIR)',
  EMFILE: `the process may open no more files (EMFILE): ${NO_HANDLES}`,
  ENFILE: 'the machine can open no more files (ENFILE)',
  ENOMEM: 'the machine is out of memory (ENOMEM)',
  ESTALE: 'the server does not know it any more (ESTALE)',
  ENOTCONN: `${CUT_OFF} (ENOTCONN)`,
  ECONNRESET: `${CUT_OFF} (ECONNRESET)`,
  ECONNABORTED: `${CUT_OFF} (ECONNABORTED)`,
  ETIMEDOUT: 'the server does not answer (ETIMEDOUT)',
  EHOSTDOWN: 'the server is down (EHOSTDOWN)',
  EHOSTUNREACH: 'the server cannot be reached (EHOSTUNREACH)',
  ENETDOWN: 'the network is down (ENETDOWN)',
  ENETUNREACH: 'the network cannot be reached (ENETUNREACH)',
  ENODEV: 'the volume is not there any more (ENODEV)',
};
