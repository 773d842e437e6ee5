import { describe, expect, it } from 'vitest';
import { decoded, inMemory, useFolder } from '../decode.js';
import { pesAllerWith } from './samples.js';

useFolder();

const NAME = 'Œuvres d’été : 30 € à Évry';
/** What ISO-8859-1 can write of it. */
const LATIN = "Élagage d'été à Évry « 2024 »";

function declaring(encoding: string | undefined, name = LATIN): string {
  const head = encoding === undefined ? '' : `<?xml version="1.0" encoding="${encoding}"?>`;
  return pesAllerWith([], { budgetName: name, head });
}

async function read(bytes: Buffer): Promise<{ name: unknown; issues: readonly (readonly unknown[])[] }> {
  const { fields, issues } = await decoded(bytes);
  return {
    name: 'budgetName' in fields ? fields.budgetName : undefined,
    issues: issues.map(({ code, data }) => [code, data['declared'] ?? '', data['found'] ?? '']),
  };
}

function windows1252(text: string): Buffer {
  const places: Readonly<Record<string, number>> = { Œ: 0x8c, '’': 0x92, '€': 0x80 };
  return Buffer.from(Array.from(text, (c) => places[c] ?? c.codePointAt(0)!));
}

function utf16(text: string, order: 'le' | 'be', mark: boolean): Buffer {
  const bytes = Buffer.from((mark ? '\ufeff' : '') + text, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
}

describe('the encoding of an XML', () => {
  it.each([
    ['UTF-8, declared', Buffer.from(declaring('UTF-8', NAME)), NAME],
    ['UTF-8, nothing declared', Buffer.from(declaring(undefined, NAME)), NAME],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${declaring('utf-8', NAME)}`), NAME],
    ['ISO-8859-1', Buffer.from(declaring('ISO-8859-1'), 'latin1'), LATIN],
    ['ISO-8859-1 with the characters of Windows', windows1252(declaring('iso-8859-1', NAME)), NAME],
    ['windows-1252', windows1252(declaring('windows-1252', NAME)), NAME],
    ['UTF-16, little end first', utf16(declaring('UTF-16', NAME), 'le', true), NAME],
    ['UTF-16, big end first', utf16(declaring('UTF-16', NAME), 'be', true), NAME],
    ['UTF-16 without a byte order mark', utf16(declaring('UTF-16', NAME), 'le', false), NAME],
    ['ASCII', Buffer.from(declaring('US-ASCII', 'Evry')), 'Evry'],
    [
      'references by number',
      Buffer.from(declaring('US-ASCII', '&#201;vry &#xE0; l&apos;&#39;')),
      "Évry à l''",
    ],
  ])('is read as it is: %s', async (_what, bytes, name) => {
    expect(await read(bytes)).toEqual({ name, issues: [] });
  });

  it('is read as ISO-8859-15 where that is declared, which has its € elsewhere', async () => {
    const bytes = Buffer.from(declaring('ISO-8859-15', '30 ¤ de ½uvres'), 'latin1');
    expect((await read(bytes)).name).toBe('30 € de œuvres');
  });

  it.each([
    ['ISO-8859-1', Buffer.from(declaring('ISO-8859-1', NAME)), NAME, 'UTF-8'],
    ['UTF-8', Buffer.from(declaring('UTF-8'), 'latin1'), LATIN, 'windows-1252'],
    ['nothing, which means UTF-8,', Buffer.from(declaring(undefined), 'latin1'), LATIN, 'windows-1252'],
    ['ISO-8859-1', utf16(declaring('ISO-8859-1', NAME), 'le', true), NAME, 'utf-16le'],
    ['UTF-16', Buffer.from(declaring('UTF-16', NAME)), NAME, 'UTF-8'],
    ['shift_jis', Buffer.from(declaring('shift_jis', NAME)), NAME, 'UTF-8'],
  ])('is told where %s is declared and is not so', async (declared, bytes, name, found) => {
    const said = declared.startsWith('nothing') ? 'UTF-8' : declared;
    expect(await read(bytes)).toEqual({ name, issues: [['WRONG_ENCODING', said, found]] });
  });

  it('may be two in one file: each part is read as what it is, and that is told', async () => {
    const [before = '', after = ''] = declaring('UTF-8', '|').split('|');
    const bytes = Buffer.concat([Buffer.from(`${before}École `), windows1252('d’été'), Buffer.from(after)]);
    const { name, issues } = await read(bytes);
    expect(name).toBe('École d’été');
    expect(issues.map(([code]) => code)).toContain('MIXED_ENCODING');
  });

  it('is not taken for two because of a capital letter before a quotation mark', async () => {
    const bytes = Buffer.from(declaring('ISO-8859-1', 'le «CAFÉ» de la gare'), 'latin1');
    expect(await read(bytes)).toEqual({ name: 'le «CAFÉ» de la gare', issues: [] });
  });

  it('is the same however the bytes arrive', async () => {
    for (const bytes of [
      utf16(declaring('UTF-16', NAME), 'be', true),
      Buffer.from(`\ufeff${declaring('UTF-8', NAME)}`),
    ]) {
      for (const chunk of [1, 2, 3, 7]) {
        const { fields } = await decoded(inMemory(bytes, 'a.xml', chunk));
        expect(fields).toMatchObject({ budgetName: NAME });
      }
    }
  });

  it('cannot be UTF-32 or something that is no text: that is no XML', async () => {
    const { decode } = await import('../decode.js');
    expect(await decode(Buffer.from([0xff, 0xfe, 0, 0, 0x3c, 0, 0, 0]))).toBeUndefined();
    expect(await decode(Buffer.from('%PDF-1.4'))).toBeUndefined();
    expect(await decode(Buffer.alloc(0))).toBeUndefined();
    expect(await decode('   ')).toBeUndefined();
  });
});
