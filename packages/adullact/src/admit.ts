import { LanceurError } from '@lanceur/core';
import type { Draft } from './draft.js';
import type { Severity } from './issues.js';
import type { Settings } from './options.js';

const WEIGHT: Readonly<Record<Severity, number>> = { note: 0, warning: 1, error: 2 };
const MOST_TOLD = 5;

/** @throws LanceurError `ENVELOPE_ODD` if it has an issue that the user does not let pass. */
export function admit({ issues }: Pick<Draft, 'issues'>, name: string, { refuse }: Settings): void {
  if (refuse === undefined) return;
  const odd = issues.filter(({ severity }) => WEIGHT[severity] >= WEIGHT[refuse]);
  if (odd.length === 0) return;
  const told = odd.slice(0, MOST_TOLD).map(({ message }) => message);
  const more = odd.length > MOST_TOLD ? [`and ${String(odd.length - MOST_TOLD)} more`] : [];
  throw new LanceurError('ENVELOPE_ODD', { name, issues: [...told, ...more].join('; ') });
}
