import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Limits } from '@lanceur/adullact';
import { LanceurError } from '@lanceur/core';
import { contentOf } from '@lanceur/core/testing';
import { describe, expect, test } from 'vitest';
import { Budget } from '../../../packages/adullact/dist/archives/budget.js';
import { untar } from '../../../packages/adullact/dist/archives/tar.js';
import { unzip } from '../../../packages/adullact/dist/archives/zip.js';
import { limitsOf } from '../../../packages/adullact/dist/limits.js';
import type { FileSet } from '../../../packages/adullact/dist/packed-file.js';
import { inMemory, Store } from '../../../packages/adullact/dist/store.js';
import { folders } from '../support/folder.js';
import { paxPath, tarGzOf, tarOf } from '../support/tar.js';
import { unicodePath, zipOf } from '../support/zip.js';

const newFolder = folders();
const MIB = 1024 * 1024;

interface Opened {
  readonly set: FileSet | undefined;
  readonly folder: string;
}

async function open(
  how: typeof unzip | typeof untar,
  bytes: Buffer,
  limits: Partial<Limits> = {},
): Promise<Opened> {
  const folder = await newFolder();
  const store = new Store(() => Promise.resolve(folder));
  const budget = new Budget('an archive', limitsOf(limits));
  return { set: await how({ ...inMemory(bytes), name: 'an archive' }, store, budget), folder };
}

async function unzipped(bytes: Buffer, limits?: Partial<Limits>): Promise<FileSet> {
  const { set } = await open(unzip, bytes, limits);
  return set!;
}

async function untarred(bytes: Buffer, limits?: Partial<Limits>): Promise<FileSet> {
  const { set } = await open(untar, bytes, limits);
  return set!;
}

const names = ({ files }: FileSet) => files.map(({ name }) => name);
const codes = ({ issues }: FileSet) => issues.map(({ code }) => code);
const refusal = (code: string, message: RegExp | string = ''): unknown =>
  expect.objectContaining({ code, scope: 'document', message: expect.stringMatching(message) });

describe('an archive that is as it should be', () => {
  const files = [
    { name: 'acte.pdf', content: '%PDF-1.7 acte' },
    { name: 'vide.txt', content: '' },
    { name: 'grand.bin', content: Buffer.alloc(300_000, 'abcdefg') },
  ];

  test.each([
    ['a zip', () => unzipped(zipOf(files))],
    ['a zip of stored entries', () => unzipped(zipOf(files.map((f) => ({ ...f, method: 0 }))))],
    ['a tar.gz', () => untarred(tarGzOf(files))],
    [
      'a tar.gz in two parts',
      () => {
        const tar = tarOf(files);
        return untarred(Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))]));
      },
    ],
  ])('%s gives its files, byte for byte, as often as they are opened', async (_, read) => {
    const set = await read();
    expect(codes(set)).toEqual([]);
    expect(names(set)).toEqual(files.map((f) => f.name));
    for (const [i, file] of set.files.entries()) {
      const content = Buffer.from(files[i]!.content);
      expect(file.size).toBe(content.length);
      expect((await contentOf(file.open())).equals(content)).toBe(true);
      expect((await contentOf(file.open())).equals(content)).toBe(true);
    }
  });

  test('large files go to the private folder, under names of our own, small ones stay in memory', async () => {
    const { folder, set } = await open(unzip, zipOf(files));
    expect((await readdir(folder)).filter((name) => !/^[0-9a-f]{18}\.part$/u.test(name))).toEqual([]);
    expect(set!.files.map((f) => f.localPath !== undefined)).toEqual([false, false, true]);
  });
});

