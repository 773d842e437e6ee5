import { CODES } from '../codes.js';
import type { Decision } from '../contracts/filter.js';
import type { DocumentInfo, ItemRef } from '../contracts/item.js';
import { LanceurError, messageOf } from '../errors.js';
import { extensionOf } from '../names.js';
import { inFrench, reason, type Reason } from '../reasons.js';
import type { Settings } from './options.js';

/** What the launcher makes of a document by what is known before it is opened. */
export type Wanted =
  | { readonly wanted: true; /** Which job takes it, where its name tells. */ readonly job?: string }
  | { readonly wanted: false; readonly reason: Reason };

/**
 * Wanted = the filter accepts it and the grouper takes it. With an expander, or for a container, the grouper has to
 * wait until it is known what is inside.
 *
 * @throws LanceurError `PATTERN_TOO_SLOW` where the filter cannot decide.
 */
export function wantedOf(document: DocumentInfo, settings: Settings): Wanted {
  const decision = decide(document, settings);
  if (!decision.accepted) return { wanted: false, reason: decision.reason };
  if (settings.expand !== undefined || document.container === true) return { wanted: true };
  const job = settings.grouper.jobFor(document);
  if (job !== undefined) return { wanted: true, job };
  return { wanted: false, reason: reason('NO_JOB', { kind: kindOf(document.name) }) };
}

/** The same for a reader: what cannot be decided is not wanted, and says why. */
export function judgementOf(document: DocumentInfo, settings: Settings): Wanted {
  try {
    return wantedOf(document, settings);
  } catch (error) {
    if (LanceurError.is(error, 'PATTERN_TOO_SLOW')) return { wanted: false, reason: error.reason };
    throw error;
  }
}

function decide(document: DocumentInfo, settings: Settings): Decision {
  try {
    return settings.filter.decide(document);
  } catch (error) {
    if (LanceurError.is(error)) throw error;
    throw new LanceurError('INTERNAL', { why: `the filter threw: ${messageOf(error)}` }, { cause: error });
  }
}

/** Why an item that has not been begun is left, as far as its listing tells: what lasts before what passes. */
export function whyLeft(ref: ItemRef, settings: Settings): Reason | undefined {
  const { notReady } = ref;
  if (notReady !== undefined && !CODES[notReady.code].transient) return notReady;
  try {
    const unwanted = unwantedByName(ref, settings);
    return (settings.unwanted === 'leave' ? unwanted : undefined) ?? notReady;
  } catch (error) {
    // What could not be decided is neither wanted nor unwanted, whatever is done with unwanted items.
    if (LanceurError.is(error, 'PATTERN_TOO_SLOW')) return error.reason;
    throw error;
  }
}

/** Whether the listing alone tells that nothing of the item is wanted, and why. */
export function unwantedByName(ref: ItemRef, settings: Settings): Reason | undefined {
  const { documents } = ref;
  if (documents === undefined) return undefined;
  const reasons: Reason[] = [];
  for (const document of documents) {
    const wanted = wantedOf(document, settings);
    if (wanted.wanted) return undefined;
    reasons.push(wanted.reason);
  }
  return nothingWanted(reasons);
}

/** The jobs that the wanted documents of a listed item go to, or `undefined` where the listing cannot tell. */
export function jobsByName(ref: ItemRef, settings: Settings): readonly string[] | undefined {
  const jobs = new Set<string>();
  for (const document of ref.documents ?? []) {
    const wanted = judgementOf(document, settings);
    if (!wanted.wanted) continue;
    if (wanted.job === undefined) return undefined;
    jobs.add(wanted.job);
  }
  return jobs.size === 0 ? undefined : [...jobs];
}

/** One reason out of those of the documents. */
export function nothingWanted(reasons: readonly Reason[]): Reason {
  const [first] = reasons;
  if (first !== undefined && reasons.every((r) => r.message === first.message)) return first;
  if (first === undefined) return reason('NOTHING_WANTED', { why: 'it is empty' });
  const few = [...new Map(reasons.map((r) => [r.message, r])).values()].slice(0, 3);
  return reason('NOTHING_WANTED', {
    why: few.map(({ message }) => message).join('; '),
    why_fr: few.map((r) => inFrench(r)).join(' ; '),
  });
}

function kindOf(name: string): string {
  const extension = extensionOf(name);
  return extension === '' ? 'files without extension' : `.${extension}`;
}
