import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envelopes, type EnvelopesOptions } from '@lanceur/adullact';
import { byExtension, type Delivery, type Reason, type SourceDocument } from '@lanceur/core';
import { contentOf, deliveryOf, expanderSuite, memoryDocument } from '@lanceur/core/testing';
import { describe, expect, test } from 'vitest';
import { folders } from './support/folder.js';
import { acteXml, metadata, PDF, pesXml, pivotXml } from './support/samples.js';
import { tarGzOf } from './support/tar.js';
import { zipOf } from './support/zip.js';

const newFolder = folders();

const DEPOSIT = [
  { name: 'acte.pdf', content: PDF('acte') },
  {
    name: 'metadata.json',
    content: metadata.json({
      data: { acte_nature: '1', objet: 'Un objet' },
      files: { arrete: ['acte.pdf'] },
    }),
  },
];
const PIVOT = pivotXml([
  { number: 'F1', pdf: PDF('1') },
  { number: 'F2', pdf: PDF('2') },
]);

const documentsOf = (files: readonly { readonly name: string; readonly content: string | Uint8Array }[]) =>
  files.map(({ name, content }) => memoryDocument(name, content));

/** A sub-folder that is taken as one, as `directory({ unit: 'entry' })` delivers it. */
const folderOf = (
  documents: readonly SourceDocument[],
  attributes: Readonly<Record<string, string>> = {},
): Delivery =>
  deliveryOf(documents, {
    ref: { id: 'd', name: 'd', documents: [{ name: 'd', container: true }] },
    attributes,
  });

const zipDocument = (name = 'depot.zip') => memoryDocument(name, zipOf(DEPOSIT));

async function expand(
  delivery: Delivery,
  options?: EnvelopesOptions,
): Promise<{ readonly result: Delivery; readonly left: readonly Reason[] }> {
  const left: Reason[] = [];
  const result = await envelopes(options).expand(delivery, {
    folder: await newFolder(),
    leftAsItIs: (why) => left.push(why),
  });
  return { result, left };
}

const groupsOf = ({ documents }: Delivery) => documents.map(({ name, group }) => [group, name]);

describe('the conformance suite of expanders', () => {
  for (const { name, run } of expanderSuite({
    create: envelopes,
    packed: () => [
      folderOf(documentsOf(DEPOSIT)),
      deliveryOf([zipDocument()], { attributes: { path: 'depot.zip' } }),
      deliveryOf([memoryDocument('pivot.xml', PIVOT)]),
      deliveryOf([memoryDocument('pes.xml', pesXml([{ name: 'a.pdf', content: PDF('a') }]))]),
      deliveryOf([
        memoryDocument(
          'a.tar.gz',
          tarGzOf([
            { name: 'a_0.xml', content: acteXml('1', 'a.pdf') },
            { name: 'a.pdf', content: 'a' },
          ]),
        ),
      ]),
      deliveryOf([memoryDocument('corps.txt', 'Bonjour'), zipDocument(), zipDocument('autre.zip')]),
    ],
    plain: () =>
      deliveryOf([memoryDocument('a.pdf', PDF('a')), memoryDocument('b.zip', zipOf([{ name: 'c.pdf' }]))]),
    broken: () => [
      deliveryOf([memoryDocument('a.zip', zipOf(DEPOSIT).subarray(0, 200))]),
      deliveryOf([memoryDocument('a.zip', zipOf([{ name: 'a', content: 'x', crc: 1 }]))]),
      deliveryOf([memoryDocument('a.xml', pesXml().slice(0, 500))]),
      folderOf([memoryDocument('a.xml', pesXml().slice(0, 500))]),
    ],
    async folder() {
      const path = await mkdtemp(join(tmpdir(), 'lanceur-expander-'));
      return { path, dispose: () => rm(path, { recursive: true }) };
    },
  })) {
    test(name, run);
  }
});

