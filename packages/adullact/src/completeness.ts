import { messageOf, reason, refuseUnknownOptions, type Reason } from '@lanceur/core';
import { namesOf, type DepositOptions } from './options.js';
import { missingOf } from './pastell/match.js';
import { mayBeMetadata, MOST_METADATA_BYTES, readMetadata } from './pastell/metadata.js';

/** A file of a deposit, as a listener sees it. */
export interface DepositFile {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  read(start: number, length: number): Promise<Uint8Array>;
}

/** A deposit as a listener sees it; what `@lanceur/protocols/directory` calls a `SeenItem` is one. */
export interface SeenDeposit {
  /** Whether it is a folder that is taken as one. */
  readonly folder: boolean;
  readonly files: readonly DepositFile[];
  has(name: string, options?: { readonly inside?: boolean }): boolean;
}

/** Fits where `directory` takes a `Completeness`. */
export interface DepositCompleteness {
  readonly reads: true;
  isDoneFile(name: string): boolean;
  doneFilesOf(name: string): readonly string[];
  missing(deposit: SeenDeposit): Promise<Reason | undefined>;
}

/**
 * Says whether a Pastell deposit is whole, for `directory({ unit: 'entry', complete: completeDeposit() })`: once
 * `fichier_termine.txt` is in it; else once its metadata is there, which Pastell writes last, with every file that it
 * lists. The file `fichier_termine.txt` is no document then, and leaves with its deposit. A loose file is left to the
 * other rules.
 *
 * A deposit without metadata, or one of which some files are not deposited, never becomes whole by itself: the
 * listener's `completeTimeout` says what then; `{ ms: 3_600_000, then: 'take' }` takes it as it is, and its envelope has
 * the issue `TAKEN_INCOMPLETE`.
 *
 * @throws LanceurError `INVALID_OPTION`, `UNKNOWN_OPTION`.
 */
export function completeDeposit(options: DepositOptions = {}): DepositCompleteness {
  refuseUnknownOptions('completeDeposit', options, ['metadata', 'endMark']);
  const { endMark = 'fichier_termine.txt' } = options;
  const { rankOfMetadata, isEndMark } = namesOf(options);
  return {
    reads: true,
    isDoneFile: isEndMark,
    doneFilesOf: () => [],
    async missing({ folder, files, has }) {
      if (!folder || has(endMark, { inside: true })) return undefined;
      const [found] = files
        .filter(({ name, size }) => mayBeMetadata(name) && size <= MOST_METADATA_BYTES && !isEndMark(name))
        .flatMap((file) => {
          const rank = rankOfMetadata(file.name);
          return rank === undefined ? [] : [{ file, rank }];
        })
        .sort((a, b) => a.rank - b.rank);
      if (found === undefined) return reason('INCOMPLETE', { missing: `its metadata, or ${endMark}` });
      return await missingBeside(found.file, files);
    },
  };
}

async function missingBeside(file: DepositFile, files: readonly DepositFile[]): Promise<Reason | undefined> {
  const bytes = Buffer.from(await file.read(0, file.size));
  try {
    const metadata = readMetadata(file.name, bytes);
    if (metadata === undefined) return undefined;
    const missing = missingOf(
      metadata.files,
      files.filter((other) => other !== file).map(({ name }) => name),
    );
    if (missing.length === 0) return undefined;
    return reason('INCOMPLETE', { missing: `${missing.join(', ')}, which ${file.name} lists` });
  } catch (error) {
    // Half of it, as a rule.
    return reason('INCOMPLETE', { missing: `the whole of ${file.name} (${messageOf(error)})` });
  }
}
