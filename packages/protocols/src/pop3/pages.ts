import { createHash } from 'node:crypto';
import type { SourceMemory } from '@lanceur/core';

/** What is remembered of a listed mail, so that its header is fetched once. */
export interface Remembered {
  /** Its subject, if it has one. */
  readonly n?: string;
  /** Its mark, if it has one (see `markOf`). */
  readonly s?: string;
  /** When it came, in milliseconds since 1970, if it says so. */
  readonly d?: number;
  /** By its sender's word alone: no server has stamped it. */
  readonly w?: 1;
  /** It was there before a launcher that starts "from now". */
  readonly o?: 1;
}

const PAGES = 64;

/**
 * The mails of the mailbox, by UIDL, in a fixed number of pages: what is new rewrites few of them, and a page is at once
 * the list of what may be forgotten when it is no longer in the mailbox.
 */
export class Pages {
  readonly #memory: SourceMemory;
  readonly #pages: Map<string, Remembered>[];
  readonly #changed = new Set<number>();

  private constructor(memory: SourceMemory, pages: Map<string, Remembered>[]) {
    this.#memory = memory;
    this.#pages = pages;
  }

  static async read(memory: SourceMemory): Promise<Pages> {
    const stored = await memory.read(Array.from({ length: PAGES }, (_, i) => keyOf(i)));
    return new Pages(
      memory,
      Array.from({ length: PAGES }, (_, i) => parsed(stored.get(keyOf(i)))),
    );
  }

  get(uidl: string): Remembered | undefined {
    return this.#page(uidl).get(uidl);
  }

  set(uidl: string, remembered: Remembered): void {
    this.#page(uidl).set(uidl, remembered);
    this.#changed.add(pageOf(uidl));
  }

  /**
   * Forgets what is no longer in the mailbox, but not what was there "from now": were the server to show an empty mailbox
   * once, all of it would pass for new.
   */
  keepOnly(isListed: (uidl: string) => boolean): void {
    for (const [i, page] of this.#pages.entries()) {
      for (const [uidl, { o }] of page) {
        if (o === 1 || isListed(uidl)) continue;
        page.delete(uidl);
        this.#changed.add(i);
      }
    }
  }

  async write(): Promise<void> {
    if (this.#changed.size === 0) return;
    const entries = new Map<string, string | undefined>();
    for (const i of this.#changed) {
      const page = this.#pages[i] ?? new Map<string, Remembered>();
      entries.set(keyOf(i), page.size === 0 ? undefined : JSON.stringify([...page]));
    }
    this.#changed.clear();
    await this.#memory.write(entries);
  }

  #page(uidl: string): Map<string, Remembered> {
    const page = this.#pages[pageOf(uidl)];
    if (page === undefined) throw new RangeError('no such page');
    return page;
  }
}

function pageOf(uidl: string): number {
  return (createHash('sha1').update(uidl).digest()[0] ?? 0) % PAGES;
}

function keyOf(page: number): string {
  return `mails ${String(page)}`;
}

/** A memory that cannot be read is an empty one: the headers are fetched again. */
function parsed(text: string | undefined): Map<string, Remembered> {
  if (text === undefined) return new Map();
  try {
    return new Map(JSON.parse(text) as [string, Remembered][]);
  } catch {
    return new Map();
  }
}
