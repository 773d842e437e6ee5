import { execFileSync } from 'node:child_process';
import { link, mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { directory, JUNK, type FileSystem } from '@lanceur/protocols/directory';
import { describe, expect, test } from 'vitest';
import { bench, find, list, listed, seen, using } from './bench.js';
import { fsError, interposed, realFileSystem } from './interposed.js';

const posix = process.platform !== 'win32';

describe('what is listed', () => {
  test('a file is known by its relative path, its size and its mtime', async () => {
    const b = await bench({ recursive: true });
    await b.write('2026/mai/a.pdf', 'content');
    await utimes(b.at('2026/mai/a.pdf'), 1_700_000_000, 1_700_000_000);
    expect(await list(b.listener())).toEqual([
      {
        id: '2026/mai/a.pdf',
        version: '7-1700000000000000000',
        name: 'a.pdf',
        size: 7,
        documents: [{ name: 'a.pdf', size: 7 }],
      },
    ]);
  });

  test('sub-folders are looked into only when asked', async () => {
    const b = await bench();
    await b.write('a.pdf');
    await b.write('sub/b.pdf');
    expect(await seen(b.listener())).toEqual({ 'a.pdf': 'ready' });
    expect(await seen(b.listener({ recursive: true }))).toEqual({ 'a.pdf': 'ready', 'sub/b.pdf': 'ready' });
  });

  test('a document and its index file are one item, whatever their letter case', async () => {
    const b = await bench({ unit: 'stem' });
    for (const name of ['SCAN1.PDF', 'scan1.xml', 'scan2.pdf', 'README']) await b.write(name);
    const refs = await list(b.listener());
    expect(refs.map((r) => [r.id, r.documents?.map((d) => d.name)])).toEqual([
      ['readme', ['README']],
      ['scan1', ['SCAN1.PDF', 'scan1.xml']],
      ['scan2', ['scan2.pdf']],
    ]);
  });

  test('a top-level sub-folder is one entry, a container under its own name, and delivers all its files', async () => {
    const b = await bench({ unit: 'entry' });
    await b.write('dossier/acte.pdf', 'acte');
    await b.write('dossier/annexes/acte.pdf', 'annexe');
    await b.write('dossier/Thumbs.db');
    await b.write('loose.pdf');
    await using(b.listener(), async (session) => {
      const refs = await listed(session);
      expect(refs.map((r) => [r.id, r.documents])).toEqual([
        ['dossier', [{ name: 'dossier', size: 10, container: true }]],
        ['loose.pdf', [{ name: 'loose.pdf', size: 9 }]],
      ]);
      const { documents } = await session.open(find(refs, 'dossier'));
      expect(documents.map((d) => d.name)).toEqual(['acte.pdf', 'acte (2).pdf']);
      const asked: string[] = [];
      const refused = await session.open(find(refs, 'dossier'), ({ name }) => {
        asked.push(name);
        return false;
      });
      expect([asked, refused.documents]).toEqual([['dossier'], []]);
    });
  });

  test('a changed file inside a sub-folder changes the version of the entry; a Thumbs.db does not', async () => {
    const b = await bench({ unit: 'entry' });
    await b.write('dossier/a.pdf');
    const version = async () => find(await list(b.listener()), 'dossier').version;
    const before = await version();
    await b.write('dossier/Thumbs.db');
    expect(await version()).toBe(before);
    await b.write('dossier/a.pdf', 'longer than before');
    expect(await version()).not.toBe(before);
  });

  test('folders that are excluded, moved to, or hold what was rejected are as if they were not there', async () => {
    const b = await bench({ recursive: true });
    for (const name of ['a.pdf', 'spool/b.pdf', 'rejected/c.pdf', '.lanceur/d.pdf']) await b.write(name);
    expect(await seen(b.listener({ exclude: ['spool'], quarantine: b.at('rejected') }))).toEqual({
      'a.pdf': 'ready',
    });
  });

  test('the folders that it uses are told, with what it never looks into', async () => {
    const b = await bench();
    const { folders } = b.listener({ recursive: true, exclude: ['spool'] });
    expect(folders).toEqual([
      {
        role: 'source',
        path: b.path,
        watched: true,
        recursive: true,
        except: [b.at('.lanceur'), b.at('.lanceur', 'rejected'), b.at('spool')],
      },
      { role: 'quarantine', path: b.at('.lanceur', 'rejected') },
    ]);
  });

  test('an incomplete listing throws at its end, so that what it could not see does not look gone', async () => {
    const b = await bench({ recursive: true });
    await b.write('a.pdf');
    await b.write('locked/b.pdf');
    const fs = interposed({
      before(name, at) {
        if (name === 'list' && at.endsWith('locked')) throw fsError('EACCES');
      },
    });
    const listener = b.listener({ fs });
    const refs: (readonly [string, string | undefined])[] = [];
    await expect(
      using(listener, async (session) => {
        for await (const ref of session.list()) refs.push([ref.id, ref.notReady?.code]);
      }),
    ).rejects.toMatchObject({ code: 'SOURCE_DENIED' });
    expect(refs).toEqual([
      ['a.pdf', undefined],
      ['locked', 'DOCUMENT_UNREADABLE'],
    ]);
    expect(listener.health?.()).toMatchObject({ code: 'SOURCE_DENIED' });
  });

  test('a folder that is not there is SOURCE_GONE, and health says so until it is back', async () => {
    const b = await bench();
    const listener = b.listener({ path: b.at('later') });
    await expect(listener.connect()).rejects.toMatchObject({ code: 'SOURCE_GONE', scope: 'source' });
    expect(listener.health?.()).toMatchObject({ code: 'SOURCE_GONE' });
    await mkdir(b.at('later'));
    await (await listener.connect()).close();
    expect(listener.health?.()).toBeUndefined();
  });

  test('a file as source is refused in words', async () => {
    const b = await bench();
    await b.write('a.pdf');
    await expect(b.listener({ path: b.at('a.pdf') }).connect()).rejects.toMatchObject({
      code: 'SOURCE_FAILED',
    });
  });

  test('entries are handed on while the folder is still being read', async () => {
    const b = await bench();
    let batches = 0;
    const stat = { kind: 'file', size: 1, mtimeNs: 1n, changedMs: 0, dev: 1n, ino: 1n, links: 1 } as const;
    const fs: FileSystem = {
      ...realFileSystem,
      async *list(folder) {
        if (folder !== b.path) return;
        for (; batches < 100; batches++) {
          yield await Promise.resolve(
            Array.from({ length: 1000 }, (_, i) => ({
              name: `${String(batches)}-${String(i)}.pdf`,
              readable: true,
              stat,
            })),
          );
        }
      },
    };
    await using(b.listener({ fs }), async (session) => {
      for await (const ref of session.list()) {
        expect(ref.notReady).toBeUndefined();
        break;
      }
    });
    expect(batches).toBeLessThan(3);
  });
});

describe('junk is listed as such, and never opened', () => {
  test.each([
    'Thumbs.db',
    'THUMBS.DB',
    'desktop.ini',
    '.DS_Store',
    '._scan.pdf',
    '~$lettre.docx',
    'scan.tmp',
    'a.pdf.part',
    'a.crdownload',
    'a.filepart',
    '.~lock.a.odt#',
  ])('%s', async (name) => {
    const b = await bench();
    await b.write(name);
    await b.write('a.pdf');
    expect(await seen(b.listener())).toEqual({ [name]: 'JUNK', 'a.pdf': 'ready' });
    expect(await seen(b.listener({ junk: [] }))).toMatchObject({ [name]: 'ready' });
  });

  test('folders of systems are not looked into', async () => {
    const b = await bench({ recursive: true });
    for (const folder of ['@eaDir', '__MACOSX', '#recycle']) await b.write(`${folder}/a.pdf`);
    expect(await seen(b.listener())).toEqual({});
    expect(await seen(b.listener({ unit: 'entry' }))).toEqual({
      '@eaDir': 'JUNK',
      __MACOSX: 'JUNK',
      '#recycle': 'JUNK',
    });
  });

  test('a list of one’s own is matched like a glob', async () => {
    const b = await bench({ junk: [...JUNK, '*.b?k'] });
    for (const name of ['a.BAK', 'a.back', 'a+b.bak']) await b.write(name);
    expect(await seen(b.listener())).toEqual({ 'a.BAK': 'JUNK', 'a.back': 'ready', 'a+b.bak': 'JUNK' });
  });

  test('a sub-folder in which something is still being written waits', async () => {
    const b = await bench({ unit: 'entry' });
    await b.write('dossier/a.pdf');
    await b.write('dossier/b.pdf.part');
    await mkdir(b.at('empty'));
    expect(await seen(b.listener())).toEqual({ dossier: 'INCOMPLETE', empty: 'INCOMPLETE' });
  });
});

describe.runIf(posix)('a hostile folder', () => {
  test('a name that is not text is reported, not addressed', async () => {
    const b = await bench();
    await writeFile(
      Buffer.concat([Buffer.from(`${b.path}/caf`), Buffer.from([0xe9]), Buffer.from('.pdf')]),
      'x',
    );
    await writeFile(
      Buffer.concat([Buffer.from(`${b.path}/caf`), Buffer.from([0xe8]), Buffer.from('.pdf')]),
      'x',
    );
    const refs = await list(b.listener());
    expect(refs.map((r) => r.notReady?.code)).toEqual(['NAME_UNREADABLE', 'NAME_UNREADABLE']);
    expect(new Set(refs.map((r) => r.id)).size).toBe(2);
  });

  test('control, bidi and reserved characters, 255 bytes and names that differ in case: delivered under safe names', async () => {
    const b = await bench({ unit: 'entry' });
    const long = `${'x'.repeat(251)}.pdf`;
    const names = ['a\nb.pdf', 'gpj.\u202efdp.exe', 'CON.pdf', 'a?b*.pdf', 'A.pdf', 'a.pdf', long];
    for (const name of names) await b.write(`dossier/${name}`, name);
    await using(b.listener(), async (session) => {
      const { documents } = await session.open(find(await listed(session), 'dossier'));
      const contents = await Promise.all(
        documents.map(async (d) => Buffer.concat(await d.open().toArray()).toString()),
      );
      expect(contents.sort()).toEqual([...names].sort());
      for (const { name } of documents) expect(name).not.toMatch(/[\n\u202e?*]|^CON/u);
      expect(new Set(documents.map((d) => d.name.toLowerCase())).size).toBe(names.length);
    });
  });

  test('links, pipes, sockets and devices are listed as what they are, and never opened', async () => {
    const b = await bench({ recursive: true });
    await b.write('../outside/secret.pdf');
    await symlink(b.at('..', 'outside', 'secret.pdf'), b.at('link.pdf'));
    await symlink(b.at('..', 'outside'), b.at('linked-folder'));
    execFileSync('mkfifo', [b.at('pipe.pdf')]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(b.at('socket.pdf'), resolve));
    try {
      expect(await seen(b.listener())).toEqual({
        'link.pdf': 'NOT_A_FILE',
        'linked-folder': 'NOT_A_FILE',
        'pipe.pdf': 'NOT_A_FILE',
        'socket.pdf': 'NOT_A_FILE',
      });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('a link inside a sub-folder holds the whole entry back', async () => {
    const b = await bench({ unit: 'entry' });
    await b.write('dossier/a.pdf');
    await symlink('/etc/passwd', b.at('dossier', 'b.pdf'));
    expect(await seen(b.listener())).toEqual({ dossier: 'NOT_A_FILE' });
  });

  test('a file with several names is left, unless hard links are allowed', async () => {
    const b = await bench();
    await b.write('a.pdf');
    await link(b.at('a.pdf'), path.join(b.beside, 'b.pdf'));
    expect(await seen(b.listener())).toEqual({ 'a.pdf': 'HARD_LINKED' });
    expect(await seen(b.listener({ hardLinks: true }))).toEqual({ 'a.pdf': 'ready' });
  });

  test('a reference from elsewhere cannot lead out of the source, or into the working folder', async () => {
    const b = await bench();
    await b.write('../beside/secret.pdf');
    await b.write('.lanceur/rejected/x.pdf');
    await using(b.listener(), async (session) => {
      for (const id of [
        '../beside/secret.pdf',
        'a/../../beside/secret.pdf',
        '/etc/passwd',
        '.lanceur/rejected/x.pdf',
        '',
        '.',
        'a\0b',
      ]) {
        const ref = { id, version: '1', name: 'x' };
        await expect(session.open(ref)).rejects.toMatchObject({ code: 'GONE' });
        expect(
          await session.settle([
            { ref, end: 'accept' },
            { ref, end: 'reject' },
          ]),
        ).toEqual([
          { ref, how: 'gone' },
          { ref, how: 'gone' },
        ]);
      }
    });
    expect(await b.tree(b.beside)).toEqual({ 'secret.pdf': '../beside/secret.pdf' });
  });

  test('a sub-folder on another volume is named, since nothing can be moved out of it in one step', async () => {
    const b = await bench({ recursive: true });
    await b.write('mounted/a.pdf');
    const fs: FileSystem = {
      ...realFileSystem,
      async *list(folder) {
        for await (const entries of realFileSystem.list(folder)) {
          yield entries.map((e) =>
            e.name === 'mounted' && e.stat ? { ...e, stat: { ...e.stat, dev: e.stat.dev + 1n } } : e,
          );
        }
      },
    };
    expect(await seen(b.listener({ fs }))).toEqual({ mounted: 'OTHER_VOLUME' });
    expect(await seen(b.listener({ fs, unit: 'entry' }))).toEqual({ mounted: 'OTHER_VOLUME' });
  });
});

describe('options are checked in words', () => {
  const root = process.platform === 'win32' ? 'C:\\depots' : '/depots';
  test.each([
    ['path', { path: 'relative' }],
    ['quiet', { path: root, quiet: -1 }],
    ['quiet', { path: root, quiet: Number.NaN }],
    ['unit', { path: root, unit: 'mail' as 'file' }],
    ['quarantine', { path: root, quarantine: root }],
    ['stallMs', { path: root, stallMs: 0 }],
    ['source', { path: root, source: ' ' }],
  ])('%s', (option, options) => {
    expect(() => directory(options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(`\`${option}\``) }),
    );
  });

  test('the source is named after its path, and its address says where it is', () => {
    const { source, address } = directory({ path: root });
    expect(source).toBe(process.platform === 'win32' ? 'directory c:/depots' : 'directory /depots');
    expect(address).toBe(`directory ${root}`);
  });
});
