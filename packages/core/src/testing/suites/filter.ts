import assert from 'node:assert/strict';
import type { DocumentInfo } from '../../contracts/item.js';
import type { Decision, Filter } from '../../contracts/filter.js';
import { CODES } from '../../codes.js';
import { LanceurError } from '../../errors.js';
import { printable } from '../../text.js';
import type { SuiteCase } from '../suite.js';
import { AWKWARD_NAMES, deepFrozen } from './content.js';

export interface FilterSubject {
  /** The filter, made anew at each call with the same settings. */
  create(): Filter;
  /** Names, or documents, that it accepts. At least one, unless `refuses` has one. */
  readonly accepts?: readonly (string | DocumentInfo)[];
  readonly refuses?: readonly (string | DocumentInfo)[];
}

/**
 * What every {@link Filter} must do, as cases for any test runner.
 *
 * ```ts
 * for (const c of filterSuite({ create: () => nameFilter('*.pdf'), accepts: ['A.PDF'], refuses: ['a.txt'] })) test(c.name, c.run);
 * ```
 */
export function filterSuite(subject: FilterSubject): readonly SuiteCase[] {
  const accepts = (subject.accepts ?? []).map(asInfo);
  const refuses = (subject.refuses ?? []).map(asInfo);
  const all = [...accepts, ...refuses, ...AWKWARD_NAMES.map(asInfo)];
  const cases: SuiteCase[] = [];
  const promise = (name: string, body: (filter: Filter) => void) => {
    const run = async () => {
      body(await Promise.resolve(subject.create()));
    };
    cases.push({ name, run });
  };

  promise('it accepts and refuses what it is meant to', (filter) => {
    assert.ok(accepts.length + refuses.length > 0, 'the subject names no document at all');
    for (const info of accepts) assert.equal(filter.decide(info).accepted, true, `${info.name} is refused`);
    for (const info of refuses) assert.equal(filter.decide(info).accepted, false, `${info.name} is accepted`);
  });

  promise('the same document always meets the same decision', (filter) => {
    const first = all.map((info) => decision(filter, info));
    const again = all.map((info) => decision(filter, info));
    const backwards = [...all].reverse().map((info) => decision(filter, info));
    const other = subject.create();
    assert.deepEqual(again, first);
    assert.deepEqual(backwards.reverse(), first);
    assert.deepEqual(
      all.map((info) => decision(other, info)),
      first,
    );
  });

  promise('it decides without touching the document', (filter) => {
    for (const info of all) decision(filter, deepFrozen({ ...info }));
  });

  promise('a refusal says why, in words that can be printed and kept', (filter) => {
    for (const info of all) {
      const answer = decision(filter, info);
      if (!('accepted' in answer) || answer.accepted) continue;
      const { reason } = answer;
      assert.ok(Object.hasOwn(CODES, reason.code), `${reason.code} is not a code`);
      assert.ok(reason.message.length > 0);
      assert.equal(printable(reason.message, Infinity), reason.message);
      assert.deepEqual(JSON.parse(JSON.stringify(reason)), reason);
    }
  });

  promise('no name makes it throw, unless it was cut off', (filter) => {
    for (const info of all) decision(filter, info);
  });

  promise('its fingerprint is the same whenever it is made', (filter) => {
    assert.equal(filter.fingerprint, subject.create().fingerprint);
    assert.notEqual(filter.fingerprint, '');
  });

  return cases;
}

/** `PATTERN_TOO_SLOW` is an answer as well. */
function decision(filter: Filter, info: DocumentInfo): Decision | { readonly tooSlow: true } {
  try {
    return filter.decide(info);
  } catch (error) {
    if (LanceurError.is(error, 'PATTERN_TOO_SLOW')) return { tooSlow: true };
    throw error;
  }
}

function asInfo(document: string | DocumentInfo): DocumentInfo {
  return typeof document === 'string' ? { name: document } : document;
}
