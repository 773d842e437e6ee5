import { describe, expect, test } from 'vitest';
import { byExtension, LanceurError, toJob } from '@lanceur/core';
import { deliveryOf, grouperSuite, memoryDocument } from '@lanceur/core/testing';

const loose = deliveryOf(
  ['a.pdf', 'B.PDF', 'c.tif', 'README', 'd.db'].map((name) => memoryDocument(name, name)),
);
const envelopes = deliveryOf([
  memoryDocument('a.xml', 'a', { group: 'chorus_fact#1' }),
  memoryDocument('a.pdf', 'a', { group: 'chorus_fact#1' }),
  memoryDocument('b.xml', 'b', { group: 'chorus_fact#2' }),
  memoryDocument('c.pdf', 'c'),
  memoryDocument('d.chorus_fact#1', 'd'),
]);

const kinds = {
  'by extension': () => byExtension({ pdf: '87', '.TIF': '87', chorus_fact: '88' }),
  'by extension, the rest to one job': () => byExtension({ '*.pdf': '87', '': '2', '*': '1' }),
  'by extension, together': () => byExtension({ pdf: '87', tif: '88' }, { together: true }),
  'to one job': () => toJob('87'),
};
for (const [kind, create] of Object.entries(kinds)) {
  describe(`grouped ${kind}`, () => {
    // Kept together, a document goes where the first one goes.
    const byName = kind !== 'by extension, together';
    for (const c of grouperSuite({ create, deliveries: [loose, envelopes], byName })) test(c.name, c.run);
  });
}

function named(groups: ReturnType<ReturnType<typeof toJob>['group']>): unknown {
  return groups.map(({ key, job, documents }) => [key, job, documents.map(({ name }) => name)]);
}

describe('grouping by extension', () => {
  test('makes one group an extension, without regard to case, and leaves what no job takes', () => {
    expect(named(byExtension({ pdf: '87', TIF: '88' }).group(loose))).toEqual([
      ['pdf', '87', ['a.pdf', 'B.PDF']],
      ['tif', '88', ['c.tif']],
    ]);
  });

  test('keeps each envelope together, under the job of its type', () => {
    expect(named(byExtension({ chorus_fact: '88', pdf: '87' }).group(envelopes))).toEqual([
      ['chorus_fact#1', '88', ['a.xml', 'a.pdf']],
      ['chorus_fact#2', '88', ['b.xml']],
      ['pdf', '87', ['c.pdf']],
    ]);
  });

  test('never slips a document into an envelope because its extension is called like it', () => {
    expect(named(byExtension({ chorus_fact: '88', '*': '1' }).group(envelopes))).toEqual([
      ['chorus_fact#1', '88', ['a.xml', 'a.pdf']],
      ['chorus_fact#2', '88', ['b.xml']],
      ['pdf', '1', ['c.pdf']],
      ['.chorus_fact#1', '1', ['d.chorus_fact#1']],
    ]);
  });

  test('sends all that is together to the job of the first document that has one', () => {
    expect(named(byExtension({ tif: '88', pdf: '87' }, { together: true }).group(loose))).toEqual([
      ['pdf', '87', ['a.pdf', 'B.PDF', 'c.tif', 'README', 'd.db']],
    ]);
    expect(byExtension({ doc: '88' }, { together: true }).group(loose)).toEqual([]);
  });

  test('has another fingerprint when it groups otherwise, and the same however it is written', () => {
    const fingerprint = byExtension({ pdf: '87', tif: '88' }).fingerprint;
    expect(byExtension({ '*.TIF': '88', '.pdf': '87' }).fingerprint).toBe(fingerprint);
    expect(byExtension({ pdf: '87', tif: '87' }).fingerprint).not.toBe(fingerprint);
    expect(byExtension({ pdf: '87', tif: '88' }, { together: true }).fingerprint).not.toBe(fingerprint);
  });

  test.each([
    ['no job at all', {}],
    ['an empty job', { pdf: ' ' }],
    ['a job that is no text', { pdf: 87 as unknown as string }],
    ['a job that is missing', { pdf: undefined as unknown as string }],
    ['an extension named twice', { pdf: '87', '.PDF': '88' }],
    ['an extension that no file can have', { 'tar.gz': '87' }],
  ])('refuses %s when it is built', (_what, jobs) => {
    expect(() => byExtension(jobs)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }) as Error);
  });

  test('says what it found, whatever that is', () => {
    for (const [found, said] of [
      [undefined, 'undefined'],
      [87, '87'],
      ['', '""'],
    ] as const) {
      try {
        toJob(found as unknown as string);
        expect.unreachable();
      } catch (error) {
        expect(LanceurError.is(error, 'INVALID_OPTION')).toBe(true);
        expect((error as LanceurError).message).toContain(`got ${said}`);
      }
    }
  });
});
