import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { decodeEnvelope, envelopes, type DecodeOptions } from '@lanceur/adullact';
import { byExtension, type Delivery, type Reason } from '@lanceur/core';
import { contentOf, deliveryOf, memoryDocument } from '@lanceur/core/testing';
import { describe, expect, test } from 'vitest';
import { folders } from './support/folder.js';
import { acteXml, enveloppeXml, metadata, PDF, pesXml } from './support/samples.js';
import { tarGzOf } from './support/tar.js';
import { zipOf, type ZipEntry } from './support/zip.js';

const newFolder = folders();

/** The files of a deposit, below a folder. */
function deposit(folder: string, number: string): readonly ZipEntry[] {
  const fields = {
    data: { acte_nature: '1', numero_de_lacte: number },
    files: { arrete: ['acte.pdf'], autre_document_attache: ['annexe.pdf'] },
  };
  return [
    { name: `${folder}acte.pdf`, content: PDF(`acte ${number}`) },
    { name: `${folder}annexe.pdf`, content: PDF(`annexe ${number}`) },
    { name: `${folder}metadata.json`, content: metadata.json(fields) },
  ];
}

const actes = (number: string) =>
  tarGzOf([
    { name: 'EACT--005520135--20260131-1.xml', content: enveloppeXml([`034-${number}-DE-1-1_0.xml`]) },
    { name: `034-${number}-DE-1-1_0.xml`, content: acteXml(number, `034-${number}-DE-1-1_1.pdf`) },
    { name: `034-${number}-DE-1-1_1.pdf`, content: PDF(number) },
  ]);

async function expand(
  content: Buffer,
  name = 'mois.zip',
): Promise<{ readonly result: Delivery; readonly left: readonly Reason[]; readonly folder: string }> {
  const left: Reason[] = [];
  const folder = await newFolder();
  const result = await envelopes().expand(deliveryOf([memoryDocument(name, content)]), {
    folder,
    leftAsItIs: (why) => left.push(why),
  });
  return { result, left, folder };
}

const whyNot = async (content: Buffer, options?: DecodeOptions): Promise<unknown> =>
  await decodeEnvelope({ name: 'mois.zip', content }, { folder: await newFolder(), ...options }).catch(
    (error: unknown) => error,
  );

describe('several deposits in one zip', () => {
  const ZIP = zipOf([
    ...deposit('2026-01/A_1/', 'A_1'),
    ...deposit('2026-01/A_2/', 'A_2'),
    { name: '__MACOSX/._x', content: 'x' },
  ]);

  test('are an envelope each, with their own documents, and say where they lay', async () => {
    const { result, left, folder } = await expand(ZIP);
    expect(left).toEqual([]);
    const groups = byExtension({ acte_nature: '12' }).group(result);
    expect(groups.map(({ key, job, documents }) => [key, job, documents.map(({ name }) => name)])).toEqual([
      ['acte_nature#1', '12', ['acte.pdf', 'annexe.pdf', 'metadata.json']],
      ['acte_nature#2', '12', ['acte (2).pdf', 'annexe (2).pdf', 'metadata (2).json']],
    ]);
    expect(result.attributes).toMatchObject({
      'acte_nature#1.envelope.path': '2026-01/A_1',
      'acte_nature#1.numero_de_lacte': 'A_1',
      'acte_nature#2.envelope.path': '2026-01/A_2',
      'acte_nature#2.numero_de_lacte': 'A_2',
      'acte_nature#2.role.acte (2).pdf': 'act',
    });
    expect(result.attributes['acte_nature#2.envelope.issues']).toBeUndefined();
    const second = groups[1]?.documents[0];
    expect(second && (await contentOf(second))).toEqual(PDF('acte A_2'));
    await result[Symbol.asyncDispose]();
    expect(await readdir(folder)).toEqual([]);
  });

  test('are not mixed into one by decodeEnvelope, which says how many there are', async () => {
    const error = await whyNot(ZIP);
    expect(error).toMatchObject({ code: 'NOT_AN_ENVELOPE' });
    expect(String(error)).toContain('2 envelopes (2026-01/A_1, 2026-01/A_2)');
  });

  test('in a folder are not mixed either', async () => {
    const folder = await newFolder();
    for (const { name, content = '' } of [...deposit('A_1/', 'A_1'), ...deposit('A_2/', 'A_2')]) {
      const path = join(folder, String(name));
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    }
    await expect(decodeEnvelope(folder)).rejects.toMatchObject({ code: 'NOT_AN_ENVELOPE' });
    const first = await decodeEnvelope(join(folder, 'A_1'));
    expect(first.documents).toHaveLength(3);
    await first.close();
  });

  test.each([
    [
      'a file lies beside them',
      [...deposit('A_1/', 'A_1'), ...deposit('A_2/', 'A_2'), { name: 'notes.txt' }],
    ],
    ['the metadata of one lies at the top', [...deposit('', 'A_1'), ...deposit('A_2/', 'A_2')]],
  ])('are one envelope, which says that there are several metadata files, where %s', async (_why, files) => {
    const { result } = await expand(zipOf(files));
    expect(new Set(result.documents.map(({ group }) => group))).toEqual(new Set(['acte_nature#1']));
    expect(result.attributes['envelope.issues']).toContain('several metadata files');
  });

  test('are refused as a whole where one of them is damaged, so that none is handed over twice', async () => {
    const broken = [{ name: 'A_2/metadata.json', content: '{"acte_nature": ' }];
    await expect(expand(zipOf([...deposit('A_1/', 'A_1'), ...broken]))).rejects.toMatchObject({
      code: 'ENVELOPE_DAMAGED',
    });
  });
});

