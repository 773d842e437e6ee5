import { LanceurError } from '@lanceur/core';
import type { ListResponse } from 'imapflow';
import type { Connection } from './connection.js';
import { Refused } from './faults.js';
import type { Settings } from './options.js';
import { isSame } from './options.js';

const MOST_SHOWN = 20;

/**
 * Selects the folder that a name means: as it stands; else in any letter case, with `/` for the server's separator,
 * without the prefix of the folders of one's own, in modified UTF-7, or by its special use (`\Sent`).
 *
 * @throws LanceurError `MAILBOX_GONE`; Refused if it is there and cannot be selected.
 */
export async function selectMailbox(connection: Connection, settings: Settings, name: string): Promise<void> {
  const select = async (path: string): Promise<void> => {
    await connection.run('SELECT', (client) => client.mailboxOpen(path));
  };
  // The everyday case needs no listing.
  if (isSame(name, 'INBOX')) {
    await select('INBOX');
    return;
  }
  const folders = await foldersOf(connection);
  const path = pathOf(folders, connection.prefix, name);
  if (path !== undefined) {
    await select(path);
    return;
  }
  throw mailboxGone(settings, name, folders);
}

function mailboxGone({ login }: Settings, mailbox: string, folders: readonly ListResponse[]): LanceurError {
  const paths = folders.map((f) => f.path);
  const known = paths.slice(0, MOST_SHOWN).join(', ') + (paths.length > MOST_SHOWN ? ', …' : '');
  return new LanceurError('MAILBOX_GONE', { user: login.user, mailbox, known });
}

/** @throws LanceurError `MAILBOX_GONE` if there is no such folder to move mail to. */
export async function expectTarget(connection: Connection, settings: Settings, name: string): Promise<void> {
  const folders = await foldersOf(connection);
  if (pathOf(folders, connection.prefix, name) === undefined) throw mailboxGone(settings, name, folders);
}

/** The path of a folder to move mail to, as the server writes it; it may not be there yet. */
export async function targetPath(
  connection: Connection,
  name: string,
): Promise<{ readonly path: string; readonly exists: boolean }> {
  const { prefix, delimiter } = connection;
  const path = pathOf(await foldersOf(connection), prefix, name);
  if (path !== undefined) return { path, exists: true };
  const wished = name.split('/').join(delimiter);
  return { path: wished.startsWith(prefix) ? wished : prefix + wished, exists: false };
}

async function foldersOf(connection: Connection): Promise<readonly ListResponse[]> {
  const folders = await connection.run('LIST', (client) => client.list());
  return folders.filter((f) => !f.flags.has('\\Noselect') && !f.flags.has('\\NonExistent'));
}

function pathOf(folders: readonly ListResponse[], prefix: string, name: string): string | undefined {
  const exact = folders.find((f) => f.path === name);
  if (exact !== undefined) return exact.path;
  const names = new Set([name, decodeModifiedUtf7(name)].map((each) => each.normalize('NFC').toLowerCase()));
  for (const folder of folders) {
    const spelled = spellings(folder, prefix).map((each) => each.normalize('NFC').toLowerCase());
    if (spelled.some((each) => names.has(each))) return folder.path;
  }
  return undefined;
}

function spellings({ path, delimiter, specialUse }: ListResponse, prefix: string): readonly string[] {
  const slashed = (each: string): string => (delimiter === '' ? each : each.split(delimiter).join('/'));
  const own = path.startsWith(prefix) ? path.slice(prefix.length) : path;
  const withoutInbox = slashed(path).replace(/^INBOX\//iu, '');
  return [path, slashed(path), slashed(own), withoutInbox, ...(specialUse === undefined ? [] : [specialUse])];
}

/** RFC 3501, section 5.1.3: `Envoy&AOk-s` is `Envoyés`. What is not well formed stays as it is. */
function decodeModifiedUtf7(name: string): string {
  return name.replace(/&([A-Za-z0-9+,]*)-/gu, (whole, base64: string) => {
    if (base64 === '') return '&';
    const bytes = Buffer.from(base64.replaceAll(',', '/'), 'base64');
    return bytes.length % 2 === 0 && bytes.length > 0 ? bytes.swap16().toString('utf16le') : whole;
  });
}

/** Whether a refusal says that a folder is not there (RFC 5530, RFC 3501's TRYCREATE). */
export function saysMissing(error: unknown): boolean {
  if (!(error instanceof Refused)) return false;
  return error.code === 'TRYCREATE' || error.code === 'NONEXISTENT';
}
