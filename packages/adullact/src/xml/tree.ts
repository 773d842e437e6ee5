import { LanceurError, messageOf } from '@lanceur/core';
import { XMLParser, XMLValidator, type X2jOptions } from 'fast-xml-parser';
import type { XmlElement } from './element.js';
import { largeTreeOf } from './large-tree.js';
import { localName } from './lifter.js';
import { resolved } from './references.js';

const TEXT = '#text';
const ATTRIBUTES = ':@';

/** With `preserveOrder`: one property, whose name is the element's, and beside it the attributes. */
type Parsed = Readonly<Record<string, unknown>>;

const OPTIONS: X2jOptions = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  textNodeName: TEXT,
  ignoreDeclaration: true,
  ignorePiTags: true,
  // SIREN 005520135 keeps its zeros.
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  // There is no DTD, and so there are only the five entities and references by number: see `resolved`.
  processEntities: false,
};

/** From so many characters on the tree is built without the parser's own: 8.8 MB of a PES took 2.7 s, and now 1 s. */
const LARGE = 256 * 1024;

/**
 * A whole XML without DTD as a tree, as a `Lifter` leaves it: no comment, no instruction, no CDATA section. How deep it
 * is, and how much there is of it, has been looked at before.
 *
 * @throws LanceurError `ENVELOPE_DAMAGED` if it is not well-formed, `ENVELOPE_UNSAFE` for names like `__proto__`.
 */
export function treeOf(
  text: string,
  {
    name,
    depth,
    large = text.length >= LARGE,
  }: { readonly name: string; readonly depth: number; readonly large?: boolean },
): XmlElement {
  try {
    // The package that is to replace it brings four others, for the same check.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const verdict = XMLValidator.validate(text);
    if (verdict !== true) throw new Error(`${verdict.err.msg} (line ${String(verdict.err.line)})`);
    const root = large ? largeTreeOf(text) : parsed(text, depth);
    if (root === undefined) throw new Error('it has no element');
    return root;
  } catch (error) {
    const why = messageOf(error);
    // Names that mean something to JavaScript (`__proto__`): the parser refuses them.
    const code = why.startsWith('[SECURITY]') ? 'ENVELOPE_UNSAFE' : 'ENVELOPE_DAMAGED';
    throw new LanceurError(code, { name, why });
  }
}

function parsed(text: string, depth: number): XmlElement | undefined {
  const parser = new XMLParser({ ...OPTIONS, maxNestedTags: depth + 1 });
  return elementsOf(parser.parse(text) as readonly Parsed[])[0];
}

function elementsOf(nodes: readonly Parsed[]): readonly XmlElement[] {
  return nodes.flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ATTRIBUTES);
    if (name === undefined || name === TEXT) return [];
    const inner = node[name] as readonly Parsed[];
    return [
      {
        name: localName(name),
        attributes: attributesOf(node[ATTRIBUTES] as Readonly<Record<string, string>> | undefined),
        text: textWithin(inner),
        children: elementsOf(inner),
      },
    ];
  });
}

const NONE: Readonly<Record<string, string>> = Object.freeze({});

function attributesOf(found: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  if (found === undefined) return NONE;
  // Object.fromEntries makes a property even of `__proto__`.
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [localName(name), resolved(value)]));
}

function textWithin(nodes: readonly Parsed[]): string {
  let text = '';
  for (const node of nodes) if (Object.hasOwn(node, TEXT)) text += String(node[TEXT]);
  return text.trim() === '' ? '' : resolved(text);
}
