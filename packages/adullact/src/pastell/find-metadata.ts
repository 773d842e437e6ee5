import { extensionOf, LanceurError } from '@lanceur/core';
import { issue, type Issue } from '../issues.js';
import { contentOf, headOf, type PackedFile } from '../packed-file.js';
import type { Settings } from '../options.js';
import { mayBeMetadata, MOST_METADATA_BYTES, readMetadata, type Metadata } from './metadata.js';
import { missingOf } from './match.js';

/** The metadata of a deposit, and its file. */
export interface FoundMetadata {
  readonly file?: PackedFile;
  readonly metadata?: Metadata;
  readonly issues: readonly Issue[];
  /** Why a file that is called as metadata could not be read. */
  readonly failure?: LanceurError;
}

interface Candidate {
  readonly file: PackedFile;
  readonly rank: number;
}

/**
 * The metadata file: by its name, else by what it says, since an installation names it as it likes. Of several, the one
 * that is nearest to the top.
 *
 * @throws what opening and reading throw.
 */
export async function findMetadata(files: readonly PackedFile[], settings: Settings): Promise<FoundMetadata> {
  const possible = files.filter(
    ({ name, size }) => size <= MOST_METADATA_BYTES && mayBeMetadata(name) && !settings.isEndMark(name),
  );
  const called = possible.flatMap((file): readonly Candidate[] => {
    const rank = settings.rankOfMetadata(file.name);
    return rank === undefined ? [] : [{ file, rank }];
  });
  const byName = await firstReadable(called.sort(nearerFirst));
  if (byName.metadata !== undefined) return byName;

  for (const file of possible) {
    if (settings.rankOfMetadata(file.name) !== undefined) continue;
    const metadata = await readQuietly(file);
    if (metadata !== undefined && saysSo(metadata, files, settings))
      return { file, metadata, issues: [...metadata.issues, ...byName.issues] };
  }
  return byName;
}

interface Read {
  readonly file: PackedFile;
  readonly metadata: Metadata;
}

async function firstReadable(candidates: readonly Candidate[]): Promise<FoundMetadata> {
  const issues: Issue[] = [];
  let failure: LanceurError | undefined;
  for (const [i, { file }] of candidates.entries()) {
    try {
      const metadata = readMetadata(file.name, await contentOf(file));
      if (metadata !== undefined) return await chosen({ file, metadata }, candidates.slice(i + 1), issues);
    } catch (error) {
      if (!LanceurError.is(error, 'ENVELOPE_DAMAGED', 'ENVELOPE_UNSAFE')) throw error;
      failure ??= error;
      const why = String(error.reason.data?.['why'] ?? error.reason.message);
      issues.push(issue('METADATA_UNREADABLE', { file: file.name, why }));
    }
  }
  return { issues, ...(failure && { failure }) };
}

async function chosen(
  first: Read,
  rest: readonly Candidate[],
  issues: readonly Issue[],
): Promise<FoundMetadata> {
  const used = (await listerOf(first, rest)) ?? first;
  const others = [first, ...rest].flatMap(({ file }) =>
    file === used.file || lists(used.metadata, file) ? [] : [file.path],
  );
  const several =
    others.length === 0
      ? []
      : [issue('SEVERAL_METADATA', { used: used.file.path, others: others.join(', ') })];
  return { ...used, issues: [...used.metadata.issues, ...issues, ...several] };
}

/** A dossier may have a file of metadata among its documents ("Fichier contenant les métadonnées"): then another lists it. */
async function listerOf(first: Read, rest: readonly Candidate[]): Promise<Read | undefined> {
  for (const { file } of rest) {
    if (folderOf(file) !== folderOf(first.file) || lists(first.metadata, file)) continue;
    const metadata = await readQuietly(file);
    if (metadata !== undefined && lists(metadata, first.file)) return { file, metadata };
  }
  return undefined;
}

function lists(metadata: Metadata, { name }: PackedFile): boolean {
  return metadata.files.some(({ content }) => content === name);
}

function folderOf({ path, name }: PackedFile): string {
  return path.slice(0, path.length - name.length);
}

/** What is not called as metadata, and cannot be read as such, is none. */
async function readQuietly(file: PackedFile): Promise<Metadata | undefined> {
  // Other XMLs are larger, as a rule, and many.
  if (extensionOf(file.name) === 'xml' && !mayBeFlux(await headOf(file, HEAD))) return undefined;
  const bytes = await contentOf(file);
  try {
    return readMetadata(file.name, bytes);
  } catch (error) {
    if (LanceurError.is(error, 'ENVELOPE_DAMAGED', 'ENVELOPE_UNSAFE')) return undefined;
    throw error;
  }
}

/** Enough for a declaration, a comment, and the root. */
const HEAD = 4096;

/** Also in UTF-16, of which every other byte is zero. */
function mayBeFlux(head: Buffer): boolean {
  return /<(?:[^\s<>/:]+:)?flux[\s/>]/u.test(head.toString('latin1').replaceAll('\0', ''));
}

/** A `<flux>` is metadata; JSON and text could be anything. */
function saysSo(metadata: Metadata, files: readonly PackedFile[], { recogniser }: Settings): boolean {
  if (extensionOf(metadata.file) === 'xml') return true;
  const { data, files: listed, flux } = metadata;
  const keys = [...Object.keys(data), ...listed.map(({ field }) => field)];
  if (recogniser.recognise(keys, flux) !== undefined) return true;
  const names = files.map(({ name }) => name);
  return listed.length > 0 && missingOf(listed, names).length < listed.length;
}

function nearerFirst(a: Candidate, b: Candidate): number {
  return depthOf(a.file) - depthOf(b.file) || a.rank - b.rank;
}

function depthOf({ path }: PackedFile): number {
  return path.split('/').length;
}
