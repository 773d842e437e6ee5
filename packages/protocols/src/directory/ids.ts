import path from 'node:path';
import { fingerprintOf, LanceurError } from '@lanceur/core';
import type { FileStat } from './file-system/file-system.js';
import { pathKey } from './options.js';

/** A regular file below the source. */
export interface FoundFile {
  /** Relative to the source, or to the folder that is taken as one; with `/`. */
  readonly path: string;
  readonly name: string;
  readonly stat: FileStat;
}

/**
 * Size and mtime. Never the ctime: linking a file changes it, and so does putting it back.
 */
export function versionOf(stat: FileStat): string {
  return `${String(stat.size)}-${String(stat.mtimeNs)}`;
}

/** One version for several files, whatever order they come in. */
export function versionOfAll(files: readonly FoundFile[]): string {
  const lines = files.map((f) => `${f.path}\0${versionOf(f.stat)}`);
  return fingerprintOf(...lines.sort());
}

export function totalSize(files: readonly FoundFile[]): number {
  return files.reduce((sum, f) => sum + f.stat.size, 0);
}

/**
 * Where an id lies. A ref may have come through a queue: one that leads out of the source, or into the working folder,
 * is none of ours.
 *
 * @throws LanceurError `GONE`.
 */
export function pathOf(root: string, id: string, work: string): string {
  const segments = id.split('/');
  const full = path.join(root, ...segments);
  const isWork = pathKey(full + path.sep).startsWith(pathKey(work + path.sep));
  if (isWork || !segments.every(isSegment)) throw new LanceurError('GONE', { name: id });
  return full;
}

/** Whether an item's id names a place in the source at all. */
export function isInside(
  { root, work }: { readonly root: string; readonly work: string },
  { id }: { readonly id: string },
): boolean {
  try {
    pathOf(root, id, work);
    return true;
  } catch {
    return false;
  }
}

/** On Windows a colon begins a drive or a stream, and a backslash another segment. */
function isSegment(text: string): boolean {
  if (text === '' || text === '.' || text === '..' || text.includes('\0')) return false;
  return path.sep === '/' || !/[\\:]/u.test(text);
}

export function nameOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/** The folder of an id, `''` at the top. */
export function parentOf(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('/')));
}

export function joinId(parent: string, name: string): string {
  return parent === '' ? name : `${parent}/${name}`;
}

export function keyOf(ref: { readonly id: string; readonly version: string }): string {
  return `${ref.version}\n${ref.id}`;
}
