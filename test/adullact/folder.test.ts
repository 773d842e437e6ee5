import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { decodeEnvelope, DEFAULT_LIMITS } from '@lanceur/adullact';
import { Budget } from '../../packages/adullact/dist/archives/budget.js';
import { filesIn, firstLook } from '../../packages/adullact/dist/folder.js';
import { contentOf, headOf } from '../../packages/adullact/dist/packed-file.js';
import { folders } from './support/folder.js';
import { metadata } from './support/samples.js';

const newFolder = folders();

async function deposit(): Promise<string> {
  const folder = await newFolder();
  mkdirSync(join(folder, 'sous', 'dossier'), { recursive: true });
  writeFileSync(join(folder, 'acte.pdf'), '%PDF acte');
  writeFileSync(join(folder, 'sous', 'dossier', 'annexe.pdf'), Buffer.alloc(100_000, 'a'));
  const files = { arrete: ['acte.pdf'], autre_document_attache: ['annexe.pdf'] };
  writeFileSync(join(folder, 'metadata.xml'), metadata.xml({ data: { acte_nature: '3' }, files }));
  return folder;
}

describe('the files of a folder', () => {
  it('are the same, with the same content, on a volume that is asked directly and on one that is not', async () => {
    const folder = await deposit();
    const read = await Promise.all(
      [true, false].map(async (near) => {
        const { files, issues } = await filesIn(folder, new Budget('a', DEFAULT_LIMITS), { near });
        return {
          issues,
          files: await Promise.all(
            files.map(async (file) => ({
              name: file.name,
              path: file.path,
              size: file.size,
              localPath: file.localPath,
              head: await headOf(file, 4),
              content: await contentOf(file),
              streamed: await buffer(file.open()),
            })),
          ),
        };
      }),
    );
    expect(read[0]).toEqual(read[1]);
    expect(read[0]?.files.map(({ path }) => path)).toEqual([
      'acte.pdf',
      'metadata.xml',
      'sous/dossier/annexe.pdf',
    ]);
    for (const { content, streamed, head, size } of read[0]?.files ?? []) {
      expect(content).toEqual(streamed);
      expect(head).toEqual(streamed.subarray(0, 4));
      expect(size).toBe(streamed.length);
    }
  });

  it.skipIf(process.platform === 'win32')('are never reached through a link', async () => {
    const folder = await deposit();
    symlinkSync('/etc', join(folder, 'etc'));
    for (const near of [true, false]) {
      const { files, issues } = await filesIn(folder, new Budget('a', DEFAULT_LIMITS), { near });
      expect(files).toHaveLength(3);
      expect(issues.map(({ code }) => code)).toEqual(['ENTRY_NOT_A_FILE']);
    }
  });

  it('are counted while they are found, on either volume', async () => {
    const folder = await deposit();
    for (const near of [true, false]) {
      const counted = filesIn(folder, new Budget('a', { ...DEFAULT_LIMITS, entries: 4 }), { near });
      await expect(counted).rejects.toMatchObject({ code: 'ENVELOPE_TOO_BIG' });
    }
  });

  it('say of a folder that is gone what they say at the first look, also just after one beside it answered', async () => {
    const folder = await deposit();
    await firstLook(folder);
    await expect(firstLook(`${folder}-gone`)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(decodeEnvelope(`${folder}-gone`)).rejects.toMatchObject({ code: 'DOCUMENT_UNREADABLE' });
  });

  it('lie at absolute paths, whatever the path that was asked for', async () => {
    const folder = await deposit();
    const envelope = await decodeEnvelope(relative(process.cwd(), folder));
    expect(envelope.documents.map(({ localPath }) => localPath)).toContain(join(folder, 'acte.pdf'));
    await envelope.close();
  });
});
