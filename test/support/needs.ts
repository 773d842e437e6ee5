import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface NeedsOptions {
  /** How to get it, for the message. Default: the Debian package of the same name. */
  readonly install?: string;
  /** Tries it, where its being there is not enough (a tracer that the kernel forbids). Default: being there is enough. */
  readonly works?: () => boolean;
}

/**
 * Whether a program that a suite cannot do without is on this machine. Where it is not, one line on standard error
 * says so; in CI (`CI` set to anything but `false`) nothing may be left out, and it throws.
 *
 * ```ts
 * describe.skipIf(!needs('python3'))('what imaplib sends', () => { … });
 * ```
 */
export function needs(program: string, options: NeedsOptions = {}): boolean {
  const path = pathOf(program);
  if (path !== undefined && (options.works?.() ?? true)) return true;
  const what = path === undefined ? 'is not on this machine' : 'is there, but does not work here';
  const how = options.install ?? `apt-get install ${program}`;
  const message = `${program} ${what} (${how}): the tests that need it cannot run`;
  if (isCi()) throw new Error(`${message}, and in CI none may be left out.`);
  process.stderr.write(`\n!! SKIPPED: ${message}.\n`);
  return false;
}

/** Where a program is, as a shell would find it; `undefined` if it is nowhere. Servers are looked for as well. */
export function pathOf(program: string): string | undefined {
  const windows = process.platform === 'win32';
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  // Debian puts servers where only root looks.
  if (!windows) folders.push('/usr/local/sbin', '/usr/sbin', '/sbin');
  const endings = windows ? (process.env['PATHEXT'] ?? '.EXE;.CMD;.BAT;.COM').split(';') : [''];
  return folders
    .flatMap((folder) => endings.map((ending) => join(folder, program + ending)))
    .find((path) => isProgram(path));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isCi(): boolean {
  const { CI } = process.env;
  return CI !== undefined && CI !== '' && CI !== 'false';
}
