import type { Verdict } from '../contracts/ledger.js';
import type { End } from '../contracts/listener.js';
import { inFrench, reason, type Reason } from '../reasons.js';

/** Why an item with this verdict is not worked on now. */
export function reasonOfVerdict(verdict: Verdict, now: number): Reason {
  switch (verdict.is) {
    case 'done': {
      const why = verdict.reason;
      const end = why === undefined ? verdict.end : `${verdict.end}, ${why.message}`;
      const french = ENDS_IN_FRENCH[verdict.end];
      const end_fr = why === undefined ? french : `${french}, ${inFrench(why)}`;
      return reason('DONE', { when: time(verdict.at), end, end_fr });
    }
    case 'returned':
      return reason('ALREADY_SUBMITTED', { when: time(verdict.at) });
    case 'skipped':
      return reason('SKIPPED');
    case 'owned':
      return reason('OWNED', { launcher: verdict.launcher });
    case 'wait':
      if (verdict.why === 'busy') return reason('BUSY', { until: time(verdict.until) });
      return reason('BACKOFF', {
        why: verdict.reason?.message ?? 'it failed',
        ...(verdict.reason && { why_fr: inFrench(verdict.reason) }),
        until: time(verdict.until),
      });
    case 'new':
    case 'retry':
    case 'settleOnly':
      // Another process let go of it a moment ago; the next poll takes it.
      return reason('BUSY', { until: time(now) });
  }
}

const ENDS_IN_FRENCH: Readonly<Record<End, string>> = {
  accept: 'accepté',
  reject: 'rejeté',
  aside: 'mis à part',
};

function time(at: number): string {
  return new Date(at).toISOString();
}
