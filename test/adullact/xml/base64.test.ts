import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Base64 } from '../../../packages/adullact/dist/xml/base64.js';

function decode(pieces: readonly (Buffer | string)[]): { bytes: Buffer; rubbish: number } {
  const base64 = new Base64();
  const decoded = pieces.map((piece) => base64.decode(Buffer.from(piece as string, 'latin1')));
  return { bytes: Buffer.concat([...decoded, base64.end()]), rubbish: base64.rubbish };
}

/** The text cut at the given places, in whatever order they come. */
function cut(text: string, places: readonly number[]): readonly string[] {
  const sorted = [0, ...places.map((p) => p % (text.length + 1)).sort((a, b) => a - b), text.length];
  return sorted.slice(1).map((end, i) => text.slice(sorted[i], end));
}

describe('base64 as it stands in an XML', () => {
  it('gives back the same bytes, wherever it is cut and however its lines are wrapped', () => {
    const wraps = fc.constantFrom('', '\n', '\r\n', '&#13;\n', '&#xD;&#xA;', ' \t');
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        wraps,
        fc.integer({ min: 1, max: 90 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        (raw, wrap, width, places) => {
          const plain = Buffer.from(raw).toString('base64');
          const text = plain.replace(new RegExp(`.{${String(width)}}`, 'gu'), `$&${wrap}`);
          const { bytes, rubbish } = decode(cut(text, places));
          expect(bytes).toEqual(Buffer.from(raw));
          expect(rubbish).toBe(0);
        },
      ),
    );
  });

  it('does without padding', () => {
    expect(decode(['TWFpcmll']).bytes.toString()).toBe('Mairie');
    expect(decode(['TWFpcm', 'k']).bytes.toString()).toBe('Mairi');
    expect(decode(['TWFpcg']).bytes.toString()).toBe('Mair');
  });

  it('skips what does not belong there, and counts it', () => {
    expect(decode(['TWF*pc', 'm?ll'])).toEqual({ bytes: Buffer.from('Mairie'), rubbish: 2 });
    expect(decode(['TWFpcmll&eacute;'])).toEqual({ bytes: Buffer.from('Mairie'), rubbish: 1 });
    expect(decode(['TWFpcmll&#233'])).toEqual({ bytes: Buffer.from('Mairie'), rubbish: 5 });
    expect(decode(['TWFpcmllA'])).toEqual({ bytes: Buffer.from('Mairie'), rubbish: 1 });
  });

  it('reads a second text behind the padding of the first, and says that it is odd', () => {
    expect(decode(['TWFpcg==', 'aWU='])).toEqual({ bytes: Buffer.from('Mairie'), rubbish: 1 });
  });
});
