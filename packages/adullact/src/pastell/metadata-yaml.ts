import { LanceurError } from '@lanceur/core';
import { isAlias, isMap, isScalar, isSeq, parseDocument, visit, type Node, type Pair } from 'yaml';
import { contentOfFields, type MetadataContent } from './metadata-content.js';

/** Metadata is flat: a list in a field is all that there is. */
const DEEPEST = 16;

/** Directives, comments and the mark of a document, and then a key, or a mapping on one line. */
const FIRST_KEY =
  /^\s*(?:(?:%|#|---(?=\s))[^\n]*\n\s*)*(?:\{|"[^"\n]*"\s*:|'[^'\n]*'\s*:|[\p{L}\p{N}_][^:\n]{0,60}:(?:\s|$))/u;

/** `metadata.txt`: a mapping in YAML, as Pastell's Spyc dumps it. Everything is text: a SIREN keeps its zeros. */
export function metadataFromYaml(text: string, file: string): MetadataContent | undefined {
  // Any other text file is no YAML mapping, and is not worth a parser.
  if (!FIRST_KEY.test(text)) return undefined;
  if (isDeeperThan(text, DEEPEST)) throw new Error('it is nested too deep');
  const document = parseDocument(text, {
    schema: 'failsafe',
    // Looks through all keys for each key.
    uniqueKeys: false,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const refuse = (what: string): never => {
    throw new LanceurError('ENVELOPE_UNSAFE', { name: file, why: `its YAML holds ${what}` });
  };
  visit(document, {
    Alias: () => refuse('an alias'),
    Node: (_, node) => {
      if (node.anchor !== undefined) refuse('an anchor');
      if (node.tag !== undefined) refuse('a tag');
    },
  });
  const [error] = document.errors;
  if (error !== undefined) throw error;
  if (!isMap<Node, Node | null>(document.contents)) return undefined;
  return contentOfFields(document.contents.items.map((pair) => [keyOf(pair), valueOf(pair.value)] as const));
}

function keyOf({ key }: Pair<Node, Node | null>): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function valueOf(node: Node | null): unknown {
  if (node === null || isAlias(node)) return '';
  if (isScalar(node)) {
    const isNull = node.type === 'PLAIN' && (node.source === 'null' || node.source === '~');
    return isNull || typeof node.value !== 'string' ? '' : node.value;
  }
  if (isSeq<Node>(node)) return node.items.map(valueOf);
  if (isMap<Node, Node | null>(node)) {
    return Object.fromEntries(node.items.map((pair) => [keyOf(pair), valueOf(pair.value)]));
  }
  return '';
}

/** Brackets within brackets, and dashes within dashes: the parser calls itself for each, without a bound. */
function isDeeperThan(text: string, limit: number): boolean {
  let brackets = 0;
  for (const line of text.split('\n')) {
    if ((/^(?:\s*-(?=\s))+/u.exec(line)?.[0].match(/-/gu)?.length ?? 0) > limit) return true;
    for (const character of line) {
      if (character === '[' || character === '{') brackets++;
      if (character === ']' || character === '}') brackets--;
      if (brackets > limit) return true;
    }
  }
  return false;
}
