import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '@lanceur/core';
import { errno, type FileSystem, type OpenFile } from './file-system.js';

/** A call on a target has not come back in time; nothing more is asked there until it does. */
export class StalledError extends Error {
  readonly seconds: number;

  constructor(seconds: number) {
    super(`no answer for ${String(seconds)} s`);
    this.seconds = seconds;
  }
}

// What Windows says while a virus scanner or an indexer holds a file; it lets go within a second or so.
const HELD: readonly string[] = ['EBUSY', 'EPERM', 'EACCES'];
// And of a folder out of which it has deleted a file that is still being read.
const NOT_EMPTY: readonly string[] = [...HELD, 'ENOTEMPTY'];
const RETRY_AFTER_MS = [10, 30, 100, 300, 700];

/** Runs `work` until it fails with none of the codes, or too often. */
type Retrying = <T>(work: () => Promise<T>, again?: readonly string[]) => Promise<T>;

interface Call {
  since: number;
  readonly giveUp: (error: StalledError) => void;
  stuck: boolean;
}

interface Waiting {
  readonly begin: () => void;
  readonly giveUp: (error: StalledError) => void;
}

// Node's file calls share a pool of threads with its name look-ups. One is left to the rest of the process.
const CALLS_AT_ONCE = Math.max(1, (Number(process.env['UV_THREADPOOL_SIZE']) || 4) - 1);

/**
 * A file system that never waits for ever. A call on a dead share holds a thread of Node's pool, and if all are held,
 * every file and name look-up of the process stops: so a root is never given all of them, and after the first call
 * that is stuck no other is made there until it has returned.
 *
 * The watch is kept by one timer a busy period ({@link busy}), not by one a call.
 */
export class Guard {
  readonly fs: FileSystem;
  /** The same, where each call is made once. */
  readonly #once: FileSystem;
  readonly #retrying: Retrying;
  readonly #clock: Clock;
  readonly #stallMs: number;
  /** Those that have been made and not come back, the oldest first. */
  readonly #calls = new Set<Call>();
  /** Those that wait for one to come back. */
  readonly #waiting: Waiting[] = [];
  #stuck = 0;
  #busy = 0;
  #watch: AbortController | undefined;

  constructor(fs: FileSystem, clock: Clock, stallMs: number) {
    this.#clock = clock;
    this.#stallMs = stallMs;
    const once: Retrying = (work) => work();
    this.#retrying = fs.platform === 'win32' ? this.#retried.bind(this) : once;
    this.fs = this.#over(fs, this.#retrying);
    this.#once = this.#over(fs, once);
  }

  #over(fs: FileSystem, retrying: Retrying): FileSystem {
    const call = <T>(work: () => Promise<T>, again?: readonly string[]) =>
      retrying(() => this.#call(work), again);
    return {
      platform: fs.platform,
      open: async (path, flags) =>
        this.#guarded(await retrying(() => this.#opened(() => fs.open(path, flags)))),
      link: (existing, name) => call(() => fs.link(existing, name)),
      rename: (from, to) => call(() => fs.rename(from, to)),
      unlink: (path) => call(() => fs.unlink(path)),
      mkdir: (path) => call(() => fs.mkdir(path)),
      rmdir: (path) => call(() => fs.rmdir(path), NOT_EMPTY),
      readdir: (path) => this.#call(() => fs.readdir(path)),
      stat: (path) => this.#call(() => fs.stat(path)),
      lstat: (path) => this.#call(() => fs.lstat(path)),
      statfs: (path) => this.#call(() => fs.statfs(path)),
    };
  }

  /** Several calls that are tried again together where one of them meets what is held: what was looked at is looked at anew. */
  together<T>(work: (fs: FileSystem) => Promise<T>): Promise<T> {
    return this.#retrying(() => work(this.#once));
  }

  /** Runs `work` with the watch kept over its calls. */
  async busy<T>(work: () => Promise<T>): Promise<T> {
    this.#busy++;
    if (this.#watch === undefined && this.#stallMs !== Infinity) void this.#keepWatch();
    try {
      return await work();
    } finally {
      this.#busy--;
      if (this.#busy === 0) this.#watch?.abort();
    }
  }

  async #keepWatch(): Promise<void> {
    const watch = new AbortController();
    this.#watch = watch;
    let wait = this.#stallMs;
    while (!watch.signal.aborted) {
      await this.#clock.sleep(wait, watch.signal);
      // A process that was frozen wakes with its timers overdue, and its calls long since answered: those come first.
      await turn();
      await turn();
      wait = this.#giveUpOnOld();
    }
    if (this.#watch === watch) this.#watch = undefined;
    if (this.#busy > 0 && this.#watch === undefined) void this.#keepWatch();
  }

  /** How long until the next call can be overdue. */
  #giveUpOnOld(): number {
    const now = this.#clock.now();
    for (const call of this.#calls) {
      if (call.stuck) continue;
      // A clock that was set back must not have it waited for until it is where it was.
      call.since = Math.min(call.since, now);
      const age = now - call.since;
      if (age < this.#stallMs) return this.#stallMs - age;
      call.stuck = true;
      this.#stuck++;
      const error = new StalledError(Math.round(age / 1000));
      call.giveUp(error);
      for (const { giveUp } of this.#waiting.splice(0)) giveUp(error);
    }
    return this.#stallMs;
  }

  #call<T>(work: () => Promise<T>, late?: (value: T) => void): Promise<T> {
    if (this.#stuck > 0) return Promise.reject(new StalledError(this.#stuckSeconds()));
    return new Promise<T>((resolve, reject) => {
      const begin = () => {
        const call: Call = { since: this.#clock.now(), giveUp: reject, stuck: false };
        this.#calls.add(call);
        work().then(
          (value) => {
            this.#back(call);
            if (call.stuck) late?.(value);
            resolve(value);
          },
          (error: unknown) => {
            this.#back(call);
            reject(error instanceof Error ? error : new Error(String(error)));
          },
        );
      };
      if (this.#calls.size < CALLS_AT_ONCE) begin();
      else this.#waiting.push({ begin, giveUp: reject });
    });
  }

  #back(call: Call): void {
    this.#calls.delete(call);
    if (call.stuck) this.#stuck--;
    if (this.#stuck === 0) this.#waiting.shift()?.begin();
  }

  /** A file that opens after it was given up is closed, or it would stay open for ever. */
  #opened(work: () => Promise<OpenFile>): Promise<OpenFile> {
    return this.#call(work, (file) => void file.close().catch(() => undefined));
  }

  #guarded(file: OpenFile): OpenFile {
    return {
      write: (data) => this.#call(() => file.write(data)),
      read: (buffer, position) => this.#call(() => file.read(buffer, position)),
      sync: () => this.#call(() => file.sync()),
      // Even while another call is stuck: what is held must be let go; but nobody waits for it then.
      close: () => (this.#stuck > 0 ? this.#forgetting(file.close()) : this.#call(() => file.close())),
    };
  }

  #forgetting(work: Promise<void>): Promise<void> {
    work.catch(() => undefined);
    return Promise.resolve();
  }

  async #retried<T>(work: () => Promise<T>, again = HELD): Promise<T> {
    for (const delay of RETRY_AFTER_MS) {
      try {
        return await work();
      } catch (error) {
        if (!again.includes(errno(error) ?? '')) throw error;
        await this.#clock.sleep(delay);
      }
    }
    return work();
  }

  #stuckSeconds(): number {
    const oldest = Math.min(...[...this.#calls].filter((c) => c.stuck).map((c) => c.since));
    return Math.round((this.#clock.now() - oldest) / 1000);
  }
}
