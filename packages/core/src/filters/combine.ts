import type { Code } from '../codes.js';
import type { Decision, Filter } from '../contracts/filter.js';
import type { DocumentInfo } from '../contracts/item.js';
import { LanceurError } from '../errors.js';
import { fingerprintOf } from '../fingerprint.js';
import { reason } from '../reasons.js';
import { ACCEPTED, textOf, type DescribedFilter } from './described.js';

/** Accepts every document. */
export const everything: DescribedFilter = Object.freeze({
  text: 'everything',
  fingerprint: fingerprintOf('everything'),
  decide: () => ACCEPTED,
});

/**
 * Accepts what each of the filters accepts; the reason is that of the first one that refuses.
 *
 * ```ts
 * allOf(nameFilter('*.pdf'), not(nameFilter('brouillon*')))
 * ```
 *
 * @throws LanceurError `INVALID_OPTION` for no filter at all.
 */
export function allOf(...filters: readonly Filter[]): DescribedFilter {
  expectSome(filters);
  return {
    ...combined('all-of', filters, ' and '),
    decide(document) {
      for (const filter of filters) {
        const decision = filter.decide(document);
        if (!decision.accepted) return decision;
      }
      return ACCEPTED;
    },
  };
}

/**
 * Accepts what any of the filters accepts. A filter is asked only if those before it refuse.
 *
 * @throws LanceurError `INVALID_OPTION` for no filter at all.
 */
export function anyOf(...filters: readonly Filter[]): DescribedFilter {
  expectSome(filters);
  const about = combined('any-of', filters, ' or ');
  return {
    ...about,
    decide(document) {
      const codes = new Set<Code>();
      for (const filter of filters) {
        const decision = filter.decide(document);
        if (decision.accepted) return ACCEPTED;
        codes.add(decision.reason.code);
      }
      const onlyNames = codes.size === 1 && codes.has('NAME_REFUSED');
      return refused(onlyNames ? 'NAME_REFUSED' : 'NOT_ACCEPTED', about.text);
    },
  };
}

/** Accepts what the filter refuses. */
export function not(filter: Filter): DescribedFilter {
  const about = combined('not', [filter], '');
  const text = `not ${inParentheses(about.text)}`;
  return {
    ...about,
    text,
    decide: (document) => (filter.decide(document).accepted ? refused('NOT_ACCEPTED', text) : ACCEPTED),
  };
}

export interface CustomFilterOptions {
  /** What it asks for, in a few words, for the reason. Default: the name of the function. */
  readonly text?: string;
  /**
   * Changes whenever the function's answers may change. Default: none, so that what was skipped is looked at again by
   * each new process.
   */
  readonly fingerprint?: string;
}

/**
 * A filter from a function of the host: pure and quick, for it is asked about every document at every poll.
 *
 * ```ts
 * custom(({ size = 0 }) => size > 0, { text: 'not empty', fingerprint: 'not-empty-1' })
 * ```
 */
export function custom(
  accepts: (document: DocumentInfo) => boolean,
  options: CustomFilterOptions = {},
): DescribedFilter {
  const text = options.text ?? (accepts.name === '' ? 'of the host application' : accepts.name);
  return {
    text,
    ...(options.fingerprint === undefined
      ? {}
      : { fingerprint: fingerprintOf('custom', options.fingerprint) }),
    decide: (document) => (accepts(document) ? ACCEPTED : refused('NOT_ACCEPTED', text)),
  };
}

function refused(code: 'NAME_REFUSED' | 'NOT_ACCEPTED', filter: string): Decision {
  return { accepted: false, reason: reason(code, { filter }) };
}

/** What a combination has of its parts. One part without fingerprint leaves the whole without. */
function combined(kind: string, filters: readonly Filter[], word: string): Omit<DescribedFilter, 'decide'> {
  const fingerprints = filters.map(({ fingerprint }) => fingerprint);
  const advice = filters.flatMap((filter) => filter.advice ?? []);
  return {
    text: (filters.length === 1 ? filters.map(textOf) : filters.map((f) => inParentheses(textOf(f)))).join(
      word,
    ),
    ...(fingerprints.includes(undefined) ? {} : { fingerprint: fingerprintOf(kind, fingerprints) }),
    ...(advice.length === 0 ? {} : { advice }),
  };
}

/** So that `a and b or c` can be read in one way only. */
function inParentheses(text: string): string {
  return text.includes(' ') ? `(${text})` : text;
}

function expectSome(filters: readonly Filter[]): void {
  if (filters.length > 0) return;
  throw new LanceurError('INVALID_OPTION', {
    option: 'filters',
    expected: 'at least one filter',
    found: 'none',
  });
}
