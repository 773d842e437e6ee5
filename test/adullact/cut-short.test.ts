// A transfer that broke off: whatever is cut, at whichever byte, is never read as if it were whole.
import { readdir } from 'node:fs/promises';
import { LanceurError } from '@lanceur/core';
import { decodeEnvelope } from '@lanceur/adullact';
import { describe, expect, test } from 'vitest';
import { decode, inMemory, useFolder } from './decode.js';
import { KINDS } from './generator/index.js';
import { folders } from './support/folder.js';
import { acteXml, enveloppeXml, metadata, PDF } from './support/samples.js';
import { tarGzOf } from './support/tar.js';
import { zipOf } from './support/zip.js';

const newFolder = folders();
const folderOfXmls = useFolder();

/** The shortest of some, as it is cut at each of its bytes. */
function shortest(make: (seed: number) => { readonly xml: string }): Buffer {
  const all = Array.from({ length: 40 }, (_, seed) => Buffer.from(make(seed).xml));
  return all.reduce((a, b) => (b.length < a.length ? b : a));
}

/** Each byte near the beginning and the end; between them, where one part is as another, every eleventh. */
function stepAt(length: number, whole: number): number {
  return length < 600 || length >= whole - 300 ? 1 : Math.min(11, whole - 300 - length);
}

async function codeOf(reading: Promise<unknown>): Promise<string> {
  try {
    return (await reading) === undefined ? 'none of ours' : 'read';
  } catch (error) {
    if (LanceurError.is(error) && error.scope === 'document') return error.code;
    throw error;
  }
}

describe('a message that is cut short', () => {
  test.each([...KINDS])('is damaged, or nothing yet: %s', { timeout: 120_000 }, async (_kind, make) => {
    const whole = shortest(make);
    const before = (await readdir(folderOfXmls())).length;
    expect(await codeOf(decode(inMemory(whole)))).toBe('read');
    // Without the end of the start tag of its root nobody can know whose it is.
    const known = whole.indexOf('>') + 1;
    for (let length = 0; length < whole.length; length += stepAt(length, whole.length)) {
      const code = await codeOf(decode(inMemory(whole.subarray(0, length))));
      const allowed = length < known ? ['none of ours', 'ENVELOPE_DAMAGED'] : ['ENVELOPE_DAMAGED'];
      expect(allowed, String(length)).toContain(code);
    }
    // Those of the one that was whole.
    expect((await readdir(folderOfXmls())).length).toBeLessThanOrEqual(before + 1);
  });
});

const DEPOSIT = {
  data: { acte_nature: '1', numero_de_lacte: 'A1' },
  files: { arrete: ['acte.pdf'] },
};
/** Each with how many bytes it is known by. */
const ARCHIVES = [
  [
    'depot.zip',
    4,
    zipOf([
      { name: 'acte.pdf', content: PDF('acte') },
      { name: 'metadata.xml', content: metadata.xml(DEPOSIT) },
    ]),
  ],
  [
    'SIC-EACT--005520135--20260131-1.tar.gz',
    2,
    tarGzOf([
      { name: 'EACT--1.xml', content: enveloppeXml(['a_0.xml']) },
      { name: 'a_0.xml', content: acteXml('A1', 'a_1.pdf') },
      { name: 'a_1.pdf', content: PDF('acte') },
    ]),
  ],
] as const;

describe('an archive that is cut at any byte', () => {
  test.each(ARCHIVES)(
    'is damaged, or no archive yet, and leaves nothing behind: %s',
    async (name, known, whole) => {
      const folder = await newFolder();
      const read = async (content: Buffer) => {
        const envelope = await decodeEnvelope({ name, content }, { folder });
        await envelope.close();
        return envelope;
      };
      expect(await codeOf(read(whole))).toBe('read');
      for (let length = 0; length < whole.length; length++) {
        const code = await codeOf(read(whole.subarray(0, length)));
        expect(code, String(length)).toBe(length < known ? 'NOT_AN_ENVELOPE' : 'ENVELOPE_DAMAGED');
        expect(await readdir(folder), String(length)).toEqual([]);
      }
    },
  );
});
