import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TnefScanner, type TnefContent } from '../../../packages/protocols/dist/mail/tnef.js';
import { needs, pathOf } from '../../support/needs.js';
import {
  ATTACH_DATA,
  ATTACH_PROPERTIES,
  namedProperty,
  tnefOf,
  unknownProperty,
  type PackedFile,
} from './tnef-writer.js';

const PDF: PackedFile = {
  title: 'FACTUR~1.PDF',
  longName: 'Facture n° 12.pdf',
  mediaType: 'application/pdf',
  content: Buffer.from('%PDF-1.7 facture'),
};
const XML: PackedFile = { title: 'facture.xml', content: Buffer.from('<Facture/>') };

function scan(stream: Buffer, cuts: readonly number[] = []): TnefContent {
  const scanner = new TnefScanner();
  let from = 0;
  for (const cut of [...cuts, stream.length]) {
    scanner.write(stream.subarray(from, cut));
    from = Math.max(from, cut);
  }
  return scanner.end();
}

/** Name and content of each file. */
function filesOf(stream: Buffer, content = scan(stream)): readonly (readonly [string, string])[] {
  return content.files.map(({ name = '', start, size }) => [
    name,
    stream.toString('latin1', start, start + size),
  ]);
}

describe('what Outlook packs', () => {
  test('is files under their long names, each with its own bytes', () => {
    const stream = tnefOf([PDF, XML]);
    expect(filesOf(stream)).toEqual([
      ['Facture n° 12.pdf', '%PDF-1.7 facture'],
      ['facture.xml', '<Facture/>'],
    ]);
    expect(scan(stream)).toMatchObject({ problems: [], files: [{ mediaType: 'application/pdf' }, {}] });
  });

  test('is found in a property as well, and may be empty', () => {
    const stream = tnefOf([
      { ...PDF, asProperty: true },
      { title: 'vide.txt', content: Buffer.alloc(0) },
    ]);
    expect(filesOf(stream)).toEqual([
      ['Facture n° 12.pdf', '%PDF-1.7 facture'],
      ['vide.txt', ''],
    ]);
  });

  test.each([
    [1252, 'caf\xe9.pdf', 'café.pdf'],
    [850, 'caf\x82.pdf', 'café.pdf'],
    [65_001, Buffer.from('café.pdf').toString('latin1'), 'café.pdf'],
    [1251, '\xd1\xf7\xe5\xf2.pdf', 'Счет.pdf'],
    [28_605, 'prix \xa4.pdf', 'prix €.pdf'],
  ])('has short names in the code page that it tells: %d', (codePage, title, name) => {
    const stream = tnefOf([{ title, content: Buffer.from('x') }], { codePage });
    expect(scan(stream).files.map((file) => file.name)).toEqual([name]);
  });

  test('may have no name at all', () => {
    expect(scan(tnefOf([{ content: Buffer.from('x') }])).files).toMatchObject([{ size: 1, inline: false }]);
  });

  test('tells a picture of the text from a file', () => {
    const picture = { title: 'image001.png', content: Buffer.from('PNG') };
    const found = scan(tnefOf([{ ...picture, hidden: true }, picture, { ...PDF, hidden: true }]));
    expect(found.files.map(({ inline }) => inline)).toEqual([true, false, false]);
  });

  test('holds files without properties after one that nobody knows', () => {
    const stream = tnefOf([{ ...PDF, properties: [unknownProperty()] }]);
    expect(filesOf(stream)).toEqual([['FACTUR~1.PDF', '%PDF-1.7 facture']]);
  });

  test('holds nothing where there is nothing but the look of the text', () => {
    expect(scan(tnefOf([]))).toEqual({ files: [], problems: [] });
  });
});

