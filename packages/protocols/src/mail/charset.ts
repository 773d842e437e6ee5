import iconv from 'iconv-lite';

/**
 * Text from bytes in the character set that a mail names. A set that nobody knows, and bytes that its name does not fit
 * (8-bit under `us-ascii`, broken UTF-8), are decided by evidence: UTF-8 if they are valid UTF-8, else Windows-1252.
 * Never throws.
 */
export function decodeText(bytes: Uint8Array, charset?: string): string {
  const label = (charset ?? '').trim().toLowerCase().replace(/_/gu, '-');
  if (label === '' || ASCII.has(label)) return byEvidence(bytes);
  if (WESTERN.has(label)) return windows1252(bytes);
  if (label === 'utf-8' || label === 'utf8') return byEvidence(bytes);
  const decoder = decoderOf(label);
  if (decoder !== undefined) return decoder.decode(bytes);
  if (iconv.encodingExists(label)) return iconv.decode(Buffer.from(bytes), label);
  return byEvidence(bytes);
}

/** Text that came as one character a byte (`latin1`), as header values do, decided by evidence. */
export function decodeRaw(binary: string): string {
  if (!HIGH.test(binary)) return binary;
  // Decoded already, by whoever handed it over.
  if (BEYOND_BYTES.test(binary)) return binary;
  return byEvidence(Buffer.from(binary, 'latin1'));
}

const ASCII = new Set([
  'us-ascii',
  'ascii',
  'ansi-x3.4-1968',
  'unknown-8bit',
  'x-unknown',
  'unknown',
  '8bit',
  'binary',
]);
/** What senders call Latin-1 is Windows-1252 to every mail client, as to every browser (WHATWG Encoding, section 4.2). */
const WESTERN = new Set([
  'iso-8859-1',
  'iso8859-1',
  'latin1',
  'l1',
  'windows-1252',
  'cp1252',
  'cp-1252',
  'x-cp1252',
]);

const HIGH = /[\u0080-\uffff]/u;
const BEYOND_BYTES = /[\u0100-\uffff]/u;

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function byEvidence(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return windows1252(bytes);
  }
}

// 0x80 to 0x9f. By hand: some versions of Node 22 and 23 decode `windows-1252` as Latin-1.
const UPPER = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function windows1252(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/[\u0080-\u009f]/gu, (c) => UPPER.charAt(c.charCodeAt(0) - 0x80));
}

/** `undefined` for what Node does not know, or knows as a set that must not be decoded ("replacement"). */
function decoderOf(label: string): InstanceType<typeof TextDecoder> | undefined {
  try {
    return new TextDecoder(label);
  } catch {
    return undefined;
  }
}
