import { nameFilter } from '@lanceur/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const takes = (glob: string, name: string) => nameFilter(glob).decide({ name }).accepted;

describe('a glob, as on Windows', () => {
  it.each([
    'README',
    'a.pdf',
    '.profile',
    'a.b.c',
    '.',
    '..',
    'a ',
    'é',
    '😀',
    'a\nb',
    '#a',
    '!a',
    'x/y',
    '~$a.docx',
  ])('*.* takes every name: %j', (name) => {
    expect(takes('*.*', name)).toBe(true);
    expect(takes('*', name)).toBe(true);
  });

  it.each([
    ['*.pdf', 'A.PDF'],
    ['*.PDF', 'a.pdf'],
    ['été*', 'ÉTÉ 2024.pdf'],
    ['ÉTÉ*', 'e\u0301te\u0301.pdf'],
    ['e\u0301te\u0301.pdf', 'ÉTÉ.PDF'],
    ['*σ.txt', 'ΟΔΟΣ.TXT'],
    ['straße.pdf', 'STRAẞE.PDF'],
  ])('letter case and Unicode form do not matter: %j takes %j', (glob, name) => {
    expect(takes(glob, name)).toBe(true);
  });

  it.each([
    ['straße.pdf', 'STRASSE.PDF'],
    ['i.pdf', 'İ.pdf'],
    ['i.pdf', 'ı.pdf'],
    ['e.pdf', 'é.pdf'],
  ])('letters that only look alike stay apart: %j does not take %j', (glob, name) => {
    expect(takes(glob, name)).toBe(false);
  });

  it.each([
    '[abc].pdf',
    '{a,b}.pdf',
    '+(x).pdf',
    '@(a|b)',
    '!a.pdf',
    '#a.pdf',
    '!(a)',
    'a\\b',
    '[!a]',
    'a]',
    '$a^',
    '{1..3}',
  ])('signs of other languages stand for themselves: %j takes that name alone', (glob) => {
    expect(takes(glob, glob)).toBe(true);
    for (const name of ['a', 'a.pdf', 'x.pdf', 'b.pdf', 'b', 'ab', '1', 'a/b'])
      expect(takes(glob, name)).toBe(false);
  });

  it('? is exactly one character, also at the end, before a dot, and beyond U+FFFF', () => {
    expect(takes('scan?.pdf', 'scan1.pdf')).toBe(true);
    expect(takes('scan?.pdf', 'scan😀.pdf')).toBe(true);
    expect(takes('scan?.pdf', 'scan.pdf')).toBe(false);
    expect(takes('scan?.pdf', 'scan12.pdf')).toBe(false);
    expect(takes('scan?', 'scan')).toBe(false);
    expect(takes('?', '.')).toBe(true);
  });

  it('.* at the end is any extension, or none', () => {
    for (const name of ['readme', 'README.txt', 'readme.', 'readme.tar.gz'])
      expect(takes('readme.*', name)).toBe(true);
    expect(takes('readme.*', 'readme2')).toBe(false);
    expect(takes('.*', '.profile')).toBe(true);
    expect(takes('.*', 'a.profile')).toBe(false);
    expect(takes('a.*.*', 'a')).toBe(true);
    expect(takes('a.*b', 'ab')).toBe(false);
  });

  it('a dot at the end is no extension', () => {
    expect(takes('*.', 'README')).toBe(true);
    expect(takes('*.', 'a.pdf')).toBe(false);
    expect(takes('*.', '.profile')).toBe(false);
    expect(takes('read*.', 'README')).toBe(true);
    expect(takes('a.b.', 'a.b')).toBe(true);
    expect(takes('.', '.')).toBe(true);
  });

  it('three letters of an extension do not stand for four, as short names made them do', () => {
    expect(takes('*.htm', 'a.htm')).toBe(true);
    expect(takes('*.htm', 'a.html')).toBe(false);
  });

  it('a name is a name, not a path', () => {
    expect(takes('*.pdf', 'folder/a.pdf')).toBe(true);
    expect(takes('a.pdf', 'folder/a.pdf')).toBe(false);
    expect(takes('a?b', 'a/b')).toBe(true);
    expect(takes('**', 'a')).toBe(true);
    expect(takes('**.pdf', 'a.pdf')).toBe(true);
  });

  it('several stand in one text, with ; between them', () => {
    const filter = nameFilter(' *.pdf ;*.tif; ');
    expect(['a.pdf', 'a.tif', 'a.TIF'].every((name) => filter.decide({ name }).accepted)).toBe(true);
    expect(filter.decide({ name: 'a.xml' }).accepted).toBe(false);
    expect(filter.decide({ name: 'a.pdf ;a.tif' }).accepted).toBe(true);
  });

  it('takes what a matcher of another make takes', () => {
    const piece = fc.constantFrom(
      '*',
      '*',
      '?',
      '.',
      '.',
      'a',
      'B',
      'é',
      'É',
      '😀',
      '[',
      ']',
      '\\',
      '!',
      '#',
      '{',
      ',',
      '}',
      '(',
      '+',
      '|',
      '/',
      'ß',
      'ſ',
      's',
      'ς',
      'Σ',
      '\n',
    );
    const text = (most: number) =>
      fc.array(piece, { minLength: 1, maxLength: most }).map((pieces) => pieces.join(''));
    const name = text(8).map((parts) => parts.replaceAll('*', 'a').replaceAll('?', '.'));
    fc.assert(
      fc.property(text(7), name, (pattern, candidate) => {
        const glob = pattern.replace(/^\//u, 'a');
        fc.pre(glob.trim() === glob);
        expect(takes(glob, candidate), `${glob} on ${candidate}`).toBe(modelTakes(glob, candidate));
      }),
      { numRuns: 3_000 },
    );
  });

  it('takes its time for no glob', () => {
    const filter = nameFilter(`${'*a'.repeat(200)}b`);
    expect(filter.decide({ name: 'a'.repeat(5_000) }).accepted).toBe(false);
  });
});

/** The rules of docs/filters.md, by the book. */
function modelTakes(glob: string, name: string): boolean {
  if (glob.endsWith('.') && glob !== '.') {
    const rest = glob.slice(0, -1);
    return name.split('.').length === rest.split('.').length && wildcardsTake(rest, name);
  }
  const shorter = glob.endsWith('.*') ? glob.slice(0, -2) : '';
  return wildcardsTake(glob, name) || (shorter !== '' && modelTakes2(shorter, name));
}

/** What is left of `a.*.*` without its last `.*`; a dot at its end is a dot. */
function modelTakes2(glob: string, name: string): boolean {
  const shorter = glob.endsWith('.*') ? glob.slice(0, -2) : '';
  return wildcardsTake(glob, name) || (shorter !== '' && modelTakes2(shorter, name));
}

/** Dynamic programming: `row[j]` = what has been read of the glob takes the first `j` characters of the name. */
function wildcardsTake(glob: string, name: string): boolean {
  const characters = Array.from(name);
  let row = characters.map(() => false);
  row.unshift(true);
  for (const sign of Array.from(glob)) {
    const next: boolean[] = [sign === '*' && row[0] === true];
    for (const [j, character] of characters.entries()) {
      const taken =
        sign === '*' ? row[j + 1] === true || next[j] === true : row[j] === true && equal(sign, character);
      next.push(taken);
    }
    row = next;
  }
  return row.at(-1) === true;
}

function equal(sign: string, character: string): boolean {
  return (
    sign === '?' || new RegExp(`^\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}$`, 'iu').test(character)
  );
}
