import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { folded, type Clock } from '@lanceur/core';
import { errno, unless, type FileStat, type FileSystem } from './file-system.js';
import { SharedFlush } from './flush.js';
import { Guard } from './guard.js';
import { probe, type Placement } from './probe.js';
import { Room } from './room.js';
import { makeFolders, NAMES, PROBE, Runs } from './runs.js';

/** The staging directory cannot be made or used, while nothing is known against the target. */
export class StagingError extends Error {
  readonly code: string | undefined;
  readonly path: string;

  constructor(path: string, cause: unknown) {
    super(`staging ${path} cannot be used`, { cause });
    this.code = errno(cause);
    this.path = path;
  }
}

const READ_BYTES = 64 * 1024;

/** One target directory with its staging: what all submissions to it share. */
export class Place {
  readonly path: string;
  readonly fs: FileSystem;
  readonly runs: Runs;
  readonly room: Room;
  readonly #clock: Clock;
  readonly #guard: Guard;
  readonly #flush: SharedFlush;
  /** Names that a submission of this process is about to use. */
  readonly #reserved = new Set<string>();
  /** The number that a name got last, so that the thousandth `scan.pdf` does not try them all. */
  readonly #lastNumber = new Map<string, number>();
  #looking: Promise<FileStat> | undefined;
  #placement: Promise<Placement> | undefined;
  #known: Placement | undefined;
  #identity = '';

  constructor(path: string, staging: string, fs: FileSystem, clock: Clock, stallMs: number) {
    this.path = path;
    this.#clock = clock;
    this.#guard = new Guard(fs, clock, stallMs);
    this.fs = this.#guard.fs;
    this.runs = new Runs(this.fs, clock, staging);
    this.room = new Room(this.fs, clock, path);
    this.#flush = new SharedFlush(() => this.#flushTarget());
  }

  busy<T>(work: () => Promise<T>): Promise<T> {
    return this.#guard.busy(work);
  }

  /** See {@link Guard.together}. */
  together<T>(work: (fs: FileSystem) => Promise<T>): Promise<T> {
    return this.#guard.together(work);
  }

  /** What the last probe found, if there was one. */
  get known(): Placement | undefined {
    return this.#known;
  }

