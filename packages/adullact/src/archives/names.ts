import { isUtf8 } from 'node:buffer';
import { issue, type Issue } from '../issues.js';

/** The upper half of code page 850, in which DOS and Windows wrote names in Western Europe. */
const CP850 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0';

/** What windows-1252 has where ISO-8859-1 has control characters. */
const WINDOWS = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** What French names are written with beside ASCII. */
const FRENCH = /[àâäæçéèêëîïôöœùûüÿÀÂÄÆÇÉÈÊËÎÏÔÖŒÙÛÜŸ°’«»–…€]/gu;

export interface ReadName {
  readonly name: string;
  readonly issues: readonly Issue[];
}

/**
 * The name of an entry from its bytes: UTF-8 where it is that, else code page 850 or windows-1252, whichever reads as
 * French. NFC.
 */
export function readName(bytes: Buffer): ReadName {
  if (isUtf8(bytes)) return { name: bytes.toString('utf8').normalize('NFC'), issues: [] };
  const dos = decoded(bytes, (byte) => CP850.charAt(byte - 0x80));
  const windows = decoded(bytes, (byte) =>
    byte < 0xa0 ? WINDOWS.charAt(byte - 0x80) : String.fromCharCode(byte),
  );
  const isDos = frenchIn(dos) >= frenchIn(windows);
  const name = (isDos ? dos : windows).normalize('NFC');
  const encoding = isDos ? 'CP850' : 'windows-1252';
  return { name, issues: [issue('ENTRY_NAME_GUESSED', { entry: name, encoding })] };
}

function decoded(bytes: Buffer, upper: (byte: number) => string): string {
  let text = '';
  for (const byte of bytes) text += byte < 0x80 ? String.fromCharCode(byte) : upper(byte);
  return text;
}

function frenchIn(text: string): number {
  return text.match(FRENCH)?.length ?? 0;
}

export interface EntryPath {
  /** With `/`, without `.`, `..`, drives and leading slashes. */
  readonly path: string;
  /** Its last part. `''` where nothing is left. */
  readonly name: string;
  /** How many folders deep. */
  readonly depth: number;
  /** Whether it led out of the archive as it was written. */
  readonly escapes: boolean;
}

/** The path of an entry, as Windows and POSIX write it (`a/b`, `a\b`, `C:\b`, `\\srv\share\b`, `../b`), made harmless. */
export function entryPath(written: string): EntryPath {
  const parts = written.replaceAll('\\', '/').split('/');
  const isAbsolute = parts[0] === '' || /^[a-z]:/iu.test(written);
  const kept = parts.map((part, i) => (i === 0 ? part.replace(/^[a-z]:/iu, '') : part));
  const clean = kept.filter((part) => part !== '' && part !== '.' && part !== '..');
  return {
    path: clean.join('/'),
    name: clean.at(-1) ?? '',
    depth: clean.length - 1,
    escapes: isAbsolute || parts.includes('..'),
  };
}

/** What macOS and Windows leave in archives and folders, by path. */
export function isLitter(path: string): boolean {
  return /(?:^|\/)(?:__MACOSX(?:\/.*)?|\.DS_Store|\._[^/]*|Thumbs\.db|desktop\.ini)$/isu.test(path);
}
