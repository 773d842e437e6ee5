import type { Draw } from './draw.js';

/** A file, or a text, before it is put into a mail. */
export interface Content {
  readonly extension: string;
  readonly type: string;
  readonly bytes: Buffer;
  /** It is lines with CR LF, so that it can go into a mail as it is. */
  readonly isLines: boolean;
}

/** Content in a transfer encoding: lines with LF, one character a byte. */
export interface Encoded {
  /** Of Content-Transfer-Encoding; absent where the part has no such field. */
  readonly encoding?: string;
  readonly body: string;
}

const BINARY = [
  ['pdf', 'application/pdf', '%PDF-1.4\n'],
  ['tif', 'image/tiff', 'II*\0'],
  ['zip', 'application/zip', 'PK\x03\x04'],
  ['docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'PK\x03\x04'],
  ['bin', 'application/octet-stream', ''],
] as const;
const LINES = [
  ['xml', 'application/xml', '<?xml version="1.0" encoding="ISO-8859-1"?>'],
  ['xml', 'text/xml', '<?xml version="1.0"?>'],
  ['csv', 'text/csv', 'compte;montant'],
  ['txt', 'text/plain', ''],
] as const;
const WORDS = [
  'Facture',
  'd\xe9lib\xe9ration',
  'a=3Db',
  '--',
  '---',
  'From nobody',
  '.',
  '..',
  '=',
  ' ',
  '\xc3\xa9t\xe9',
  'n\xb0 12;',
  '\t',
];

/** A file as people attach it: mostly small, sometimes empty, now and then larger than what is held in memory. */
export function fileContent(random: Draw): Content {
  if (random.chance(0.3)) return linesContent(random);
  const [extension, type, magic] = random.pick(BINARY);
  const bytes = random.chance(0.06)
    ? Buffer.alloc(0)
    : Buffer.concat([Buffer.from(magic, 'latin1'), body(random)]);
  return { extension, type, bytes, isLines: false };
}

function body(random: Draw): Buffer {
  if (random.chance(0.9)) return random.bytes(random.int(random.pick([4, 60, 2000])));
  const piece = random.bytes(1 + random.int(1000));
  return Buffer.concat(Array.from({ length: random.pick([20, 400, 1500]) }, () => piece)).subarray(
    0,
    1_400_000,
  );
}

export function linesContent(random: Draw): Content {
  const [extension, type, first] = random.pick(LINES);
  return {
    extension,
    type,
    bytes: Buffer.from([first, ...lines(random)].join('\r\n'), 'latin1'),
    isLines: true,
  };
}

/** What people write, as bytes of some character set. */
export function textContent(random: Draw, type: 'text/plain' | 'text/html'): Content {
  const text = lines(random);
  const written = type === 'text/html' ? ['<p>', ...text, '</p>'] : text;
  const extension = type === 'text/html' ? 'html' : 'txt';
  return { extension, type, bytes: Buffer.from(written.join('\r\n'), 'latin1'), isLines: true };
}

function lines(random: Draw): string[] {
  return Array.from({ length: random.int(6) }, () =>
    Array.from({ length: random.int(random.pick([2, 8, 30])) }, () => random.pick(WORDS)).join(' '),
  );
}

/** In one of the encodings that it can go in. */
export function encoded(random: Draw, content: Content, ways: readonly Way[] = WAYS): Encoded {
  const possible = ways.filter((way) => content.isLines || (way !== 'as it is' && way !== 'uuencode'));
  return ENCODERS[random.pick(possible)](random, content);
}

export type Way = 'base64' | 'quoted-printable' | 'as it is' | 'uuencode';
const WAYS: readonly Way[] = ['base64', 'base64', 'base64', 'base64', 'quoted-printable', 'as it is'];

const ENCODERS: Readonly<Record<Way, (random: Draw, content: Content) => Encoded>> = {
  base64: (random, { bytes }) => ({
    encoding: random.isPlain
      ? random.pick(['base64', 'BASE64', 'Base64'])
      : random.pick(['base64', 'BASE64', 'base64 ', 'base64;', 'base64 (MIME)', '"base64"']),
    body: base64(random, bytes),
  }),
  'quoted-printable': (random, { bytes, isLines }) => ({
    encoding: random.pick(['quoted-printable', 'quoted-printable', 'Quoted-Printable', 'QUOTED-PRINTABLE']),
    body: quotedPrintable(random, bytes, isLines),
  }),
  'as it is': (random, { bytes }) => {
    const encoding = random.pick([
      undefined,
      '7bit',
      '8bit',
      '8BIT',
      'binary',
      random.isPlain ? '8bit' : '7bit (as it is)',
    ]);
    const body = bytes.toString('latin1').replaceAll('\r\n', '\n');
    return { body, ...(encoding !== undefined && { encoding }) };
  },
  uuencode: (random, { bytes }) => ({
    encoding: random.pick(['x-uuencode', 'X-UUENCODE', 'uuencode', 'x-uue']),
    body: uuencoded(bytes),
  }),
};

function base64(random: Draw, bytes: Buffer): string {
  const text = bytes.toString('base64');
  if (text === '') return random.pick(['', '\n']);
  if (text.length > 4000 || random.isPlain) return inLines(text, 76);
  const whole = inLines(text, random.pick([76, 76, 76, 76, 72, 60, 77, 64, 998, 4, 1]));
  switch (random.int(12)) {
    case 0:
      return whole.replace(/=+$/u, '');
    case 1:
      return `${whole}\n\n`;
    case 2:
      return whole.replaceAll('\n', random.pick([' \n', '\n\n', '\t\n ']));
    case 3:
      return `\n${whole}`;
    default:
      return `${whole}${random.pick(['', '\n'])}`;
  }
}

function inLines(text: string, length: number): string {
  return text.match(new RegExp(`.{1,${String(length)}}`, 'gu'))?.join('\n') ?? '';
}

function quotedPrintable(random: Draw, bytes: Buffer, isLines: boolean): string {
  const hex = random.chance(0.2)
    ? (n: number) => n.toString(16)
    : (n: number) => n.toString(16).toUpperCase();
  const longest = random.pick([70, 70, 20, 900]);
  const softBreak = random.isPlain ? '=\n' : random.pick(['=\n', '=\n', '= \n', '=\t\n']);
  let body = '';
  let column = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (isLines && byte === 13 && bytes[i + 1] === 10) {
      i++;
      body += random.isPlain ? '\n' : random.pick(['\n', '\n', ' \n']);
      column = 0;
      continue;
    }
    const isBlankAtEnd = (byte === 32 || byte === 9) && (i + 1 === bytes.length || bytes[i + 1] === 13);
    const isPlain = (byte > 32 && byte < 127 && byte !== 61) || (byte === 32 && isLines && !isBlankAtEnd);
    const piece = isPlain ? String.fromCharCode(byte) : `=${hex(byte).padStart(2, '0')}`;
    // A line of dashes could be a delimiter.
    if (column > longest) {
      body += softBreak;
      column = 0;
    }
    body += column === 0 && piece === '-' ? '=2D' : piece;
    column += piece.length;
  }
  return body + (random.isPlain ? '' : random.pick(['', '', '=\n', '=']));
}

function uuencoded(bytes: Buffer): string {
  const character = (n: number): string => (n === 0 ? '`' : String.fromCharCode(32 + n));
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += 45) {
    const row = bytes.subarray(at, at + 45);
    let text = character(row.length);
    for (let i = 0; i < row.length; i += 3) {
      const [a, b, c] = [row[i]!, row[i + 1] ?? 0, row[i + 2] ?? 0];
      text += [a >> 2, ((a & 3) << 4) | (b >> 4), ((b & 15) << 2) | (c >> 6), c & 63].map(character).join('');
    }
    rows.push(text);
  }
  return ['begin 644 a.bin', ...rows, '`', 'end', ''].join('\n');
}
