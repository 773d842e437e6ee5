import type { Draw } from '../generator/draw.js';

/** What breaks readers of XML. */
const SNIPPETS = [
  '<!DOCTYPE a [<!ENTITY b "c">]>',
  '&b;',
  '&#0;',
  '&#x110000;',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '<?',
  '?>',
  '</',
  '/>',
  '<',
  '>',
  '"',
  "'",
  '&',
  '\0',
  '\ufffd',
  '\u00e9',
  '<__proto__ a="b"/>',
  '<PJ><Contenu><Fichier>H4sI</Fichier></Contenu></PJ>',
  '<Contenu>UEsDBA==</Contenu>',
  'xmlns="u"',
  ' V="',
  '='.repeat(70),
  '<a>'.repeat(70),
  'A'.repeat(5000),
];

/** Bytes with some damage done to them: cut, doubled, swapped, overwritten, spiced with what breaks readers. */
export function mutated(bytes: Buffer, draw: Draw, others: readonly Buffer[]): Buffer {
  let result = bytes;
  for (let times = draw.between(1, 4); times > 0; times--) result = damaged(result, draw, others);
  return result;
}

function damaged(bytes: Buffer, draw: Draw, others: readonly Buffer[]): Buffer {
  const at = draw.below(bytes.length + 1);
  const length = draw.below(draw.pick([2, 20, 2000]));
  const [before, cut, after] = [
    bytes.subarray(0, at),
    bytes.subarray(at, at + length),
    bytes.subarray(at + length),
  ];
  switch (draw.below(8)) {
    case 0:
      return before;
    case 1:
      return Buffer.concat([before, after]);
    case 2:
      return Buffer.concat([before, cut, cut, after]);
    case 3:
      return Buffer.concat([before, Buffer.from(draw.pick(SNIPPETS)), cut, after]);
    case 4:
      return Buffer.concat([before, Buffer.from(draw.pick(SNIPPETS)), after]);
    case 5: {
      const flipped = Buffer.from(cut);
      for (let i = 0; i < flipped.length; i++) flipped[i] = flipped[i]! ^ (1 << draw.below(8));
      return Buffer.concat([before, flipped, after]);
    }
    case 6: {
      const other = draw.pick(others);
      const from = draw.below(other.length + 1);
      return Buffer.concat([before, other.subarray(from, from + length), after]);
    }
    default:
      return Buffer.from(bytes.toString('latin1'), 'utf16le');
  }
}
