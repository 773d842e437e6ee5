import { readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { LanceurError } from '@lanceur/core';
import { bytesOf, decode, decoded, inMemory, useFolder } from '../decode.js';
import { zipOf } from '../zip.js';
import { pesAllerWith, pivotWith } from './samples.js';

const folder = useFolder();

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (LanceurError.is(error) && error.scope === 'document') return error.code;
    throw error;
  }
  return 'none';
}

const PDF = Buffer.from('%PDF-1.4\n%âãÏÓ\n1 0 obj\n', 'latin1');

describe('a hostile XML', () => {
  it.each([
    ['a DTD', '<!DOCTYPE PES_Aller SYSTEM "file:///etc/passwd"><PES_Aller/>', 'ENVELOPE_UNSAFE'],
    [
      'entities that multiply',
      '<?xml version="1.0"?><!DOCTYPE n:PES_Aller [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><n:PES_Aller>&b;</n:PES_Aller>',
      'ENVELOPE_UNSAFE',
    ],
    ['a DTD after the root', '<PES_Aller/><!DOCTYPE PES_Aller>', 'ENVELOPE_UNSAFE'],
    ['an attribute __proto__', '<PES_Aller __proto__="x"/>', 'ENVELOPE_UNSAFE'],
    ['an element constructor', '<PES_Aller><constructor/></PES_Aller>', 'ENVELOPE_UNSAFE'],
    ['two roots', '<PES_Aller/><PES_Aller/>', 'ENVELOPE_DAMAGED'],
    ['text after its end', '<PES_Aller/>x', 'ENVELOPE_DAMAGED'],
    ['an attribute twice', '<PES_Aller a="1" a="2"/>', 'ENVELOPE_DAMAGED'],
    ['a wrong end tag', '<PES_Aller><a></b></PES_Aller>', 'ENVELOPE_DAMAGED'],
    ['prefixes that do not match', '<PES_Aller><x:a></y:a></PES_Aller>', 'ENVELOPE_DAMAGED'],
    ['an attribute without quotes', '<PES_Aller a=1/>', 'ENVELOPE_DAMAGED'],
    ['elements in elements', `<PES_Aller>${'<a>'.repeat(100_000)}`, 'ENVELOPE_TOO_BIG'],
  ])('with %s is an error that says so', async (_what, xml, code) => {
    expect(await codeOf(decode(xml))).toBe(code);
  });

  it('changes nothing of the program that reads it', async () => {
    const xml =
      '<CPPStatut><toString>x</toString><hasOwnProperty valueOf="1"/><p:__proto__ xmlns:p="u" polluted="1"/></CPPStatut>';
    await codeOf(decode(xml));
    await codeOf(decode('<CPPStatut><a b:__proto__="1" xmlns:b="u"/></CPPStatut>'));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    const read = await decoded('<CPPStatut><Enveloppe hasOwnProperty="1"/></CPPStatut>');
    expect(read.kind).toBe('CPPStatut');
  });

  it('with bytes that no XML may hold is read, and they are told', async () => {
    const { fields, issues } = await decoded(pesAllerWith([], { budgetName: 'A\u0000B\u001bC' }));
    expect(fields).toMatchObject({ budgetName: 'A\ufffdB\ufffdC' });
    expect(issues.map(({ code }) => code)).toContain('CONTROL_CHARACTERS');
  });

  it('cut short anywhere is damaged, or nothing yet', async () => {
    const whole = Buffer.from(pesAllerWith([{ name: 'a.pdf', base64: gzipSync(PDF).toString('base64') }]));
    for (let i = 0; i < whole.length; i++) {
      const code = await codeOf(decode(whole.subarray(0, i)));
      expect([i, code]).toEqual([i, i === 0 ? 'none' : 'ENVELOPE_DAMAGED']);
    }
    expect(await codeOf(decode(whole))).toBe('none');
  });

  it('that exceeds the limit of its regulation is an error that names it', async () => {
    const pes = pesAllerWith([{ name: 'a.pdf', base64: 'A'.repeat(4000) }]);
    const work = decode(pes, { pesBytes: 2000 });
    await expect(work).rejects.toMatchObject({
      code: 'ENVELOPE_TOO_BIG',
      reason: { data: { option: 'pesBytes', limit: 2000 } },
    });
    const pivot = pivotWith([{ name: 'a.pdf', type: '01', base64: 'A'.repeat(4000) }]);
    expect(await codeOf(decode(pivot, { chorusBytes: 2000 }))).toBe('ENVELOPE_TOO_BIG');
    expect(await codeOf(decode(pivot, { chorusAttachmentBytes: 2000 }))).toBe('ENVELOPE_TOO_BIG');
    expect(await codeOf(decode(pivot, { entries: 1 }))).toBe('none');
  });

  it('with more attachments than allowed is refused', async () => {
    const many = pesAllerWith(
      Array.from({ length: 3 }, (_, i) => ({ name: `${String(i)}.pdf`, base64: 'AAAA' })),
    );
    expect(await codeOf(decode(many, { entries: 2 }))).toBe('ENVELOPE_TOO_BIG');
  });

  it.each([
    ['gzip', (bomb: Buffer) => pesAllerWith([{ name: 'a.txt', base64: gzipSync(bomb).toString('base64') }])],
    [
      'zip',
      (bomb: Buffer) =>
        pivotWith([
          { name: 'a.txt', type: '01', base64: zipOf([{ name: 'a.txt', content: bomb }]).toString('base64') },
        ]),
    ],
  ])('that unfolds a bomb (%s) is refused before it fills the disk', async (_kind, make) => {
    const xml = make(Buffer.alloc(64 * 1024 * 1024));
    expect(await codeOf(decode(xml, { chorusAttachmentBytes: 1e9 }))).toBe('ENVELOPE_TOO_BIG');
    expect(await codeOf(decode(xml, { chorusAttachmentBytes: 1e9, ratio: 1e9, expandedBytes: 1e6 }))).toBe(
      'ENVELOPE_TOO_BIG',
    );
  });

  it('stops when it is told to', async () => {
    const { decodeXml } = await import('../../../packages/adullact/dist/xml-file.js');
    const { DEFAULT_LIMITS } = await import('@lanceur/adullact');
    const stop = new AbortController();
    const pes = pesAllerWith([{ name: 'a.pdf', base64: 'A'.repeat(400_000) }]);
    const file = inMemory(pes);
    const open = async () => {
      const stream = await file.open();
      stream.once('data', () => stop.abort());
      return stream;
    };
    const work = decodeXml(
      { name: 'a.xml', open },
      { folder: folder(), limits: DEFAULT_LIMITS, signal: stop.signal },
    );
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
  });

  it.each([400_000, 6_000_000])(
    'passes on what makes its reading fail, and leaves nothing of its attachments behind (%i bytes)',
    async (length) => {
      const small = { name: 'b.pdf', base64: 'QUJD' };
      const pes = Buffer.from(pesAllerWith([small, { name: 'a.pdf', base64: 'A'.repeat(length) }]));
      const before = readdirSync(folder(), { recursive: true }).length;
      const file = inMemory(pes);
      const open = async () => {
        const stream = await file.open();
        let seen = 0;
        stream.on('data', (chunk: Buffer) => {
          seen += chunk.length;
          if (seen > length / 2) stream.destroy(new Error('the share has gone'));
        });
        return stream;
      };
      await expect(decode({ name: 'a.xml', open })).rejects.toThrow('the share has gone');
      expect(readdirSync(folder(), { recursive: true }).length).toBe(before);
    },
  );
});