describe('archives in one zip', () => {
  test('are an envelope each, where nothing else lies beside them', async () => {
    const { result, left } = await expand(
      zipOf([
        { name: 'retours/un.tar.gz', content: actes('A1') },
        { name: 'retours/deux.zip', content: zipOf(deposit('', 'A_2')) },
      ]),
    );
    expect(left).toEqual([]);
    expect(result.attributes).toMatchObject({
      'acte_nature#1.envelope.path': 'retours/un.tar.gz',
      'acte_nature#1.envelope.kind': 'Acte',
      'acte_nature#2.envelope.path': 'retours/deux.zip',
      'acte_nature#2.envelope.kind': 'deposit',
    });
  });

  test('may be a single one: then decodeEnvelope reads it as well', async () => {
    const content = zipOf([{ name: 'SIC-EACT--005520135--20260131-1.tar.gz', content: actes('A1') }]);
    const envelope = await decodeEnvelope({ name: 'envoi.zip', content }, { folder: await newFolder() });
    expect([envelope.kind, envelope.documents.length]).toEqual(['Acte', 3]);
    await envelope.close();
  });

  test('are left alone, with the reason, where other files lie beside them', async () => {
    const content = zipOf([
      { name: 'un.tar.gz', content: actes('A1') },
      { name: 'lisez-moi.pdf', content: PDF('x') },
    ]);
    const { result, left } = await expand(content);
    expect(result.documents.map(({ name, group }) => [name, group])).toEqual([['mois.zip', undefined]]);
    expect(left.map(({ message }) => message).join()).toContain('un.tar.gz) are not opened');
  });

  test('of a deposit stay the documents that they are', async () => {
    const fields = { data: { acte_nature: '1' }, files: { arrete: ['plans.zip'] } };
    const { result } = await expand(
      zipOf([
        { name: 'plans.zip', content: zipOf(deposit('', 'A_9')) },
        { name: 'metadata.xml', content: metadata.xml(fields) },
      ]),
    );
    expect(result.documents.map(({ name }) => name)).toEqual(['plans.zip', 'metadata.xml']);
  });

  test('are opened one level deep, and no deeper', async () => {
    const deep = zipOf([
      { name: 'b.zip', content: zipOf([{ name: 'c.zip', content: zipOf(deposit('', 'A')) }]) },
    ]);
    const { left } = await expand(deep);
    expect(left.map(({ message }) => message).join()).toContain('of b.zip, which is in it');
  });

  test('share one limit of what comes out of them, with the attachments of their XMLs', async () => {
    const content = zipOf(
      ['a', 'b', 'c'].map((name) => ({
        name: `${name}.zip`,
        content: zipOf([
          { name: 'pes.xml', content: pesXml([{ name: 'a.pdf', content: Buffer.alloc(400_000, name) }]) },
        ]),
      })),
    );
    expect(await whyNot(content, { limits: { expandedBytes: 1_000_000 } })).toMatchObject({
      code: 'ENVELOPE_TOO_BIG',
    });
    expect(String(await whyNot(content))).toContain('3 envelopes');
  });

  test('and entries of all of them are counted together', async () => {
    const content = zipOf(
      ['a', 'b'].map((name) => ({ name: `${name}.zip`, content: zipOf(deposit('', name)) })),
    );
    expect(await whyNot(content, { limits: { entries: 7 } })).toMatchObject({ code: 'ENVELOPE_TOO_BIG' });
  });
});

describe('what lies alone', () => {
  test('and is called as metadata says where a deposit has to lie', async () => {
    const { left } = await expand(
      Buffer.from(metadata.json({ data: { acte_nature: '1' } })),
      'metadata.json',
    );
    expect(left.map(({ message }) => message).join()).toContain('in a folder of its own');
  });

  test('and is a gzip of something else is no envelope, and stays as it came', async () => {
    const { result, left } = await expand(gzipSync('journal'), 'journal.log.gz');
    expect(left.map(({ code }) => code)).toEqual(['NOT_AN_ENVELOPE']);
    expect(result.documents.map(({ name }) => name)).toEqual(['journal.log.gz']);
  });
});
