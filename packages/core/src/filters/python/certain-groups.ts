import type { BackreferenceNode, Node, Refuse } from './syntax.js';

/**
 * The groups that something refers back to. A reference is refused unless its group has surely matched by then: where
 * it has not, Python's reference fails, and JavaScript's takes nothing and goes on.
 */
export function certainGroups(pattern: Node, refuse: Refuse): ReadonlySet<number> {
  const referredTo = new Set<number>();

  const refer = (node: BackreferenceNode, certain: ReadonlySet<number>): void => {
    if (node.ignoresCase) {
      refuse('a reference back to a group cannot ignore case; put it into (?-i:…)', node.at);
    }
    if (!certain.has(node.number)) {
      refuse(`it refers to group ${String(node.number)}, which may not have matched by then`, node.at);
    }
    referredTo.add(node.number);
  };

  const after = (node: Node, before: ReadonlySet<number>): ReadonlySet<number> => {
    switch (node.type) {
      case 'sequence':
        return node.items.reduce((certain, item) => after(item, certain), before);
      case 'choice':
        return node.branches.map((branch) => after(branch, before)).reduce((a, b) => both(a, b));
      case 'group': {
        const certain = after(node.body, before);
        return node.number === undefined ? certain : new Set([...certain, node.number]);
      }
      case 'atomic':
        return after(node.body, before);
      case 'look': {
        const certain = after(node.body, before);
        return node.negated ? before : certain;
      }
      case 'repeat': {
        const certain = after(node.body, before);
        return node.min === 0 ? before : certain;
      }
      case 'backreference':
        refer(node, before);
        return before;
      default:
        return before;
    }
  };

  after(pattern, new Set());
  return referredTo;
}

function both(a: ReadonlySet<number>, b: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...a].filter((number) => b.has(number)));
}
