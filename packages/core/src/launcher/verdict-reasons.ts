import type { Verdict } from '../contracts/ledger.js';
import { reason, type Reason } from '../reasons.js';

/** Why an item with this verdict is not worked on now. */
export function reasonOfVerdict(verdict: Verdict, now: number): Reason {
  switch (verdict.is) {
    case 'done': {
      const end = verdict.reason === undefined ? verdict.end : `${verdict.end}, ${verdict.reason.message}`;
      return reason('DONE', { when: time(verdict.at), end });
    }
    case 'returned':
      return reason('ALREADY_SUBMITTED', { when: time(verdict.at) });
    case 'skipped':
      return reason('SKIPPED');
    case 'owned':
      return reason('OWNED', { launcher: verdict.launcher });
    case 'wait':
      if (verdict.why === 'busy') return reason('BUSY', { until: time(verdict.until) });
      return reason('BACKOFF', { why: verdict.reason?.message ?? 'it failed', until: time(verdict.until) });
    case 'new':
    case 'retry':
    case 'settleOnly':
      // Another process let go of it a moment ago; the next poll takes it.
      return reason('BUSY', { until: time(now) });
  }
}

function time(at: number): string {
  return new Date(at).toISOString();
}
