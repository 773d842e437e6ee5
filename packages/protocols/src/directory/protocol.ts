import type { DirectoryRow, Protocol } from '@lanceur/core/scenario';
import { keep, moveTo, remove, type After } from './after.js';
import { all } from './completeness/combine.js';
import type { Completeness } from './completeness/completeness.js';
import { doneFile } from './completeness/done-file.js';
import { endMarks } from './completeness/end-marks.js';
import { directory } from './directory.js';

const HOUR_MS = 3_600_000;

/** EzGED's protocol "Répertoire", for `createLauncher`. */
export const directoryProtocol: Protocol<'directory'> = {
  name: 'directory',
  blocks(row, { clock, whole }) {
    const { origin, settleSeconds, unit, subfolders, giveUp, after, quarantine } = row;
    const marks: readonly Completeness[] = [
      ...(row.endMarks === false ? [] : [endMarks()]),
      ...(row.doneFile === undefined ? [] : [doneFile(row.doneFile)]),
      ...(whole === undefined ? [] : [whole]),
    ];
    return {
      listener: directory({
        path: origin,
        ...(settleSeconds !== undefined && { quiet: settleSeconds * 1000 }),
        ...(unit !== undefined && { unit }),
        ...(subfolders !== undefined && { recursive: subfolders }),
        ...(marks.length > 0 && { complete: all(...marks) }),
        ...(giveUp && { completeTimeout: { ms: giveUp.afterHours * HOUR_MS, then: giveUp.then } }),
        ...(after !== undefined && { after: afterOf(after) }),
        ...(quarantine !== undefined && { quarantine }),
        ...(clock && { clock }),
      }),
    };
  },
};

function afterOf(after: NonNullable<DirectoryRow['after']>): After {
  if (after === 'remove') return remove();
  if (after === 'keep') return keep();
  return moveTo(after.moveTo, after.dated === undefined ? {} : { dated: after.dated });
}
