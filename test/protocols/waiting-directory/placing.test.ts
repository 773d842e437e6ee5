import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { memoryDocument } from '@lanceur/core/testing';
import { nodeFileSystem, waitingDirectory, type FileSystem } from '@lanceur/protocols/waiting-directory';
import {
  content,
  failing,
  faulty,
  filesIn,
  folder,
  gate,
  group,
  id,
  one,
  planned,
  staged,
  waiting,
} from './bench.js';

describe('alone, without a launcher', () => {
  test('a group is placed, and nothing of it stays in staging', async () => {
    const { path, staging } = waiting();
    const receipt = await waitingDirectory({ jobs: { '87': path } }).submit(one());
    expect(content(path)).toEqual({ 'a.pdf': 'one' });
    expect(receipt.documents).toEqual([
      { name: 'a.pdf', size: 3, sha256: '7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed' },
    ]);
    expect(staged(staging)).toEqual([]);
  });

  test('each job feeds its own waiting directory', async () => {
    const root = folder();
    mkdirSync(join(root, 'factures'));
    mkdirSync(join(root, 'actes'));
    const submitter = waitingDirectory({
      jobs: { '87': join(root, 'factures'), '88': { path: join(root, 'actes') } },
    });
    await submitter.submit(group([memoryDocument('f.pdf', 'f')], 'pdf', '87'));
    await submitter.submit(group([memoryDocument('a.pdf', 'a')], 'pdf', '88'));
    expect(content(join(root, 'factures'))).toEqual({ 'f.pdf': 'f' });
    expect(content(join(root, 'actes'))).toEqual({ 'a.pdf': 'a' });
  });

  test('a job without a waiting directory is an error that names those there are', async () => {
    const { path } = waiting();
    const submitter = waitingDirectory({ jobs: { '87': path } });
    await expect(submitter.submit(group([memoryDocument('a.pdf', 'one')], 'pdf', '99'))).rejects.toThrow(
      /99.*knows 87/u,
    );
  });
});

describe('what a COLD can see', () => {
  test('at no moment is there anything but whole documents in the waiting directory', async () => {
    const { path } = waiting();
    const big = 'x'.repeat(300_000);
    const contents = new Set<string>([big, 'small', 'last']);
    let looks = 0;
    const look = () => {
      looks++;
      for (const found of Object.values(content(path))) expect(contents).toContain(found);
    };
    const submitter = waitingDirectory({ jobs: { '87': path }, fs: watched(look) });
    const slow = { name: 'big.pdf', open: () => Readable.from(pieces(big), { objectMode: false }) };
    await submitter.submit(
      group([slow, memoryDocument('small.xml', 'small'), memoryDocument('last.pdf', 'last')]),
    );
    expect(Object.keys(content(path)).sort()).toEqual(['big.pdf', 'last.pdf', 'small.xml']);
    expect(looks).toBeGreaterThan(30);
  });

  test('with a manifest, what it lists is there before it is', async () => {
    const { path } = waiting();
    const look = () => {
      const names = filesIn(path);
      if (names.includes('a.json')) expect(names).toEqual(['a.json', 'a.pdf', 'b.pdf']);
    };
    const submitter = waitingDirectory({ jobs: { '87': path }, manifest: true, fs: watched(look) });
    await submitter.submit(group([memoryDocument('a.pdf', 'one'), memoryDocument('b.pdf', 'two')]));
    expect(filesIn(path)).toEqual(['a.json', 'a.pdf', 'b.pdf']);
  });

  test('a folder appears with all that belongs into it', async () => {
    const { path } = waiting();
    const look = () => {
      expect([[], ['a/a.pdf', 'a/a.xml', 'a/manifest.json']]).toContainEqual(filesIn(path));
    };
    const submitter = waitingDirectory({
      jobs: { '87': path },
      layout: 'folder',
      manifest: true,
      fs: watched(look),
    });
    await submitter.submit(group([memoryDocument('a.pdf', 'one'), memoryDocument('a.xml', 'two')]));
    expect(filesIn(path)).toEqual(['a/a.pdf', 'a/a.xml', 'a/manifest.json']);
    expect(submitter.traits.atomicGroup).toBe(true);
  });

  test('everything is flushed before it is placed: its bytes, and afterwards its name', async () => {
    const { path } = waiting();
    const calls: string[] = [];
    const fs = faulty({
      open: async (file, flags) => {
        const handle = await nodeFileSystem.open(file, flags);
        return {
          ...handle,
          sync: () => (calls.push(file === path ? 'flush names' : 'flush'), handle.sync()),
        };
      },
      link: (from, to) => (
        calls.push(to.startsWith(path) ? 'place' : 'probe'),
        nodeFileSystem.link(from, to)
      ),
    });
    const submitter = waitingDirectory({ jobs: { '87': path }, fs });
    await submitter.submit(one());
    calls.length = 0;
    await submitter.submit(one('b.pdf'));
    expect(calls).toEqual(
      process.platform === 'win32' ? ['flush', 'place'] : ['flush', 'place', 'flush names'],
    );
  });
});