describe('names', () => {
  const name = 'Délibération n° 12 – été.pdf';
  const dos = Buffer.from(
    [...Buffer.from('Annexe ')].concat([0x82, 0x74, 0x82, 0x20, 0x85, 0x20, 0xb7, 0x2e, 0x70, 0x64, 0x66]),
  );

  test('are UTF-8 where a zip says so, and where it does not say so', async () => {
    expect(names(await unzipped(zipOf([{ name }])))).toEqual([name]);
    expect(names(await unzipped(zipOf([{ name, flags: 0 }])))).toEqual([name]);
    expect(names(await untarred(tarGzOf([{ name }])))).toEqual([name]);
  });

  test('of DOS and Windows are read in code page 850, and said to be', async () => {
    const set = await unzipped(zipOf([{ name: dos }]));
    expect(names(set)).toEqual(['Annexe été à À.pdf']);
    expect(codes(set)).toEqual(['ENTRY_NAME_GUESSED']);
  });

  test.each([
    ['a zip', (raw: Buffer) => unzipped(zipOf([{ name: raw }]))],
    ['a tar.gz', (raw: Buffer) => untarred(tarGzOf([{ name: raw }]))],
  ])('in ISO-8859-1 in %s are read as such', async (_, read) => {
    const set = await read(Buffer.from('Arrêté n° 3 été.pdf', 'latin1'));
    expect(names(set)).toEqual(['Arrêté n° 3 été.pdf']);
    expect(codes(set)).toEqual(['ENTRY_NAME_GUESSED']);
  });

  test('in the extra field of a zip count, unless they were made for another name', async () => {
    const good = { name: dos, extra: unicodePath(dos, 'Annexe œuvre.pdf') };
    const stale = { name: dos, extra: unicodePath(Buffer.from('another'), 'Annexe œuvre.pdf') };
    expect(names(await unzipped(zipOf([good])))).toEqual(['Annexe œuvre.pdf']);
    expect(names(await unzipped(zipOf([stale])))).toEqual(['Annexe été à À.pdf']);
  });

  test('that are long come from pax headers', async () => {
    const long = `${'très '.repeat(30)}long.pdf`;
    expect(names(await untarred(tarGzOf([paxPath(long), { name: 'short', content: 'x' }])))).toEqual([long]);
  });

  test('are composed: é is one character', async () => {
    expect(names(await unzipped(zipOf([{ name: 'e\u0301te\u0301.pdf' }])))).toEqual(['été.pdf']);
  });
});

describe('an entry that leads out of its archive', () => {
  test.each([
    '../../etc/passwd',
    '/etc/passwd',
    'C:\\Windows\\passwd',
    'C:passwd',
    '\\\\server\\share\\passwd',
    'a/../../passwd',
    '..\\..\\passwd',
  ])('%s is a file called passwd, nowhere else, and an issue', async (name) => {
    for (const opened of [
      await open(unzip, zipOf([{ name, content: Buffer.alloc(400_000) }])),
      await open(untar, tarGzOf([{ name, content: Buffer.alloc(400_000) }])),
    ]) {
      expect(names(opened.set!)).toEqual(['passwd']);
      expect(codes(opened.set!)).toEqual(['ENTRY_PATH']);
      expect(opened.set!.files[0]!.localPath!.startsWith(opened.folder)).toBe(true);
    }
  });
});

describe('an entry that is no file', () => {
  const what = {
    '1': 'a hard link',
    '2': 'a symbolic link',
    '3': 'a device',
    '4': 'a device',
    '6': 'a named pipe',
  };

  test.each(Object.entries(what))('of type %s in a tar.gz is left out as %s', async (type, kind) => {
    const set = await untarred(
      tarGzOf([
        { name: 'evil', type, link: '/etc/passwd' },
        { name: 'good', content: 'x' },
      ]),
    );
    expect(names(set)).toEqual(['good']);
    expect(set.issues).toEqual([
      expect.objectContaining({
        code: 'ENTRY_NOT_A_FILE',
        severity: 'error',
        data: { entry: 'evil', what: kind },
      }),
    ]);
  });

  test.each([
    [0o120777, 'a symbolic link'],
    [0o020666, 'a device'],
    [0o060666, 'a device'],
    [0o010666, 'a named pipe'],
    [0o140666, 'a socket'],
  ])('of mode %o in a zip is left out', async (mode, kind) => {
    const set = await unzipped(zipOf([{ name: 'evil', content: '/etc/passwd', mode }, { name: 'good' }]));
    expect(names(set)).toEqual(['good']);
    expect(set.issues[0]?.data).toEqual({ entry: 'evil', what: kind });
  });

  test('a folder is no issue', async () => {
    const zip = zipOf([
      { name: 'dossier/' },
      { name: 'other', mode: 0o040755 },
      { name: 'dossier/a.pdf', content: 'a' },
    ]);
    const tar = tarGzOf([
      { name: 'dossier/', type: '5' },
      { name: 'dossier/a.pdf', content: 'a' },
    ]);
    for (const set of [await unzipped(zip), await untarred(tar)]) {
      expect(set.files.map((f) => f.path)).toEqual(['dossier/a.pdf']);
      expect(codes(set)).toEqual([]);
    }
  });
});

