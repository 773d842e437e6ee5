import type { Node } from './syntax.js';

export interface Advised {
  readonly source: string;
  readonly tree: Node;
  readonly regex: RegExp;
  /** Whether repetitions are nested in it. */
  readonly unbounded: boolean;
}

/** What an administrator should know about a regular expression; each example has been tried on it. */
export function adviceOnPython(pattern: Advised): readonly string[] {
  return [...slipsPast(pattern), ...openEnd(pattern), ...slashes(pattern), ...nested(pattern)];
}

/** Names that it lets pass although their like is excluded by a negative look-ahead. */
function slipsPast({ tree, regex, unbounded }: Advised): readonly string[] {
  if (unbounded) return [];
  return excludedTexts(tree).flatMap(({ text, behindDot }) => {
    const excluded = behindDot ? `a.${text}` : `${text}.pdf`;
    if (regex.test(excluded)) return [];
    const advice: string[] = [];
    const twoDots = `a.b.${text}`;
    if (behindDot && regex.test(twoDots)) {
      advice.push(
        `it refuses ${excluded} and accepts ${twoDots}: any of a name's dots may be the one before (?!${text}); ` +
          `to look at the last one only, write \\.(?!${text})[^.]*$`,
      );
    }
    const otherCase = otherCaseOf(text);
    const inOtherCase = behindDot ? `a.${otherCase}` : `${otherCase}.pdf`;
    if (otherCase !== text && regex.test(inOtherCase)) {
      advice.push(
        `it refuses ${excluded} and accepts ${inOtherCase}: letter case counts; write /…/i to ignore it`,
      );
    }
    return advice;
  });
}

interface Excluded {
  readonly text: string;
  /** Whether it is looked for behind a dot, or at the start of the name. */
  readonly behindDot: boolean;
}

function excludedTexts(tree: Node): readonly Excluded[] {
  if (tree.type !== 'sequence') return [];
  return tree.items.flatMap((item, n) => {
    if (item.type !== 'look' || item.behind || !item.negated) return [];
    const text = literalText(item.body);
    const before = tree.items[n - 1];
    const behindDot = isDot(before);
    return text === undefined || !(behindDot || n === 0) ? [] : [{ text, behindDot }];
  });
}

/** The text that a node stands for, a last `$` aside, if it stands for one. */
function literalText(node: Node): string | undefined {
  if (node.type !== 'sequence' || node.items.length === 0) return undefined;
  let text = '';
  for (const [n, item] of node.items.entries()) {
    const isLast = n > 0 && n === node.items.length - 1;
    if (isLast && item.type === 'assertion') return text;
    if (item.type !== 'character') return undefined;
    text += String.fromCodePoint(item.code);
  }
  return text;
}

function otherCaseOf(text: string): string {
  const upper = text.toUpperCase();
  return upper === text ? text.toLowerCase() : upper;
}

/** `/.*\.pdf/` accepts `a.pdf.exe`, for `re.match` asks for a match at the start only. */
function openEnd({ tree }: Advised): readonly string[] {
  if (!endsInExtension(tree)) return [];
  return [
    'its end is open, as always with re.match: x.pdf would match .*\\.pdf, and x.pdf.exe too; write $ at its end',
  ];
}

/** Whether the last thing that a pattern asks for is an extension: a dot, and then something of a fixed length. */
function endsInExtension(node: Node): boolean {
  if (node.type === 'choice') return node.branches.some(endsInExtension);
  if (node.type === 'group') return endsInExtension(node.body);
  if (node.type !== 'sequence') return false;
  const dot = node.items.findLastIndex(isDot);
  if (dot >= 0) return dot < node.items.length - 1 && node.items.slice(dot + 1).every(isText);
  const last = node.items.at(-1);
  return last !== undefined && endsInExtension(last);
}

function isDot(node: Node | undefined): boolean {
  return node?.type === 'character' && node.code === 0x2e;
}

/** Something that could be the letters of an extension: characters, classes, alternatives of them. */
function isText(node: Node): boolean {
  switch (node.type) {
    case 'character':
    case 'set':
      return true;
    case 'group':
      return isText(node.body);
    case 'sequence':
      return node.items.every(isText);
    case 'choice':
      return node.branches.every(isText);
    case 'repeat':
      return node.max === 1 && isText(node.body);
    default:
      return false;
  }
}

function slashes({ source }: Advised): readonly string[] {
  return /(?<!\\)(?:\\\\)*[/]/u.test(source.replace(/\[[^\]]*\]/gu, ''))
    ? ['it asks for a slash, which no name holds: a filter sees names, never paths']
    : [];
}

function nested({ unbounded }: Advised): readonly string[] {
  return unbounded
    ? [
        'it repeats a repetition or a choice, so each name is matched under a limit of time, at about 0.1 ms a name',
      ]
    : [];
}
