import { documentBytes, sha256 } from './documents.mjs';
import type { SetUp } from './set-ups.js';
import type { Put } from './sources/source.js';
import type { View } from './world.js';

/**
 * What becomes of documents after a kill where `find` cannot tell whether the COLD has them. The watcher has seen which
 * ones came, the ledger says which ones it has a receipt of: what lies in between is in doubt, and is sent again or
 * rejected, as the policy says. No other document.
 */
export function asThePolicySays({ inDoubt }: SetUp, put: readonly Put[], view: View): readonly Put[] {
  const submissions = view.ledger.flatMap(({ submissions = [] }) => submissions);
  const receipts = new Set(
    submissions.flatMap(({ receipt }) => receipt?.documents.map((d) => d.sha256) ?? []),
  );
  return put.map((one) => {
    const came = view.sent.filter((id) => id === one.id).length;
    if (came === 0) return one;
    if (receipts.has(sha256(documentBytes(one.id, one.size)))) return { ...one, sent: came };
    return inDoubt === 'resubmit' ? { ...one, sent: came + 1 } : { ...one, end: 'reject', sent: came };
  });
}
