import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Clock } from '@lanceur/core';
import { errno, unless, type FileSystem } from './file-system.js';
import { fenceOfStaged, keyOfStaged } from './naming.js';

/** Where something staged lies. */
interface Leftover {
  readonly run: string;
  readonly name: string;
}

// In a run directory that has been idle for long: it goes if it is idle as long again.
const SEEN = '.seen';
/** Names that a volume without hard links cannot protect, reserved by a file of their own. */
export const NAMES = '.names';
const TAKEN = '.taken';
/** How the folder of a probe begins, in a run directory: what is tried there is no document. */
export const PROBE = '.probe-';
const HOUR = 3_600_000;
const LONG = 30 * 24 * HOUR;
const FOLDER = '.d';

/**
 * The staging directory of one target. Every submitter stages in a directory of its own, its run, so that `find` can
 * take everything away from an attempt that is frozen rather than dead by renaming that one directory: what the
 * attempt would link or rename is then no longer where it knows it to be, and the files' ctime, which is evidence,
 * does not change.
 */
export class Runs {
  readonly root: string;
  readonly #fs: FileSystem;
  readonly #clock: Clock;
  readonly #own = new Set<string>();
  /** What is staged, by submission. Complete for earlier runs once {@link #load} has looked. */
  readonly #leftovers = new Map<string, readonly Leftover[]>();
  /** How many of them each run has. */
  readonly #counts = new Map<string, number>();
  #current: Promise<string> | undefined;
  #loaded: Promise<void> | undefined;

  constructor(fs: FileSystem, clock: Clock, root: string) {
    this.#fs = fs;
    this.#clock = clock;
    this.root = root;
  }

