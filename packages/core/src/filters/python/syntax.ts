/**
 * What a Python pattern says, as a tree. Flags are not kept: each node already says what they make of it, because
 * `(?i:…)` turns them on and off inside a pattern.
 */
export type Node =
  | CharacterNode
  | SetNode
  | { readonly type: 'any'; readonly newlines: boolean }
  | { readonly type: 'assertion'; readonly is: Assertion; readonly ascii: boolean }
  | { readonly type: 'sequence'; readonly items: readonly Node[] }
  | { readonly type: 'choice'; readonly branches: readonly Node[] }
  | { readonly type: 'group'; readonly number?: number; readonly body: Node }
  | { readonly type: 'atomic'; readonly body: Node }
  | { readonly type: 'look'; readonly behind: boolean; readonly negated: boolean; readonly body: Node }
  | BackreferenceNode
  | RepeatNode;

/** How letters are compared: as they are, or without case as Unicode or ASCII knows it. */
export type Case = 'exact' | 'unicode' | 'ascii';

export interface CharacterNode {
  readonly type: 'character';
  readonly code: number;
  readonly case: Case;
}

export interface SetNode {
  readonly type: 'set';
  readonly negated: boolean;
  readonly members: readonly SetMember[];
  readonly case: Case;
}

export type SetMember =
  | { readonly type: 'range'; readonly from: number; readonly to: number }
  | { readonly type: 'category'; readonly is: Category; readonly negated: boolean; readonly ascii: boolean };

/** `\d`, `\w`, `\s`. */
export type Category = 'digit' | 'word' | 'space';

/** `^`, `$` and `\Z`, `^` and `$` of a line, `\b`, `\B`. */
export type Assertion = 'start' | 'lastLine' | 'end' | 'lineStart' | 'lineEnd' | 'boundary' | 'notBoundary';

export interface BackreferenceNode {
  readonly type: 'backreference';
  readonly number: number;
  readonly ignoresCase: boolean;
  /** Where it stands, for a message. */
  readonly at: number;
}

export interface RepeatNode {
  readonly type: 'repeat';
  readonly min: number;
  /** `Infinity` = without limit. */
  readonly max: number;
  /** A possessive repeat gives nothing back. */
  readonly mode: 'greedy' | 'lazy' | 'possessive';
  readonly body: Node;
}

/** The flags in force at one place of a pattern. */
export interface Flags {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly verbose: boolean;
  readonly ascii: boolean;
}

/** How letters are compared under these flags. */
export function caseOf(flags: Flags): Case {
  if (!flags.ignoreCase) return 'exact';
  return flags.ascii ? 'ascii' : 'unicode';
}

/** Refuses the pattern. `at` counts characters from 0, within the slashes. */
export type Refuse = (why: string, at?: number) => never;
