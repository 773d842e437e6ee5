import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { extensionOf, folded, numbered, safeName, safeNames } from '@lanceur/core';

/** Text of the kind that breaks names: blanks, dots, devices, separators, marks, whole planes of Unicode. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '.',
        ' ',
        '..',
        '/',
        '\\',
        ':',
        'CON',
        'nul',
        'COM1',
        '\u0000',
        '\n',
        '\u202e',
        '\u200b',
      ),
      fc.constantFrom(
        '\ud800',
        '\udc00',
        'e\u0301',
        '\u00e9',
        '\u00a0',
        '\u3000',
        'ß',
        'İ',
        'a',
        'A',
        '.pdf',
        '😀',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.string({ minLength: 100, maxLength: 300 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

const bytes = (text: string) => Buffer.byteLength(text);

describe('a safe name', () => {
  const cases: readonly (readonly [given: string, safe: string])[] = [
    ['facture.pdf', 'facture.pdf'],
    ['délibération n°1.pdf', 'délibération n°1.pdf'],
    ['../../etc/passwd', '.._.._etc_passwd'],
    ['C:\\Windows\\win.ini', 'C__Windows_win.ini'],
    ['a.txt:stream', 'a.txt_stream'],
    ['what?.pdf', 'what_.pdf'],
    ['CON', '_CON'],
    ['con.tar.gz', '_con.tar.gz'],
    ['Lpt1 .txt', '_Lpt1 .txt'],
    ['COM¹', '_COM¹'],
    ['CONIN$', '_CONIN$'],
    ['console.log', 'console.log'],
    ['trailing. . ', 'trailing'],
    ['  leading', 'leading'],
    ['\u202efdp.exe', '_fdp.exe'],
    ['zero\u200bwidth', 'zero_width'],
    ['tag\u{e0041}ged', 'tag_ged'],
    ['filler\u3164', 'filler_'],
    ['half a \ud83d pair', 'half a _ pair'],
    ['line\nbreak', 'line_break'],
    ['', '_'],
    ['.', '_'],
    ['...', '_'],
    [' ', '_'],
  ];
  test.each(cases)('of %j is %j', (given, safe) => {
    expect(safeName(given)).toBe(safe);
  });

  test('composes what was decomposed', () => {
    expect(safeName('e\u0301.pdf')).toBe('\u00e9.pdf');
  });

  test('is cut before its extension, on a whole character', () => {
    const safe = safeName(`${'é'.repeat(500)}.pdf`);
    expect(safe).toBe(`${'é'.repeat(118)}.pdf`);
    expect(bytes(safe)).toBeLessThanOrEqual(240);
  });

  test('keeps its extension even if all that is before it is dots', () => {
    expect(safeName(`${'.'.repeat(500)}.pdf`)).toBe('_.pdf');
  });

  test('is cut as a whole where the extension is none', () => {
    expect(safeName(`a.${'x'.repeat(500)}`)).toBe(`a.${'x'.repeat(238)}`);
  });

  test('is no device after it was cut, either', () => {
    expect(safeName('conxyz', 3)).toBe('_co');
  });

  test('is made in a time that grows with the name, not with its square', () => {
    const long = `${' .'.repeat(500_000)}x`;
    const begun = performance.now();
    safeName(long);
    // Hours if every blank were tried as the beginning of the end.
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  test('holds for any text', () => {
    fc.assert(
      fc.property(nasty, fc.integer({ min: 5, max: 240 }), (text, limit) => {
        const safe = safeName(text, limit);
        expect(safe).not.toBe('');
        expect(bytes(safe)).toBeLessThanOrEqual(limit);
        expect(safe).not.toMatch(/[<>:"/\\|?*\p{Cc}\p{Cs}\u200b-\u200f\u202a-\u202e\u2066-\u2069]/u);
        expect(safe).not.toMatch(/^\s|[\s.]$/u);
        expect(safe).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/iu);
        expect(safe).toBe(safe.normalize('NFC'));
        expect(safeName(safe, limit)).toBe(safe);
      }),
    );
  });
});

describe('safe names of several documents', () => {
  test('are unique without regard to case, form or what was cut', () => {
    expect(safeNames(['A.pdf', 'a.PDF', 'a?.pdf', 'a_.pdf', 'é', 'e\u0301'])).toEqual([
      'A.pdf',
      'a (2).PDF',
      'a_.pdf',
      'a_ (2).pdf',
      'é',
      'é (2)',
    ]);
  });

  test('do not take a number that another name bears already', () => {
    expect(safeNames(['a (2).pdf', 'a.pdf', 'A.pdf'])).toEqual(['a (2).pdf', 'a.pdf', 'A (3).pdf']);
  });

  test('hold for any texts, and stay unique when they are made safe again', () => {
    fc.assert(
      fc.property(fc.array(nasty, { maxLength: 20 }), (texts) => {
        const names = safeNames([...texts, ...texts]);
        expect(names).toHaveLength(texts.length * 2);
        expect(new Set(names.map(folded)).size).toBe(names.length);
        expect(names.map((name) => safeName(name))).toEqual(names);
        expect(safeNames(names)).toEqual(names);
      }),
    );
  });

  test('are made of many equal names in a time that grows with their number, not with its square', () => {
    const begun = performance.now();
    const names = safeNames(Array.from({ length: 30_000 }, () => 'a.pdf'));
    expect(new Set(names).size).toBe(30_000);
    // Half an hour if every number were tried again for every name.
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});

describe('a number in a name', () => {
  test('stands before the extension', () => {
    expect(numbered('a.pdf', 2)).toBe('a (2).pdf');
    expect(numbered('README', 3)).toBe('README (3)');
    expect(numbered('.profile', 2)).toBe('.profile (2)');
    expect(numbered('a.tar.gz', 2)).toBe('a.tar (2).gz');
    expect(numbered('CONTRATS.pdf', 2, 11)).toBe('_CO (2).pdf');
  });

  test('leaves a name that is no longer than allowed, whatever its extension', () => {
    fc.assert(
      fc.property(
        nasty,
        fc.integer({ min: 2, max: 1e6 }),
        fc.integer({ min: 20, max: 250 }),
        (text, n, limit) => {
          const name = numbered(safeName(text), n, limit);
          expect(bytes(name)).toBeLessThanOrEqual(limit);
          expect(name).toContain(`(${String(n)})`);
          expect(safeName(name, limit)).toBe(name);
        },
      ),
    );
  });
});

describe('a folded name', () => {
  test('is the same for every way to write the same letters', () => {
    for (let point = 0; point < 0x1_0000; point++) {
      if (point >= 0xd800 && point <= 0xdfff) continue;
      const text = String.fromCodePoint(point);
      const same = [
        text.toUpperCase(),
        text.toLowerCase(),
        text.normalize('NFD'),
        text.normalize('NFC'),
        folded(text),
      ];
      for (const other of same) {
        if (folded(other) !== folded(text)) expect.fail(`U+${point.toString(16)}: ${JSON.stringify(other)}`);
      }
    }
  });

  test('keeps different names apart', () => {
    expect(folded('a.pdf')).not.toBe(folded('b.pdf'));
    expect(folded('e.pdf')).not.toBe(folded('é.pdf'));
  });
});

describe('an extension', () => {
  test.each([
    ['a.PDF', 'pdf'],
    ['a.tar.gz', 'gz'],
    ['README', ''],
    ['.profile', ''],
    ['a.', ''],
    ['', ''],
    ['a.pdf. ', 'pdf'],
  ])('of %j is %j', (name, extension) => {
    expect(extensionOf(name)).toBe(extension);
  });

  test('is the same before and after a name is made safe', () => {
    const part = fc.stringMatching(/^[a-zA-Z0-9 .éÉ_-]{0,20}$/u);
    fc.assert(
      fc.property(part, part, (a, b) => {
        expect(extensionOf(safeName(`${a}.${b}`))).toBe(extensionOf(`${a}.${b}`));
      }),
    );
  });
});