  /** The run that this submitter stages in; made when first needed. */
  current(): Promise<string> {
    this.#current ??= this.#make().catch((error: unknown) => {
      this.#current = undefined;
      throw error;
    });
    return this.#current;
  }

  /** Another run from now on, if somebody has taken this one away or emptied staging. Whether that was so. */
  async renewed(): Promise<boolean> {
    const before = this.#current;
    if (before === undefined) return true;
    const run = await before.catch(() => undefined);
    if (run !== undefined && (await this.#has(join(this.root, run)))) return false;
    if (this.#current === before) this.#current = undefined;
    return true;
  }

  isOwn(run: string): boolean {
    return this.#own.has(run);
  }

  path(run: string, name: string): string {
    return join(this.root, run, name);
  }

  /** Remembers that something is staged. */
  note(key: string, run: string, name: string): void {
    const known = this.#leftovers.get(key) ?? [];
    if (known.some((l) => l.run === run && l.name === name)) return;
    this.#leftovers.set(key, [...known, { run, name }]);
    this.#counts.set(run, (this.#counts.get(run) ?? 0) + 1);
  }

  /** Forgets it. */
  drop(key: string, run: string, name: string): void {
    const known = this.#leftovers.get(key) ?? [];
    const left = known.filter((l) => l.run !== run || l.name !== name);
    if (left.length === known.length) return;
    if (left.length === 0) this.#leftovers.delete(key);
    else this.#leftovers.set(key, left);
    const count = (this.#counts.get(run) ?? 1) - 1;
    if (count === 0) this.#counts.delete(run);
    else this.#counts.set(run, count);
  }

  /** What is staged for a submission, of all runs. */
  async of(key: string): Promise<readonly Leftover[]> {
    await this.load();
    return this.#leftovers.get(key) ?? [];
  }

  /** Whether anything of the submission is known without looking at the disk. */
  knows(key: string): boolean {
    return this.#leftovers.has(key);
  }

  /**
   * Removes what is staged for a submission by attempts up to a fence: what a newer one needs, of another process, is not
   * this one's to take away. Witnesses go first, or what they stand beside would look placed in between.
   */
  async remove(key: string, fence = Infinity): Promise<void> {
    const all = (await this.of(key)).filter(({ name }) => fenceOfStaged(name) <= fence);
    for (const isFirst of [true, false]) {
      for (const { run, name } of all) if (isWitness(name) === isFirst) await this.removeOne(key, run, name);
    }
  }

  async removeOne(key: string, run: string, name: string): Promise<void> {
    const own = this.isOwn(run) && (await this.#removed(run, name));
    if (!own && !(await this.#removed(`${run}${TAKEN}`, name)) && !this.isOwn(run)) {
      await this.#removed(run, name);
      await this.#removed(run, `${name}${TAKEN}`);
    }
    this.drop(key, run, name);
    if (!this.isOwn(run) && !this.#counts.has(run)) await this.#removeIfEmpty(`${run}${TAKEN}`);
  }

  /**
   * Makes what a run has staged unreachable for whoever staged it, and says where it is now. `undefined`: there is no
   * such run.
   */
  async takeAway(run: string, staged: readonly string[]): Promise<((name: string) => string) | undefined> {
    const taken = `${run}${TAKEN}`;
    const inTaken = (name: string) => this.path(taken, name);
    if (this.isOwn(run)) {
      if (await this.#has(join(this.root, run))) return (name) => this.path(run, name);
      return (await this.#has(join(this.root, taken))) ? inTaken : undefined;
    }
    try {
      await this.#fs.rename(join(this.root, run), join(this.root, taken));
      return inTaken;
    } catch (error) {
      if (errno(error) === 'ENOENT') return (await this.#has(join(this.root, taken))) ? inTaken : undefined;
      if (this.#fs.platform !== 'win32') throw error;
      // Windows does not rename a directory in which a file is open: each file by itself, then.
      for (const name of staged) {
        await unless(this.#fs.rename(this.path(run, name), this.path(run, `${name}${TAKEN}`)), 'ENOENT');
      }
      return (name) => this.path(run, `${name}${TAKEN}`);
    }
  }

  /** Leaves something beside what will be missing once it is placed, so that its absence means that and nothing else. */
  async witness(run: string, name: string): Promise<void> {
    await this.#write(this.path(run, witnessOf(name)));
  }

  /** Whether nobody has emptied the run, so that what is missing there was placed. */
  async isWitnessed(run: string, name: string): Promise<boolean> {
    const witness = witnessOf(name);
    return (
      (await this.#has(this.path(run, witness))) || (await this.#has(this.path(`${run}${TAKEN}`, witness)))
    );
  }

  /** Looks once what earlier runs have left, and removes runs that nobody has used for long. */
  load(): Promise<void> {
    this.#loaded ??= this.#load().catch((error: unknown) => {
      this.#loaded = undefined;
      throw error;
    });
    return this.#loaded;
  }

  async #load(): Promise<void> {
    for (const folder of (await unless(this.#fs.readdir(this.root), 'ENOENT')) ?? []) {
      const run = folder.endsWith(TAKEN) ? folder.slice(0, -TAKEN.length) : folder;
      if (this.isOwn(run)) continue;
      const names = (await unless(this.#fs.readdir(join(this.root, folder)), 'ENOENT', 'ENOTDIR')) ?? [];
      const staged = names.filter((name) => !name.startsWith('.'));
      const idle = await this.#idle(folder);
      if (folder === NAMES) await this.#tidied(this.#removeOldNames(names));
      else if (staged.length === 0 && idle > HOUR) await this.#tidied(this.#removeRun(folder, names));
      else if (idle > LONG && names.includes(SEEN)) await this.#tidied(this.#removeRun(folder, names));
      else {
        if (idle > LONG) await this.#write(join(this.root, folder, SEEN));
        for (const name of staged) {
          this.note(keyOfStaged(name), run, name.endsWith(TAKEN) ? name.slice(0, -TAKEN.length) : name);
        }
      }
    }
  }

  async #idle(folder: string): Promise<number> {
    const stat = await unless(this.#fs.lstat(join(this.root, folder)), 'ENOENT');
    return stat === undefined ? 0 : this.#clock.now() - stat.mtimeMs;
  }

  /** A name is reserved for moments only: one that is a day old was left by a process that died. */
  async #removeOldNames(names: readonly string[]): Promise<void> {
    for (const name of names) {
      if ((await this.#idle(join(NAMES, name))) > 24 * HOUR) await this.#removed(NAMES, name);
    }
  }

  /** What cannot be tidied away takes room, and must keep no document from being sent. A target that is stuck is another matter. */
  async #tidied(work: Promise<void>): Promise<void> {
    await work.catch((error: unknown) => {
      if (errno(error) === undefined) throw error;
    });
  }

  async #removeRun(folder: string, names: readonly string[]): Promise<void> {
    for (const name of names) await this.#removed(folder, name);
    await unless(this.#fs.rmdir(join(this.root, folder)), 'ENOENT', 'ENOTEMPTY', 'EEXIST', 'EPERM');
  }

  async #removeIfEmpty(folder: string): Promise<void> {
    const names = await unless(this.#fs.readdir(join(this.root, folder)), 'ENOENT');
    if (names?.every((name) => name.startsWith('.')) === true) await this.#removeRun(folder, names);
  }

  /** Whether it was there. */
  async #removed(folder: string, name: string): Promise<boolean> {
    const path = this.path(folder, name);
    if (!isFolder(name)) {
      return (
        (await unless(
          this.#fs.unlink(path).then(() => true),
          'ENOENT',
        )) ?? false
      );
    }
    const inside = await unless(this.#fs.readdir(path), 'ENOENT');
    for (const file of inside ?? []) await unless(this.#fs.unlink(join(path, file)), 'ENOENT');
    if (inside !== undefined) await unless(this.#fs.rmdir(path), 'ENOENT');
    return inside !== undefined;
  }

  async #make(): Promise<string> {
    const run = randomBytes(8).toString('hex');
    this.#own.add(run);
    await makeFolders(this.#fs, join(this.root, run));
    return run;
  }

  async #write(path: string): Promise<void> {
    await (await this.#fs.open(path, 'wx')).close();
  }

  async #has(path: string): Promise<boolean> {
    return (await unless(this.#fs.lstat(path), 'ENOENT', 'ENOTDIR')) !== undefined;
  }
}

/** Goes with the evidence: it is forgotten, and kept, like what it stands beside. */
export function witnessOf(staged: string): string {
  return `${staged}.w`;
}

function isWitness(name: string): boolean {
  return name.endsWith('.w');
}

function isFolder(name: string): boolean {
  return name.startsWith(PROBE) || name.replace(/\.taken$/u, '').endsWith(FOLDER);
}

/** The folder with its parents; those that were not there, the innermost first. */
export async function makeFolders(fs: FileSystem, path: string): Promise<readonly string[]> {
  try {
    await fs.mkdir(path);
    return [path];
  } catch (error) {
    if (errno(error) === 'EEXIST') return [];
    if (errno(error) !== 'ENOENT' || dirname(path) === path) throw error;
    const parents = await makeFolders(fs, dirname(path));
    return [...(await makeFolders(fs, path)), ...parents];
  }
}
