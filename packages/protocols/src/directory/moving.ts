import path from 'node:path';
import { numbered } from '@lanceur/core';
import { isDenied } from './faults.js';
import { errorCode, isMissing, isThere } from './file-system/file-system.js';
import type { Settings } from './options.js';

/** Moves, and remembers in which folders names have changed. */
export class Mover {
  readonly #settings: Settings;
  readonly #touched = new Set<string>();
  #flushing: Promise<void> = Promise.resolve();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Makes what was moved durable: the last thing before it is said to be done. */
  async flush(): Promise<void> {
    // After one that is under way: what it has begun to sync may be what was moved here.
    const flush = this.#flushing.then(() => this.#flush());
    this.#flushing = flush.catch(() => undefined);
    await flush;
  }

  async #flush(): Promise<void> {
    for (const folder of [...this.#touched]) {
      this.#touched.delete(folder);
      try {
        await this.#settings.fs.syncFolder(folder);
      } catch (error) {
        if (isMissing(error) || isDenied(error)) continue;
        this.#touched.add(folder);
        throw error;
      }
    }
  }

  /** Renames. `EEXIST` if the new name is taken. */
  async move(from: string, to: string): Promise<void> {
    await this.#settings.fs.move(from, to);
    this.#touch(from, to);
  }

  async remove(file: string): Promise<void> {
    await this.#settings.fs.remove(file);
    this.#touch(file);
  }

  /** As {@link remove}, but what is not there is fine. */
  async removeIfThere(file: string): Promise<void> {
    await this.remove(file).catch(unlessMissing);
  }

  /** True if it is gone; false if something is left in it. */
  async removeFolder(folder: string): Promise<boolean> {
    try {
      await this.#settings.fs.removeFolder(folder);
      this.#touch(folder);
      return true;
    } catch (error) {
      if (isMissing(error)) return true;
      // Windows says ENOTEMPTY, some servers EEXIST, AIX and Solaris EEXIST.
      if (errorCode(error) === 'ENOTEMPTY' || errorCode(error) === 'EEXIST') return false;
      throw error;
    }
  }

  async create(file: string, content: string): Promise<void> {
    await this.#settings.fs.create(file, Buffer.from(content));
    this.#touch(file);
  }

  /**
   * Puts a file or a folder under a name in somebody else's folder, where another program may be writing; numbered if
   * the name is taken. A file is linked, which never overwrites, where the volume can; the name that it got.
   */
  async putBack(from: string, to: string, isFile: boolean): Promise<string> {
    const { fs } = this.#settings;
    await fs.makeFolder(path.dirname(to));
    for (let n = 1; ; n++) {
      const target = n === 1 ? to : path.join(path.dirname(to), numbered(path.basename(to), n));
      try {
        if (isFile) await this.place(from, target);
        else await this.move(from, target);
        return target;
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
      }
    }
  }

  /** Moves a file without ever overwriting another. `EEXIST` if the name is taken. */
  async place(from: string, to: string): Promise<void> {
    const { fs } = this.#settings;
    try {
      await fs.link(from, to);
    } catch (error) {
      const code = errorCode(error);
      if (code === 'EEXIST') {
        if (!(await this.#isSame(from, to))) throw error;
      } else if (code === 'ENOENT' || code === 'EXDEV') {
        throw error;
      } else {
        // The volume has no hard links.
        await this.move(from, to);
        return;
      }
    }
    await this.remove(from);
    this.#touch(to);
  }

  /** Whether another file has the name that this one is to get. */
  async isTaken(from: string, to: string): Promise<boolean> {
    return (await isThere(this.#settings.fs, to)) && !(await this.#isSame(from, to));
  }

  /** Whether both names are one file: linked, and cut short before the first name was taken away. */
  async #isSame(a: string, b: string): Promise<boolean> {
    const [one, other] = [await this.#settings.fs.stat(a), await this.#settings.fs.stat(b)];
    return (
      one.kind === 'file' && one.ino !== 0n && one.links > 1 && one.ino === other.ino && one.dev === other.dev
    );
  }

  #touch(...paths: readonly string[]): void {
    for (const one of paths) this.#touched.add(path.dirname(one));
  }
}

export function unlessMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}