describe('what is odd and read', () => {
  test('an entry that is there twice is handed over twice', async () => {
    const twice = [
      { name: 'a.pdf', content: 'one' },
      { name: 'a.pdf', content: 'two' },
    ];
    for (const set of [await unzipped(zipOf(twice)), await untarred(tarGzOf(twice))]) {
      expect(await Promise.all(set.files.map(async (f) => String(await contentOf(f.open()))))).toEqual([
        'one',
        'two',
      ]);
      expect(codes(set)).toEqual(['ENTRY_REPEATED']);
    }
  });

  test('what macOS and Windows leave behind is left out', async () => {
    const litter = ['__MACOSX/._acte.pdf', '.DS_Store', 'dossier/Thumbs.db', '._x'].map((name) => ({
      name,
      content: 'x',
    }));
    for (const set of [
      await unzipped(zipOf([...litter, { name: 'acte.pdf' }])),
      await untarred(tarGzOf([...litter, { name: 'acte.pdf' }])),
    ]) {
      expect(names(set)).toEqual(['acte.pdf']);
      expect(codes(set)).toEqual(['LITTER', 'LITTER', 'LITTER', 'LITTER']);
    }
  });

  test('an archive within an archive is a file like any other', async () => {
    const inner = zipOf([{ name: 'x', content: Buffer.alloc(50 * MIB) }]);
    expect((await unzipped(zipOf([{ name: 'inner.zip', content: inner }]))).files[0]?.size).toBe(
      inner.length,
    );
  });
});

describe('a private folder that cannot be written', () => {
  test.each([
    ['a zip', unzip, zipOf],
    ['a tar.gz', untar, tarGzOf],
  ] as const)('is no fault of %s, and is called by its name', async (_, how, make) => {
    const gone = join(await newFolder(), 'gone');
    const store = new Store(() => Promise.resolve(gone));
    const archive = {
      ...inMemory(make([{ name: 'a', content: Buffer.alloc(400_000) }])),
      name: 'an archive',
    };
    await expect(how(archive, store, new Budget('an archive', limitsOf()))).rejects.toEqual(
      expect.objectContaining({
        code: 'SPOOL_FAILED',
        scope: 'system',
        message: expect.stringContaining(gone),
      }),
    );
  });
});

