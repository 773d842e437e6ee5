import { DEFAULT_LIMITS, ISSUES, type IssueCode } from '@lanceur/adullact';
import { describe, expect, test } from 'vitest';
import { issue } from '../../packages/adullact/dist/issues.js';
import { limitsOf } from '../../packages/adullact/dist/limits.js';

const codes = Object.keys(ISSUES) as IssueCode[];

describe('the table of issues', () => {
  test.each(codes)('%s says the same things in English and in French', (code) => {
    const { en, fr } = ISSUES[code];
    const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/gu)].map(([, name]) => name).sort();
    expect(placeholders(fr)).toEqual(placeholders(en));
    expect(fr).not.toBe(en);
  });

  test('what comes from outside is made fit for a log before it is said', () => {
    const file = 'a\u001b[31m\u202epdf.exe';
    const { message, french, data } = issue('UNLISTED', { file, by: 'metadata.xml' });
    for (const text of [message, french, data['file']])
      expect(text).toContain('a\\u{1b}[31m\\u{202e}pdf.exe');
  });
});

describe('limits', () => {
  test('are those of the regulations unless they are set', () => {
    expect(limitsOf()).toEqual(DEFAULT_LIMITS);
    expect(limitsOf({ entries: 3 })).toEqual({ ...DEFAULT_LIMITS, entries: 3 });
  });

  test.each([{ entries: 0 }, { ratio: NaN }, { depth: '5' as unknown as number }])(
    'that limit nothing, or everything, are refused: %o',
    (limits) => {
      expect(() => limitsOf(limits)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    },
  );

  test('that do not exist are refused, with the one that was meant', () => {
    expect(() => limitsOf({ entrys: 5 } as never)).toThrow(/did you mean `entries`/u);
  });
});
