import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, linkSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** What an upload does where its name is taken. Which of them EzGED does is not documented. */
export type SameName = 'number' | 'overwrite' | 'refuse';

/** A file that is being uploaded: nobody looks for documents where it is until it is `placed`. */
export class IncomingFile {
  readonly #temporary: string;
  #handle: number | undefined;
  size = 0;

  /** @param discard - the bytes are counted and dropped, for measurements that are not about this disk. */
  constructor(folder: string, discard: boolean) {
    mkdirSync(folder, { recursive: true });
    this.#temporary = join(folder, `php${randomBytes(6).toString('hex')}`);
    if (!discard) this.#handle = openSync(this.#temporary, 'wx');
  }

  write(bytes: Uint8Array): void {
    this.size += bytes.length;
    if (this.#handle === undefined) return;
    for (let at = 0; at < bytes.length;) at += writeSync(this.#handle, bytes, at);
  }

  /** Its path, or `undefined` if the name was refused. */
  placed(folder: string, name: string, sameName: SameName): string | undefined {
    const kept = this.#handle !== undefined;
    this.#close();
    if (!kept) return join(folder, name);
    for (let n = 1; ; n++) {
      const path = join(folder, n === 1 ? name : numbered(name, n));
      if (sameName === 'overwrite') {
        renameSync(this.#temporary, path);
        return path;
      }
      if (!existsSync(path)) {
        linkSync(this.#temporary, path);
        rmSync(this.#temporary);
        return path;
      }
      if (sameName === 'refuse') return undefined;
    }
  }

  drop(): void {
    this.#close();
    rmSync(this.#temporary, { force: true });
  }

  #close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
  }
}

function numbered(name: string, n: number): string {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? `${name}_${String(n)}` : `${name.slice(0, dot)}_${String(n)}${name.slice(dot)}`;
}
