import type { Draw } from './draw.js';

type Spelling = (random: Draw, parameter: string, name: string) => readonly string[];

const STEMS = [
  'a',
  'scan001',
  'Facture',
  'facture 2026-11',
  'DOC.12',
  'facture.janvier 2026',
  'compte rendu',
  'Délibération n° 12',
  'reçu',
  "l'annexe de l'été",
  'devis (1)',
  'a,b',
  'a;b',
  'a=b',
  '100% sûr',
  'Ça coûte 12 €',
  '发票',
  'счёт',
  'émoji 😀',
  'déjà vu – suite',
  'e\u0301te\u0301',
  'a"b"c',
  'tarifs & prix',
  '[12] bon',
  'x'.repeat(90),
  'délibération '.repeat(12) + 'fin',
  'annexe %C3%A9',
  'mail@example.org',
  '#7',
  'a_b',
  '?quoi',
  'œuvre',
];

/** A name as people give it to a file. */
export function fileName(random: Draw, extension: string): string {
  const end = random.chance(0.15) ? extension.toUpperCase() : extension;
  return random.chance(0.04)
    ? random.pick(['SCAN', 'délibération', 'lisez moi'])
    : `${random.pick(STEMS)}.${end}`;
}

/** A parameter that holds the name, in one of the ways in which programs write it; or its pieces. One character a byte. */
export function spelled(random: Draw, parameter: string, name: string): readonly string[] {
  const possible = SPELLINGS.filter(({ can, isPlain }) => can(name) && (isPlain === true || !random.isPlain));
  return random.pick(possible).write(random, parameter, name);
}

const ASCII = /^[ -~]*$/u;
const TOKEN = /^[!#$&+\-.^_`{}|~0-9A-Za-z]+$/u;
/** In Windows-1252, without what Latin-1 has not. */
const LATIN = /^[\u0000-\u007f\u00a0-\u00ff]*$/u;
const WESTERN = /^[\u0000-\u007f\u00a0-\u00ff€–œ]*$/u;

interface Way {
  readonly can: (name: string) => boolean;
  readonly write: Spelling;
  /** As the RFCs have it. */
  readonly isPlain?: true;
}

const SPELLINGS: readonly Way[] = [
  { can: (n) => ASCII.test(n), write: (_, p, n) => [`${p}="${quoted(n)}"`], isPlain: true },
  { can: (n) => ASCII.test(n), write: (_, p, n) => [`${p}="${quoted(n)}"`] },
  { can: (n) => TOKEN.test(n), write: (_, p, n) => [`${p}=${n}`], isPlain: true },
  { can: (n) => /^[ \w.-]*$/u.test(n), write: (_, p, n) => [`${p}=${n}`] },
  { can: () => true, write: oneExtended, isPlain: true },
  { can: () => true, write: pieces, isPlain: true },
  { can: () => true, write: pieces },
  { can: () => true, write: words },
  { can: () => true, write: words },
  { can: () => true, write: words },
  { can: () => true, write: (_, p, n) => [`${p}="${quoted(binary(n, 'utf-8'))}"`] },
  { can: (n) => LATIN.test(n), write: (_, p, n) => [`${p}="${quoted(binary(n, 'iso-8859-1'))}"`] },
  { can: (n) => ASCII.test(n) && n.length > 8 && !n.includes('"'), write: plainPieces },
];

function quoted(text: string): string {
  return text.replace(/["\\]/gu, String.raw`\$&`);
}

/** Its bytes in a character set, one character each. */
function binary(text: string, charset: string): string {
  if (charset === 'utf-8') return Buffer.from(text).toString('latin1');
  return Array.from(text, (c) => WINDOWS[c] ?? c).join('');
}

const WINDOWS: Readonly<Record<string, string>> = { '€': '\x80', '–': '\x96', œ: '\x9c' };

function charsetFor(random: Draw, name: string): string {
  if (LATIN.test(name)) return random.pick(['utf-8', 'UTF-8', 'iso-8859-1', 'ISO-8859-1', 'windows-1252']);
  return WESTERN.test(name)
    ? random.pick(['utf-8', 'UTF-8', 'windows-1252', 'Windows-1252'])
    : random.pick(['utf-8', 'UTF-8']);
}

function bytesIn(name: string, charset: string): string {
  return binary(name, charset.toLowerCase());
}

/** RFC 2231, section 4. */
function escaped(bytes: string): string[] {
  return Array.from(bytes, (c) => (/[0-9A-Za-z._-]/u.test(c) ? c : `%${hex(c)}`));
}

function oneExtended(random: Draw, parameter: string, name: string): string[] {
  const charset = charsetFor(random, name);
  return [
    `${parameter}*=${charset}'${random.pick(['', '', 'fr'])}'${escaped(bytesIn(name, charset)).join('')}`,
  ];
}

/** RFC 2231, section 3: cut anywhere, also within a character, and in any order. */
function pieces(random: Draw, parameter: string, name: string): readonly string[] {
  const charset = charsetFor(random, name);
  const all = escaped(bytesIn(name, charset));
  const size = random.pick([3, 20, 60]);
  const cut: string[] = [];
  for (let at = 0; at < all.length; at += size) {
    const piece = all.slice(at, at + size).join('');
    const n = String(cut.length);
    const isPlain = at > 0 && !piece.includes('%') && random.chance(0.5);
    const start = at === 0 ? `${charset}''` : '';
    cut.push(isPlain ? `${parameter}*${n}="${piece}"` : `${parameter}*${n}*=${start}${piece}`);
  }
  return !random.isPlain && random.chance(0.1) ? random.shuffled(cut) : cut;
}

function plainPieces(random: Draw, parameter: string, name: string): readonly string[] {
  const size = random.pick([4, 30]);
  const cut = name.match(new RegExp(`.{1,${String(size)}}`, 'gu')) ?? [];
  return cut.map((piece, n) => `${parameter}*${String(n)}="${piece}"`);
}

/** RFC 2047, which forbids them here: every program writes them, in quotes and without, too long, cut anywhere. */
function words(random: Draw, parameter: string, name: string): string[] {
  const value = encodedWords(random, name);
  return [random.chance(0.8) || /[;"]/u.test(value) ? `${parameter}="${value}"` : `${parameter}=${value}`];
}

/** Text as encoded words. */
export function encodedWords(random: Draw, text: string): string {
  const charset = charsetFor(random, text);
  const bytes = bytesIn(text, charset);
  const size = random.pick([1000, 1000, 40, 15]);
  const isB = random.chance(0.5);
  // In B each word is whole groups; senders cut characters in two all the same.
  const chunks = bytes.match(new RegExp(`[^]{1,${String(size)}}`, 'gu')) ?? [''];
  const encode = isB ? (c: string) => Buffer.from(c, 'latin1').toString('base64') : inQ;
  return chunks
    .map((c) => `=?${charset}?${isB ? random.pick(['B', 'b']) : random.pick(['Q', 'q'])}?${encode(c)}?=`)
    .join(random.pick([' ', '\n ', '\n\t', '\n  ']));
}

function inQ(bytes: string): string {
  return bytes.replace(/[^0-9A-Za-z.,() -]/gu, (c) => `=${hex(c)}`).replaceAll(' ', '_');
}

function hex(byte: string): string {
  return byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');
}
