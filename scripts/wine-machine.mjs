// A Windows to run Node on, without a Windows: a Wine prefix of our own, set up once and kept. The user's own prefix
// (~/.wine) is never touched.
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Failure, say } from './workspace.mjs';

/** What to install on Debian where {@link missingPrograms} names something. */
export const DEBIAN_PACKAGES = 'wine64 binutils-mingw-w64-x86-64';

// Debian keeps the first two out of the PATH.
const FOLDERS = ['/usr/lib/wine', ...(process.env['PATH'] ?? '').split(delimiter).filter((f) => f !== '')];
const PROGRAMS = ['wine64', 'wineserver64', 'x86_64-w64-mingw32-as', 'x86_64-w64-mingw32-ld'];

// Wine's first start fails once in a while: "could not load kernel32.dll".
const ATTEMPTS = 3;

/** The programs that a {@link Machine} needs and that are not here. */
export function missingPrograms() {
  return PROGRAMS.filter((name) => pathOf(name) === undefined);
}

/** A Windows in a folder. */
export class Machine {
  /** @type {string} */ #prefix;

  /** @param {string} folder - absolute; {@link start} makes it */
  constructor(folder) {
    this.#prefix = folder;
  }

  /** Sets it up, if that has not been done: ten seconds. */
  start() {
    const done = join(this.#prefix, 'lanceur-has-set-it-up');
    if (existsSync(done)) {
      this.#emptyTemporaryFolders();
      return;
    }
    say('setting up Wine');
    for (let problem, attempt = 1; ; attempt++) {
      problem = this.#setUp();
      if (problem === undefined) break;
      this.stop();
      if (attempt === ATTEMPTS) throw new Failure(`Wine could not be set up (${problem}`);
    }
    this.#addMissingLibrary();
    writeFileSync(done, '');
  }

  /**
   * Runs a Windows program and returns its exit code; `undefined` where it was ended after `seconds`. What it prints goes
   * into the file `output`: under Wine, Node fails on pipes (EBADF).
   *
   * @param {readonly string[]} args - the program and its arguments
   * @param {{ readonly folder: string, readonly output: string, readonly seconds: number }} how
   * @returns {number | undefined}
   */
  run(args, { folder, output, seconds }) {
    const out = openSync(output, 'w');
    try {
      const { status, error } = spawnSync(pathOf('wine64') ?? 'wine64', args, {
        cwd: folder,
        env: this.#environment(),
        stdio: ['ignore', out, out],
        timeout: seconds * 1_000,
        killSignal: 'SIGKILL',
      });
      if (error !== undefined && !isTimeout(error))
        throw new Failure(`Wine could not be started: ${error.message}`);
      return status ?? undefined;
    } finally {
      closeSync(out);
    }
  }

  /** Ends whatever still runs in it, and nothing else on this machine. */
  stop() {
    for (const how of ['-k', '-w']) {
      spawnSync(pathOf('wineserver64') ?? 'wineserver64', [how], {
        env: this.#environment(),
        stdio: 'ignore',
        timeout: 30_000,
      });
    }
  }

  #environment() {
    return {
      ...process.env,
      // Whatever CI installs, it installs for Linux: on Windows a suite may be left out for want of a program.
      CI: undefined,
      WINEPREFIX: this.#prefix,
      WINEDEBUG: '-all',
      // Neither .NET nor a browser: Wine would offer, in a window, to fetch them.
      WINEDLLOVERRIDES: 'mscoree,mshtml=',
      LANG: 'C.UTF-8',
      LC_ALL: 'C.UTF-8',
    };
  }

  /** Makes it anew, and says what went wrong, if anything did. */
  #setUp() {
    rmSync(this.#prefix, { recursive: true, force: true });
    mkdirSync(this.#prefix, { recursive: true });
    const output = join(this.#prefix, 'set-up.log');
    // As an older Windows than 10, Node ends with exit code 216.
    const steps = [
      ['wineboot', '-i'],
      ['winecfg', '-v', 'win10'],
    ];
    for (const step of steps) {
      if (this.run(step, { folder: this.#prefix, output, seconds: 120 }) === 0) continue;
      return `${step.join(' ')}):\n${readFileSync(output, 'utf8')}`;
    }
    return undefined;
  }

  /** A test that was cut short has left something there. */
  #emptyTemporaryFolders() {
    const users = join(this.#prefix, 'drive_c', 'users');
    for (const user of readdirSync(users)) {
      const folder = join(users, user, 'Temp');
      if (!existsSync(folder)) continue;
      for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
    }
  }

  /** Wine 8 has no bcryptprimitives.dll, which libsql and vitest's bundler import: one function, that Wine has elsewhere. */
  #addMissingLibrary() {
    const name = 'bcryptprimitives.dll';
    const library = join(this.#prefix, 'drive_c', 'windows', 'system32', name);
    if (existsSync(library)) return;
    const folder = mkdtempSync(join(tmpdir(), 'lanceur-wine-'));
    try {
      const exported = `LIBRARY ${name}\nEXPORTS\n  ProcessPrng = advapi32.SystemFunction036\n`;
      writeFileSync(join(folder, 'exports.def'), exported);
      writeFileSync(join(folder, 'empty.s'), '');
      make(['x86_64-w64-mingw32-as', '-o', 'empty.o', 'empty.s'], folder);
      make(
        ['x86_64-w64-mingw32-ld', '-shared', '--entry', '0', '-o', name, 'empty.o', 'exports.def'],
        folder,
      );
      cpSync(join(folder, name), library);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/**
 * @param {readonly string[]} command
 * @param {string} folder
 */
function make([program = '', ...args], folder) {
  const { status, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Failure(`${program} failed: ${stderr}`);
}

/** @param {string} program */
function pathOf(program) {
  return FOLDERS.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

/** @param {Error} error */
function isTimeout(error) {
  return 'code' in error && error.code === 'ETIMEDOUT';
}
