import type { DocumentInfo, ItemRef, Sent } from '../contracts/item.js';
import type { End, Settlement } from '../contracts/listener.js';
import { safeNames } from '../names.js';
import type { Reason } from '../reasons.js';
import { sentAs } from './documents.js';

/** A document to put into a memory source. */
export interface MemoryContent {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly mediaType?: string;
}

/** An item to put into a memory source: a file, or a mail with its attachments. */
export interface MemoryItem {
  readonly name: string;
  /** Default: its name. */
  readonly id?: string;
  /** Of its only document, which bears the item's name. Default: the name itself. */
  readonly content?: string | Uint8Array;
  /** In the place of `content`, where it has other documents than one of its name. */
  readonly documents?: readonly MemoryContent[];
  /** See `ItemRef.same`. */
  readonly same?: string;
  /** It is listed, with this reason, and cannot be opened. */
  readonly notReady?: Reason;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** An item as a memory source holds it. */
export interface HeldItem {
  readonly id: string;
  readonly version: string;
  readonly name: string;
  readonly same?: string;
  readonly notReady?: Reason;
  readonly attributes: Readonly<Record<string, string>>;
  readonly documents: readonly HeldDocument[];
}

export interface HeldDocument extends DocumentInfo {
  readonly size: number;
  readonly bytes: Buffer;
}

/** An item that has been settled out of a memory source. */
export interface LeftItem {
  readonly item: HeldItem;
  readonly end: End;
  readonly reason?: Reason;
  /** What the launcher said that it had handed over. */
  readonly sent?: readonly Sent[];
}

/** What a memory listener watches: items that a test adds, changes, removes, renumbers and puts back. */
export class MemorySource {
  readonly #items = new Map<string, HeldItem>();
  readonly #left: LeftItem[] = [];
  readonly #wakers = new Set<() => void>();
  #revision = 0;

  get items(): readonly HeldItem[] {
    return [...this.#items.values()];
  }

  get left(): readonly LeftItem[] {
    return [...this.#left];
  }

  get(id: string): HeldItem | undefined {
    return this.#items.get(id);
  }

  put(item: MemoryItem): HeldItem {
    const id = item.id ?? item.name;
    if (this.#items.has(id)) throw new RangeError(`the source already holds ${id}: change it instead`);
    return this.#hold({
      id,
      version: this.#nextVersion(),
      name: item.name,
      ...(item.same === undefined ? {} : { same: item.same }),
      ...(item.notReady === undefined ? {} : { notReady: item.notReady }),
      attributes: item.attributes ?? {},
      documents: (item.documents ?? [{ name: item.name, content: item.content ?? item.name }]).map(held),
    });
  }

  change(
    id: string,
    to: string | Uint8Array | readonly MemoryContent[],
    options: { readonly unnoticed?: boolean } = {},
  ): HeldItem {
    const { notReady: _ready, ...item } = this.#known(id);
    return this.#hold({
      ...item,
      version: options.unnoticed === true ? item.version : this.#nextVersion(),
      documents: isContent(to) ? [held({ name: item.name, content: to })] : to.map(held),
    });
  }

  makeReady(id: string): HeldItem {
    const { notReady: _ready, ...item } = this.#known(id);
    return this.#hold(item);
  }

  remove(id: string): void {
    this.#known(id);
    this.#items.delete(id);
  }

  /** Gives every item a new id. What it contains stays, and so does its `same`. */
  renumber(to: (id: string) => string): void {
    const items = [...this.#items.values()];
    this.#items.clear();
    for (const item of items) this.#items.set(to(item.id), { ...item, id: to(item.id) });
  }

  putBack(id: string, options: { readonly as?: string } = {}): HeldItem {
    const at = this.#left.findLastIndex(({ item }) => item.id === id);
    const left = this.#left[at];
    if (left === undefined) throw new RangeError(`${id} has not left the source`);
    const back = { ...left.item, id: options.as ?? id };
    if (this.#items.has(back.id)) throw new RangeError(`the source holds another ${back.id}`);
    this.#left.splice(at, 1);
    return this.#hold(back);
  }

  /** The item leaves the listing, as its settlement asks. */
  takeOut(item: HeldItem, { end, reason, sent }: Settlement): void {
    this.#items.delete(item.id);
    this.#left.push({ item, end, ...(reason && { reason }), ...(sent && { sent }) });
  }

  /** The rejected item, back in the listing; `undefined` if it is not in quarantine, or its place is taken. */
  restore(ref: ItemRef): HeldItem | undefined {
    const rejected = this.#left.findLast(({ item, end }) => end === 'reject' && isSame(item, ref));
    if (rejected === undefined || this.#items.has(ref.id)) return undefined;
    this.#left.splice(this.#left.indexOf(rejected), 1);
    return this.#hold(rejected.item);
  }

  watch(wake: () => void): () => void {
    this.#wakers.add(wake);
    return () => this.#wakers.delete(wake);
  }

  #known(id: string): HeldItem {
    const item = this.#items.get(id);
    if (item === undefined) throw new RangeError(`the source does not hold ${id}`);
    return item;
  }

  #hold(item: HeldItem): HeldItem {
    this.#items.set(item.id, item);
    for (const wake of this.#wakers) wake();
    return item;
  }

  #nextVersion(): string {
    this.#revision++;
    return String(this.#revision);
  }
}

/** Whether the item still is what was listed, by its version. */
export function isSame(item: HeldItem, ref: ItemRef): boolean {
  return item.id === ref.id && item.version === ref.version;
}

/** Whether what was handed over is what the item contains: compared by content, wherever a name is known. */
export function containsWhatWasSent(item: HeldItem, sent: readonly Sent[]): boolean {
  const names = namesIn(item);
  return item.documents.every(({ bytes }, i) => {
    const name = names[i] ?? '';
    const known = sent.find((s) => s.name === name);
    return known === undefined || known.sha256 === sentAs(name, bytes).sha256;
  });
}

/** The names of its documents in a delivery. */
export function namesIn(item: HeldItem): readonly string[] {
  return safeNames(item.documents.map(({ name }) => name));
}

function held({ name, content, mediaType }: MemoryContent): HeldDocument {
  const bytes = Buffer.from(content);
  return { name, bytes, size: bytes.length, ...(mediaType === undefined ? {} : { mediaType }) };
}

function isContent(to: string | Uint8Array | readonly MemoryContent[]): to is string | Uint8Array {
  return typeof to === 'string' || to instanceof Uint8Array;
}