describe('an envelope that comes', () => {
  test.each([
    ['as a folder', () => folderOf(documentsOf(DEPOSIT))],
    ['as a zip', () => deliveryOf([zipDocument()])],
    ['as loose files of which one is the metadata', () => deliveryOf(documentsOf(DEPOSIT))],
  ])('%s is one group of its type, with its fields and roles as attributes', async (_, delivery) => {
    const { result, left } = await expand(delivery());
    expect(groupsOf(result)).toEqual([
      ['acte_nature#1', 'acte.pdf'],
      ['acte_nature#1', 'metadata.json'],
    ]);
    expect(result.attributes).toMatchObject({
      'envelope.type': 'acte_nature',
      'envelope.kind': 'deposit',
      'envelope.shape': 'deposit',
      objet: 'Un objet',
      'role.acte.pdf': 'act',
      'role.metadata.json': 'metadata',
    });
    expect(left).toEqual([]);
    expect(byExtension({ acte_nature: '12' }).group(result)).toEqual([
      { key: 'acte_nature#1', job: '12', documents: result.documents },
    ]);
  });

  test('attached to a mail, among others, leaves the others as they are', async () => {
    const text = memoryDocument('message.txt', 'Bonjour');
    const { result, left } = await expand(
      deliveryOf([
        text,
        zipDocument(),
        memoryDocument('pes.xml', pesXml()),
        memoryDocument('logo.png', 'png'),
      ]),
    );
    expect(groupsOf(result)).toEqual([
      [undefined, 'message.txt'],
      [undefined, 'logo.png'],
      ['acte_nature#1', 'acte.pdf'],
      ['acte_nature#1', 'metadata.json'],
      ['helios#2', 'pes.xml'],
    ]);
    expect(result.attributes).toMatchObject({
      'acte_nature#1.objet': 'Un objet',
      'helios#2.envelope.kind': 'PES_Aller',
    });
    expect(left.map(({ message }) => message)).toEqual([
      'message.txt is not an envelope: it is no archive, and no XML of Actes, Helios or Chorus Pro',
      'logo.png is not an envelope: it is no archive, and no XML of Actes, Helios or Chorus Pro',
    ]);
  });

  test('twice, with the same names, has distinct ones', async () => {
    const { result } = await expand(deliveryOf([zipDocument(), zipDocument('autre.zip')]));
    expect(result.documents.map(({ name }) => name)).toEqual([
      'acte.pdf',
      'metadata.json',
      'acte (2).pdf',
      'metadata (2).json',
    ]);
    expect(result.attributes['acte_nature#2.role.acte (2).pdf']).toBe('act');
  });

  test('as a loose XML is one envelope: what lies beside it is not guessed', async () => {
    const { result } = await expand(
      deliveryOf([memoryDocument('a_0.xml', acteXml('1', 'a_1.pdf')), memoryDocument('a_1.pdf', 'a')]),
    );
    expect(groupsOf(result)).toEqual([
      [undefined, 'a_1.pdf'],
      ['acte_nature#1', 'a_0.xml'],
    ]);
    expect(result.attributes['envelope.issues']).toBe('a_0.xml lists a_1.pdf (act), which is not there');
  });

  test('before it was whole says so', async () => {
    const { result } = await expand(
      folderOf(documentsOf(DEPOSIT), { incomplete: 'waits for its done-file' }),
    );
    expect(result.attributes['envelope.issues']).toBe(
      'it was taken before it was whole: waits for its done-file',
    );
    await expect(
      expand(folderOf(documentsOf(DEPOSIT), { incomplete: 'x' }), { refuse: 'error' }),
    ).rejects.toThrow(expect.objectContaining({ code: 'ENVELOPE_ODD' }));
  });

  test('from a source that knows no sizes is read', async () => {
    const { result } = await expand(
      deliveryOf(
        DEPOSIT.map(({ name, content }) => {
          const { size: _size, ...document } = memoryDocument(name, content);
          return document;
        }),
      ),
    );
    expect(result.documents.map(({ name, size }) => [name, size])).toEqual([
      ['acte.pdf', PDF('acte').length],
      ['metadata.json', DEPOSIT[1]!.content.length],
    ]);
  });
});