describe('what is no file, or no longer whole', () => {
  test.each([
    ['an attached message', { title: 'message', method: 5, object: tnefOf([XML]) }, 'message'],
    ['an object', { title: 'objet', method: 6, object: Buffer.from('OLE') }, 'object'],
    ['a link', { title: 'lien.pdf', method: 4 }, 'object'],
  ])('is named, and costs no other: %s', (_, odd, problem) => {
    const stream = tnefOf([odd, XML]);
    expect(scan(stream).problems).toEqual([problem]);
    expect(filesOf(stream)).toEqual([['facture.xml', '<Facture/>']]);
  });

  test.each([ATTACH_DATA, ATTACH_PROPERTIES])('is told by its sum: attribute %d', (wrongSumOf) => {
    const { files, problems } = scan(tnefOf([PDF], { wrongSumOf }));
    expect(files).toEqual([]);
    expect(problems).toEqual(['sum']);
  });

  test('is told at the first bytes where it is no TNEF', () => {
    for (const bytes of ['', 'x', '%PDF-1.7 something else'])
      expect(scan(Buffer.from(bytes))).toEqual({ files: [], problems: ['none'] });
  });

  test('is told where a file has properties alone, and these cannot be read', () => {
    const { content: _content, ...nameless } = PDF;
    const found = scan(tnefOf([{ ...nameless, properties: [unknownProperty()] }, XML]));
    expect(found.problems).toEqual(['malformed']);
    expect(found.files).toHaveLength(1);
  });

  test('is bounded in number', () => {
    const found = scan(tnefOf(Array.from({ length: 10_001 }, () => ({ content: Buffer.from('x') }))));
    expect(found.files).toHaveLength(10_000);
    expect(found.problems).toEqual(['too many']);
  });

  test('is never given of a stream that ends too soon, wherever that is', () => {
    const stream = tnefOf([PDF, { ...XML, longName: 'longue.xml' }, { ...PDF, asProperty: true }]);
    const whole = new Set(filesOf(stream).map(([, content]) => content));
    let silent = 0;
    for (let end = 0; end < stream.length; end++) {
      const cut = stream.subarray(0, end);
      const found = scan(cut);
      for (const [, content] of filesOf(cut, found)) expect(whole).toContain(content);
      if (found.problems.length === 0) silent++;
    }
    // Between two attributes a stream may end, and only the mail around it tells: the signature and 4 attributes of the
    // message, and of the first two files all that follows their bytes.
    expect(silent).toBe(5 + 3 + 3);
  });
});

describe('whatever comes', () => {
  const file = fc.record(
    {
      title: fc.string({ maxLength: 20 }).map((text) => text.replace(/[\0\u0100-\uffff]/gu, '')),
      longName: fc.string({ maxLength: 30 }).map((text) => text.replaceAll('\0', '')),
      content: fc.uint8Array({ maxLength: 200 }),
      asProperty: fc.boolean(),
      properties: fc.array(
        fc.oneof(fc.nat({ max: 9 }), fc.string({ maxLength: 5 })).map((name) => namedProperty(name)),
        { maxLength: 3 },
      ),
    },
    { requiredKeys: ['content'] },
  );

  test('files come out as they went in, however the stream is cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(file, { maxLength: 5 }), fc.infiniteStream(fc.nat()), (files, numbers) => {
        const stream = tnefOf(files);
        const cuts = [...numbers.take(20)].map((n) => n % (stream.length + 1)).sort((a, b) => a - b);
        const found = scan(stream, cuts);
        expect(found.problems).toEqual([]);
        expect(found).toEqual(scan(stream, [...stream.keys()]));
        expect(filesOf(stream, found).map(([, content]) => content)).toEqual(
          files.map(({ content }) => Buffer.from(content).toString('latin1')),
        );
      }),
    );
  });

  test('one changed byte never throws, never hangs, and never gives other bytes for a file in silence', () => {
    const stream = tnefOf([PDF, XML]);
    const whole = filesOf(stream);
    fc.assert(
      fc.property(fc.nat({ max: stream.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(stream);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        const found = scan(damaged);
        if (found.problems.length > 0 || found.files.length !== whole.length) return;
        expect(filesOf(damaged, found).map(([, content]) => content)).toEqual(whole.map((each) => each[1]));
      }),
      { numRuns: 2000 },
    );
  });

  test('any bytes behind the signature never throw, and no file is outside of them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const stream = Buffer.concat([tnefOf([]).subarray(0, 6), bytes]);
        for (const { start, size } of scan(stream).files)
          expect(start + size).toBeLessThanOrEqual(stream.length);
      }),
      { numRuns: 2000 },
    );
  });
});

const TNEF = { program: 'tnef', install: 'apt-get install tnef' } as const;

test.skipIf(!needs(TNEF.program, TNEF))(
  'another program reads the same out of what these tests write',
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'lanceur-tnef-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const stream = tnefOf([
      { ...PDF, longName: 'facture 12.pdf' },
      XML,
      { ...PDF, title: 'b.pdf', longName: 'b long.pdf' },
    ]);
    await writeFile(path.join(folder, 'winmail.dat'), stream);
    const { status } = spawnSync(pathOf(TNEF.program) ?? '', ['-f', 'winmail.dat'], { cwd: folder });
    expect(status).toBe(0);
    const names = (await readdir(folder)).filter((name) => name !== 'winmail.dat').sort();
    const theirs = [];
    for (const name of names)
      theirs.push([name, (await readFile(path.join(folder, name))).toString('latin1')]);
    expect(theirs).toEqual([...filesOf(stream)].sort(([a], [b]) => (a < b ? -1 : 1)));
  },
);
