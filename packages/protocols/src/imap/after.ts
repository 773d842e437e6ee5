import { refuseUnknownOptions } from '@lanceur/core';

/** What accepting a mail does to it in its mailbox. Made by {@link remove}, {@link moveTo}, {@link flag}, {@link seen} or {@link keep}. */
export type After =
  | { readonly do: 'remove' }
  | { readonly do: 'move'; readonly to: string; readonly create: boolean }
  | { readonly do: 'flag'; readonly flags: readonly string[] }
  | { readonly do: 'keep' };

export interface MoveToOptions {
  /** Whether the folder is made if it is not there. Default true. */
  readonly create?: boolean;
}

/**
 * An accepted mail is deleted for good, it alone: never what a person has marked as deleted. Gmail archives it instead
 * unless its settings say otherwise.
 */
export function remove(): After {
  return { do: 'remove' };
}

/**
 * An accepted mail is moved to this folder. The default, to `Lanceur/Accepted`.
 *
 * @param folder - as people write it: `Traités/2026`, whatever separator the server has.
 */
export function moveTo(folder: string, options: MoveToOptions = {}): After {
  refuseUnknownOptions('moveTo', options, ['create']);
  return { do: 'move', to: folder, create: options.create ?? true };
}

/**
 * An accepted mail stays and is marked: `flag('\\Flagged')` with the star, `flag('Lanceur')` with a keyword of one's
 * own, where the server takes keywords.
 */
export function flag(...flags: readonly string[]): After {
  return { do: 'flag', flags };
}

/** An accepted mail stays, as read. */
export function seen(): After {
  return { do: 'flag', flags: ['\\Seen'] };
}

/** An accepted mail stays as it is, and only the ledger knows that it is done. */
export function keep(): After {
  return { do: 'keep' };
}
