import { LanceurError, reason, type Reason } from '@lanceur/core';
import { invalid } from '../invalid.js';

/**
 * The most bytes of a mail where nothing else is said: three times what the largest providers let in (Exchange Online 150 MB,
 * Gmail 50 MB), so that only what was never meant to be a mail is held up.
 */
const LARGEST_MAIL = 512 * 1024 * 1024;

/** @throws LanceurError `INVALID_OPTION`. */
export function largestMailOf(option: unknown = LARGEST_MAIL): number {
  if (typeof option === 'number' && option >= 1) return option;
  throw invalid('largestMail', 'a number of bytes from 1 up, or Infinity', option);
}

/** Why a mail is listed and never fetched; `undefined` if it may be. A size that the server does not tell holds up nothing. */
export function tooLarge(
  name: string,
  size: number | undefined,
  { largestMail }: { readonly largestMail: number },
): Reason | undefined {
  if (size === undefined || size <= largestMail) return undefined;
  return reason('MAIL_TOO_LARGE', { name, size, limit: largestMail });
}

/** @throws LanceurError `MAIL_TOO_LARGE`, also for one that turns out larger than it was said to be. */
export function expectNotTooLarge(
  name: string,
  size: number | undefined,
  { largestMail: limit }: { readonly largestMail: number },
): void {
  if (size !== undefined && size > limit) throw new LanceurError('MAIL_TOO_LARGE', { name, size, limit });
}
