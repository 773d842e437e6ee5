import { describe, expect, it } from 'vitest';
import { LanceurError } from '@lanceur/core';
import { Lifter } from '../../../packages/adullact/dist/xml/lifter.js';

const LIMITS = { depth: 10, nodes: 1000, xmlBytes: 100_000, textBytes: 50_000 };

interface Lifted {
  readonly plain: string;
  readonly contents: readonly string[];
}

function lift(pieces: readonly Buffer[], limits = LIMITS): Lifted | 'ignored' {
  const contents: string[] = [];
  const lifter = new Lifter(
    'a.xml',
    {
      concerns: (root) => root === 'root',
      root: (tag) => (tag.includes('root') ? new Map([['Fichier', 'Contenu']]) : undefined),
      begin: () => contents.push(''),
      content: (bytes) => {
        contents.push((contents.pop() ?? '') + bytes.toString('latin1'));
      },
      end: () => {},
    },
    limits,
  );
  for (const piece of pieces) lifter.push(piece);
  return lifter.ignored ? 'ignored' : { plain: lifter.end().toString('latin1'), contents };
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (LanceurError.is(error)) return error.code;
    throw error;
  }
  return 'none';
}

const XML =
  '<?xml version="1.0"?><!-- <Fichier>no</Fichier> --><n:root xmlns:n="u" a="1>0"><Contenu><Fichier MIMEType="a/b">QUJD\n<![CDATA[REVG]]><!-- x -->R0hJ</Fichier></Contenu>' +
  '<Fichier>stays</Fichier><b><![CDATA[ <Contenu><Fichier> ]]></b><Contenu><Fichier/></Contenu><Contenu><Fichier></Fichier></Contenu></n:root>';

describe('what is lifted out of an XML', () => {
  it('is the text of the elements asked for, CDATA and all, and numbers stand in their places', () => {
    expect(lift([Buffer.from(XML)])).toEqual({
      contents: ['QUJD\nREVGR0hJ', ''],
      plain:
        '<n:root xmlns:n="u" a="1>0"><Contenu><Fichier MIMEType="a/b">0</Fichier></Contenu>' +
        '<Fichier>stays</Fichier><b> &#60;Contenu&#62;&#60;Fichier&#62; </b><Contenu><Fichier/></Contenu><Contenu><Fichier>1</Fichier></Contenu></n:root>',
    });
  });

  it('is the same wherever the bytes are cut', () => {
    const bytes = Buffer.from(XML);
    const whole = lift([bytes]);
    for (let i = 0; i <= bytes.length; i++) {
      expect(lift([bytes.subarray(0, i), bytes.subarray(i)])).toEqual(whole);
    }
    expect(lift(Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(whole);
  });

  it('is never anything of a file that is cut short, wherever that is', () => {
    const bytes = Buffer.from(XML);
    for (let i = 0; i < bytes.length; i++) {
      expect(codeOf(() => lift([bytes.subarray(0, i)]))).toBe('ENVELOPE_DAMAGED');
    }
  });

  it('leaves out the blanks between tags, and no blank of a text', () => {
    const laidOut = Buffer.from('<root>\n  <a> x </a>\n <b> <![CDATA[ ]]> </b>\n\n</root>\n');
    const plain = '<root><a> x </a><b>   </b></root>';
    for (let i = 0; i <= laidOut.length; i++) {
      expect(lift([laidOut.subarray(0, i), laidOut.subarray(i)])).toEqual({ plain, contents: [] });
    }
  });

  it('is nothing where the root is none of ours: the rest is not even looked at', () => {
    expect(lift([Buffer.from('<other><unclosed>')])).toBe('ignored');
    expect(lift([Buffer.from('<!DOCTYPE html PUBLIC "x"><html>')])).toBe('ignored');
  });

  it('is nothing where there is a DTD', () => {
    expect(codeOf(() => lift([Buffer.from('<!DOCTYPE n:root [<!ENTITY a "b">]><root/>')]))).toBe(
      'ENVELOPE_UNSAFE',
    );
    expect(codeOf(() => lift([Buffer.from('<root><!DOCTYPE html></root>')]))).toBe('ENVELOPE_UNSAFE');
    expect(codeOf(() => lift([Buffer.from('<root><!ENTITY a "b"></root>' + ' '.repeat(256))]))).toBe(
      'ENVELOPE_UNSAFE',
    );
  });

  it('has bounds: depth, elements and attributes, what is left, and each tag', () => {
    const deep = '<root>' + '<a>'.repeat(10);
    expect(codeOf(() => lift([Buffer.from(deep)]))).toBe('ENVELOPE_TOO_BIG');
    expect(codeOf(() => lift([Buffer.from('<root>' + '<a/>'.repeat(1000))]))).toBe('ENVELOPE_TOO_BIG');
    expect(codeOf(() => lift([Buffer.from('<root>' + '<a b="" c=""/>'.repeat(400))]))).toBe(
      'ENVELOPE_TOO_BIG',
    );
    expect(codeOf(() => lift([Buffer.from('<root>' + 'x'.repeat(50_001))]))).toBe('ENVELOPE_TOO_BIG');
    expect(codeOf(() => lift([Buffer.from(`<root>${`<a b="${'x'.repeat(500)}"/>`.repeat(200)}`)]))).toBe(
      'ENVELOPE_TOO_BIG',
    );
    expect(codeOf(() => lift([Buffer.from('<root a="' + 'x'.repeat(300_000))]))).toBe('ENVELOPE_DAMAGED');
  });
});
