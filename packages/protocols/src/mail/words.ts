import { decodeText, decodeRaw } from './charset.js';

/**
 * Readable text from a header value as it came (one character a byte): encoded words (RFC 2047) are decoded, also where
 * they stand in quotes, hold blanks or cut a character in two, as senders do; blanks between two of them are no text
 * (section 6.2). What is raw 8-bit is decided by evidence; what is no encoded word after all stays as it is.
 */
export function decodeWords(raw: string): string {
  if (!raw.includes('=?')) return decodeRaw(raw);
  let text = '';
  let at = 0;
  let held: Held | undefined;
  const flush = () => {
    if (held !== undefined) text += decodeText(Buffer.concat(held.bytes), held.charset);
    held = undefined;
  };
  for (const match of raw.matchAll(WORD)) {
    const [whole, charset = '', encoding = '', body = ''] = match;
    const between = raw.slice(at, match.index);
    at = match.index + whole.length;
    if (held === undefined || /\S/u.test(between)) {
      flush();
      text += decodeRaw(between);
    }
    const bytes = /b/iu.test(encoding) ? Buffer.from(body, 'base64') : fromQ(body);
    const sameSet = held?.charset.toLowerCase() === charset.toLowerCase();
    if (!sameSet) flush();
    held = { charset, bytes: [...(held?.bytes ?? []), bytes] };
  }
  flush();
  return text + decodeRaw(raw.slice(at));
}

interface Held {
  readonly charset: string;
  readonly bytes: readonly Buffer[];
}

/** A language may follow the set (RFC 2231, section 5). No word reaches into the next one, so that a broken one costs only itself. */
const WORD =
  /=\?([^?*\s]{1,60})(?:\*[^?\s]{0,60})?\?([bq])\?((?:(?!=\?[^?*\s]{1,60}\?[bq]\?)[^\r\n])*?)\?=/giu;

function fromQ(body: string): Buffer {
  const binary = body
    .replace(/_/gu, ' ')
    .replace(/=([0-9a-f]{2})/giu, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(binary, 'latin1');
}
