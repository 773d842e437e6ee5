import type { Node, Refuse } from './syntax.js';
import { widthOf } from './width.js';

/**
 * Refuses a repetition that gives nothing back and whose round may take nothing, such as `(?:|a)*+`: Python ends it
 * with the first empty round, JavaScript goes on with the next alternative. Elsewhere both come to try both.
 */
export function refuseEmptyRounds(node: Node, refuse: Refuse, keeps = false): void {
  const keepsHere = keeps || node.type === 'atomic' || (node.type === 'repeat' && node.mode === 'possessive');
  if (keepsHere && node.type === 'repeat' && node.max > 1 && widthOf(node.body, [])[0] === 0) {
    refuse('a possessive or atomic repetition of what may be empty is not supported');
  }
  for (const child of childrenOf(node)) refuseEmptyRounds(child, refuse, keepsHere);
}

function childrenOf(node: Node): readonly Node[] {
  if ('items' in node) return node.items;
  if ('branches' in node) return node.branches;
  return 'body' in node ? [node.body] : [];
}
