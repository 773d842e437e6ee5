import fc from 'fast-check';

/** Letters of which each regular expression engine has its own idea, and what names are made of. */
const LETTERS = [
  'a',
  'b',
  'A',
  'é',
  'É',
  'i',
  'I',
  'İ',
  'ı',
  's',
  'S',
  'ſ',
  'k',
  '\u{212a}',
  'ß',
  'ẞ',
  'σ',
  'ς',
  '𐐀',
  '𐐨',
  '😀',
];
const OTHERS = ['.', '1', '٣', '_', '-', ' ', '\n', '#', '²', '\u{a0}', '\u{1c}', '\u{feff}', '{', ']'];

// Python 3.11 does not find a capital letter beyond U+FFFF in a class that ignores case, which is its mistake.
const ATOMS = [
  ...LETTERS.filter((letter) => letter !== '𐐀'),
  ...['1', '_', '-', ' ', '#', '\n', ']', '}', ',', '.', '\\.', '\\-', '\\#', '\\ ', '\\/', '\\é'],
  ...[
    '\\d',
    '\\D',
    '\\w',
    '\\W',
    '\\s',
    '\\S',
    '\\x41',
    '\\u00e9',
    '\\U0001F600',
    '\\0',
    '\\101',
    '\\n',
    '\\t',
  ],
  ...[
    '[ab]',
    '[^ab]',
    '[]a]',
    '[^]a]',
    '[a-c.]',
    '[a-]',
    '[\\w.]',
    '[^\\W\\d]',
    '[\\s\\S]',
    '[^\\n]',
    '[A-Zé]',
    '[i]',
    '[^i]',
  ],
  ...[
    '[a&&b]',
    '[(.|)]',
    '[[a]',
    '[{}]',
    '[\\b]',
    '[\\101]',
    '[!--]',
    '[\\]\\\\]',
    '[ -~]',
    '[²-ſ]',
    '[^s]',
    '[😀-😂]',
  ],
];
const ASSERTIONS = ['^', '$', '\\A', '\\Z', '\\b', '\\B'];
const COUNTS = [
  '*',
  '+',
  '?',
  '{2}',
  '{1,2}',
  '{,2}',
  '{1,}',
  '*?',
  '+?',
  '??',
  '{1,2}?',
  '*+',
  '++',
  '?+',
  '{1,2}+',
  '{}',
  '{,',
  '{a}',
];
const OPENINGS = [
  '(',
  '(?:',
  '(?>',
  '(?=',
  '(?!',
  '(?i:',
  '(?-i:',
  '(?s:',
  '(?m:',
  '(?a:',
  '(?x:',
  '(?si-m:',
];
const BEHIND = ['(?<=', '(?<!'];

const atom = fc.oneof(
  { arbitrary: fc.constantFrom(...ATOMS), weight: 12 },
  { arbitrary: fc.constantFrom(...ASSERTIONS), weight: 2 },
);

/** Patterns that most often can be read, with groups, counts and alternatives within each other. */
const readable = fc.letrec<{ piece: string; sequence: string; body: string }>((tie) => ({
  piece: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { arbitrary: atom, weight: 8 },
    {
      arbitrary: fc.tuple(fc.constantFrom(...ATOMS), fc.constantFrom(...COUNTS)).map(([a, c]) => a + c),
      weight: 5,
    },
    {
      arbitrary: fc.tuple(fc.constantFrom(...OPENINGS), tie('body')).map(([open, body]) => `${open}${body})`),
      weight: 3,
    },
    {
      arbitrary: fc
        .tuple(fc.constantFrom(...OPENINGS), tie('body'), fc.constantFrom(...COUNTS))
        .map(([open, body, count]) => `${open}${body})${count}`),
      weight: 3,
    },
    {
      arbitrary: fc.tuple(fc.constantFrom(...BEHIND), tie('body')).map(([open, body]) => `${open}${body})`),
      weight: 1,
    },
    { arbitrary: tie('sequence').map((s) => `(${s})\\1`), weight: 1 },
    { arbitrary: tie('sequence').map((s) => `(?P<n>${s})(?P=n)`), weight: 1 },
  ),
  sequence: fc.array(tie('piece'), { maxLength: 4 }).map((pieces) => pieces.join('')),
  body: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((branches) => branches.join('|')),
})).body;

/** Pieces in any order: what a person types who is not sure of the grammar. */
const scrambled = fc
  .array(
    fc.constantFrom(
      ...ATOMS,
      ...ASSERTIONS,
      ...COUNTS,
      ...OPENINGS,
      ...BEHIND,
      ')',
      ')',
      '|',
      '[',
      '\\',
      '(?P<n>',
      '(?P=n)',
      '\\1',
      '\\2',
      '(?#x)',
      '(?i)',
      '(?x)',
      '(?z)',
      '(?<n>',
      '\\8',
      '\\q',
      '\\x4',
      '\\400',
      '{2,1}',
      '(?-',
      '(?i-',
      '(?P',
      '(?au:a)',
    ),
    { maxLength: 6 },
  )
  .map((pieces) => pieces.join(''));

export const pythonSource = fc.oneof({ arbitrary: readable, weight: 4 }, { arbitrary: scrambled, weight: 1 });

export const pythonFlags = fc.constantFrom('', '', 'i', 's', 'm', 'x', 'a', 'ia', 'is', 'im');

export const trickyName = fc
  .array(fc.constantFrom(...LETTERS, ...OTHERS), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join(''));
