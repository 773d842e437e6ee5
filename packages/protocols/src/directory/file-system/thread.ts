import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Answer, Call, CallName, PackedEntry, PackedStat, Request } from './calls.js';
import type { FileStat, FileSystem, FolderEntry, OpenFile } from './file-system.js';

const IDLE_MS = 30_000;

/**
 * `node:fs` on a thread of its own, one call after the other.
 *
 * A call on a dead share never returns. Made through promises it would hold one of the four threads that all file
 * and DNS operations of the process share; here it holds this one. It is also what makes listing quick: 100,000
 * entries with their stats take 0.6 s in batches from a thread, 2.4 s through promises one at a time, and a small
 * file is opened, compared, read and closed in one exchange. `docs/decisions/0008-a-thread-for-each-folder.md` has the figures.
 *
 * The thread starts with the first call and ends when it has been idle for 30 s; it never keeps the process alive
 * by itself.
 */
export function threadFileSystem(): FileSystem {
  return startThread().fs;
}

/** The same, with a way to take back calls that it has not begun. */
export function startThread(): { readonly fs: FileSystem; dropWaiting(): void } {
  const thread = new Thread();
  const call = thread.call.bind(thread);

  const fs: FileSystem = {
    stat: async (path, options) => unpack(await call('stat', path, options?.follow === true)),
    async *list(folder) {
      const id = await call('openFolder', folder);
      thread.hold();
      try {
        for (let next = call('nextEntries', id); ;) {
          const entries = await next;
          if (entries.length === 0) return;
          // The thread looks at these while those are worked on: they are asked for before this turn goes on with them.
          next = call('nextEntries', id);
          next.catch(() => undefined);
          await turn();
          yield entries.map(unpackEntry);
        }
      } finally {
        thread.release();
        await call('closeFolder', id);
      }
    },
    async open(path, ahead) {
      const { stat, head, after, fd } = await call('open', path, ahead);
      return {
        stat: unpack(stat),
        head,
        after: unpack(after),
        ...(fd !== undefined && { file: openFile(thread, fd) }),
      };
    },
    read: (path, start, length) => call('read', path, start, length),
    create: (path, bytes) => call('create', path, bytes),
    append: (path, bytes) => call('append', path, bytes),
    seal: (path, mtimeNs) => call('seal', path, mtimeNs),
    makeFolder: (path) => call('makeFolder', path),
    move: (from, to) => call('move', from, to),
    link: (from, to) => call('link', from, to),
    remove: (path) => call('remove', path),
    removeFolder: (path) => call('removeFolder', path),
    syncFolder: (path) => call('syncFolder', path),
  };
  return {
    fs,
    dropWaiting: () => {
      thread.dropWaiting();
    },
  };
}

function openFile(thread: Thread, fd: number): OpenFile {
  thread.hold();
  let open = true;
  return {
    read: (length) => thread.call('readNext', fd, length),
    stat: async () => unpack(await thread.call('statOpen', fd)),
    async close() {
      if (!open) return;
      open = false;
      thread.release();
      await thread.call('close', fd);
    },
  };
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

class Thread {
  #worker: Worker | undefined;
  /** In the order of the calls: a thread that does one thing at a time answers in that order. */
  readonly #waiting: Waiting[] = [];
  /** Made in this turn: an exchange between threads costs more than most calls, and many share one. */
  #outbox: Request[] = [];
  readonly #round = new Int32Array(new SharedArrayBuffer(4));
  /** Files and folders that it has open: it must not end before them. */
  #held = 0;
  #idle: NodeJS.Timeout | undefined;

  call<Name extends CallName>(name: Name, ...args: Call[Name]['args']): Promise<Call[Name]['result']> {
    return new Promise((resolve, reject) => {
      clearTimeout(this.#idle);
      const worker = (this.#worker ??= this.#start());
      this.#waiting.push({ resolve: resolve as (result: unknown) => void, reject });
      if (this.#waiting.length === 1) worker.ref();
      this.#outbox.push({ name, args, round: Atomics.load(this.#round, 0) });
      if (this.#outbox.length === 1)
        setImmediate(() => {
          this.#send(worker);
        });
    });
  }

  /** Calls that have not begun reject with `ECANCELED`, in their turn; what is open is closed all the same. */
  dropWaiting(): void {
    Atomics.add(this.#round, 0, 1);
  }

  hold(): void {
    this.#held++;
  }

  release(): void {
    this.#held--;
  }

  #send(worker: Worker): void {
    if (this.#worker !== worker) return;
    const requests = this.#outbox;
    this.#outbox = [];
    worker.postMessage(requests);
  }

  #start(): Worker {
    const worker = new Worker(new URL('./worker.js', import.meta.url), {
      name: 'lanceur directory',
      execArgv: [],
      workerData: this.#round,
    });
    worker.on('message', (answers: readonly Answer[]) => {
      const waiting = this.#waiting.splice(0, answers.length);
      if (this.#waiting.length === 0) this.#rest(worker);
      for (const [i, answer] of answers.entries()) {
        if ('result' in answer) waiting[i]?.resolve(answer.result);
        else waiting[i]?.reject(Object.assign(new Error(answer.error.message), { code: answer.error.code }));
      }
    });
    worker.on('error', (error) => {
      this.#lost(worker, error);
    });
    worker.on('exit', () => {
      this.#lost(worker, new Error('the thread of the folder ended'));
    });
    return worker;
  }

  #rest(worker: Worker): void {
    worker.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (this.#held > 0 || this.#waiting.length > 0) return;
      this.#worker = undefined;
      void worker.terminate();
    }, IDLE_MS).unref();
  }

  #lost(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#outbox = [];
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }
}

function unpack([kind, size, mtimeNs, changedMs, dev, ino, links]: PackedStat): FileStat {
  return { kind, size, mtimeNs, changedMs, dev, ino, links };
}

function unpackEntry([name, stat]: PackedEntry): FolderEntry {
  if (stat === null) return { name, readable: false };
  if (typeof stat === 'string') return { name, readable: true, error: stat };
  return { name, readable: true, stat: unpack(stat) };
}
