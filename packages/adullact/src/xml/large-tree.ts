import type { XmlElement } from './element.js';
import { localName } from './lifter.js';
import { resolved } from './references.js';

/** While its children come. */
interface Open {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  text: string;
  children: readonly XmlElement[];
}

const SLASH = 0x2f;
const NAME = /[^\s/>]+/uy;
const ATTRIBUTE = /\s*([^\s=/>]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/uy;
/** Names that mean something to JavaScript: the parser refuses them as well. */
const RESERVED: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const NO_ATTRIBUTES: Readonly<Record<string, string>> = Object.freeze({});
const NO_CHILDREN: readonly XmlElement[] = Object.freeze([]);

/**
 * A large XML as a tree, the same one that `treeOf` makes of a small one: only elements, attributes and text, as a
 * `Lifter` leaves them, and found well-formed before. Built at once, without the tree that the parser makes first, which
 * takes three times as long and twice the memory.
 *
 * @throws Error for a name that is reserved.
 */
export function largeTreeOf(written: string): XmlElement | undefined {
  // XML 1.0, section 2.11.
  const text = written.replace(/\r\n?/gu, '\n');
  const names = new Map<string, string>();
  const local = (name: string): string => {
    const known = names.get(name);
    if (known !== undefined) return known;
    const found = localName(name);
    if (RESERVED.has(found)) throw new Error(`[SECURITY] the name ${found} is reserved`);
    names.set(name, found);
    return found;
  };

  const path: Open[] = [];
  let root: XmlElement | undefined;
  for (let at = text.indexOf('<'); at !== -1;) {
    const top = path.at(-1);
    let end: number;
    if (text.charCodeAt(at + 1) === SLASH) {
      end = text.indexOf('>', at) + 1;
      if (top !== undefined) top.text = meaningOf(top.text);
      path.pop();
    } else {
      NAME.lastIndex = at + 1;
      const [name = ''] = NAME.exec(text) ?? [];
      const read = attributesAt(text, NAME.lastIndex, local);
      const element: Open = {
        name: local(name),
        attributes: read.attributes,
        text: '',
        children: NO_CHILDREN,
      };
      if (top === undefined) root ??= element;
      else if (top.children === NO_CHILDREN) top.children = [element];
      else (top.children as XmlElement[]).push(element);
      end = text.indexOf('>', read.end) + 1;
      if (text.charCodeAt(end - 2) !== SLASH) path.push(element);
    }
    if (end === 0) break;
    at = text.indexOf('<', end);
    const inner = path.at(-1);
    if (inner !== undefined && at > end) inner.text += text.slice(end, at);
  }
  return root;
}

function attributesAt(
  text: string,
  from: number,
  local: (name: string) => string,
): { readonly attributes: Readonly<Record<string, string>>; readonly end: number } {
  let attributes: Record<string, string> | undefined;
  let end = from;
  ATTRIBUTE.lastIndex = from;
  for (let found = ATTRIBUTE.exec(text); found !== null; found = ATTRIBUTE.exec(text)) {
    const [, name = '', double, single = ''] = found;
    attributes ??= {};
    attributes[local(name)] = resolved(double ?? single);
    end = ATTRIBUTE.lastIndex;
  }
  return { attributes: attributes ?? NO_ATTRIBUTES, end };
}

/** Blanks alone are only how the file is laid out. */
function meaningOf(text: string): string {
  return text === '' || text.trim() === '' ? '' : resolved(text);
}