  /** How things are placed here; probed once, and again after {@link doubt} or when the target is another folder. */
  async placement(): Promise<Placement> {
    // Who asks while somebody looks shares the answer.
    this.#looking ??= this.fs.stat(this.path).finally(() => {
      this.#looking = undefined;
    });
    const { kind, identity } = await this.#looking;
    if (kind !== 'directory') throw Object.assign(new Error('is not a directory'), { code: 'ENOTDIR' });
    if (identity !== this.#identity) this.#placement = undefined;
    this.#identity = identity;
    this.#placement ??= this.#probe().catch((error: unknown) => {
      this.#placement = undefined;
      throw error;
    });
    return this.#placement;
  }

  /** Something failed here: what was found out may no longer hold. */
  async doubt(): Promise<void> {
    this.#placement = undefined;
    await this.runs.renewed();
  }

  /** The run to stage in. */
  run(): Promise<string> {
    return this.staging(() => this.runs.current());
  }

  /** Where a staged thing is, or goes. */
  staged(run: string, name: string): string {
    return this.runs.path(run, name);
  }

  final(name: string): string {
    return join(this.path, name);
  }

  /** Makes the names that were placed last until power is cut, where the file system can. */
  flushed(): Promise<void> {
    return this.#flush.done();
  }

  /**
   * The name is the submission's until {@link release}. Where the volume has no links, also against other processes:
   * by a file of its own, since renaming would replace what another one has placed meanwhile.
   */
  async reserve(name: string, key: string, placement: Placement): Promise<boolean> {
    const reserved = folded(name);
    if (this.#reserved.has(reserved)) return false;
    this.#reserved.add(reserved);
    if (placement.links) return true;
    try {
      await makeFolders(this.fs, join(this.runs.root, NAMES));
      const marker = this.#markerOf(reserved);
      const done =
        (await this.#mark(marker, key)) ||
        ((await this.#removeStale(marker, key)) && (await this.#mark(marker, key)));
      if (!done) this.#reserved.delete(reserved);
      return done;
    } catch (error) {
      this.#reserved.delete(reserved);
      throw error;
    }
  }

  async release(name: string, placement: Placement): Promise<void> {
    const reserved = folded(name);
    if (!this.#reserved.delete(reserved) || placement.links) return;
    await unless(this.fs.unlink(this.#markerOf(reserved)), 'ENOENT');
  }

  async isTaken(name: string): Promise<boolean> {
    return (await unless(this.fs.lstat(this.final(name)), 'ENOENT')) !== undefined;
  }

  /** The number to try after `n` was taken. */
  numberAfter(base: string, n: number): number {
    return Math.max(n, this.#lastNumber.get(folded(base)) ?? 1) + 1;
  }

  numbered(base: string, n: number): void {
    if (this.#lastNumber.size >= 10_000) this.#lastNumber.clear();
    this.#lastNumber.set(folded(base), n);
  }

  /** SHA-256 and size of a file, read a piece at a time. */
  async digest(path: string): Promise<{ readonly sha256: string; readonly size: number }> {
    const hash = createHash('sha256');
    const file = await this.fs.open(path, 'r');
    try {
      const buffer = Buffer.allocUnsafe(READ_BYTES);
      let size = 0;
      for (;;) {
        const read = await file.read(buffer, size);
        if (read === 0) return { sha256: hash.digest('hex'), size };
        hash.update(buffer.subarray(0, read));
        size += read;
      }
    } finally {
      await file.close();
    }
  }

  #markerOf(reserved: string): string {
    return join(this.runs.root, NAMES, createHash('sha256').update(reserved).digest('hex').slice(0, 32));
  }

  /** Whether nobody else had. */
  async #mark(marker: string, key: string): Promise<boolean> {
    const file = await unless(this.fs.open(marker, 'wx'), 'EEXIST');
    if (file === undefined) return false;
    try {
      await file.write(Buffer.from(`${await this.runs.current()} ${key}`));
      return true;
    } finally {
      await file.close();
    }
  }

  /** Whether it was one that a dead process left: of this very submission, or of a run that has been taken away. */
  async #removeStale(marker: string, key: string): Promise<boolean> {
    const holder = await this.#holderOf(marker);
    const [run, held] = holder?.split(' ') ?? [];
    if (run === undefined || held === undefined) return false;
    if (held !== key && (await unless(this.fs.lstat(join(this.runs.root, run)), 'ENOENT')) !== undefined)
      return false;
    // Moved away first, because another process may have come to the same conclusion, and reserved it by now.
    const aside = `${marker}.${randomBytes(4).toString('hex')}`;
    if (
      (await unless(
        this.fs.rename(marker, aside).then(() => true),
        'ENOENT',
      )) === undefined
    )
      return false;
    const same = (await this.#holderOf(aside)) === holder;
    await (same ? this.fs.unlink(aside) : this.fs.rename(aside, marker));
    return same;
  }

  async #holderOf(marker: string): Promise<string | undefined> {
    const file = await unless(this.fs.open(marker, 'r'), 'ENOENT');
    if (file === undefined) return undefined;
    try {
      const buffer = Buffer.alloc(256);
      return buffer.subarray(0, await file.read(buffer, 0)).toString();
    } finally {
      await file.close();
    }
  }

  async #probe(): Promise<Placement> {
    const run = await this.run();
    const scratch = this.runs.path(run, `${PROBE}${String(this.#clock.now())}`);
    await this.staging(() => this.fs.mkdir(scratch));
    try {
      const placement = await probe(this.fs, this.#clock, scratch, this.path);
      this.#known = placement;
      return placement;
    } finally {
      await unless(this.fs.rmdir(scratch), 'ENOENT', 'ENOTEMPTY');
    }
  }

  /** Failures of staging, told apart from those of the target. */
  async staging<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (errno(error) === undefined || errno(error) === 'ENOSPC') throw error;
      throw new StagingError(this.runs.root, error);
    }
  }

  async #flushTarget(): Promise<void> {
    if (this.#known?.flush !== true) return;
    const directory = await this.fs.open(this.path, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }
}
