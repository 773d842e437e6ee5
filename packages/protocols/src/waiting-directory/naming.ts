import { createHash } from 'node:crypto';
import { folded, numbered } from '@lanceur/core';
import { stemOf } from '../stem.js';

/** The name with its number: `a.pdf` for 1, `a (2).pdf` for 2. */
export function withNumber(name: string, n: number): string {
  return n === 1 ? name : numbered(name, n);
}

/** What has one stem gets one number: a COLD pairs a document with its index file by that. */
export function byStem<T extends { readonly base: string }>(units: readonly T[]): readonly (readonly T[])[] {
  const stems = new Map<string, T[]>();
  for (const unit of units) {
    const stem = folded(stemOf(unit.base));
    const others = stems.get(stem);
    if (others) others.push(unit);
    else stems.set(stem, [unit]);
  }
  return [...stems.values()];
}

const PLAIN = /^[0-9a-f][0-9a-f-]{14,62}[0-9a-f]$/u;

/** A submission's id as the beginning of a file name: itself where it is hexadecimal, as the ledger's are. */
export function keyOf(submissionId: string): string {
  return PLAIN.test(submissionId)
    ? submissionId
    : createHash('sha256').update(submissionId).digest('hex').slice(0, 40);
}

/**
 * A staged name: the submission's key, the attempt's fence and number, and what it is within the attempt.
 * @param fence - as `SubmitOptions.fence`; 0 where there is none
 */
export function stagedName(key: string, fence: number, attempt: string, suffix: string): string {
  return `${key}.${fence.toString(36)}-${attempt}.${suffix}`;
}

/** The fence of the attempt that a staged name belongs to. */
export function fenceOfStaged(name: string): number {
  const fence = /^[^.]*\.(?<fence>[0-9a-z]+)-/u.exec(name)?.groups?.['fence'];
  return fence === undefined ? 0 : Number.parseInt(fence, 36);
}

/** The submission that a staged name belongs to, by its {@link keyOf}. */
export function keyOfStaged(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? name : name.slice(0, dot);
}
