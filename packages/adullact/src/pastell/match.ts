import { folded, safeName } from '@lanceur/core';
import { issue, type Issue } from '../issues.js';
import type { PackedFile } from '../packed-file.js';
import type { ListedFile } from './metadata-content.js';
import type { Role } from './roles.js';

/** A file that something lists, and what it is there. */
export interface Listed extends ListedFile {
  readonly role: Role;
  /** Who lists it: `metadata.xml`. */
  readonly by: string;
}

export interface MatchedFile {
  readonly file: PackedFile;
  /** As its sender named it. */
  readonly name: string;
  readonly role: Role;
  readonly field: string;
}

export interface Match {
  /** In the order in which they are listed. */
  readonly matched: readonly MatchedFile[];
  readonly unlisted: readonly PackedFile[];
  readonly issues: readonly Issue[];
  /** What is listed and not there. */
  readonly missing: readonly Listed[];
}

/** A file and a listing belong together where these are equal. */
interface Likeness {
  readonly ofFile: (name: string) => string | undefined;
  readonly ofListed: (listed: ListedFile) => string;
  /** Whether a file that is taken may be found once more: files of one name collapse into one when they are deposited. */
  readonly shared: boolean;
}

/** From certain to likely: what an earlier one finds, no later one looks for. */
const LIKENESSES: readonly Likeness[] = [
  // Pastell writes `/` and `\` as `-` on disk, and not in the metadata.
  { ofFile: same, ofListed: ({ content }) => cleaned(content), shared: true },
  { ofFile: safely, ofListed: ({ content }) => safely(cleaned(content)), shared: true },
  { ofFile: safely, ofListed: ({ content }) => safely(content), shared: true },
  // Pastell's own names, where JSON and YAML say the original one: `qJO7qzV.yml_fichier_pes_0`.
  { ofFile: pastellField, ofListed: ({ field, index }) => `${field}_${String(index)}`, shared: false },
  // Which characters become `-` is a setting of the installation.
  { ofFile: roughly, ofListed: ({ content }) => roughly(content), shared: false },
];

/**
 * Finds what is listed among the files that are there.
 * @param known - files of which it is no wonder that nothing lists them.
 */
export function match(
  listed: readonly Listed[],
  files: readonly PackedFile[],
  known: ReadonlySet<PackedFile> = new Set(),
): Match {
  const found = pairs(listed, files);
  const listings = new Map<PackedFile, Listed[]>();
  for (const each of listed) {
    const file = found.get(each);
    if (file !== undefined) listings.set(file, [...(listings.get(file) ?? []), each]);
  }
  const matched = [...listings].map(([file, [first]]) => matchedFile(file, first));
  const missing = listed.filter((each) => !found.has(each));
  const by = listed[0]?.by;
  const unlisted = files.filter((file) => !listings.has(file));
  return {
    matched,
    unlisted,
    missing,
    issues: [
      ...[...listings].flatMap(([file, several]) => aboutListings(file, several)),
      ...missing.map(({ by, content, role }) => issue('LISTED_MISSING', { by, file: content, role })),
      ...unlisted.flatMap((file) =>
        by === undefined || known.has(file) ? [] : [issue('UNLISTED', { file: file.name, by })],
      ),
    ],
  };
}

/** What is listed and not among files of these names: of a deposit that is still being written. */
export function missingOf(listed: readonly ListedFile[], names: readonly string[]): readonly string[] {
  const found = pairs(
    listed,
    names.map((name) => ({ name })),
  );
  return listed.filter((each) => !found.has(each)).map(({ content }) => content);
}

function pairs<L extends ListedFile, F extends { readonly name: string }>(
  listed: readonly L[],
  files: readonly F[],
): ReadonlyMap<L, F> {
  const found = new Map<L, F>();
  const taken = new Set<F>();
  for (const { ofFile, ofListed, shared } of LIKENESSES) {
    const wanted = listed.filter((each) => !found.has(each));
    if (wanted.length === 0) break;
    const free = new Map<string, F[]>();
    for (const file of files) {
      const key = taken.has(file) ? undefined : ofFile(file.name);
      if (key === undefined) continue;
      const likely = free.get(key);
      if (likely === undefined) free.set(key, [file]);
      else likely.push(file);
    }
    for (const each of wanted) {
      const likely = free.get(ofListed(each)) ?? [];
      // Of several that are alike, each its own, as long as there are any.
      const file = likely.length > 1 || !shared ? likely.shift() : likely[0];
      if (file === undefined) continue;
      found.set(each, file);
      taken.add(file);
    }
  }
  return found;
}

function same(name: string): string {
  return name.normalize('NFC');
}

function cleaned(name: string): string {
  return name.replace(/[/\\]/gu, '-');
}

function safely(name: string): string {
  return folded(safeName(name));
}

function pastellField(name: string): string | undefined {
  return /\.yml_(.+_\d+)$/u.exec(name)?.[1];
}

function roughly(name: string): string {
  return name.normalize('NFC').replace(/[^\p{L}\p{N}]/gu, '-');
}

function matchedFile(file: PackedFile, listed: Listed | undefined): MatchedFile {
  const { field = '', role = 'other', original, content = file.name } = listed ?? {};
  const isPastells = pastellField(file.name) !== undefined;
  const name = original ?? (isPastells ? content : file.name);
  return { file, name: cleaned(name), role, field };
}

function aboutListings(file: PackedFile, several: readonly Listed[]): readonly Issue[] {
  const [first] = several;
  if (first === undefined) return [];
  const { by, content } = first;
  const issues: Issue[] = [];
  if (content !== file.name && content.normalize('NFC') !== file.name.normalize('NFC')) {
    issues.push(issue('NAME_CHANGED', { listed: content, file: file.name }));
  }
  if (several.length === 1) return issues;
  const isOneThing =
    new Set(several.map((s) => s.field)).size === several.length &&
    new Set(several.map((s) => s.role)).size === 1;
  if (isOneThing) {
    const fields = several.map((s) => s.field).join(', ');
    issues.push(issue('LISTED_IN_SEVERAL_FIELDS', { by, file: content, fields }));
  } else {
    issues.push(issue('DUPLICATES_COLLAPSED', { by, file: content, times: several.length }));
  }
  return issues;
}
