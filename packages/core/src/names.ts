// What Windows forbids in a name, and what no name should hold anywhere.
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[<>:"/\\|?*\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffd]|\p{Cs}/gu;
// Windows takes these for devices, with any extension (superscript digits included).
const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=$|[ .])/iu;
const LONGEST_EXTENSION = 32;

/**
 * A file name that Windows and POSIX both take as it is, from any text: NFC; `<>:"/\|?*`, control, bidi and invisible
 * characters become `_`; no leading blanks, no trailing blanks or dots; device names get a leading `_`; cut before its
 * extension to `limit` bytes of UTF-8 (default 240, so that a number still fits into 255). Never empty.
 */
export function safeName(name: string, limit = 240): string {
  let safe = name.normalize('NFC').replace(FORBIDDEN, '_').replace(/^\s+|[\s.]+$/gu, '');
  if (safe === '') safe = '_';
  if (RESERVED.test(safe)) safe = `_${safe}`;
  return shortened(safe, limit);
}

/** `a.pdf` with a number: `a (2).pdf`. */
export function numbered(name: string, n: number, limit = 250): string {
  const { stem, extension } = split(name);
  const number = ` (${String(n)})`;
  return cutTo(stem, limit - bytes(extension) - bytes(number)) + number + extension;
}

/** The names made safe, and unique without regard to letter case or Unicode form: the second `A.pdf` is `A (2).pdf`. */
export function safeNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const safe = safeName(name);
    let unique = safe;
    for (let n = 2; taken.has(folded(unique)); n++) unique = numbered(safe, n);
    taken.add(folded(unique));
    return unique;
  });
}

/** What a file system that ignores letter case takes for the same name. */
export function folded(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase();
}

/** The extension in lower case, without its dot; `''` if there is none (`README`, `.profile`). */
export function extensionOf(name: string): string {
  return split(name).extension.slice(1).toLowerCase();
}

function split(name: string): { readonly stem: string; readonly extension: string } {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? { stem: name, extension: '' } : { stem: name.slice(0, dot), extension: name.slice(dot) };
}

function shortened(name: string, limit: number): string {
  if (bytes(name) <= limit) return name;
  const { stem, extension } = split(name);
  if (bytes(extension) > LONGEST_EXTENSION) return cutTo(name, limit);
  return cutTo(stem, limit - bytes(extension)) + extension;
}

function cutTo(text: string, limit: number): string {
  if (bytes(text) <= limit) return text;
  let cut = '';
  let size = 0;
  for (const character of text) {
    size += bytes(character);
    if (size > limit) break;
    cut += character;
  }
  return cut.replace(/[\s.]+$/u, '');
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}
