/** Left behind by systems, beside the documents or inside a deposited folder. */
const LITTER = [
  'Thumbs.db',
  'Thumbs.db:*',
  'ehthumbs*.db',
  'desktop.ini',
  '.DS_Store',
  '._*',
  'Icon\r',
  '.directory',
  '.localized',
  '.fseventsd',
  '.Spotlight-V100',
  '.Trashes',
  '.TemporaryItems',
  '.apdisk',
  '__MACOSX',
  '@eaDir',
  '#recycle',
  '#snapshot',
  '.Trash-*',
  '$RECYCLE.BIN',
  'System Volume Information',
  'lost+found',
  '.snapshot',
] as const;

/** What programs write while they are at it: a folder that holds one is not complete. */
const TRANSIT = [
  '*.tmp',
  '*.temp',
  '~$*',
  '~*.tmp',
  '.~lock.*#',
  '*.part',
  '*.partial',
  '*.filepart',
  '*.crdownload',
  '*.download',
  '*.opdownload',
  '*.swp',
  '.nfs*',
  '.fuse_hidden*',
  '.smbdelete*',
] as const;

/**
 * Names that are never documents, by default: `Thumbs.db`, `desktop.ini`, `.DS_Store`, `._*`, `~$*`, `*.tmp`, `*.part`,
 * `*.crdownload`, `.~lock.*#`, `__MACOSX`, `@eaDir` and their like; docs/directory.md lists them all. `*` and `?` as in
 * globs, without regard to letter case. To add some: `junk: [...JUNK, '*.bak']`.
 */
export const JUNK: readonly string[] = [...LITTER, ...TRANSIT];

/** The first pattern that a name matches. */
export type NameMatcher = (name: string) => string | undefined;

export function nameMatcher(patterns: readonly string[]): NameMatcher {
  const compiled = patterns.map((pattern) => [pattern, globbed(pattern)] as const);
  const any =
    compiled.length === 0
      ? undefined
      : new RegExp(compiled.map(([, r]) => `(?:${r.source})`).join('|'), 'isu');
  return (name) =>
    any?.test(name) === true ? compiled.find(([, regex]) => regex.test(name))?.[0] : undefined;
}

/** Junk that a system makes by itself: it may go with the folder that it lies in. */
export const isLitter = nameMatcher(LITTER);

/** Junk that says that somebody is still writing. */
export const isTransit = nameMatcher(TRANSIT);

function globbed(pattern: string): RegExp {
  const source = pattern
    .replace(/[\\^$.+()[\]{}|]/gu, '\\$&')
    .replace(/\*+/gu, '.*')
    .replace(/\?/gu, '.');
  return new RegExp(`^${source}$`, 'isu');
}
