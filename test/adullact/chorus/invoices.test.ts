import { describe, expect, it } from 'vitest';
import { bytesOf, decoded, useFolder } from '../decode.js';
import { pivotWith } from '../xml/samples.js';
import { zipOf } from '../zip.js';

useFolder();

const zipped = (name: string) => zipOf([{ name, content: Buffer.from(name) }]).toString('base64');

describe('a pivot with several invoices', () => {
  it('tells them apart: each has its attachments, and each document knows its invoice', async () => {
    const one = pivotWith([{ name: 'facture.pdf', type: '01', base64: zipped('facture.pdf') }]);
    const [, unit = ''] = /(<CPPFacturePivotUnitaire.*<\/CPPFacturePivotUnitaire>)/su.exec(one) ?? [];
    const second = unit
      .replace('<Id>F1</Id>', '<Id>F2</Id>')
      .replace(
        '</PJ>',
        `</PJ><PJ NumOrdre="2"><Contenu>${zipped('devis.pdf')}</Contenu><NomPJ>devis.pdf</NomPJ><TypePJ>02</TypePJ></PJ>`,
      );
    const { fields, documents, attributes, issues } = await decoded(one.replace(unit, unit + second));
    const found = await Promise.all(
      documents.map(async (d) => [d.name, d.role, d.invoice, (await bytesOf(d)).toString()]),
    );
    expect(found).toEqual([
      ['facture.pdf', 'facture_pj_01', 0, 'facture.pdf'],
      ['facture (2).pdf', 'facture_pj_01', 1, 'facture.pdf'],
      ['devis.pdf', 'facture_pj_02', 1, 'devis.pdf'],
    ]);
    expect(fields).toMatchObject({
      invoices: [
        { number: 'F1', attachments: [{ document: 'facture.pdf' }] },
        { number: 'F2', attachments: [{ document: 'facture (2).pdf' }, { document: 'devis.pdf' }] },
      ],
    });
    expect(attributes).toMatchObject({ invoices: '2', number: 'F1; F2', supplierId: '00552013500001' });
    expect(issues.map(({ code, data }) => [code, data])).toEqual([
      ['COUNT_ODD', { field: 'CPPFactures/Compteur', said: '1', found: 2 }],
      ['ATTACHMENT_RENAMED', { name: 'facture.pdf', file: 'facture (2).pdf' }],
    ]);
  });

  it('may name an attachment without holding it', async () => {
    const pivot = pivotWith([{ name: 'a.pdf', type: '02', base64: '' }]);
    expect((await decoded(pivot)).issues.map(({ code }) => code)).toEqual(['ATTACHMENT_EMPTY']);
    const named = pivot.replace('<Contenu></Contenu>', '<IdUnique>42</IdUnique>');
    expect((await decoded(named)).issues).toEqual([]);
  });
});
