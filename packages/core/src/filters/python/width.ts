import type { Node } from './syntax.js';

type Width = readonly [least: number, most: number];

/** How many characters a node takes, at least and at most. `groups` holds the widths of the groups before it. */
export function widthOf(node: Node, groups: readonly (Width | undefined)[]): Width {
  switch (node.type) {
    case 'character':
    case 'set':
    case 'any':
      return [1, 1];
    case 'assertion':
    case 'look':
      return [0, 0];
    case 'group':
    case 'atomic':
      return widthOf(node.body, groups);
    case 'sequence':
      return node.items
        .map((item) => widthOf(item, groups))
        .reduce<Width>(([least, most], [l, m]) => [least + l, most + m], [0, 0]);
    case 'choice': {
      const widths = node.branches.map((branch) => widthOf(branch, groups));
      return [Math.min(...widths.map(([least]) => least)), Math.max(...widths.map(([, most]) => most))];
    }
    case 'backreference':
      return groups[node.number - 1] ?? [0, Infinity];
    case 'repeat': {
      const [least, most] = widthOf(node.body, groups);
      return [least * node.min, most === 0 ? 0 : most * node.max];
    }
  }
}
