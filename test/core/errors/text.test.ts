import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable } from '@lanceur/core';

test('text from outside cannot break a line, reorder it, or hide in it', () => {
  expect(printable('a\r\nERROR forged')).toBe('a\\u{d}\\u{a}ERROR forged');
  expect(printable('\u001b[31mred')).toBe('\\u{1b}[31mred');
  expect(printable('\u202efdp.exe')).toBe('\\u{202e}fdp.exe');
  expect(printable('a\u2028b\u2029c\u0085d')).toBe('a\\u{2028}b\\u{2029}c\\u{85}d');
  expect(printable('half \ud83d')).toBe('half \\u{d83d}');
  expect(printable('tag\u{e0041}')).toBe('tag\\u{e0041}');
  expect(printable('\u3164')).toBe('\\u{3164}');
});

test('ordinary text stays as it is', () => {
  for (const text of ['délibération n°1 – « Mairie » 😀.pdf', '請求書', 'حساب', ''])
    expect(printable(text)).toBe(text);
});

test('long text is cut, never within a character', () => {
  expect(printable('x'.repeat(301))).toBe(`${'x'.repeat(299)}…`);
  expect(printable('x'.repeat(300))).toBe('x'.repeat(300));
  expect(printable('😀'.repeat(200), 4)).toBe('😀…');
  expect(printable('😀'.repeat(200), 5)).toBe('😀😀…');
});

test('any text comes out in one line, and only once escaped', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 2, max: 400 }), (text, limit) => {
      const clean = printable(text, limit);
      expect(clean).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(printable(clean, Infinity)).toBe(clean);
    }),
  );
});