describe('a file with several invoices', () => {
  test('is one group', async () => {
    const { result } = await expand(deliveryOf([memoryDocument('pivot.xml', PIVOT)]));
    expect(groupsOf(result)).toEqual([
      ['chorus_fact#1', 'pivot.xml'],
      ['chorus_fact#1', 'F1.pdf'],
      ['chorus_fact#1', 'F2.pdf'],
    ]);
  });

  test('or one for each invoice, each with the XML, byte for byte', async () => {
    const { result } = await expand(deliveryOf([memoryDocument('pivot.xml', PIVOT)]), { invoices: 'apart' });
    expect(groupsOf(result)).toEqual([
      ['chorus_fact#1', 'pivot.xml'],
      ['chorus_fact#1', 'F1.pdf'],
      ['chorus_fact#2', 'pivot (2).xml'],
      ['chorus_fact#2', 'F2.pdf'],
    ]);
    expect(String(await contentOf(result.documents[2]!))).toBe(PIVOT);
    expect(
      byExtension({ chorus_fact: '87' })
        .group(result)
        .map(({ key, documents }) => [key, documents.length]),
    ).toEqual([
      ['chorus_fact#1', 2],
      ['chorus_fact#2', 2],
    ]);
  });
});

describe('what is no envelope', () => {
  test('stays what it is, with the reason', async () => {
    const delivery = folderOf([memoryDocument('a.pdf', PDF('a')), memoryDocument('b.pdf', PDF('b'))]);
    const { result, left } = await expand(delivery);
    expect(result).toBe(delivery);
    expect(left.map(({ code, message }) => [code, message])).toEqual([
      [
        'NOT_AN_ENVELOPE',
        'd is not an envelope: it holds no metadata file, and none of its files is an XML of Actes, Helios or Chorus Pro',
      ],
    ]);
  });

  test('although it holds some, in archives, gives those', async () => {
    const { result, left } = await expand(
      folderOf([zipDocument('un.zip'), memoryDocument('lisez.pdf', PDF('x'))]),
    );
    expect(groupsOf(result)).toEqual([
      [undefined, 'lisez.pdf'],
      ['acte_nature#1', 'acte.pdf'],
      ['acte_nature#1', 'metadata.json'],
    ]);
    expect(left).toHaveLength(1);
  });

  test('is not opened where it is an office document, however damaged', async () => {
    const delivery = deliveryOf([memoryDocument('a.docx', zipOf(DEPOSIT).subarray(0, 100))]);
    expect((await expand(delivery)).result).toBe(delivery);
  });
});

test('nothing is left in the folder once the delivery is closed, or could not be expanded', async () => {
  const folder = await newFolder();
  const large = zipOf([...DEPOSIT, { name: 'b.pdf', content: Buffer.alloc(500_000) }]);
  const result = await envelopes().expand(deliveryOf([memoryDocument('a.zip', large)]), { folder });
  expect(await readdir(folder)).toHaveLength(1);
  await result[Symbol.asyncDispose]();
  expect(await readdir(folder)).toEqual([]);
  const bad = zipOf([
    { name: 'b.pdf', content: Buffer.alloc(500_000) },
    { name: 'c', content: 'x', crc: 1 },
  ]);
  await expect(envelopes().expand(deliveryOf([memoryDocument('a.zip', bad)]), { folder })).rejects.toThrow();
  expect(await readdir(folder)).toEqual([]);
});

test('its fingerprint changes with whatever changes what comes out', () => {
  const all = [
    {},
    { invoices: 'apart' },
    { refuse: 'error' },
    { metadata: ['x'] },
    { endMark: 'x' },
    { limits: { entries: 3 } },
    { recognise: [] },
    { roles: { x: 'act' } },
  ] satisfies readonly EnvelopesOptions[];
  expect(new Set(all.map((options) => envelopes(options).fingerprint)).size).toBe(all.length);
});

test('an option that it does not have, or a value that is none, is refused', () => {
  expect(() => envelopes({ invoice: 'apart' } as never)).toThrow(/did you mean `invoices`/u);
  expect(() => envelopes({ invoices: 'each' } as never)).toThrow(/"together" or "apart"/u);
});