describe('an attachment that is not what it should be', () => {
  async function read(xml: string) {
    const { documents, issues } = await decoded(xml);
    return {
      documents: await Promise.all(
        documents.map(async (d) => [d.name, (await bytesOf(d)).toString('latin1')]),
      ),
      issues: issues.map(({ code }) => code),
    };
  }
  const pes = (packed: Buffer) => pesAllerWith([{ name: 'a.pdf', base64: packed.toString('base64') }]);
  const pivot = (packed: Buffer, name = 'a.pdf') =>
    pivotWith([{ name, type: '01', base64: packed.toString('base64') }]);
  const text = PDF.toString('latin1');

  it('comes as it is where it was not packed', async () => {
    expect(await read(pes(PDF))).toEqual({ documents: [['a.pdf', text]], issues: [] });
    expect(await read(pivot(PDF))).toEqual({ documents: [['a.pdf', text]], issues: [] });
    expect(await read(pivot(gzipSync(PDF)))).toEqual({ documents: [['a.pdf', text]], issues: [] });
  });

  it('is left out where its check sum is wrong or its end is missing, and that is told', async () => {
    const none = { documents: [], issues: ['ATTACHMENT_UNREADABLE'] };
    const gzip = gzipSync(PDF);
    const wrong = Buffer.from(gzip);
    wrong.writeUInt32LE(1, wrong.length - 8);
    expect(await read(pes(wrong))).toEqual(none);
    for (let cut = 18; cut < gzip.length; cut++) expect(await read(pes(gzip.subarray(0, cut)))).toEqual(none);
    const zip = zipOf([{ name: 'a.pdf', content: PDF, crc: 1 }]);
    expect(await read(pivot(zip))).toEqual(none);
    for (let cut = 22; cut < zip.length; cut += 7)
      expect(await read(pivot(zip.subarray(0, cut)))).toEqual(none);
  });

  it('stays the zip that it is where that is encrypted, holds several files, or is packed by an unknown method', async () => {
    const several = zipOf([
      { name: 'a.pdf', content: PDF },
      { name: 'b.pdf', content: PDF },
    ]);
    for (const zip of [
      several,
      zipOf([{ name: 'a.pdf', content: PDF, flags: 1 }]),
      zipOf([{ name: 'a.pdf', content: PDF, method: 14 }]),
    ]) {
      const { documents, issues } = await read(pivot(zip));
      expect(documents).toEqual([['a.pdf.zip', zip.toString('latin1')]]);
      expect(issues).toContain('ATTACHMENT_PACKED');
    }
    // A .docx is a zip of many files, and nothing is odd about it.
    expect(await read(pivot(several, 'a.docx'))).toEqual({
      documents: [['a.docx', several.toString('latin1')]],
      issues: [],
    });
  });

  it('cannot get out of its folder, whatever it is called', async () => {
    const { documents } = await decoded(
      pesAllerWith(
        ['../../etc/passwd', 'C:\\Windows\\win.ini', 'con.pdf', 'a\u202efdp.exe', 'A.pdf', 'a.PDF', ' '].map(
          (name) => ({
            name,
            base64: gzipSync(PDF).toString('base64'),
          }),
        ),
      ),
    );
    expect(documents.map(({ name }) => name)).toEqual([
      '.._.._etc_passwd',
      'C__Windows_win.ini',
      '_con.pdf',
      'a_fdp.exe',
      'A.pdf',
      'a (2).PDF',
      'ID6.pdf',
    ]);
    for (const { localPath } of documents) expect(localPath.startsWith(folder())).toBe(true);
  });

  it('with no content, or with rubbish in it, is told', async () => {
    expect(await read(pesAllerWith([{ name: 'a.pdf', base64: '' }]))).toEqual({
      documents: [],
      issues: ['ATTACHMENT_EMPTY'],
    });
    expect(await read(pesAllerWith([{ name: 'a.txt', base64: 'TWF*pcmll' }]))).toEqual({
      documents: [['a.txt', 'Mairie']],
      issues: ['ATTACHMENT_ODD'],
    });
  });

  it('has the name of its zip where the XML cuts it, and is called by its number where it has none', async () => {
    const long = `${'bon de livraison '.repeat(5)}.pdf`;
    const zip = zipOf([{ name: `dossier/${long}`, content: PDF }]);
    expect((await read(pivot(zip, long.slice(0, 50)))).documents).toEqual([[long, text]]);
    expect((await read(pivot(zip, ''))).documents).toEqual([[long, text]]);
  });

  it('is streamed where it is large, with the same result', async () => {
    const large = Buffer.alloc(3 * 1024 * 1024);
    let state = 1;
    for (let i = 0; i < large.length; i += 4) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      large.writeUInt32LE(state, i);
    }
    for (const xml of [
      pes(large),
      pes(gzipSync(large)),
      pivot(large),
      pivot(zipOf([{ name: 'a.pdf', content: large }])),
    ]) {
      const [document] = (await decoded(xml)).documents;
      expect(document?.size).toBe(large.length);
      expect((await bytesOf(document!)).equals(large)).toBe(true);
    }
    const wrong = gzipSync(large, { level: 0 });
    wrong.writeUInt32LE(1, wrong.length - 8);
    expect(await read(pes(wrong))).toEqual({ documents: [], issues: ['ATTACHMENT_UNREADABLE'] });
  });
});
