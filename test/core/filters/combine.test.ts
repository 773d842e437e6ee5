import { allOf, anyOf, custom, everything, nameFilter, not, type Decision, type Filter } from '@lanceur/core';
import { describe, expect, it } from 'vitest';

const pdf = nameFilter('*.pdf');
const draft = nameFilter('brouillon*');
const small = custom(({ size = 0 }) => size < 100, {
  text: 'smaller than 100 bytes',
  fingerprint: 'small-1',
});

const refusal = (decision: Decision) =>
  decision.accepted ? 'accepted' : `${decision.reason.code}: ${decision.reason.message}`;

describe('filters put together', () => {
  it('allOf takes what all take, and gives the reason of the first that refuses', () => {
    const filter = allOf(pdf, not(draft), small);
    expect(filter.decide({ name: 'a.pdf', size: 1 }).accepted).toBe(true);
    expect(refusal(filter.decide({ name: 'a.txt', size: 1 }))).toBe(
      'NAME_REFUSED: its name is not accepted by the filter *.pdf',
    );
    expect(refusal(filter.decide({ name: 'Brouillon.pdf', size: 1 }))).toBe(
      'NOT_ACCEPTED: is not accepted by the filter not brouillon*',
    );
    expect(refusal(filter.decide({ name: 'a.pdf', size: 100 }))).toBe(
      'NOT_ACCEPTED: is not accepted by the filter smaller than 100 bytes',
    );
  });

  it('anyOf takes what one takes, and names them all when none does', () => {
    expect(anyOf(pdf, small).decide({ name: 'a.txt', size: 1 }).accepted).toBe(true);
    expect(refusal(anyOf(pdf, draft).decide({ name: 'a.txt' }))).toBe(
      'NAME_REFUSED: its name is not accepted by the filter *.pdf or brouillon*',
    );
    expect(refusal(anyOf(pdf, small).decide({ name: 'a.txt', size: 100 }))).toBe(
      'NOT_ACCEPTED: is not accepted by the filter *.pdf or (smaller than 100 bytes)',
    );
  });

  it('anyOf asks no filter more than it has to', () => {
    const never: Filter = {
      decide() {
        throw new Error('was asked');
      },
    };
    expect(anyOf(pdf, never).decide({ name: 'a.pdf' }).accepted).toBe(true);
    expect(allOf(pdf, never).decide({ name: 'a.txt' }).accepted).toBe(false);
  });

  it('everything takes everything, and not(everything) nothing', () => {
    expect(everything.decide({ name: '' }).accepted).toBe(true);
    expect(not(everything).decide({ name: 'a' }).accepted).toBe(false);
  });

  it('a combination of none is refused', () => {
    expect(() => allOf()).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    expect(() => anyOf()).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  it('combinations of combinations read in one way only', () => {
    expect(allOf(anyOf(pdf, draft), not(anyOf(pdf, draft))).text).toBe(
      '(*.pdf or brouillon*) and (not (*.pdf or brouillon*))',
    );
    expect(not({ decide: () => ({ accepted: true }) }).text).toBe('not (of the host application)');
  });

  it('fingerprints tell combinations apart, and are missing where a part has none', () => {
    const filters = [
      everything,
      pdf,
      draft,
      small,
      not(pdf),
      allOf(pdf, draft),
      anyOf(pdf, draft),
      allOf(draft, pdf),
    ];
    expect(new Set(filters.map(({ fingerprint }) => fingerprint)).size).toBe(filters.length);
    const nameless = custom(() => true);
    for (const filter of [nameless, not(nameless), allOf(pdf, nameless), anyOf(nameless, pdf)]) {
      expect(filter).not.toHaveProperty('fingerprint');
    }
  });

  it('custom is called after its function where it has no text', () => {
    const isSmall = () => false;
    expect(custom(isSmall).text).toBe('isSmall');
    expect(custom(() => false).text).toBe('of the host application');
  });

  it('advice of the parts is advice on the whole', () => {
    const open = nameFilter('/.*\\.pdf/');
    expect(open.advice).not.toEqual([]);
    for (const filter of [allOf(pdf, open), anyOf(open, pdf), not(open)])
      expect(filter.advice).toEqual(open.advice);
  });
});
