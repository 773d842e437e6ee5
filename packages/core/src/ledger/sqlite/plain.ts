/**
 * Text that SQLite and every driver keep as it is: NUL ends a string in some of them, and half a surrogate pair, which
 * Windows allows in a file name, has no UTF-8. Both are kept as U+0001 with four hex digits, and so is U+0001.
 */
export function plain(text: string): string {
  return SUSPICIOUS.test(text)
    ? text.replace(ODD, (c) => `\u0001${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : text;
}

/** The text as it was before {@link plain}. */
export function unplain(text: string): string {
  if (!text.includes('\u0001')) return text;
  return text.replace(ESCAPED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

// Quick to look with, since nearly all text is plain; whole surrogate pairs are found as well.
// eslint-disable-next-line no-control-regex
const SUSPICIOUS = /[\u0000\u0001\ud800-\udfff]/;
// eslint-disable-next-line no-control-regex
const ODD = /[\u0000\u0001]|\p{Cs}/gu;
// eslint-disable-next-line no-control-regex
const ESCAPED = /\u0001([0-9a-f]{4})/g;