describe('what is refused', () => {
  test.each([0x801, 0x841])('an encrypted entry, by its name (flags %i)', async (flags) => {
    const zip = zipOf([{ name: 'a.pdf' }, { name: 'secret.pdf', content: 'x', flags }]);
    await expect(unzipped(zip)).rejects.toEqual(refusal('ENVELOPE_UNSAFE', /is encrypted/u));
    if (flags === 0x801)
      await expect(unzipped(zip)).rejects.toEqual(refusal('ENVELOPE_UNSAFE', /secret\.pdf/u));
  });

  test('a content that does not match its checksum, by its name', async () => {
    const zip = zipOf([
      { name: 'a.pdf', content: 'good' },
      { name: 'b.pdf', content: 'bad', crc: 1 },
    ]);
    await expect(unzipped(zip)).rejects.toEqual(
      refusal('ENVELOPE_DAMAGED', /b\.pdf does not match its checksum/u),
    );
  });

  test('an entry that is larger or smaller than it says', async () => {
    for (const size of [3, 300]) {
      await expect(unzipped(zipOf([{ name: 'a', content: 'abcdef'.repeat(10), size }]))).rejects.toEqual(
        refusal('ENVELOPE_DAMAGED'),
      );
    }
  });

  test('a way of compressing that nobody uses here', async () => {
    await expect(unzipped(zipOf([{ name: 'a', method: 12 }]))).rejects.toEqual(
      refusal('ENVELOPE_UNSAFE', /method 12/u),
    );
  });

  test('entries that share their bytes', async () => {
    const content = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * i) % 251));
    const entries = Array.from({ length: 50 }, (_, i) => ({ name: String(i), content, method: 0 }));
    await expect(unzipped(zipOf(entries, { overlap: true }))).rejects.toEqual(
      refusal('ENVELOPE_UNSAFE', /share/u),
    );
  });

  test('more entries than the directory announces: those that do not fit into its count would be lost', async () => {
    const entries = Array.from({ length: 5 }, (_, i) => ({ name: String(i), content: 'x' }));
    await expect(unzipped(zipOf(entries, { count: 3 }))).rejects.toEqual(
      refusal('ENVELOPE_DAMAGED', /more entries/u),
    );
  });

  test.each([
    ['a zip', () => unzipped(zipOf([{ name: 'bomb', content: Buffer.alloc(64 * MIB) }]))],
    ['a tar.gz', () => untarred(tarGzOf([{ name: 'bomb', content: Buffer.alloc(64 * MIB) }]))],
  ])('a bomb in %s, before it has gone off', async (_, read) => {
    await expect(read()).rejects.toEqual(refusal('ENVELOPE_TOO_BIG', /limits\.ratio/u));
  });

  test.each([
    ['a zip', unzip, zipOf],
    ['a tar.gz', untar, tarGzOf],
  ] as const)('too much in all, in %s, whatever each of its entries has', async (_, how, make) => {
    const content = Buffer.alloc(40_000, 'no bomb, only large. ');
    const bytes = make(Array.from({ length: 100 }, (__, i) => ({ name: String(i), content })));
    await expect(open(how, bytes, { expandedBytes: MIB })).rejects.toEqual(
      refusal('ENVELOPE_TOO_BIG', /limits\.expandedBytes/u),
    );
  });

  test.each([
    ['a zip', unzip, zipOf],
    ['a tar.gz', untar, tarGzOf],
  ] as const)('a hundred thousand entries in %s', { timeout: 120_000 }, async (_, how, make) => {
    // What does not fit into the count of a zip is caught as well; here it is what it says.
    const bytes = make(
      Array.from({ length: how === unzip ? 60_000 : 100_000 }, (__, i) => ({ name: String(i) })),
    );
    await expect(open(how, bytes)).rejects.toEqual(refusal('ENVELOPE_TOO_BIG', /limits\.entries/u));
  });

  test('folders in folders without end', async () => {
    const name = `${'a/'.repeat(500)}b`;
    await expect(unzipped(zipOf([{ name }]))).rejects.toEqual(refusal('ENVELOPE_TOO_BIG', /limits\.depth/u));
  });

  test('a tar.gz of nothing', async () => {
    await expect(untarred(gzipSync(''))).rejects.toEqual(refusal('ENVELOPE_DAMAGED'));
    await expect(untarred(gzipSync(Buffer.alloc(10_240)))).rejects.toEqual(refusal('ENVELOPE_DAMAGED'));
  });

  test('a gzip of something else is no tar.gz, and nobody’s fault', async () => {
    expect((await open(untar, gzipSync('<xml/>'.repeat(200)))).set).toBeUndefined();
    expect((await open(untar, gzipSync('<xml/>'))).set).toBeUndefined();
  });
});

describe('an archive that is cut short, wherever it is cut', () => {
  const files = [
    { name: 'a.pdf', content: 'the first document, of some length' },
    { name: 'b.pdf', content: Buffer.from(Array.from({ length: 700 }, (_, i) => (i * 7919) % 256)) },
  ];

  test.each([
    ['a zip', unzip, zipOf(files)],
    ['a tar.gz', untar, tarGzOf(files)],
  ] as const)('%s is never taken for whole', async (_, how, whole) => {
    for (let length = 0; length < whole.length; length++) {
      const error: unknown = await open(how, whole.subarray(0, length)).then(
        () => undefined,
        (e: unknown) => e,
      );
      expect(
        LanceurError.is(error, 'ENVELOPE_DAMAGED'),
        `cut at ${String(length)} of ${String(whole.length)}`,
      ).toBe(true);
    }
  });
});
