import { reason } from '@lanceur/core';
import { atLeast } from '../../invalid.js';
import type { Completeness } from './completeness.js';

/**
 * Whole once it has been left alone for `ms` milliseconds ("temporisation"); 0 = at once.
 *
 * The time is counted by the clock of the volume, from the latest of the file's times, or from the first of the
 * listings that saw it unchanged, also in earlier runs of a cron job.
 *
 * @throws LanceurError `INVALID_OPTION` for a negative number.
 */
export function quiet(ms: number): Completeness {
  atLeast('quiet', ms, 0);
  return {
    quietMs: ms,
    missing: ({ leftAloneMs }) =>
      leftAloneMs >= ms
        ? undefined
        : reason('NOT_QUIET', { seconds: Math.max(0, Math.floor(leftAloneMs / 1000)), quiet: ms / 1000 }),
  };
}
