import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CODES, inFrench, reason, whatToDo, type Code, type Reason } from '@lanceur/core';

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/gu)].map(([, name]) => name ?? '').sort();
const codes = Object.keys(CODES) as Code[];
/** As `reason` is called by a program that has lost its types. */
const untyped = reason as (code: Code, data?: Readonly<Record<string, unknown>>) => Reason;

describe.each(codes)('the code %s', (code) => {
  const entry = CODES[code];

  test('says the same things in English and in French', () => {
    expect(placeholders(entry.fr)).toEqual(placeholders(entry.en));
    expect(entry.fr).not.toBe(entry.en);
  });

  test('is a clause that a name can precede and a full stop can follow', () => {
    for (const text of [entry.en, entry.fr]) {
      expect(text).not.toMatch(/[.!]$|^\s|\s$|\s{2}/u);
    }
  });

  test('tells what to do in both languages, in whole sentences, or in neither', () => {
    const [english, french] = [whatToDo(code), whatToDo(code, 'fr')];
    expect(french === undefined).toBe(english === undefined);
    for (const text of [english, french]) if (text !== undefined) expect(text).toMatch(/^\S.*\.$/u);
    expect(placeholders(english ?? '')).toEqual([]);
    expect(placeholders(french ?? '')).toEqual([]);
  });

  test('is filled in from its data, in both languages', () => {
    const names = placeholders(entry.en);
    const data = Object.fromEntries(names.map((name) => [name, `<${name}>`]));
    const made = untyped(code, names.length === 0 ? undefined : data);
    for (const text of [made.message, inFrench(made)]) {
      expect(placeholders(text)).toEqual([]);
      for (const name of names) expect(text).toContain(`<${name}>`);
    }
  });
});

test('a reason survives JSON, and can still be said in French', () => {
  const made = reason('NO_DONE_FILE', { file: 'a.ok' });
  const read = JSON.parse(JSON.stringify(made)) as Reason;
  expect(read).toEqual(made);
  expect(inFrench(read)).toBe('attend son fichier témoin a.ok');
});

test('a reason without its data is said in English rather than with holes', () => {
  expect(inFrench({ code: 'NO_DONE_FILE', message: 'waits for its done-file a.ok' })).toBe(
    'waits for its done-file a.ok',
  );
});

test('a code that only a newer version knows is said as that version said it', () => {
  for (const code of ['OF_TOMORROW', 'constructor', '__proto__']) {
    const newer = { code, message: 'said by a newer version' } as unknown as Reason;
    expect(inFrench(newer)).toBe('said by a newer version');
    expect(whatToDo(newer.code)).toBeUndefined();
  }
});

test('text from outside is printable wherever a reason carries it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const made = reason('GONE', { name });
      for (const text of [made.message, inFrench(made), String(made.data?.['name'])]) {
        expect(text).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e]/u);
      }
    }),
  );
});

test('text from outside that looks like a placeholder is not filled in', () => {
  expect(reason('TOO_BIG', { name: '{size} $& $1', size: 7, limit: 5 }).message).toContain(
    '{size} $& $1 has 7 bytes',
  );
});
