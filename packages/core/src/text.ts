/**
 * Control characters, and the marks that reorder text (bidi) or hide in it (zero width, fillers, tags): never in a
 * log, a manifest or on a wire. The inside of a character class, for a regex with the flag `u`.
 */
export const UNPRINTABLE = String.raw`\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}`;

const EACH = new RegExp(`[${UNPRINTABLE}]`, 'gu');

/**
 * Text from outside made fit for a log line: control, bidi and invisible characters become `\u{…}`, and it is cut
 * at `limit` characters (default 300), counted before they are written out.
 */
export function printable(text: string, limit = 300): string {
  return cutTo(text, limit).replace(EACH, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Never within a surrogate pair. */
function cutTo(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.codePointAt(limit - 2) ?? 0;
  return `${text.slice(0, last > 0xffff ? limit - 2 : limit - 1)}…`;
}