test('the names of two submissions are flushed by one call only if both were there when it began', async () => {
  const { path } = waiting();
  const [flushing, go, linked] = [gate(), gate(), gate()];
  let flushes = 0;
  const fs = faulty({
    open: async (p, flags) => {
      const file = await nodeFileSystem.open(p, flags);
      if (p !== path) return file;
      return {
        ...file,
        sync: async () => {
          flushes++;
          if (flushes === 2) {
            flushing.open();
            await go.opened;
          }
          await file.sync();
        },
      };
    },
    link: async (from, to) => {
      await nodeFileSystem.link(from, to);
      if (to === join(path, 'late.pdf')) linked.open();
    },
  });
  if (process.platform === 'win32') return; // Names are not flushed there.
  const submitter = waitingDirectory({ jobs: { '87': path }, fs }); // Its probe flushes once.
  const early = submitter.submit(one('early.pdf'));
  await flushing.opened;
  const late = submitter.submit(one('late.pdf'));
  await linked.opened;
  go.open();
  await Promise.all([early, late]);
  expect(flushes).toBe(3);
});

describe('names', () => {
  test('a name that is taken gets a number', async () => {
    const { path } = waiting();
    const submitter = waitingDirectory({ jobs: { '87': path } });
    for (const text of ['one', 'two', 'three']) await submitter.submit(one('scan.pdf', text));
    expect(content(path)).toEqual({ 'scan.pdf': 'one', 'scan (2).pdf': 'two', 'scan (3).pdf': 'three' });
  });

  test('a document and its index file keep one stem, whichever of the two names is taken', async () => {
    const { path } = waiting();
    writeFileSync(join(path, 'scan.xml'), 'other');
    const submitter = waitingDirectory({ jobs: { '87': path } });
    await submitter.submit(
      group([
        memoryDocument('scan.pdf', 'one'),
        memoryDocument('scan.xml', '<one/>'),
        memoryDocument('b.pdf', 'b'),
      ]),
    );
    expect(content(path)).toEqual({
      'scan.xml': 'other',
      'scan (2).pdf': 'one',
      'scan (2).xml': '<one/>',
      'b.pdf': 'b',
    });
  });

  test('they keep it also when the name is taken while their group is being placed', async () => {
    const { path } = waiting();
    const submitter = waitingDirectory({ jobs: { '87': path } });
    await submitter.submit(group([memoryDocument('scan.pdf', 'one'), memoryDocument('scan.xml', '<one/>')]), {
      beforePlacing: () => {
        writeFileSync(join(path, 'scan.pdf'), 'other');
        return Promise.resolve();
      },
    });
    expect(content(path)).toEqual({ 'scan.pdf': 'other', 'scan (2).pdf': 'one', 'scan (2).xml': '<one/>' });
  });

  test('what the second part of a group needs follows the number of the first, also in another process', async () => {
    const { path } = waiting();
    writeFileSync(join(path, 'scan.pdf'), 'other');
    const submissionId = id();
    const documents = [memoryDocument('scan.pdf', 'one'), memoryDocument('scan.xml', '<one/>')];
    let links = 0;
    const cut = faulty({
      link: (from, to) =>
        to.startsWith(path) && ++links === 2 ? Promise.reject(failing('EIO')) : nodeFileSystem.link(from, to),
    });
    let sent = planned(submissionId, []);
    const beforePlacing = (all: NonNullable<typeof sent.sent>) => {
      sent = planned(submissionId, all);
      return Promise.resolve();
    };
    const first = waitingDirectory({ jobs: { '87': path }, fs: cut });
    await expect(first.submit(group(documents), { submissionId, beforePlacing })).rejects.toMatchObject({
      code: 'TARGET_FAILED',
    });
    const second = waitingDirectory({ jobs: { '87': path } });
    const found = await second.find(sent);
    expect(found).toMatchObject({ is: 'partial', have: [{ name: 'scan.pdf' }] });
    await second.submit(group(documents), { submissionId, have: found.is === 'partial' ? found.have : [] });
    expect(content(path)).toEqual({ 'scan.pdf': 'other', 'scan (2).pdf': 'one', 'scan (2).xml': '<one/>' });
  });

  test('`refuse` blames the document, before anything is noted or placed', async () => {
    const { path, staging } = waiting();
    writeFileSync(join(path, 'a.pdf'), 'other');
    const submitter = waitingDirectory({ jobs: { '87': path }, conflict: 'refuse' });
    let noted = false;
    const beforePlacing = () => ((noted = true), Promise.resolve());
    const submission = submitter.submit(
      group([memoryDocument('b.pdf', 'b'), memoryDocument('a.pdf', 'one')]),
      { beforePlacing },
    );
    await expect(submission).rejects.toMatchObject({ code: 'NAME_CONFLICT', scope: 'document' });
    expect(noted).toBe(false);
    expect(content(path)).toEqual({ 'a.pdf': 'other' });
    expect(staged(staging)).toEqual([]);
  });

  test('`refuse` blames no document once a part of its group is placed', async () => {
    const { path } = waiting();
    const fs = faulty({
      link: async (from, to) => {
        await nodeFileSystem.link(from, to);
        if (to === join(path, 'a.pdf')) writeFileSync(join(path, 'b.pdf'), 'other');
      },
    });
    const submitter = waitingDirectory({ jobs: { '87': path }, conflict: 'refuse', fs });
    const submission = submitter.submit(
      group([memoryDocument('a.pdf', 'one'), memoryDocument('b.pdf', 'two')]),
    );
    await expect(submission).rejects.toMatchObject({ code: 'TARGET_FAILED', scope: 'target', job: '87' });
    expect(content(path)).toEqual({ 'a.pdf': 'one', 'b.pdf': 'other' });
  });

  test.each(['flat', 'folder'] as const)(
    '`same` takes what is there with the same content for placed (%s)',
    async (layout) => {
      const { path } = waiting();
      const submitter = waitingDirectory({ jobs: { '87': path }, conflict: 'same', layout, manifest: true });
      const documents = [memoryDocument('a.pdf', 'one'), memoryDocument('a.xml', 'two')];
      await submitter.submit(group(documents));
      const before = content(path);
      const receipt = await submitter.submit(group(documents));
      expect(content(path)).toEqual(before);
      expect(receipt.documents.map(({ name }) => name)).toEqual(['a.pdf', 'a.xml']);
    },
  );

  test('`same` numbers what differs, even where the size is the same', async () => {
    const { path } = waiting();
    const submitter = waitingDirectory({ jobs: { '87': path }, conflict: 'same' });
    await submitter.submit(one('a.pdf', 'one'));
    await submitter.submit(one('a.pdf', 'two'));
    expect(content(path)).toEqual({ 'a.pdf': 'one', 'a (2).pdf': 'two' });
  });

  test('an empty folder of the same name is not replaced by a group', async () => {
    const { path } = waiting();
    mkdirSync(join(path, 'a'));
    await waitingDirectory({ jobs: { '87': path }, layout: 'folder' }).submit(one());
    expect(filesIn(path)).toEqual(['a (2)/a.pdf']);
    expect(existsSync(join(path, 'a'))).toBe(true);
  });

  test('names that a delivery should not have are made safe once more', async () => {
    const { path, root } = waiting();
    await waitingDirectory({ jobs: { '87': path } }).submit(
      group([memoryDocument('../up.pdf', 'one'), memoryDocument('CON', 'two')]),
    );
    expect(filesIn(path)).toEqual(['.._up.pdf', '_CON']);
    expect(filesIn(root).filter((name) => name.endsWith('up.pdf'))).toEqual(['factures/.._up.pdf']);
  });

  test('a thousand documents of one name do not try each other’s names', async () => {
    const { path } = waiting();
    let links = 0;
    const fs = faulty({ link: (from, to) => (links++, nodeFileSystem.link(from, to)) });
    const submitter = waitingDirectory({ jobs: { '87': path }, fs });
    await submitter.submit(one('scan.pdf'));
    links = 0;
    for (let n = 0; n < 50; n++) await submitter.submit(one('scan.pdf'));
    expect(filesIn(path)).toHaveLength(51);
    expect(links).toBeLessThanOrEqual(100);
  });

  test('on a volume without hard links, what takes the name while its group is being noted is not replaced', async () => {
    const { path } = waiting();
    const fs = faulty({ link: () => Promise.reject(failing('EPERM')) });
    await waitingDirectory({ jobs: { '87': path }, fs }).submit(one(), {
      beforePlacing: () => {
        writeFileSync(join(path, 'a.pdf'), 'other');
        return Promise.resolve();
      },
    });
    expect(content(path)).toEqual({ 'a.pdf': 'other', 'a (2).pdf': 'one' });
  });

  test('on a volume without hard links, two processes that place one name at once overwrite nothing', async () => {
    const { path } = waiting();
    const fs = faulty({ link: () => Promise.reject(failing('EPERM')) });
    const submitters = [1, 2, 3].map(() => waitingDirectory({ jobs: { '87': path }, fs }));
    const contents = Array.from({ length: 12 }, (_, i) => `content ${String(i)}`);
    await Promise.all(
      contents.map(async (text, i) => {
        await submitters[i % 3]?.submit(one('a.pdf', text));
      }),
    );
    expect(Object.values(content(path)).sort()).toEqual([...contents].sort());
  });
});

