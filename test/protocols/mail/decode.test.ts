import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decoderFor } from '../../../packages/protocols/dist/mail/decode.js';

/** Decodes `encoded` as it comes when cut into pieces of the given sizes. */
function decoded(encoding: string, encoded: Buffer | string, cuts: readonly number[] = []) {
  const input = Buffer.from(encoded as string, 'latin1');
  const decoder = decoderFor(encoding);
  const pieces: Buffer[] = [];
  let at = 0;
  for (const cut of [...cuts, input.length]) {
    pieces.push(Buffer.from(decoder.write(input.subarray(at, Math.min(at + cut, input.length)))));
    at = Math.min(at + cut, input.length);
  }
  pieces.push(Buffer.from(decoder.write(input.subarray(at))));
  pieces.push(Buffer.from(decoder.end()));
  return { bytes: Buffer.concat(pieces), problem: decoder.problem() };
}

const lines = (text: string) => text.replace(/.{1,76}/gu, '$&\r\n');
const binary = fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes));
const cuts = fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 30 });

test('base64 comes back as it was, however it is cut', () => {
  fc.assert(
    fc.property(binary, cuts, (bytes, at) => {
      const { bytes: back, problem } = decoded('base64', lines(bytes.toString('base64')), at);
      expect(back.equals(bytes)).toBe(true);
      expect(problem).toBeUndefined();
    }),
  );
});

/** As RFC 2045 section 6.7 has it, every byte escaped, with soft line breaks. */
function quoted(bytes: Buffer): string {
  return [...bytes]
    .map((b, i) => `=${b.toString(16).toUpperCase().padStart(2, '0')}${i % 20 === 19 ? '=\r\n' : ''}`)
    .join('');
}

test('quoted-printable comes back as it was, however it is cut', () => {
  fc.assert(
    fc.property(binary, cuts, (bytes, at) => {
      const { bytes: back, problem } = decoded('quoted-printable', quoted(bytes), at);
      expect(back.equals(bytes)).toBe(true);
      expect(problem).toBeUndefined();
    }),
  );
});

test('a decoder says the same of anything at all, however it is cut', () => {
  const soup = fc.array(
    fc.constantFrom('=', '\r', '\n', ' ', '\t', 'A', '3D', 'zz', '=\r\n', '=C3', 'é', '*'),
  );
  fc.assert(
    fc.property(fc.constantFrom('base64', 'quoted-printable'), soup, cuts, (encoding, pieces, at) => {
      const whole = decoded(encoding, pieces.join(''));
      const cut = decoded(encoding, pieces.join(''), at);
      expect(cut.bytes.toString('latin1')).toBe(whole.bytes.toString('latin1'));
      expect(cut.problem).toBe(whole.problem);
    }),
    { numRuns: 2000 },
  );
});

test('rubbish in base64 is passed over, and said', () => {
  const { bytes, problem } = decoded('base64', 'aGVs*bG8g\x00d29ybGQ=');
  expect(bytes.toString()).toBe('hello world');
  expect(problem).toBe('2 characters in it are no base64 and were passed over');
});

test('base64 that was joined from padded pieces is read whole', () => {
  expect(decoded('base64', 'aGVsbG8=\r\nIHdvcmxk').bytes.toString()).toBe('hello world');
});

test('base64 that ends in the middle of a byte is said', () => {
  const { bytes, problem } = decoded('base64', 'aGVsb');
  expect(bytes.toString()).toBe('hel');
  expect(problem).toBe('its base64 ends in the middle of a byte');
});

test('base64 without its padding is whole', () => {
  expect(decoded('base64', 'aGVsbG8')).toEqual({ bytes: Buffer.from('hello'), problem: undefined });
});

test('quoted-printable that is none stays as it came, and is said', () => {
  const { bytes, problem } = decoded('quoted-printable', 'a=ZZb=3Dc');
  expect(bytes.toString()).toBe('a=ZZb=c');
  expect(problem).toBe('1 escapes in it are no quoted-printable and were left as they came');
});

test('blanks that were added at the end of a line go, those inside stay', () => {
  expect(decoded('quoted-printable', 'a  b  \r\nc =  \r\nd').bytes.toString()).toBe('a  b\r\nc d');
});

/** As POSIX has it, with a blank or a grave accent for zero. */
function uuencoded(bytes: Buffer, zero: ' ' | '`'): string {
  const character = (six: number): string => (six === 0 ? zero : String.fromCharCode(six + 32));
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += 45) {
    const row = bytes.subarray(at, at + 45);
    let line = character(row.length);
    for (let i = 0; i < row.length; i += 3) {
      const [a = 0, b = 0, c = 0] = row.subarray(i, i + 3);
      line += [a >> 2, ((a & 3) << 4) | (b >> 4), ((b & 15) << 2) | (c >> 6), c & 63].map(character).join('');
    }
    // On the way, blanks at the end of a line are lost.
    rows.push(zero === ' ' ? line.trimEnd() : line);
  }
  return `begin 644 a.bin\r\n${rows.map((row) => `${row}\r\n`).join('')}${zero}\r\nend\r\n`;
}

test('uuencode comes back as it was, however it is cut, and whatever it writes for zero', () => {
  fc.assert(
    fc.property(binary, cuts, fc.constantFrom(' ', '`'), (bytes, at, zero) => {
      const { bytes: back, problem } = decoded('x-uuencode', uuencoded(bytes, zero), at);
      expect(back.equals(bytes)).toBe(true);
      expect(problem).toBeUndefined();
    }),
  );
});

test('what is said to be uuencoded and is not comes as it is, and a missing end is said', () => {
  for (const text of ['no such thing\r\nat all', 'x'.repeat(5000)]) {
    const { bytes, problem } = decoded('x-uue', text, [7, 900]);
    expect(bytes.toString()).toBe(text);
    expect(problem).toContain('is delivered as it came');
  }
  const { bytes, problem } = decoded('uuencode', 'begin 644 a\r\n#4$1&\r\nx\x80y\r\n');
  expect(bytes.toString()).toBe('PDF');
  expect(problem).toContain('it may be cut');
});

test('what has no encoding that anybody knows is delivered as it came, and said', () => {
  expect(decoded('x-nobody', 'abc')).toEqual({
    bytes: Buffer.from('abc'),
    problem: 'it is in an unknown encoding (x-nobody) and is delivered as it came',
  });
});

test.each(['BASE64', ' base64 ', 'base64; charset=x'])(
  'the encoding is read with a broken hand: %j',
  (encoding) => {
    expect(decoded(encoding, 'aGVsbG8=').bytes.toString()).toBe('hello');
  },
);
