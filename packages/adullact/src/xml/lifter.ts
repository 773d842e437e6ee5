import { LanceurError } from '@lanceur/core';
import { Growing } from './growing.js';

/** What a {@link Lifter} tells. */
export interface LifterEvents {
  /** Whether a DTD for this root (its name without prefix) concerns us: then it is an error. */
  concerns(root: string): boolean;
  /** The start tag of the root, from `<` to `>`. Gives the elements whose text is lifted, each with its parent; `undefined`: read no further. */
  root(tag: Buffer): ReadonlyMap<string, string> | undefined;
  /** The content of an element that is lifted begins. */
  begin(): void;
  /** A piece of it. */
  content(bytes: Buffer): void;
  end(): void;
}

/** What a {@link Lifter} takes at most. */
export interface LifterLimits {
  readonly depth: number;
  readonly nodes: number;
  /** Bytes of all that is not lifted. */
  readonly xmlBytes: number;
  /** Bytes of text of it, between its tags. */
  readonly textBytes: number;
}

type State = 'text' | 'markup' | 'comment' | 'instruction' | 'cdata';

const LESS = 0x3c;
const GREATER = 0x3e;
const SLASH = 0x2f;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const BANG = 0x21;
const QUESTION = 0x3f;

const LONGEST_TAG = 256 * 1024;
const CDATA = '<![CDATA[';
const ENDS = { comment: '-->', instruction: '?>', cdata: ']]>' } as const;
const NOTHING = Buffer.alloc(0);

/**
 * Takes the content of some elements (the attachments, 99 % of a large PES) out of an XML as its bytes go by, so that
 * what is left is small enough to be parsed as a whole. Works on any encoding in which ASCII stands for itself. It
 * checks no more than it needs to find its way: whether what is left is well-formed is the parser's to say.
 */
export class Lifter {
  /** Whether the root is none of ours: nothing more of the file needs to be read. */
  ignored = false;
  readonly #name: string;
  readonly #events: LifterEvents;
  readonly #limits: LifterLimits;
  readonly #plain = new Growing();
  #lifts: ReadonlyMap<string, string> | undefined;
  #state: State = 'text';
  /** The end of the last chunk that could not be read without the next one. */
  #carry: Buffer = NOTHING;
  /** The names of the elements that are open, without their prefix. */
  readonly #path: string[] = [];
  /** How deep the element is whose text is being lifted; 0 = none is. */
  #lifting = 0;
  #lifted = 0;
  #nodes = 0;
  #text = 0;
  /** Whether text, and not only blanks, has come since the last tag. */
  #inText = false;
  /** Blanks after a tag: kept only if text follows. */
  #blanks: Buffer = NOTHING;

  constructor(name: string, events: LifterEvents, limits: LifterLimits) {
    this.#name = name;
    this.#events = events;
    this.#limits = limits;
  }

  /** @throws LanceurError `ENVELOPE_DAMAGED`, `ENVELOPE_UNSAFE`, `ENVELOPE_TOO_BIG`. */
  push(chunk: Buffer): void {
    const data = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    let at = 0;
    while (at < data.length && !this.ignored) {
      const next = this.#step(data, at);
      if (next === undefined) break;
      at = next;
    }
    this.#carry = at < data.length && !this.ignored ? Buffer.from(data.subarray(at)) : NOTHING;
    if (this.#carry.length > LONGEST_TAG) throw this.#damaged('it has a tag without end');
    if (this.#plain.length > this.#limits.xmlBytes) throw this.#tooBig('xmlBytes');
  }

  /**
   * What is left: the XML without comments, instructions and CDATA marks, with a number in place of each content that
   * was lifted.
   *
   * @throws LanceurError `ENVELOPE_DAMAGED` if its end is missing.
   */
  end(): Buffer {
    const whole = this.#carry.length === 0 && this.#state === 'text' && this.#path.length === 0;
    if (!whole || this.#lifts === undefined) throw this.#damaged('it is cut short');
    return this.#plain.bytes();
  }

  /** Where to go on; `undefined` if that needs more bytes. */
  #step(data: Buffer, at: number): number | undefined {
    switch (this.#state) {
      case 'text': {
        const less = data.indexOf(LESS, at);
        const end = less === -1 ? data.length : less;
        this.#characters(data.subarray(at, end));
        if (less !== -1) this.#state = 'markup';
        return end;
      }
      case 'markup':
        return this.#markup(data, at);
      case 'cdata':
      case 'comment':
      case 'instruction':
        return this.#passage(data, at, this.#state);
    }
  }

  #markup(data: Buffer, at: number): number | undefined {
    const second = data[at + 1];
    if (second === undefined) return undefined;
    if (second === QUESTION) return this.#enter('instruction', at + 2);
    if (second !== BANG) return this.#tag(data, at);
    const begin = data.toString('latin1', at, at + CDATA.length);
    if (begin.startsWith('<!--')) return this.#enter('comment', at + 4);
    if (begin === CDATA) {
      if (!this.#isLifting()) this.#beginText();
      return this.#enter('cdata', at + CDATA.length);
    }
    if ('<!--'.startsWith(begin) || CDATA.startsWith(begin)) return undefined;
    return this.#declaration(data, at);
  }

  #enter(state: State, at: number): number {
    this.#state = state;
    return at;
  }

  /** Up to its end mark, which may be cut by the end of the chunk. */
  #passage(data: Buffer, at: number, kind: keyof typeof ENDS): number | undefined {
    const mark = ENDS[kind];
    const found = data.indexOf(mark, at, 'latin1');
    const end = found === -1 ? Math.max(at, data.length - mark.length + 1) : found;
    if (kind === 'cdata') {
      const content = data.subarray(at, end);
      this.#characters(this.#isLifting() ? content : escaped(content));
    }
    if (found === -1) return end === at ? undefined : end;
    return this.#enter('text', found + mark.length);
  }

