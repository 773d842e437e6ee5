import { oneCharacter, type OneCharacter } from './characters.js';
import { sameLetters } from './letter-case.js';
import type { CharacterNode, Node, RepeatNode } from './syntax.js';

/** At most as many steps as a guarded call costs (0.1 ms): below, an unguarded match is always the quicker one. */
const LEAST_GUARDED = 40_000;
/** A choice that is repeated more often than this is taken to have no bound. */
const FEW_TIMES = 4;

/** How many ways a backtracking engine has to match, at most. */
interface Ways {
  /** Independent of the name; `Infinity` where repetitions are nested. */
  readonly factor: number;
  /** For each repetition that may end anywhere in the name: what has to follow it there, where that is known. */
  readonly stops: readonly (RegExp | undefined)[];
}

const ONE_WAY: Ways = { factor: 1, stops: [] };

/**
 * Tells for a name whether matching it may take long, so that a limit of time is worth its price. Never says no where
 * it could: it counts each repetition as if each of its ends had to be tried with each end of all the others.
 */
export function effortOf(pattern: Node): { readonly unbounded: boolean; mayTakeLong(name: string): boolean } {
  const { factor, stops } = waysOf(withoutOpenEnd(pattern));
  return {
    unbounded: factor === Infinity,
    mayTakeLong(name) {
      const ends = name.length + 1;
      if (factor * ends ** (stops.length + 1) <= LEAST_GUARDED) return false;
      const ways = stops.reduce(
        (product, stop) => product * (stop ? count(name, stop) + 1 : ends),
        factor * ends,
      );
      return ways > LEAST_GUARDED;
    },
  };
}

/** A match need not reach the end of the name: a last `.*` is content with nothing, and is never tried again. */
function withoutOpenEnd(pattern: Node): Node {
  if (pattern.type !== 'sequence') return pattern;
  const last = pattern.items.at(-1);
  return last?.type === 'repeat' && last.min === 0 && isOneWay(waysOf(last.body))
    ? { type: 'sequence', items: pattern.items.slice(0, -1) }
    : pattern;
}

function waysOf(node: Node, next?: Node): Ways {
  switch (node.type) {
    case 'sequence':
      return node.items.map((item, n) => waysOf(item, node.items[n + 1] ?? next)).reduce(together, ONE_WAY);
    case 'choice': {
      const ways = node.branches.map((branch) => waysOf(branch)).reduce(together, ONE_WAY);
      return { ...ways, factor: ways.factor * node.branches.length };
    }
    case 'group':
      return waysOf(node.body, next);
    case 'atomic':
    case 'look':
      return waysOf(node.body);
    case 'repeat':
      return waysToRepeat(node, next);
    default:
      return ONE_WAY;
  }
}

function waysToRepeat({ body, min, max }: RepeatNode, next: Node | undefined): Ways {
  const once = waysOf(body);
  if (isOneWay(once) || isSeparated(body)) {
    if (max === min) return ONE_WAY;
    return max - min <= FEW_TIMES
      ? { factor: max - min + 1, stops: [] }
      : { factor: 1, stops: [stopOf(next)] };
  }
  if (max > FEW_TIMES) return { factor: Infinity, stops: [] };
  const all = Array.from({ length: max }, () => once).reduce(together, ONE_WAY);
  return { ...all, factor: all.factor * (max - min + 1) };
}

/**
 * Whether the ends of each round are given: `(?:[a-z]+-)*` takes whole words with their hyphen, and can do so in one
 * way only, because the hyphen is no letter. Without a look at this, `/(\w+-)*\d+\.pdf/` would need the time limit.
 */
function isSeparated(body: Node): boolean {
  if (body.type === 'group') return isSeparated(body.body);
  if (body.type !== 'sequence') return false;
  const [first, last] = [body.items[0], body.items.at(-1)];
  return [first, last].some((separator) => {
    if (separator?.type !== 'character') return false;
    const others = body.items.filter((item) => item !== separator);
    const repeats = others.filter((item) => item.type === 'repeat');
    return repeats.length === 1 && others.every((item) => cannotBe(item, separator));
  });
}

/** Whether a node is made of characters none of which can be the separator. */
function cannotBe(node: Node, separator: CharacterNode): boolean {
  switch (node.type) {
    case 'repeat':
      return node.body.type === 'sequence'
        ? node.body.items.length === 1 && node.body.items.every((item) => cannotBe(item, separator))
        : node.body.type !== 'repeat' && cannotBe(node.body, separator);
    case 'character':
    case 'set':
    case 'any': {
      const regex = new RegExp(oneCharacter(node), 'v');
      return sameLetters(separator.code, separator.case).every(
        (code) => !regex.test(String.fromCodePoint(code)),
      );
    }
    default:
      return false;
  }
}

function stopOf(next: Node | undefined): RegExp | undefined {
  const first = firstCharacter(next);
  return first && new RegExp(oneCharacter(first), 'gv');
}

/** The one character that a node surely begins with, if that can be seen. */
function firstCharacter(node: Node | undefined): OneCharacter | undefined {
  switch (node?.type) {
    case 'character':
    case 'set':
    case 'any':
      return node;
    case 'group':
      return firstCharacter(node.body);
    case 'sequence':
      return firstCharacter(node.items[0]);
    case 'repeat':
      return node.min > 0 ? firstCharacter(node.body) : undefined;
    default:
      return undefined;
  }
}

function isOneWay({ factor, stops }: Ways): boolean {
  return factor === 1 && stops.length === 0;
}

function together(a: Ways, b: Ways): Ways {
  return { factor: a.factor * b.factor, stops: [...a.stops, ...b.stops] };
}

function count(name: string, character: RegExp): number {
  return name.match(character)?.length ?? 0;
}
