import { refuseUnknownOptions } from '@lanceur/core';

/** What accepting an item does to it in its folder. Made by {@link remove}, {@link moveTo} or {@link keep}. */
export type After =
  | { readonly do: 'remove' }
  | { readonly do: 'move'; readonly to: string; readonly dated?: Dated }
  | { readonly do: 'keep' };

/** Sub-folders by the day, month or year of the move, in local time: `2026-11-24`, `2026-11`, `2026`. */
export type Dated = 'day' | 'month' | 'year';

export interface MoveToOptions {
  /** Default: none, all in one folder. */
  readonly dated?: Dated;
}

/** An accepted item is deleted, once it has been compared with what was handed over. The default. */
export function remove(): After {
  return { do: 'remove' };
}

/**
 * An accepted item is moved to this folder, under its relative path; a name that is taken is numbered. The folder is
 * made if need be, and may lie on another volume: then it is copied, flushed, put in place, and deleted here.
 *
 * @param path - absolute; inside the source it is left out of the listing.
 */
export function moveTo(path: string, options: MoveToOptions = {}): After {
  refuseUnknownOptions('moveTo', options, ['dated']);
  return { do: 'move', to: path, ...(options.dated !== undefined && { dated: options.dated }) };
}

/** An accepted item stays where it is, and only the ledger knows that it is done. For folders that are read only. */
export function keep(): After {
  return { do: 'keep' };
}

/** The name of the sub-folder for a moment, `''` for none. */
export function datedFolder(dated: Dated | undefined, now: number): string {
  if (dated === undefined) return '';
  const date = new Date(now);
  const year = String(date.getFullYear());
  if (dated === 'year') return year;
  const month = `${year}-${String(date.getMonth() + 1).padStart(2, '0')}`;
  return dated === 'month' ? month : `${month}-${String(date.getDate()).padStart(2, '0')}`;
}