describe('the manifest', () => {
  test('lists names as they were placed, digests, and attributes whose every character can be printed', async () => {
    const { path } = waiting();
    writeFileSync(join(path, 'a.pdf'), 'other');
    const submitter = waitingDirectory({ jobs: { '87': path }, manifest: true });
    await submitter.submit(one(), {
      submissionId: 'the id',
      attributes: { subject: 'evil\u202e\n', long: 'x'.repeat(1000) },
    });
    const manifest: unknown = JSON.parse(readFileSync(join(path, 'a (2).json'), 'utf8'));
    expect(manifest).toEqual({
      submissionId: 'the id',
      job: '87',
      group: 'pdf',
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/u) as unknown,
      attributes: { subject: 'evil\\u{202e}\\u{a}', long: 'x'.repeat(1000) },
      documents: [
        {
          name: 'a (2).pdf',
          size: 3,
          sha256: '7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed',
        },
      ],
    });
  });

  test('can be called otherwise, and never takes the name of a document', async () => {
    const { path } = waiting();
    const submitter = waitingDirectory({
      jobs: { '87': path },
      manifest: { name: ({ key }) => `${key}/lot.json` },
    });
    await submitter.submit(group([memoryDocument('a.pdf', 'one'), memoryDocument('pdf_lot.json', '{}')]));
    expect(filesIn(path)).toEqual(['a.pdf', 'pdf_lot (2).json', 'pdf_lot.json']);
    expect(readFileSync(join(path, 'pdf_lot.json'), 'utf8')).toBe('{}');
  });

  test('is what is called manifest.json in a folder, even beside a document of that name', async () => {
    const { path } = waiting();
    const submitter = waitingDirectory({ jobs: { '87': path }, layout: 'folder', manifest: true });
    await submitter.submit(group([memoryDocument('manifest.json', 'mine')]));
    expect(readFileSync(join(path, 'manifest/manifest (2).json'), 'utf8')).toBe('mine');
    expect(JSON.parse(readFileSync(join(path, 'manifest/manifest.json'), 'utf8'))).toMatchObject({
      job: '87',
    });
  });
});