  /** A DTD. That of a page of HTML is no matter of ours. */
  #declaration(data: Buffer, at: number): number | undefined {
    const text = data.toString('latin1', at, at + 256);
    const [, root] = /^<!DOCTYPE\s+([^\s>[]+)[\s>[]/u.exec(text) ?? [];
    if (root === undefined && text.length < 256) return undefined;
    if (this.#lifts === undefined && root !== undefined && !this.#events.concerns(localName(root))) {
      this.ignored = true;
      return data.length;
    }
    throw new LanceurError('ENVELOPE_UNSAFE', { name: this.#name, why: 'it has a DTD' });
  }

  #tag(data: Buffer, at: number): number | undefined {
    const end = this.#tagEnd(data, at);
    if (end === undefined) return undefined;
    this.#state = 'text';
    this.#inText = false;
    this.#blanks = NOTHING;
    const tag = data.subarray(at, end);
    if (tag[1] === SLASH) this.#endTag(tag);
    else this.#startTag(tag);
    return end;
  }

  /** Just after its `>`, which may also stand in an attribute. */
  #tagEnd(data: Buffer, at: number): number | undefined {
    let quote = 0;
    let attributes = 0;
    /** After a `=`, until the value begins: the parser overlooks one that stands alone. */
    let expectsValue = false;
    for (let i = at + 1; i < data.length; i++) {
      const byte = data[i];
      if (quote !== 0) {
        if (byte === quote) quote = 0;
      } else if (byte === QUOTE || byte === APOSTROPHE) {
        quote = byte;
        expectsValue = false;
      } else if (expectsValue) {
        if (byte !== undefined && !BLANKS.has(byte))
          throw this.#damaged('it has an attribute without a value');
      } else if (byte === GREATER) {
        this.#nodes += attributes;
        return i + 1;
      } else if (byte === EQUALS) {
        attributes++;
        expectsValue = true;
      } else if (byte === LESS) {
        throw this.#damaged('it has a tag within a tag');
      }
    }
    return undefined;
  }

  #startTag(tag: Buffer): void {
    const name = localName(nameIn(tag, 1));
    if (this.#lifts === undefined) {
      this.#lifts = this.#events.root(tag);
      if (this.#lifts === undefined) {
        this.ignored = true;
        return;
      }
    } else if (this.#path.length === 0) {
      throw this.#damaged('it has a second root');
    }
    if (++this.#nodes > this.#limits.nodes) throw this.#tooBig('nodes');
    this.#plain.add(tag);
    if (tag[tag.length - 2] === SLASH) return;
    const parent = this.#path.at(-1);
    if (this.#path.push(name) > this.#limits.depth) throw this.#tooBig('depth');
    if (this.#lifting !== 0 || parent === undefined || this.#lifts.get(name) !== parent) return;
    this.#lifting = this.#path.length;
    this.#events.begin();
  }

  #endTag(tag: Buffer): void {
    const name = localName(nameIn(tag, 2));
    const open = this.#path.pop();
    if (name !== open) throw this.#damaged('it has an end tag where there should be another');
    if (this.#lifting > this.#path.length) {
      this.#lifting = 0;
      this.#events.end();
      this.#plain.add(Buffer.from(String(this.#lifted++)));
    }
    this.#plain.add(tag);
  }

  /** Text, or what is in a CDATA section. Where it is blank up to the next tag, it is only how the file is laid out. */
  #characters(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.#isLifting()) this.#events.content(bytes);
    else if (!this.#inText && this.#blanks.length < LONGEST_TAG && isBlank(bytes)) {
      this.#blanks = Buffer.concat([this.#blanks, bytes]);
    } else {
      this.#beginText();
      this.#keepText(bytes);
    }
  }

  #beginText(): void {
    if (this.#path.length === 0) throw this.#damaged('it has text outside its root');
    this.#inText = true;
    this.#keepText(this.#blanks);
    this.#blanks = NOTHING;
  }

  #keepText(bytes: Buffer): void {
    this.#text += bytes.length;
    if (this.#text > this.#limits.textBytes) throw this.#tooBig('textBytes');
    this.#plain.add(bytes);
  }

  #isLifting(): boolean {
    return this.#lifting !== 0 && this.#lifting === this.#path.length;
  }

  #damaged(why: string): LanceurError {
    return new LanceurError('ENVELOPE_DAMAGED', { name: this.#name, why });
  }

  #tooBig(option: keyof LifterLimits): LanceurError {
    return new LanceurError('ENVELOPE_TOO_BIG', { name: this.#name, option, limit: this.#limits[option] });
  }
}

/** What stands in a CDATA section means itself (XML 1.0, section 2.7): as text, so that nothing takes it for markup. */
function escaped(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  if (!/[&<>]/u.test(text)) return bytes;
  return Buffer.from(
    text.replace(/[&<>]/gu, (c) => `&#${String(c.charCodeAt(0))};`),
    'latin1',
  );
}

const BLANKS: ReadonlySet<number> = new Set([0x20, 0x0a, 0x0d, 0x09]);

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => BLANKS.has(byte));
}

/** A name without its prefix. */
export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

const NAME_ENDS = new Set([0x20, 0x09, 0x0a, 0x0d, SLASH, GREATER]);

function nameIn(tag: Buffer, from: number): string {
  let end = from;
  while (end < tag.length && !NAME_ENDS.has(tag[end] ?? GREATER)) end++;
  return tag.toString('latin1', from, end);
}
