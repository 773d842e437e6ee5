import { execFileSync } from 'node:child_process';
import { nameFilter } from '@lanceur/core';
import { describe, expect, it } from 'vitest';

const takes = (pattern: string | readonly string[], name: string) =>
  nameFilter(pattern).decide({ name }).accepted;

describe("EzGED's own examples", () => {
  it.each([
    ['facture.pdf', true],
    ['facture.db', false],
    ['Thumbs.db', false],
    ['base.dbf', false],
    ['a.xdb', true],
    ['.db', false],
    ['README', false],
    ['a.', true],
    // As re.match does: another dot will do, and letter case counts.
    ['a.b.db', true],
    ['THUMBS.DB', true],
  ])('/.*\\.(?!db).*/ on %s: %s', (name, accepted) => {
    expect(takes('/.*\\.(?!db).*/', name)).toBe(accepted);
  });

  it.each([
    ['debut_nom_fichier.pdf', false],
    ['debut_nom_fichier_2.pdf', false],
    ['nom_fichier.pdf', true],
    ['x_debut_nom_fichier.pdf', true],
    ['Debut_nom_fichier.pdf', true],
    ['README', false],
  ])('/(?!debut_nom_fichier).*\\..*/ on %s: %s', (name, accepted) => {
    expect(takes('/(?!debut_nom_fichier).*\\..*/', name)).toBe(accepted);
  });

  it('the way that the hints recommend looks at the last dot only', () => {
    expect(takes('/.*\\.(?!db)[^.]*$/', 'a.b.db')).toBe(false);
    expect(takes('/.*\\.(?!db)[^.]*$/', 'a.b.pdf')).toBe(true);
    expect(takes('/.*\\.(?!db)[^.]*$/i', 'THUMBS.DB')).toBe(false);
  });
});

describe('a name filter', () => {
  it('says by which filter a name was refused', () => {
    expect(nameFilter('*.pdf;*.tif').decide({ name: 'a.txt' })).toEqual({
      accepted: false,
      reason: {
        code: 'NAME_REFUSED',
        message: 'its name is not accepted by the filter *.pdf; *.tif',
        data: { filter: '*.pdf; *.tif' },
      },
    });
  });

  it('takes what any pattern of a list takes, globs and regular expressions alike', () => {
    const patterns = ['*.pdf', '/FAC_\\d+\\.xml$/'];
    expect(takes(patterns, 'A.PDF')).toBe(true);
    expect(takes(patterns, 'FAC_12.xml')).toBe(true);
    expect(takes(patterns, 'fac_12.xml')).toBe(false);
  });

  it('leaves blanks around a pattern aside', () => {
    expect(takes('  *.pdf\n', 'a.pdf')).toBe(true);
    expect(takes(' /a.pdf$/ ', 'a.pdf')).toBe(true);
  });

  it('compares names and patterns in NFC', () => {
    expect(takes('/été.$/', 'e\u0301te\u0301s')).toBe(true);
    expect(takes('/e\u0301te\u0301.$/', 'étés')).toBe(true);
    expect(takes('/[e\u0301]$/', 'é')).toBe(true);
  });

  it('reads ; between slashes as a part of the expression', () => {
    expect(takes('/a;b$/', 'a;b')).toBe(true);
    expect(takes('/a;b$/', 'b')).toBe(false);
  });

  it.each(['', '   ', ';', ' ; ', '//', '//i', ['*.pdf', '']])('refuses an empty pattern: %j', (pattern) => {
    expect(() => nameFilter(pattern)).toThrow(expect.objectContaining({ code: 'INVALID_PATTERN' }));
    expect(() => nameFilter(pattern)).toThrow(/it is empty/);
  });

  it.each([[[]], [undefined], [null], [7], [['*.pdf', 7]], [{}]])(
    'refuses what is no pattern: %j',
    (pattern) => {
      expect(() => nameFilter(pattern as unknown as string)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION' }),
      );
    },
  );

  it.each([0, -1, 1.5, 10_001, Infinity, NaN])('refuses a time limit of %s ms', (timeLimitMs) => {
    expect(() => nameFilter('*', { timeLimitMs })).toThrow(/timeLimitMs/);
  });

  it('keeps control characters of a pattern out of its messages', () => {
    const { reason } = nameFilter('a\u001b[31m\u202e.pdf').decide({ name: 'x' }) as {
      reason: { message: string };
    };
    expect(reason.message).toBe('its name is not accepted by the filter a\\u{1b}[31m\\u{202e}.pdf');
    expect(() => nameFilter('/(\u202e/')).toThrow(/\\u\{202e\}/);
  });
});

