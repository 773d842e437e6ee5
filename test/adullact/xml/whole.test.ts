import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { corpus, hasCorpus } from '../corpus.js';
import { bytesOf, decoded, useFolder } from '../decode.js';
import { encoded, KINDS } from '../generator/index.js';
import { TABLE } from './corpus-table.js';
import { bothWays, readWhole, unpacked } from './whole.js';

useFolder();

async function compare(bytes: Buffer, xml: string): Promise<void> {
  const { raw, documents } = await decoded(bytes);
  const { tree, contents } = readWhole(xml);
  expect(raw).toEqual(tree);
  for (const [i, document] of documents.entries()) {
    const content = contents[i]!;
    // A zip cannot be told from its file this way: its own tests do.
    if (content.readUInt16BE() === 0x504b) continue;
    expect((await bytesOf(document)).equals(unpacked(content)), document.name).toBe(true);
  }
}

describe('lifting the attachments out first', () => {
  it.each([...KINDS.entries()])('reads the same of a %s as parsing the whole of it', async (_kind, make) => {
    for (let seed = 100; seed < 106; seed++) {
      const { xml } = make(seed);
      await compare(encoded(xml, 'UTF-8'), xml);
    }
  });

  const files = Object.entries(TABLE).flatMap(([path, expected]) => (expected === null ? [] : [path]));
  it.skipIf(!hasCorpus()).each(files)('reads the same of %s as parsing the whole of it', async (path) => {
    const bytes = readFileSync(corpus(path));
    const text = bytes.toString(/encoding=["']ISO/u.test(bytes.toString('latin1')) ? 'latin1' : 'utf8');
    await compare(bytes, text);
  });
});

describe('the tree of a large file', () => {
  it.each([...KINDS.entries()])('is that of a small one, for a %s', (_kind, make) => {
    for (let seed = 200; seed < 206; seed++) {
      const [small, large] = bothWays(encoded(make(seed).xml, 'UTF-8')) ?? [];
      expect(small).toBeTypeOf('object');
      expect(large).toEqual(small);
    }
  });

  const head = '<n:PES_Aller xmlns:n="http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller">';
  it.each([
    ['a CDATA section', '<A>x<![CDATA[a &amp; <b> c]]>y</A>', 'xa &amp; <b> cy'],
    ['a reference', '<A>&#233;&amp;amp;&lt;</A>', 'é&amp;<'],
    ['text around an element', '<A> a <B/> b </A>', ' a  b '],
    ['blanks alone', '<A>\n  <B/>\n</A>', ''],
    ['a > in an attribute, which may stand there', '<A V="a > b">x</A>', 'x'],
    ['the line ends of Windows and of old Macs', '<A>x\r\ny\rz</A>', 'x\ny\nz'],
    ['a line end by its number, which is meant', '<A>x&#13;&#10;y</A>', 'x\r\ny'],
    ['a line end and a tab in an attribute', '<A V="a\r\nb\tc">x</A>', 'x'],
    ['a comment and an instruction', '<A>x<!-- <B> --><?p ?>y</A>', 'xy'],
  ])('means the same by %s', async (_what, inner, text) => {
    const xml = `${head}${inner}</n:PES_Aller>`;
    const [small, large] = bothWays(Buffer.from(xml)) ?? [];
    expect(large).toEqual(small);
    expect(small).toMatchObject({ children: [{ name: 'A', text }] });
    // In earnest, with so much behind it that it is large.
    const { raw } = await decoded(
      Buffer.from(`${head}${inner}${'<Z V="0123456789"/>'.repeat(20_000)}</n:PES_Aller>`),
    );
    expect(raw.children[0]).toEqual((small as { readonly children: readonly unknown[] }).children[0]);
    expect(raw.children).toHaveLength(20_001);
  });

  it.each([
    ['signs of equality that stand alone', '<A V="1"=== W="2"/>'],
    ['an attribute that is cut', '<A V= >x</A>'],
    ['a value without quotation marks', '<A V=1>x</A>'],
  ])('never comes to be for %s: it is damaged before', async (_what, inner) => {
    await expect(decoded(Buffer.from(`${head}${inner}</n:PES_Aller>`))).rejects.toMatchObject({
      code: 'ENVELOPE_DAMAGED',
    });
  });

  it.each([
    ['an end tag with another prefix', '<a:A></b:A>'],
    ['an attribute twice', '<A V="1" V="2"/>'],
    ['an attribute without a value', '<A V/>'],
    ['a bare &', '<A>a & b</A>'],
    ['a reserved name', '<__proto__ V="1"/>'],
    ['a reserved attribute', '<A constructor="1"/>'],
  ])('is refused for %s like that of a small one', (_what, inner) => {
    const [small, large] = bothWays(Buffer.from(`${head}${inner}</n:PES_Aller>`)) ?? [];
    expect(small).toMatch(/^ENVELOPE_(?:DAMAGED|UNSAFE)$/u);
    expect(large).toBe(small);
  });
});
