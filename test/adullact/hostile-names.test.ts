// Names that are made to do harm, through the whole of it: in an archive, in the metadata, in an XML.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeEnvelope } from '@lanceur/adullact';
import { contentOf } from '@lanceur/core/testing';
import { expect, test } from 'vitest';
import { folders } from './support/folder.js';
import { metadata, PDF, pesXml } from './support/samples.js';
import { tarGzOf } from './support/tar.js';
import { zipOf } from './support/zip.js';

const newFolder = folders();

const NAMES = [
  '../../dehors.pdf',
  '..\\..\\dehors2.pdf',
  '/etc/absolu.pdf',
  'C:\\Windows\\absolu.pdf',
  '\\\\serveur\\partage\\unc.pdf',
  'con.pdf',
  'flux.pdf:cache',
  'nul\0fin.pdf',
  'point. ',
  'envers\u202efdp.exe',
  'ligne\r\nsuite.pdf',
  'Casse.pdf',
  'casse.PDF',
  'e\u0301te\u0301.pdf',
];

/** What Windows and POSIX take for a name, and nothing else (Microsoft, "Naming Files, Paths, and Namespaces"). */

const UNSAFE =
  /[\0-\x1f\x7f-\x9f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/iu;

const listing = metadata.json({ data: { acte_nature: '1' }, files: { autre_document_attache: NAMES } });
const files = [
  ...NAMES.map((name, i) => ({ name, content: PDF(String(i)) })),
  { name: 'metadata.json', content: Buffer.from(listing) },
];
const pes = pesXml(
  NAMES.filter((name) => !/[\0\r]/u.test(name)).map((name, i) => ({ name, content: PDF(String(i)) })),
);

test.each([
  ['a zip', 'a.zip', zipOf(files)],
  ['a tar.gz', 'a.tar.gz', tarGzOf(files)],
  ['a deposit in memory', 'a', files],
  ['the attachments of a PES', 'a.xml', Buffer.from(pes)],
])(
  'hostile names of %s become names, distinct ones, and no file lies where they point',
  async (_, name, content) => {
    const around = await newFolder();
    const folder = join(around, 'a', 'b');
    await mkdir(folder, { recursive: true });
    await writeFile(join(around, 'dehors.pdf'), 'as it was');

    const envelope = await decodeEnvelope(
      Array.isArray(content) ? { name, files: content } : { name, content: content },
      { folder },
    );
    const names = envelope.documents.map((document) => document.name);
    expect(names.filter((each) => UNSAFE.test(each))).toEqual([]);
    expect(new Set(names.map((each) => each.normalize('NFC').toLowerCase())).size).toBe(names.length);
    const contents = new Set<string>();
    for (const { open } of envelope.documents) contents.add((await contentOf(open())).toString('latin1'));
    expect(contents.size).toBe(envelope.documents.length);

    const outside = (await readdir(around, { recursive: true })).filter((path) => !path.startsWith('a'));
    expect(outside).toEqual(['dehors.pdf']);
    await envelope.close();
    expect(await readdir(folder)).toEqual([]);
  },
);
