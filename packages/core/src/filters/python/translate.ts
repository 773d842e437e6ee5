import { certainGroups } from './certain-groups.js';
import { refuseEmptyRounds } from './empty-rounds.js';
import { categorySource, oneCharacter } from './characters.js';
import type { Assertion, Node, Refuse, RepeatNode } from './syntax.js';

/** In JavaScript without its flag `m`. */
const ASSERTIONS: Readonly<Record<Exclude<Assertion, 'boundary' | 'notBoundary'>, string>> = {
  start: '^',
  end: '$',
  lastLine: '(?=\\n?$)',
  lineStart: '(?<=^|\\n)',
  lineEnd: '(?=\\n|$)',
};

/**
 * The source of a JavaScript expression (flag `v`, no other) that accepts what Python's `re.match` accepts. Every
 * flag is written out, for JavaScript knows other letters as the same under `i`, and no flags for a part.
 */
export function translate(pattern: Node, refuse: Refuse): string {
  const referredTo = certainGroups(pattern, refuse);
  refuseEmptyRounds(pattern, refuse);
  let atoms = 0;

  // Within a look-behind JavaScript matches from right to left.
  const write = (node: Node, backwards: boolean): string => {
    switch (node.type) {
      case 'character':
      case 'any':
      case 'set':
        return oneCharacter(node);
      case 'assertion':
        return assertionSource(node.is, node.ascii);
      case 'sequence':
        return node.items.map((item) => write(item, backwards)).join('');
      case 'choice':
        return `(?:${node.branches.map((branch) => write(branch, backwards)).join('|')})`;
      case 'group':
        return referredTo.has(node.number ?? 0)
          ? `(?<g${String(node.number)}>${write(node.body, backwards)})`
          : `(?:${write(node.body, backwards)})`;
      case 'backreference':
        return `(?:\\k<g${String(node.number)}>)`;
      case 'look':
        return `(?:(?${node.behind ? '<' : ''}${node.negated ? '!' : '='}${write(node.body, node.behind)}))`;
      case 'atomic':
        return atomic(write(node.body, backwards), backwards);
      case 'repeat': {
        const greedy = `(?:${write(node.body, backwards)})${countSource(node)}`;
        if (node.mode === 'possessive') return atomic(greedy, backwards);
        return node.mode === 'lazy' ? `${greedy}?` : greedy;
      }
    }
  };

  // JavaScript has no atomic group, but gives nothing back of what a look-ahead has seen. What a look-behind holds
  // has one length, so that there is nothing to give back.
  const atomic = (source: string, backwards: boolean): string => {
    if (backwards) return `(?:${source})`;
    const name = `a${String(++atoms)}`;
    return `(?:(?=(?<${name}>${source}))\\k<${name}>)`;
  };

  return `^(?:${write(pattern, false)})`;
}

function assertionSource(is: Assertion, ascii: boolean): string {
  if (is !== 'boundary' && is !== 'notBoundary') return ASSERTIONS[is];
  const word = `[${categorySource('word', ascii)}]`;
  return is === 'boundary'
    ? `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`
    : `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`;
}

function countSource({ min, max }: RepeatNode): string {
  return `{${String(min)},${max === Infinity ? '' : String(max)}}`;
}
