import type { SeededRandom } from '@lanceur/core/testing';

/** What readers of mails take for something. One character a byte, lines with CR LF. */
const SNIPPETS = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  '\n\n',
  ' ',
  '\t',
  '--',
  '\r\n--',
  '"',
  ';',
  '=',
  '=?',
  '?=',
  '=?utf-8?Q?',
  '\xff',
  '\xe9',
  '(',
  ')',
  '<',
  '>',
  '\\',
  ':',
  '.\r\n',
  '..',
  '*',
  "''",
  '%',
  'Content-Type: multipart/mixed; boundary=x\r\n',
  'Content-Type: message/rfc822\r\n\r\n',
  'Content-Transfer-Encoding: base64\r\n',
  'Content-Transfer-Encoding: x-nobody\r\n',
  'Content-Disposition: attachment; filename="\r\n',
  'boundary=',
  'A'.repeat(2000),
  '\r\n '.repeat(40),
  'begin 644 a\r\n',
];

/** A mail with some damage done to it, and to its lines. */
export function mutated(random: SeededRandom, mail: Buffer, other: Buffer): Buffer {
  let result = mail;
  for (let times = 1 + random.int(3); times > 0; times--) {
    result = random.chance(0.5) ? damaged(random, result, other) : linesDamaged(random, result);
  }
  return result;
}

function damaged(random: SeededRandom, bytes: Buffer, other: Buffer): Buffer {
  const at = random.int(bytes.length + 1);
  const length = random.int(random.pick([2, 20, 2000]));
  const [before, cut, after] = [
    bytes.subarray(0, at),
    bytes.subarray(at, at + length),
    bytes.subarray(at + length),
  ];
  switch (random.int(6)) {
    case 0:
      return before;
    case 1:
      return Buffer.concat([before, after]);
    case 2:
      return Buffer.concat([before, cut, cut, after]);
    case 3:
      return Buffer.concat([before, Buffer.from(random.pick(SNIPPETS), 'latin1'), cut, after]);
    case 4: {
      const flipped = Buffer.from(cut.map((byte) => byte ^ (1 << random.int(8))));
      return Buffer.concat([before, flipped, after]);
    }
    default: {
      const from = random.int(other.length + 1);
      return Buffer.concat([before, other.subarray(from, from + length), after]);
    }
  }
}

/** Mostly near the header lines, where it matters. */
function linesDamaged(random: SeededRandom, bytes: Buffer): Buffer {
  const lines = bytes.toString('latin1').split('\r\n');
  const telling = lines.flatMap((line, i) => (/^(?:--|content-|\s)/iu.test(line) || line === '' ? [i] : []));
  const pick = (): number =>
    telling.length > 0 && random.chance(0.8) ? random.pick(telling) : random.int(lines.length);
  const [i, j] = [pick(), pick()];
  switch (random.int(5)) {
    case 0:
      lines.splice(i, 1);
      break;
    case 1:
      lines.splice(j, 0, lines[i]!);
      break;
    case 2:
      [lines[i], lines[j]] = [lines[j]!, lines[i]!];
      break;
    case 3: {
      const line = lines[i]!;
      const at = random.int(line.length + 1);
      lines[i] = line.slice(0, at) + random.pick(SNIPPETS) + line.slice(at);
      break;
    }
    default:
      lines.splice(Math.min(i, j), Math.abs(i - j));
  }
  return Buffer.from(lines.join('\r\n'), 'latin1');
}
