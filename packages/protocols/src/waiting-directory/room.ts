import type { Clock } from '@lanceur/core';
import type { FileSystem } from './file-system.js';

/** The volume has less room than has to be kept free. */
export class NoRoomError extends Error {
  readonly free: number;
  readonly need: number;

  constructor(free: number, need: number) {
    super('too little room');
    this.free = free;
    this.need = need;
  }
}

const FRESH_MS = 1000;

/** Free disk, asked at most once a second: between, what is written is counted off. */
export class Room {
  readonly #fs: FileSystem;
  readonly #clock: Clock;
  readonly #path: string;
  /** As of the last time it was asked, less what has been claimed since. */
  #free = 0;
  /** Claimed, and perhaps not written yet: the disk does not know of it. */
  #pending = 0;
  #askedAt = -Infinity;

  constructor(fs: FileSystem, clock: Clock, path: string) {
    this.#fs = fs;
    this.#clock = clock;
    this.#path = path;
  }

  /**
   * Claims `bytes` for `write`, which writes them.
   * @throws NoRoomError if less than `keep` would be left; then nothing is written.
   */
  async use(bytes: number, keep: number, write: () => Promise<void>): Promise<void> {
    const age = this.#clock.now() - this.#askedAt;
    if (age < 0 || age >= FRESH_MS || this.#free - bytes < keep) await this.ask();
    if (this.#free - bytes < keep) throw new NoRoomError(this.#free, bytes + keep);
    this.#free -= bytes;
    this.#pending += bytes;
    try {
      await write();
    } finally {
      this.#pending -= bytes;
    }
  }

  /** Free bytes now, less what is about to be written. */
  async ask(): Promise<number> {
    this.#askedAt = this.#clock.now();
    const { free } = await this.#fs.statfs(this.#path);
    this.#free = free - this.#pending;
    return this.#free;
  }
}
