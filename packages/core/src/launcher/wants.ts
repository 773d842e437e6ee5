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
  const refused: Refused[] = [];
  for (const document of documents) {
    const wanted = wantedOf(document, settings);
    if (wanted.wanted) return undefined;
    refused.push({ name: document.name, why: wanted.reason });
  }
  return nothingWanted(ref, refused);
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

/** A document that is not wanted. */
export interface Refused {
  /** Absent where `why` concerns the item as a whole. */
  readonly name?: string;
  readonly why: Reason;
}

/**
 * One reason out of those of the documents: by itself where it can only concern the item, such as a file; with the names of
 * those that it concerns in a mail or a folder.
 */
export function nothingWanted(item: ItemRef, refused: readonly Refused[]): Reason {
  const groups = new Map<string, { readonly why: Reason; readonly names: string[] }>();
  for (const { name, why } of refused) {
    const group = groups.get(why.message) ?? { why, names: [] };
    groups.set(why.message, group);
    if (name !== undefined && name !== item.name) group.names.push(name);
  }
  const [first] = groups.values();
  if (first === undefined) return reason('NOTHING_WANTED', { why: 'it is empty' });
  if (groups.size === 1 && first.names.length === 0) return first.why;
  const few = [...groups.values()].slice(0, 3);
  return reason('NOTHING_WANTED', {
    why: few.map(({ why, names }) => labelled(names, ['and', 'more', ': '], why.message)).join('; '),
    why_fr: few.map(({ why, names }) => labelled(names, ['et', 'de plus', ' : '], inFrench(why))).join(' ; '),
  });
}

/** `photo.jpg and 2 more: its name is not accepted`. */
function labelled(
  [first, ...others]: readonly string[],
  [and, more, colon]: readonly [and: string, more: string, colon: string],
  text: string,
): string {
  if (first === undefined) return text;
  const rest = others.length === 0 ? '' : ` ${and} ${String(others.length)} ${more}`;
  return `${first}${rest}${colon}${text}`;
}

function kindOf(name: string): string {
  const extension = extensionOf(name);
  return extension === '' ? 'files without extension' : `.${extension}`;
}