describe('linking the source', () => {
  test('a local document is linked if that is wished, and otherwise copied', async () => {
    const { path, root } = waiting();
    const source = join(root, 'source.pdf');
    writeFileSync(source, 'one');
    const document = { ...memoryDocument('a.pdf', 'one'), localPath: source };
    await waitingDirectory({ jobs: { '87': path } }).submit(group([document]));
    await waitingDirectory({ jobs: { '87': path }, link: true }).submit(
      group([{ ...document, name: 'b.pdf' }]),
    );
    const inode = (file: string) => statSync(file, { bigint: true }).ino;
    expect(inode(join(path, 'a.pdf'))).not.toBe(inode(source));
    expect(inode(join(path, 'b.pdf'))).toBe(inode(source));
  });

  test('a file that is not what its stream gave is not placed', async () => {
    const { path, root } = waiting();
    writeFileSync(join(root, 'source.pdf'), 'one');
    const document = { ...memoryDocument('a.pdf', 'other'), localPath: join(root, 'source.pdf') };
    const attempt = waitingDirectory({ jobs: { '87': path }, link: true }).submit(group([document]));
    await expect(attempt).rejects.toMatchObject({ code: 'CHANGED' });
    expect(content(path)).toEqual({});
  });

  test('a file that was put in the place of another while it was read is not placed', async () => {
    const { path, root } = waiting();
    const source = join(root, 'source.pdf');
    writeFileSync(source, 'one');
    const document = {
      name: 'a.pdf',
      localPath: source,
      open() {
        renameSync(source, join(root, 'away.pdf'));
        writeFileSync(source, 'two');
        return memoryDocument('a.pdf', 'two').open();
      },
    };
    const attempt = waitingDirectory({ jobs: { '87': path }, link: true }).submit(group([document]));
    await expect(attempt).rejects.toMatchObject({ code: 'CHANGED' });
    expect(content(path)).toEqual({});
  });

  test('what cannot be linked is copied', async () => {
    const { path, root } = waiting();
    writeFileSync(join(root, 'source.pdf'), 'one');
    const fs = faulty({
      link: (from, to) =>
        from.endsWith('source.pdf') ? Promise.reject(failing('EXDEV')) : nodeFileSystem.link(from, to),
    });
    const document = { ...memoryDocument('a.pdf', 'one'), localPath: join(root, 'source.pdf') };
    await waitingDirectory({ jobs: { '87': path }, link: true, fs }).submit(group([document]));
    expect(content(path)).toEqual({ 'a.pdf': 'one' });
    expect(statSync(join(root, 'source.pdf')).nlink).toBe(1);
  });

  test('a second name of the source alone does not pass for a document that was placed', async () => {
    const { path, root } = waiting();
    writeFileSync(join(root, 'source.pdf'), 'one');
    const document = { ...memoryDocument('a.pdf', 'one'), localPath: join(root, 'source.pdf') };
    const submissionId = id();
    const fs = faulty({
      link: (from, to) =>
        to.startsWith(path) ? Promise.reject(failing('EIO')) : nodeFileSystem.link(from, to),
    });
    let note = planned(submissionId, []);
    const submitter = waitingDirectory({ jobs: { '87': path }, link: true, fs });
    const submission = submitter.submit(group([document]), {
      submissionId,
      beforePlacing: (sent) => ((note = planned(submissionId, sent)), Promise.resolve()),
    });
    await expect(submission).rejects.toMatchObject({ code: 'TARGET_FAILED' });
    const next = () => waitingDirectory({ jobs: { '87': path }, link: true });
    const { sent: _sent, ...withoutNote } = note;
    expect(await next().find(withoutNote)).toEqual({ is: 'unknown' });
    expect(await next().find(note)).toEqual({ is: 'absent' });
  });

  test('after the source has moved, it is found by its name in the target, or not told', async () => {
    const { path, root } = waiting();
    const source = join(root, 'source.pdf');
    writeFileSync(source, 'one');
    const submissionId = id();
    let note = planned(submissionId, []);
    await waitingDirectory({ jobs: { '87': path }, link: true }).submit(
      group([{ ...memoryDocument('a.pdf', 'one'), localPath: source }]),
      {
        submissionId,
        beforePlacing: (sent) => ((note = planned(submissionId, sent)), Promise.resolve()),
      },
    );
    linkSync(source, join(root, 'another name.pdf'));
    const next = () => waitingDirectory({ jobs: { '87': path }, link: true });
    expect(await next().find(note)).toMatchObject({ is: 'found' });
    unlinkSync(join(path, 'a.pdf'));
    expect(await next().find(note)).toEqual({ is: 'unknown' });
  });
});

function* pieces(text: string): Iterable<Buffer> {
  for (let at = 0; at < text.length; at += 30_000) yield Buffer.from(text.slice(at, at + 30_000));
}

/** The disk, with a look before and after every effect. */
function watched(look: () => void): FileSystem {
  const seen = async <T>(work: Promise<T>): Promise<T> => {
    look();
    const result = await work;
    look();
    return result;
  };
  return faulty({
    open: async (path, flags) => {
      const file = await seen(nodeFileSystem.open(path, flags));
      return {
        ...file,
        write: (data) => seen(file.write(data)),
        sync: () => seen(file.sync()),
        close: () => seen(file.close()),
      };
    },
    link: (from, to) => seen(nodeFileSystem.link(from, to)),
    rename: (from, to) => seen(nodeFileSystem.rename(from, to)),
    unlink: (path) => seen(nodeFileSystem.unlink(path)),
    mkdir: (path) => seen(nodeFileSystem.mkdir(path)),
  });
}
