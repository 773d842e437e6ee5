import { LanceurError, nameFilter } from '@lanceur/core';
import { describe, expect, it } from 'vitest';
import { effortOf } from '../../../packages/core/dist/filters/python/effort.js';
import { parsePython, withFlags } from '../../../packages/core/dist/filters/python/parse.js';
import { testWithin, timeLimited } from '../../../packages/core/dist/filters/time-limit.js';

const HOSTILE = `${'a'.repeat(60)}!`;

describe('a pattern that backtracks without bound', () => {
  it.each([
    ['/(a+)+$/', HOSTILE],
    ['/(a|a)*$/', HOSTILE],
    ['/(a|aa)+\\.pdf/', HOSTILE],
    ['/(?:a?){40}b/', HOSTILE],
    ['/(?=(a+)+$)a/', HOSTILE],
    ['/(\\w+)*-/', HOSTILE],
    ['/(?:(?=(a+)+$)b)*/', HOSTILE],
    ['/(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)x/', HOSTILE],
    ['/a*a*a*a*a*a*a*a*a*a*a*a*b/', HOSTILE],
    ['/(.*)\\1\\1.*.*.*.*.*x/', HOSTILE.repeat(20)],
  ])('is cut off, and says so: %s', (pattern, name) => {
    const filter = nameFilter(pattern, { timeLimitMs: 5 });
    const error = thrownBy(() => filter.decide({ name }));
    expect(error).toMatchObject({ code: 'PATTERN_TOO_SLOW', scope: 'stale' });
    expect(error.message).toContain(pattern);
    expect(error.message).toContain('5 ms');
  });

  it('still decides on names that it can cope with', () => {
    const filter = nameFilter('/(a+)+$/', { timeLimitMs: 1_000 });
    expect(filter.decide({ name: 'aaa' }).accepted).toBe(true);
    expect(filter.decide({ name: 'aab' }).accepted).toBe(false);
  });

  it('does not tell a name from another by what came before it in the same sandbox', () => {
    expect(testWithin(/^a/u, 'a', 1_000)).toBe(true);
    expect(testWithin(/^b/u, 'a', 1_000)).toBe(false);
  });
});

describe('the limit of time', () => {
  /** A test that never comes to an end for names with an x, and counts how often it was tried. */
  const hanging = () => {
    const tried: string[] = [];
    const test = (_regex: RegExp, name: string) => {
      tried.push(name);
      return name.includes('x') ? undefined : name === 'good';
    };
    return { tried, accepts: timeLimited(/x/u, { pattern: '/x/', limitMs: 7, test }) };
  };

  it('tries a name twice before it gives it up, for the machine may have slept', () => {
    let calls = 0;
    const accepts = timeLimited(/x/u, {
      pattern: '/x/',
      limitMs: 7,
      test: () => (calls++ === 0 ? undefined : true),
    });
    expect(accepts('a')).toBe(true);
    expect(calls).toBe(2);
  });

  it('costs a name that was cut off its time once only', () => {
    const { tried, accepts } = hanging();
    for (let n = 0; n < 10; n++) expect(thrownBy(() => accepts('x1')).message).toContain('x1');
    expect(tried).toEqual(['x1', 'x1']);
    expect(accepts('good')).toBe(true);
    expect(accepts('bad')).toBe(false);
  });

  it('costs a listing of 100,000 hostile names no more than three of them', () => {
    const { tried, accepts } = hanging();
    for (let n = 0; n < 100_000; n++) expectTooSlow(() => accepts(`x${String(n)}`));
    expect(new Set(tried)).toEqual(new Set(['x0', 'x1', 'x2']));
    expect(tried).toHaveLength(6);
    // What the pattern would say is no longer asked; the error quotes a name that was cut off.
    expect(thrownBy(() => accepts('good')).message).toContain('x0');
  });
});

describe('whether a pattern needs the limit of time', () => {
  const effort = (source: string, letters = '') => {
    const refuse = (why: string): never => {
      throw new Error(why);
    };
    const none = { ignoreCase: false, multiline: false, dotAll: false, verbose: false, ascii: false };
    return effortOf(parsePython(source, withFlags(none, letters, '', refuse), refuse));
  };
  const ordinary = 'Facture_Fournisseur_2024-02-15_n°000123 (copie).PDF';

  it.each([
    '.*\\.(?!db).*',
    '(?!debut_nom_fichier).*\\..*',
    '.*\\.pdf$',
    'FAC_\\d{6}_[A-Z]+\\.(pdf|xml)$',
    '.*facture.*\\d{4}.*\\.(pdf|tif)$',
    '(\\w+-)*\\d+\\.pdf',
    '(?:-[a-z]+)*\\.pdf',
    '(?:(?!tmp).)*$',
    '(?:ab)*c',
  ])('not for an ordinary pattern on an ordinary name: %s', (source) => {
    expect(effort(source).mayTakeLong(ordinary)).toBe(false);
    expect(effort(source, 'i').mayTakeLong(ordinary)).toBe(false);
  });

  it.each([
    '(a+)+',
    '(a|b)*c',
    '(\\w+-?)*x',
    '(-\\w+-)*x',
    '(?i:(s+ſ)*)x',
    '([^-]*-*)*x',
    '((?:\\w+-)*_)*x',
    '(?:(?=a*)b)*x',
    '(?:(?=(a+)+$)b)*',
  ])('for what may be repeated in more than one way, on any name: %s', (source) => {
    expect(effort(source).unbounded).toBe(true);
    expect(effort(source).mayTakeLong('a')).toBe(true);
  });

  it('for an ordinary pattern only if a name is out of the ordinary', () => {
    expect(effort('.*\\..*\\..*\\..*x').mayTakeLong('a.b.c.d.pdf')).toBe(false);
    expect(effort('.*\\..*\\..*\\..*x').mayTakeLong('.'.repeat(200))).toBe(true);
    expect(effort('.*').mayTakeLong('a'.repeat(10_000))).toBe(false);
  });
});

function thrownBy(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}

function expectTooSlow(call: () => unknown): void {
  if (!LanceurError.is(thrownBy(call), 'PATTERN_TOO_SLOW')) throw new Error('expected PATTERN_TOO_SLOW');
}
