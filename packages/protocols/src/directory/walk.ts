import path from 'node:path';
import { reason, type Reason } from '@lanceur/core';
import { joinId, type FoundFile } from './ids.js';
import type { FileStat, FolderEntry } from './file-system/file-system.js';
import { wordsOfCode } from '../system-words.js';
import { isTransit } from './junk.js';
import type { Settings } from './options.js';

/** Folders in folders: deeper ones are a loop, or nothing that a person made. */
const DEEPEST = 32;

/** All that is in a sub-folder that is taken as one. */
export interface FolderContent {
  /** What is delivered. */
  readonly files: readonly FoundFile[];
  /** Left behind by systems and programs, and done-files: relative paths. */
  readonly junk: readonly string[];
  readonly doneFiles: readonly string[];
  /** Its sub-folders: relative paths, outer ones first. */
  readonly folders: readonly string[];
  /** Why it cannot be taken: the first thing in it that is no plain file. */
  readonly problem?: Reason;
}

/** Walks a folder that is taken as one. @throws the file system's error if any part of it cannot be listed. */
export async function contentOf(settings: Settings, folder: string, dev: bigint): Promise<FolderContent> {
  const files: FoundFile[] = [];
  const junk: string[] = [];
  const doneFiles: string[] = [];
  const folders: string[] = [];
  let problem: Reason | undefined;

  const pending = [''];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for await (const entries of settings.fs.list(path.join(folder, ...at.split('/')))) {
      for (const entry of entries) {
        const relative = joinId(at, entry.name);
        const { stat } = entry;
        if (settings.complete.isDoneFile?.(entry.name) === true && stat?.kind === 'file') {
          doneFiles.push(relative);
          continue;
        }
        const pattern = settings.junk(entry.name);
        if (stat?.kind === 'folder' && pattern === undefined) {
          problem ??= problemOfFolder(stat, dev, relative);
          folders.push(relative);
          if (problem === undefined) pending.push(relative);
          continue;
        }
        if (pattern !== undefined) {
          junk.push(relative);
          if (isTransit(entry.name) !== undefined)
            problem ??= reason('INCOMPLETE', { missing: `${relative} is still being written` });
          continue;
        }
        problem ??= problemOf(entry, settings);
        if (stat !== undefined) files.push({ path: relative, name: entry.name, stat });
      }
    }
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, junk, doneFiles, folders: folders.sort(), ...(problem && { problem }) };
}

/** Why an entry that is not a folder can never be taken as it is. */
export function problemOf(
  { readable, stat, error }: FolderEntry,
  { hardLinks }: Settings,
): Reason | undefined {
  if (!readable) return reason('NAME_UNREADABLE');
  if (stat === undefined)
    return reason('DOCUMENT_UNREADABLE', {
      name: 'it',
      why: error === undefined ? 'its state is not known' : wordsOfCode(error),
    });
  if (stat.kind !== 'file') return reason('NOT_A_FILE', { what: KINDS[stat.kind] });
  if (stat.links > 1 && !hardLinks) return reason('HARD_LINKED', { links: stat.links });
  return undefined;
}

/** Why a sub-folder is not looked into. */
export function problemOfFolder(stat: FileStat, dev: bigint, relative: string): Reason | undefined {
  if (stat.dev !== dev) return reason('OTHER_VOLUME');
  return relative.split('/').length > DEEPEST ? reason('TOO_DEEP', { limit: DEEPEST }) : undefined;
}

const KINDS: Readonly<Record<FileStat['kind'], string>> = {
  file: 'a file',
  folder: 'a folder',
  link: 'a symbolic link',
  fifo: 'a named pipe',
  socket: 'a socket',
  device: 'a device',
  unknown: 'something of an unknown kind',
};
