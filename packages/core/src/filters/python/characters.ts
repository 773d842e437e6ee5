import { sameAsInRange, sameLetters } from './letter-case.js';
import type { Case, Category, Node, SetMember } from './syntax.js';

/** What Python means by `\d`, `\w` and `\s` in text, and under its flag `a`; to stand inside of a class. */
const CATEGORIES: Readonly<Record<Category, { readonly unicode: string; readonly ascii: string }>> = {
  digit: { unicode: '\\p{Nd}', ascii: '0-9' },
  word: { unicode: '\\p{L}\\p{N}_', ascii: 'a-zA-Z0-9_' },
  space: {
    unicode: '\\t-\\r\\u001c-\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000',
    ascii: '\\t-\\r\\u0020',
  },
};

/** A node that takes exactly one character. */
export type OneCharacter = Extract<Node, { type: 'character' | 'any' | 'set' }>;

/** The source, for JavaScript with its flag `v`, of a node that takes exactly one character. */
export function oneCharacter(node: OneCharacter): string {
  switch (node.type) {
    case 'character':
      return oneOf(sameLetters(node.code, node.case).map((code) => characterSource(code)));
    case 'any':
      // Not `[^]`: under the flag `v`, Node 20 matches nothing with it.
      return node.newlines ? '[\\0-\\u{10ffff}]' : '[^\\n]';
    case 'set':
      return `[${node.negated ? '^' : ''}${node.members.map((m) => memberSource(m, node.case)).join('')}]`;
  }
}

/** What `\d`, `\w` or `\s` takes, to stand within brackets. */
export function categorySource(category: Category, ascii: boolean): string {
  return CATEGORIES[category][ascii ? 'ascii' : 'unicode'];
}

function memberSource(member: SetMember, compared: Case): string {
  if (member.type === 'category') {
    const source = categorySource(member.is, member.ascii);
    return member.negated ? `[^${source}]` : source;
  }
  const { from, to } = member;
  const others = sameAsInRange(from, to, compared).map((code) => characterSource(code));
  return `${characterSource(from)}${to > from ? `-${characterSource(to)}` : ''}${others.join('')}`;
}

function oneOf(sources: readonly string[]): string {
  return sources.length === 1 ? sources.join('') : `[${sources.join('')}]`;
}

function characterSource(code: number): string {
  const character = String.fromCodePoint(code);
  return /^[a-zA-Z0-9]$/.test(character) ? character : `\\u{${code.toString(16)}}`;
}
