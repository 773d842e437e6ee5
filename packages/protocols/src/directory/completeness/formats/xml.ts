import type { EndOfFormat } from '../end-marks.js';

const WINDOW = 65_536;

export const xmlEnd: EndOfFormat = async (file) => {
  const first = await file.read(0, Math.min(WINDOW, file.size));
  const decode = decoderFor(first);
  const root = rootOf(decode(first));
  if (root === undefined) return 'its root element is missing';
  if (root.empty) return undefined;
  // An even offset, so that UTF-16 is not cut in the middle of a character.
  const from = Math.max(0, file.size - WINDOW) & ~1;
  const tail = withoutEpilogue(decode(await file.read(from, file.size - from)));
  const start = tail.lastIndexOf('</');
  const ended = start !== -1 && tail.endsWith('>') && tail.slice(start + 2, -1).trimEnd() === root.name;
  return ended ? undefined : `its end tag </${root.name}>`;
};

function decoderFor(bytes: Uint8Array): (bytes: Uint8Array) => string {
  const [a, b] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0x3c && b === 0))
    return (raw) => Buffer.from(raw).toString('utf16le');
  if ((a === 0xfe && b === 0xff) || (a === 0 && b === 0x3c)) {
    return (raw) =>
      Buffer.from(raw.subarray(0, raw.length & ~1))
        .swap16()
        .toString('utf16le');
  }
  // Tags of one encoding on both sides compare equal byte by byte, whatever the encoding.
  return (raw) => Buffer.from(raw).toString('latin1');
}

/** Without regular expressions: half a comment, repeated, would make one run for seconds. */
function rootOf(text: string): { readonly name: string; readonly empty: boolean } | undefined {
  let at = text.indexOf('<');
  while (at !== -1) {
    const end = prologueEnd(text, at);
    if (end === undefined) break;
    if (end === -1) return undefined;
    at = text.indexOf('<', end);
  }
  if (at === -1) return undefined;
  const name = /^<([^\s/>]+)/u.exec(text.slice(at, at + 1024))?.[1];
  if (name === undefined) return undefined;
  return { name, empty: text.charAt(tagEnd(text, at) - 1) === '/' };
}

/** Where a comment, an instruction or a DOCTYPE ends; -1 if it does not; `undefined` if there is none here. */
function prologueEnd(text: string, at: number): number | undefined {
  const close = text.startsWith('<!--', at) ? '-->' : text.startsWith('<?', at) ? '?>' : undefined;
  if (close !== undefined) return text.indexOf(close, at);
  if (!text.startsWith('<!', at)) return undefined;
  const subset = text.indexOf('[', at);
  const end = text.indexOf('>', at);
  return subset === -1 || subset > end ? end : text.indexOf(']', subset);
}

/** The `>` that ends a tag, which may have others in its attributes. */
function tagEnd(text: string, at: number): number {
  let quote = '';
  for (let i = at; i < text.length; i++) {
    const c = text.charAt(i);
    if (quote !== '') quote = c === quote ? '' : quote;
    else if (c === '"' || c === "'") quote = c;
    else if (c === '>') return i;
  }
  return -1;
}

/** Without the blanks, comments and instructions that may follow the root. */
function withoutEpilogue(text: string): string {
  let rest = text.replaceAll('\0', '').trimEnd();
  for (;;) {
    const start = rest.endsWith('-->')
      ? rest.lastIndexOf('<!--')
      : rest.endsWith('?>')
        ? rest.lastIndexOf('<?')
        : -1;
    if (start === -1) return rest;
    rest = rest.slice(0, start).trimEnd();
  }
}
