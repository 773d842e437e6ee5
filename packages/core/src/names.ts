import { UNPRINTABLE } from './text.js';

// What Windows forbids in a name, what no name should hold anywhere, and what stands for unknown characters.
const FORBIDDEN = new RegExp(`[<>:"/\\\\|?*\\ufffc-\\uffff${UNPRINTABLE}]`, 'gu');
// Windows takes these for devices, with any extension (superscript digits included).
const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=$|[ .])/iu;
const LONGEST_EXTENSION = 32;
const LONGEST = 240;

/**
 * A file name that Windows and POSIX both take as it is, from any text: NFC; `<>:"/\|?*`, control, bidi and invisible
 * characters become `_`; no leading blanks, no trailing blanks or dots; device names get a leading `_`; cut before its
 * extension to `limit` bytes of UTF-8 (default 240, so that a number still fits into 255). Never empty, and safe names
 * stay as they are.
 */
export function safeName(name: string, limit = LONGEST): string {
  const clean = trimmed(name.normalize('NFC').replace(FORBIDDEN, '_'));
  const safe = shortened(clean === '' ? '_' : clean, limit);
  return RESERVED.test(safe) ? shortened(`_${safe}`, limit) : safe;
}

/** `a.pdf` with a number: `a (2).pdf`. Of a safe name, a safe one. */
export function numbered(name: string, n: number, limit = 250): string {
  const whole = withNumber(name, n, limit);
  // Cutting it may have laid bare the name of a device.
  return RESERVED.test(whole) ? withNumber(`_${name}`, n, limit) : whole;
}

function withNumber(name: string, n: number, limit: number): string {
  const { stem, extension } = split(name);
  const number = ` (${String(n)})`;
  const room = limit - bytes(number) - bytes(extension);
  if (room < 1) return cutTo(name, limit - bytes(number)) + number;
  return cutTo(stem, room) + number + extension;
}

/** The names made safe, and unique without regard to letter case or Unicode form: the second `A.pdf` is `A (2).pdf`. */
export function safeNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  const nextNumber = new Map<string, number>();
  return names.map((name) => {
    const safe = safeName(name);
    let unique = safe;
    let n = nextNumber.get(folded(safe)) ?? 2;
    for (; taken.has(folded(unique)); n++) unique = numbered(safe, n, LONGEST);
    nextNumber.set(folded(safe), n);
    taken.add(folded(unique));
    return unique;
  });
}

/** What a file system that ignores letter case takes for the same name. */
export function folded(name: string): string {
  return name.normalize('NFC').toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
}

/**
 * The extension in lower case, without its dot; `''` if there is none (`README`, `.profile`). As Windows reads it:
 * blanks and dots at the end do not count, so that a name has the same extension before and after it is made safe.
 */
export function extensionOf(name: string): string {
  return split(trimmed(name.normalize('NFC')))
    .extension.slice(1)
    .toLowerCase();
}

function split(name: string): { readonly stem: string; readonly extension: string } {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? { stem: name, extension: '' } : { stem: name.slice(0, dot), extension: name.slice(dot) };
}

function shortened(name: string, limit: number): string {
  if (bytes(name) <= limit) return name;
  const { stem, extension } = split(name);
  const room = limit - bytes(extension);
  if (room < 1 || bytes(extension) > LONGEST_EXTENSION) return cutTo(name, limit);
  return cutTo(stem, room) + extension;
}

/** Never empty. */
function cutTo(text: string, limit: number): string {
  if (bytes(text) <= limit) return text;
  let cut = '';
  let size = 0;
  for (const character of text) {
    size += bytes(character);
    if (size > limit) break;
    cut += character;
  }
  const whole = trimmed(cut);
  return whole === '' ? '_' : whole;
}

/** Without leading blanks, and without trailing blanks and dots. From its end by hand: a regex takes n² steps. */
function trimmed(name: string): string {
  let end = name.length;
  while (end > 0 && /[\s.]/u.test(name.charAt(end - 1))) end--;
  return name.slice(0, end).trimStart();
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}
