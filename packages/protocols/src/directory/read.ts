import { Readable } from 'node:stream';
import { LanceurError } from '@lanceur/core';
import { itemError } from './faults.js';
import type { FileStat, OpenFile } from './file-system/file-system.js';
import { versionOf } from './ids.js';
import type { Settings } from './options.js';

/** A file as it was when its item was opened. */
export interface Expected {
  readonly path: string;
  /** For messages. */
  readonly name: string;
  readonly stat: FileStat;
}

const CHUNK = 256 * 1024;
// A document of this size is opened, compared, read and closed in one exchange with the file system.
const AHEAD = 128 * 1024;

/**
 * The content of a file that must stay what it was. Nothing is opened before it is read from; never more than the
 * expected size is read, so that a file that grows for ever ends. Errors with `CHANGED` or `GONE`, at its end at the
 * latest.
 */
export function streamOf(settings: Settings, expected: Expected): Readable {
  const { fs } = settings;
  const { path, name, stat } = expected;
  let file: OpenFile | undefined;
  let begun = false;
  /** Settles when nothing is being read: only then may the file be closed. */
  let busy: Promise<void> = Promise.resolve();
  let left = stat.size;

  async function begin(): Promise<Uint8Array> {
    const opened = await fs.open(path, Math.min(AHEAD, Math.max(1, stat.size)));
    file = opened.file;
    refuseChange(expected, opened.stat, settings);
    refuseChange(expected, opened.after, settings);
    return opened.head;
  }

  async function next(): Promise<Uint8Array> {
    const chunk = file === undefined ? new Uint8Array(0) : await file.read(Math.min(CHUNK, left));
    if (chunk.length === 0) throw new LanceurError('CHANGED', { name });
    return chunk;
  }

  async function end(): Promise<void> {
    if (file === undefined) return;
    const last = await file.stat();
    await close();
    refuseChange(expected, last, settings);
  }

  async function close(): Promise<void> {
    const open = file;
    file = undefined;
    await open?.close();
  }

  return new Readable({
    highWaterMark: CHUNK,
    read() {
      const step = async () => {
        const chunk = begun ? await next() : await begin();
        begun = true;
        left -= chunk.length;
        if (left <= 0) await end();
        return chunk;
      };
      const reading = step();
      busy = reading.then(noop, noop);
      reading.then(
        (chunk) => {
          if (chunk.length > 0) this.push(chunk);
          if (left <= 0) this.push(null);
        },
        (error: unknown) => this.destroy(itemError(settings, name, error)),
      );
    },
    destroy(error, done) {
      busy.then(close).then(
        () => {
          done(error);
        },
        () => {
          done(error);
        },
      );
    },
  });
}

/** @throws LanceurError `CHANGED`. */
function refuseChange({ name, stat }: Expected, found: FileStat, { hardLinks }: Settings): void {
  const same =
    found.kind === 'file' &&
    versionOf(found) === versionOf(stat) &&
    found.dev === stat.dev &&
    found.ino === stat.ino &&
    (hardLinks || found.links <= 1);
  if (!same) throw new LanceurError('CHANGED', { name });
}

function noop(): void {
  // The reading itself reports.
}
