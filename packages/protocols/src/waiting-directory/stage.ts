import { createHash } from 'node:crypto';
import { LanceurError, type SourceDocument } from '@lanceur/core';
import { contentOf, digestOf, refuseTooBig, type ReadLimits } from '../content.js';
import { errno, unless, type OpenFile } from './file-system.js';
import type { Settings } from './options.js';
import type { Place } from './place.js';

/** Small documents are read whole before anything is written: one write, and nothing to clean up if reading fails. */
const SMALL_BYTES = 64 * 1024;

export interface StagedContent {
  readonly size: number;
  readonly sha256: string;
  /** Whether the staged file is a further name of the source's. */
  readonly linked: boolean;
}

export interface StageOptions extends ReadLimits {
  readonly settings: Settings;
}

/**
 * Writes a document to `path`, a new file, and flushes it.
 *
 * Hashing reads every byte in any case, so that cloning the file (`COPYFILE_FICLONE`) would save nothing but the
 * write, and open a gap between the bytes hashed and those placed.
 *
 * @throws what the source's stream ends in; `DOCUMENT_UNREADABLE` where that is no `LanceurError`; `TOO_BIG`; or the
 *   file system's error.
 */
export async function stageDocument(
  place: Place,
  document: SourceDocument,
  path: string,
  options: StageOptions,
): Promise<StagedContent> {
  refuseTooBig(document, document.size ?? 0, options);
  if (options.settings.link && document.localPath !== undefined) {
    const linked = await linkSource(place, document, document.localPath, path, options);
    if (linked !== undefined) return linked;
  }
  return copy(place, document, path, options);
}

/** Flushes content that is here already. */
export async function stageBytes(
  place: Place,
  bytes: Uint8Array,
  path: string,
  keepFree: number,
): Promise<void> {
  await place.room.use(bytes.length, keepFree, async () => {
    const file = await place.fs.open(path, 'wx');
    await flushedAndClosed(file, file.write(bytes));
  });
}

async function copy(
  place: Place,
  document: SourceDocument,
  path: string,
  options: StageOptions,
): Promise<StagedContent> {
  const { keepFree } = options.settings;
  const hash = createHash('sha256');
  let size = 0;
  let file: OpenFile | undefined;
  let early: Uint8Array[] = [];
  try {
    for await (const chunk of contentOf(document, options)) {
      size += chunk.length;
      refuseTooBig(document, size, options);
      hash.update(chunk);
      if (file === undefined && size <= SMALL_BYTES) {
        early.push(chunk);
        continue;
      }
      const bytes = [...early, chunk];
      early = [];
      await place.room.use(file === undefined ? size : chunk.length, keepFree, async () => {
        file ??= await place.fs.open(path, 'wx');
        for (const one of bytes) await file.write(one);
      });
    }
    if (file === undefined) {
      const [only, ...others] = early;
      const bytes = only !== undefined && others.length === 0 ? only : Buffer.concat(early);
      await stageBytes(place, bytes, path, keepFree);
    } else {
      const written = file;
      file = undefined;
      await flushedAndClosed(written, Promise.resolve());
    }
  } finally {
    await file?.close();
  }
  return { size, sha256: hash.digest('hex'), linked: false };
}

async function flushedAndClosed(file: OpenFile, written: Promise<void>): Promise<void> {
  try {
    await written;
    await file.sync();
  } finally {
    await file.close();
  }
}

/** `undefined` where the source's file cannot be linked or flushed: then it is copied. */
async function linkSource(
  place: Place,
  document: SourceDocument,
  source: string,
  path: string,
  options: StageOptions,
): Promise<StagedContent | undefined> {
  const linked = await unless(
    place.fs.link(source, path).then(() => true),
    ...[
      'EXDEV',
      'EPERM',
      'EACCES',
      'EMLINK',
      'ENOENT',
      'ENOTSUP',
      'EOPNOTSUPP',
      'ENOSYS',
      'EISDIR',
      'EINVAL',
    ],
  );
  if (linked === undefined) return undefined;
  try {
    // A symbolic link is linked as such, and would lead the COLD elsewhere.
    if ((await place.fs.lstat(path)).kind !== 'file')
      throw Object.assign(new Error('not a file'), { code: 'EPERM' });
    const file = await place.fs.open(path, place.fs.platform === 'win32' ? 'r+' : 'r');
    await flushedAndClosed(file, Promise.resolve());
    const { size, sha256 } = await digestOf(document, options);
    await refuseAnother(place, document, source, path, size);
    return { size, sha256, linked: true };
  } catch (error) {
    await unless(place.fs.unlink(path), 'ENOENT');
    if (errno(error) === 'EACCES' || errno(error) === 'EPERM') return undefined;
    throw error;
  }
}

/** The stream has vouched for the file that the source's name leads to: it must be the one that was linked. */
async function refuseAnother(
  place: Place,
  { name }: SourceDocument,
  source: string,
  path: string,
  size: number,
): Promise<void> {
  const linked = await place.fs.lstat(path);
  const now = await unless(place.fs.lstat(source), 'ENOENT');
  if (linked.size !== size || linked.identity !== now?.identity) throw new LanceurError('CHANGED', { name });
}
