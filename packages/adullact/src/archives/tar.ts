import { createGunzip } from 'node:zlib';
import { LanceurError, messageOf } from '@lanceur/core';
import { extract, type Header } from 'tar-stream';
import { issue, type Issue } from '../issues.js';
import type { FileSet, PackedFile } from '../packed-file.js';
import type { Store } from '../store.js';
import type { Budget } from './budget.js';
import { UntilEndOfTar } from './tar-end.js';
import { entryPath, isLitter, readName, type ReadName } from './names.js';

const KINDS: Readonly<Record<string, string>> = {
  symlink: 'a symbolic link',
  link: 'a hard link',
  'character-device': 'a device',
  'block-device': 'a device',
  fifo: 'a named pipe',
};

/** Sixteen times what Node gives at once: less to do for each byte of a large archive. */
const PIECE = 256 * 1024;

/** Which encoding names are in is told by themselves, and a checksum tells a header also where it is older than ustar. */
const OPTIONS: object = { filenameEncoding: 'latin1', allowUnknownFormat: true };

/**
 * The files of a gzipped tar, read in one pass. Names are never used as paths.
 *
 * @returns `undefined` if it is a gzip of something else.
 * @throws LanceurError `ENVELOPE_DAMAGED`, `ENVELOPE_TOO_BIG`.
 */
export async function untar(
  archive: Pick<PackedFile, 'name' | 'open'>,
  store: Store,
  budget: Budget,
): Promise<FileSet | undefined> {
  const files: PackedFile[] = [];
  const issues: Issue[] = [];
  const paths = new Set<string>();
  let packed = 0;
  let seen = 0;

  const packedStream = archive.open();
  packedStream.on('data', (chunk: Uint8Array) => {
    packed += chunk.length;
  });
  packedStream.pause();
  const gunzip = createGunzip({ chunkSize: PIECE });
  const tar = extract(OPTIONS);
  packedStream.on('error', (error) => gunzip.destroy(error));
  const wholeTar = new UntilEndOfTar();
  gunzip.on('error', (error) => {
    tar.destroy(error);
  });
  packedStream.pipe(gunzip).pipe(wholeTar).pipe(tar);
  try {
    for await (const entry of tar) {
      seen++;
      budget.entries(1);
      const { header } = entry;
      const { name: written, issues: odd } = nameOf(header);
      const { path, name, depth, escapes } = entryPath(written);
      budget.depth(depth);
      const content = budget.counted(entry, () => packed);
      if (header.type === 'directory' || isLitter(path) || !isFile(header)) {
        if (isLitter(path) && header.type !== 'directory') issues.push(issue('LITTER', { entry: path }));
        else if (header.type !== 'directory')
          issues.push(
            issue('ENTRY_NOT_A_FILE', {
              entry: written,
              what: KINDS[header.type] ?? 'of an unknown kind',
            }),
          );
        for await (const _ of content);
        continue;
      }
      issues.push(...odd);
      if (escapes) issues.push(issue('ENTRY_PATH', { entry: written }));
      if (paths.has(path)) issues.push(issue('ENTRY_REPEATED', { entry: path }));
      paths.add(path);
      files.push({ ...(await store.keep(content)), name, path });
    }
  } catch (error) {
    if (LanceurError.is(error)) throw error;
    if (seen === 0 && /invalid tar header|unexpected end of data/iu.test(messageOf(error))) return undefined;
    throw new LanceurError(
      'ENVELOPE_DAMAGED',
      { name: archive.name, why: messageOf(error) },
      { cause: error },
    );
  } finally {
    packedStream.destroy();
    gunzip.destroy();
    wholeTar.destroy();
    tar.destroy();
  }
  if (seen === 0) {
    throw new LanceurError('ENVELOPE_DAMAGED', { name: archive.name, why: 'it holds nothing at all' });
  }
  return { files, issues };
}

function isFile({ type }: Header): boolean {
  return type === 'file' || type === 'contiguous-file';
}

/** A pax header says the name in UTF-8 (POSIX.1-2001); the plain one was read byte by byte. */
function nameOf({ name, pax }: Header): ReadName {
  const path = (pax as Readonly<Record<string, unknown>> | null | undefined)?.['path'];
  if (typeof path === 'string') return { name: path.normalize('NFC'), issues: [] };
  return readName(Buffer.from(name, 'latin1'));
}
