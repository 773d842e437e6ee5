import { LanceurError, messageOf } from '@lanceur/core';
import { XMLParser, XMLValidator, type X2jOptions } from 'fast-xml-parser';
import type { XmlElement } from './element.js';
import { localName } from './lifter.js';

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

/**
 * A whole XML without DTD as a tree. How deep it is, and how much there is of it, has been looked at before.
 *
 * @throws LanceurError `ENVELOPE_DAMAGED` if it is not well-formed, `ENVELOPE_UNSAFE` for names like `__proto__`.
 */
export function treeOf(
  text: string,
  { name, depth }: { readonly name: string; readonly depth: number },
): XmlElement {
  const parser = new XMLParser({ ...OPTIONS, maxNestedTags: depth + 1 });
  try {
    // The package that is to replace it brings four others, for the same check.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const verdict = XMLValidator.validate(text);
    if (verdict !== true) throw new Error(`${verdict.err.msg} (line ${String(verdict.err.line)})`);
    const [root] = elementsOf(parser.parse(text) as readonly Parsed[]);
    if (root === undefined) throw new Error('it has no element');
    return root;
  } catch (error) {
    const why = messageOf(error);
    // Names that mean something to JavaScript (`__proto__`): the parser refuses them.
    const code = why.startsWith('[SECURITY]') ? 'ENVELOPE_UNSAFE' : 'ENVELOPE_DAMAGED';
    throw new LanceurError(code, { name, why });
  }
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

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Without its entities (XML 1.0, sections 4.1 and 4.6). What is none stays as it is. */
function resolved(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(lt|gt|amp|quot|apos));/gu,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return NAMED[name] ?? whole;
      const code = hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal);
      const character = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
      return character ? String.fromCodePoint(code) : whole;
    },
  );
}
