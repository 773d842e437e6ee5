import { LanceurError, reason, type Clock, type Reason } from '@lanceur/core';
import type { FileSystem, OpenFile } from './file-system.js';

export interface GuardOptions {
  /** For the message. */
  readonly path: string;
  /** How long one call may take, in milliseconds. */
  readonly stallMs: number;
  readonly clock: Clock;
  /**
   * Given where the file system makes its calls one after the other by itself, so that many may be handed over at once:
   * takes back those that it has not begun. Without it, it gets one at a time.
   */
  readonly dropWaiting?: () => void;
}

export interface Guarded {
  readonly fs: FileSystem;
  /** `SOURCE_STALLED` while a call is stuck. */
  stalled(): Reason | undefined;
}

/** Calls that are handed over at once, where that may be. */
const MOST_AT_ONCE = 64;

/**
 * A file system with a deadline. One call is under way at a time. When it takes longer than `stallMs`, it and all
 * that wait behind it fail with `SOURCE_STALLED`, and so does every further one, unmade, until the stuck one returns:
 * a dead share then holds one call, however often it is polled.
 */
export function guarded(inner: FileSystem, options: GuardOptions): Guarded {
  const guard = new Guard(options);
  const run = guard.run.bind(guard);

  const guardedFile = (file: OpenFile): OpenFile => ({
    read: (length) => run(() => file.read(length)),
    stat: () => run(() => file.stat()),
    close: () => guard.tidy(() => file.close()),
  });

  const fs: FileSystem = {
    ...(inner.platform !== undefined && { platform: inner.platform }),
    stat: (path, o) => run(() => inner.stat(path, o)),
    async *list(folder) {
      const entries = inner.list(folder)[Symbol.asyncIterator]();
      try {
        for (;;) {
          const next = await run(() => entries.next());
          if (next.done === true) return;
          yield next.value;
        }
      } finally {
        await guard.tidy(async () => {
          await entries.return?.();
        });
      }
    },
    async open(path, ahead) {
      const opened = await run(
        () => inner.open(path, ahead),
        (late) => late.file?.close(),
      );
      return opened.file === undefined ? opened : { ...opened, file: guardedFile(opened.file) };
    },
    read: (path, start, length) => run(() => inner.read(path, start, length)),
    create: (path, bytes) => run(() => inner.create(path, bytes)),
    append: (path, bytes) => run(() => inner.append(path, bytes)),
    seal: (path, mtimeNs) => run(() => inner.seal(path, mtimeNs)),
    makeFolder: (path) => run(() => inner.makeFolder(path)),
    move: (from, to) => run(() => inner.move(from, to)),
    link: (from, to) => run(() => inner.link(from, to)),
    remove: (path) => run(() => inner.remove(path)),
    removeFolder: (path) => run(() => inner.removeFolder(path)),
    syncFolder: (path) => run(() => inner.syncFolder(path)),
  };
  return { fs, stalled: () => guard.stalled() };
}

interface Pending {
  readonly start: () => void;
  readonly reject: (error: Error) => void;
  /** Gives something back: made even after a stall. */
  readonly tidies: boolean;
}

/** A call that is handed over. */
interface Current {
  readonly reject: (error: Error) => void;
  /** Nobody waits for it any more. */
  abandoned: boolean;
}

class Guard {
  readonly #options: GuardOptions;
  readonly #atOnce: number;
  readonly #queue: Pending[] = [];
  readonly #current = new Set<Current>();
  /** Since when the first of them is under way. */
  #since = 0;
  #stuck = false;
  #watch: AbortController | undefined;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#atOnce = options.dropWaiting === undefined ? 1 : MOST_AT_ONCE;
  }

  stalled(): Reason | undefined {
    if (!this.#stuck) return undefined;
    const seconds = Math.round((this.#options.clock.now() - this.#since) / 1000);
    return reason('SOURCE_STALLED', { path: this.#options.path, seconds });
  }

  /** @param late - what to do with a result that comes when nobody waits for it any more. */
  run<T>(call: () => Promise<T>, late?: (result: T) => unknown): Promise<T> {
    if (this.#stuck) return Promise.reject(this.#error());
    return this.#enqueue(call, { late, tidies: false });
  }

  /** Gives back what is open; if the root is stuck, nobody waits for it and it is done later. */
  async tidy(call: () => Promise<void>): Promise<void> {
    const done = this.#enqueue(call, { tidies: true });
    if (this.#stuck) done.catch(() => undefined);
    else await done;
  }

  #enqueue<T>(
    call: () => Promise<T>,
    { late, tidies }: { readonly late?: ((result: T) => unknown) | undefined; readonly tidies: boolean },
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const start = () => {
        const current: Current = { reject, abandoned: false };
        if (this.#current.size === 0) this.#since = this.#options.clock.now();
        this.#current.add(current);
        this.#arm();
        call().then(
          (result) => {
            this.#ended(current);
            if (current.abandoned) void Promise.resolve(late?.(result)).catch(() => undefined);
            else resolve(result);
          },
          (error: unknown) => {
            this.#ended(current);
            reject(error instanceof Error ? error : new Error(String(error)));
          },
        );
      };
      if (this.#mayStart()) start();
      else this.#queue.push({ start, reject, tidies });
    });
  }

  #mayStart(): boolean {
    return !this.#stuck && this.#current.size < this.#atOnce;
  }

  #ended(current: Current): void {
    this.#stuck = false;
    this.#current.delete(current);
    this.#since = this.#options.clock.now();
    while (this.#mayStart()) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      next.start();
    }
    if (this.#current.size === 0) this.#disarmSoon();
  }

  /** One sleeper watches all the calls: one for each would cost more than the calls. */
  #arm(): void {
    if (this.#watch !== undefined) return;
    const watch = new AbortController();
    this.#watch = watch;
    void this.#watchOver(watch.signal);
  }

  // A sleeper left alone would keep a finished process alive; ended at once, it would be made anew for every call.
  #disarmSoon(): void {
    const watch = this.#watch;
    setImmediate(() => {
      if (this.#current.size > 0 || this.#watch !== watch) return;
      this.#watch = undefined;
      watch?.abort();
    });
  }

  async #watchOver(signal: AbortSignal): Promise<void> {
    const { clock, stallMs } = this.#options;
    while (!signal.aborted) {
      // A clock that was set back must not have it waited for until it is where it was.
      this.#since = Math.min(this.#since, clock.now());
      const since = this.#current.size > 0 ? this.#since : clock.now();
      const left = since + stallMs - clock.now();
      if (left <= 0) break;
      await clock.sleep(left, signal);
    }
    if (signal.aborted || this.#current.size === 0) return;
    this.#watch = undefined;
    this.#stuck = true;
    this.#options.dropWaiting?.();
    const error = this.#error();
    for (const current of this.#current) {
      current.abandoned = true;
      current.reject(error);
    }
    for (const waiting of this.#queue.splice(0)) {
      waiting.reject(error);
      if (waiting.tidies) this.#queue.push(waiting);
    }
  }

  #error(): LanceurError {
    const data = this.stalled()?.data;
    const seconds = typeof data?.['seconds'] === 'number' ? data['seconds'] : 0;
    return new LanceurError('SOURCE_STALLED', { path: this.#options.path, seconds });
  }
}
