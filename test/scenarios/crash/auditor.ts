import { isDeepStrictEqual } from 'node:util';
import type { ItemRecord } from '@lanceur/core';
import { documentBytes, sha256 } from './documents.mjs';
import type { SetUp } from './set-ups.js';
import type { Put } from './sources/source.js';
import type { View } from './world.js';

/** What must hold at any instant, whatever was cut off: nothing is lost, and nothing leaves before the COLD has it. */
export function wrongNow(put: readonly Put[], view: View): readonly string[] {
  const problems = [...view.seen, ...view.broken.map((path) => `${path} is not whole`)];
  for (const { id, sent } of put) {
    const isSent = view.sent.includes(id);
    const isKept = PLACES.some((place) => view[place].includes(id));
    if (!isSent && !isKept) problems.push(`${id} is lost`);
    else if (sent > 0 && !isSent && view.treated.includes(id))
      problems.push(`${id} is treated, and was not sent`);
  }
  if (view.check !== 'ok') problems.push(`the ledger's file is damaged: ${view.check}`);
  return problems;
}

/** What is not as it should be once nothing is left to do. */
export function wrongAtLast(setUp: SetUp, put: readonly Put[], view: View): readonly string[] {
  return [...wrongNow(put, view), ...misplaced(setUp, put, view), ...wrongInLedger(put, view)];
}

/**
 * What lies about and should not, once nothing is left to do. A process that has lost its lease and is killed then may
 * leave something that nobody asks for again: that goes in time, and is no harm.
 */
export function leftBehind(put: readonly Put[], view: View): readonly string[] {
  const problems = view.unfinished.map((path) => `${path} was left behind`);
  // The evidence of what is in doubt stays: who retries it has it looked for once more.
  const doubts = put.filter(({ end, sent }) => end === 'reject' && sent > 0).length;
  if (view.staged.length !== doubts) {
    problems.push(
      `in staging is ${view.staged.join(', ') || 'nothing'}, of ${String(doubts)} that are in doubt`,
    );
  }
  return problems;
}

const PLACES = ['listed', 'between', 'rejected', 'aside', 'treated'] as const;

/** Every document is in exactly one place, and as often in the COLD as it should be. */
function misplaced(setUp: SetUp, put: readonly Put[], view: View): readonly string[] {
  const problems: string[] = [];
  const kept = setUp.after === 'remove' ? 0 : 1;
  for (const { id, end, sent } of put) {
    const wanted = {
      sent,
      listed: 0,
      between: 0,
      rejected: end === 'reject' ? 1 : 0,
      aside: end === 'aside' ? 1 : 0,
      treated: end === 'accept' ? kept : 0,
    };
    for (const [place, count] of Object.entries(wanted)) {
      const found = view[place as keyof typeof wanted].filter((one) => one === id).length;
      if (found !== count) problems.push(`${id} is ${times(found)} in ${place}, not ${times(count)}`);
    }
  }
  if (new Set(view.manifests).size !== view.manifests.length) {
    problems.push(`manifests came twice: ${view.manifests.join(', ')}`);
  }
  return problems;
}

/** All that was handed over is there once, with its digest, its receipt and its end. */
function wrongInLedger(put: readonly Put[], view: View): readonly string[] {
  // `idle`: it was gone or changed when it was opened, and nothing is left to do.
  const problems = view.ledger
    .filter(({ state }) => state === 'open' || state === 'ended')
    .map(({ name, state }) => `the ledger has ${name} as ${state}`);
  for (const { id, size, end, sent } of put) {
    // What was refused was not handed over, as far as anybody can tell.
    if (sent === 0 || end === 'reject') continue;
    const bytes = documentBytes(id, size);
    const wanted = { sha256: sha256(bytes), size: bytes.length };
    const records = view.ledger.filter((item) =>
      handedOver(item).some((one) => isDeepStrictEqual(one, wanted)),
    );
    if (records.length !== 1) problems.push(`the ledger has ${id} ${times(records.length)}`);
    for (const item of records) {
      if (item.end !== end) problems.push(`the ledger has ${id} as ${item.end ?? 'without an end'}`);
    }
  }
  return problems;
}

/** By the receipts of an item. */
function handedOver({
  submissions = [],
}: ItemRecord): readonly { readonly sha256: string; readonly size: number }[] {
  const documents = submissions.flatMap(({ receipt }) => receipt?.documents ?? []);
  return documents.map(({ sha256, size }) => ({ sha256, size }));
}

function times(count: number): string {
  return count === 1 ? 'once' : `${String(count)} times`;
}