describe('its fingerprint', () => {
  it('is the same in another process', () => {
    const program = `import { nameFilter } from '@lanceur/core'; process.stdout.write(nameFilter(['*.pdf', '/a/i']).fingerprint)`;
    const there = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    });
    expect(there).toBe(nameFilter(['*.pdf', '/a/i']).fingerprint);
  });

  it('changes with the patterns, their flags and the options', () => {
    const filters = [
      nameFilter('*.pdf'),
      nameFilter('*.tif'),
      nameFilter('*.pdf;*.tif'),
      nameFilter('/a/'),
      nameFilter('/a/i'),
      nameFilter('/a/', { timeLimitMs: 7 }),
    ];
    expect(new Set(filters.map((filter) => filter.fingerprint)).size).toBe(filters.length);
  });

  it('does not change with the way in which the same patterns are written', () => {
    expect(nameFilter(' *.pdf; *.tif').fingerprint).toBe(nameFilter(['*.pdf', '*.tif']).fingerprint);
    expect(nameFilter('e\u0301*').fingerprint).toBe(nameFilter('é*').fingerprint);
  });
});

describe('its advice', () => {
  const advice = (pattern: string) => (nameFilter(pattern).advice ?? []).join('\n');

  it.each([
    '*.*',
    '*.pdf;*.tif',
    'readme.*',
    'Copie de ($) *.pdf',
    '/.*\\.pdf$/i',
    '/FAC_\\d{6}/',
    '/.*\\.(pdf|tif)\\Z/',
    '/.*\\..*/',
    '/(?!brouillon).*\\.pdf$/i',
  ])('is silent where there is nothing to say: %s', (pattern) => {
    expect(advice(pattern)).toBe('');
  });

  it('shows which names slip past a negative look-ahead, and how to stop them', () => {
    expect(advice('/.*\\.(?!db).*/')).toContain('it refuses a.db and accepts a.b.db');
    expect(advice('/.*\\.(?!db).*/')).toContain('it refuses a.db and accepts a.DB');
    expect(advice('/.*\\.(?!db).*/i')).not.toContain('a.DB');
    expect(advice('/.*\\.(?!db)[^.]*$/i')).toBe('');
    expect(advice('/(?!debut_nom_fichier).*\\..*/')).toContain('accepts DEBUT_NOM_FICHIER.pdf');
    expect(advice('/(?!debut_nom_fichier).*\\..*/i')).toBe('');
  });

  it.each(['/.*\\.pdf/', '/(.*\\.pdf)/', '/.*\\.(pdf|tiff?)/', '/.*\\.[pP][dD][fF]/', '/a\\.pdf|b$/'])(
    'says that the end is open: %s',
    (pattern) => {
      expect(advice(pattern)).toContain('write $ at its end');
    },
  );

  it.each([
    ['/.*\\.pdf', 'does not end with one'],
    ['.pdf', '*.pdf takes all with this extension'],
    ['.*\\.pdf', 'looks like a regular expression'],
    ['^facture', 'looks like a regular expression'],
    ['facture$', 'looks like a regular expression'],
    ['*.pdf|*.tif', 'looks like a regular expression'],
    ['depot/*.pdf', 'never paths'],
    ['C:\\depot\\*.pdf', 'never paths'],
    ['/depot/.*\\.pdf$/', 'never paths'],
    ['[abc]*.pdf', 'separate alternatives by ;'],
    ['*.{pdf,tif}', 'separate alternatives by ;'],
    ['!*.tmp', 'not(nameFilter(…))'],
    ['*.pdf, *.tif', 'separate alternatives by ;'],
    ['/(a+)+$/', 'limit of time'],
  ])('sees what was meant otherwise: %s', (pattern, hint) => {
    expect(advice(pattern)).toContain(hint);
    expect(advice(pattern)).toContain(pattern);
  });
});
