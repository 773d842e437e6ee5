import { describe, expect, it } from 'vitest';
import { actesNameOf } from '../../../packages/adullact/dist/actes/name.js';
import { decoded, inMemory, useFolder } from '../decode.js';

useFolder();

describe('the name of an Actes file', () => {
  it('says what the message does not say itself', () => {
    expect(actesNameOf('99_DE-034-491011698-20171207-CL20171227_06-DE-1-1_1.pdf')).toEqual({
      documentType: '99_DE',
      department: '034',
      siren: '491011698',
      date: '2017-12-07',
      number: 'CL20171227_06',
      natureAbbreviation: 'DE',
      message: '1-1',
      index: '1',
    });
  });

  it('may have empty parts, and need not have a number at its end', () => {
    expect(actesNameOf('044-214400152----1-3_1.xml')).toEqual({
      department: '044',
      siren: '214400152',
      message: '1-3',
      index: '1',
    });
    expect(actesNameOf('034-491011698-20171207-A_1-DE-1-2.xml')).toMatchObject({
      message: '1-2',
      number: 'A_1',
    });
  });

  it.each([
    '044-214400152-20180905-4365-DE-4365-DE_0.xml',
    'metadata.xml',
    'EACT--491011698--20240229-1.xml',
  ])('may follow no rule: %s', (name) => {
    expect(actesNameOf(name)).toBeUndefined();
  });
});

const NAMESPACE = 'xmlns:a="http://www.interieur.gouv.fr/ACTES#v1.1-20040216"';

describe('a message of Actes', () => {
  it('takes its SIREN from the name of its file, where it has none', async () => {
    const xml = `<a:Acte ${NAMESPACE} a:Date="2024-02-29" a:NumeroInterne="X1" a:CodeNatureActe="4"><a:CodeMatiere1 a:CodeMatiere="1"/><a:Objet>test</a:Objet><a:Document><a:NomFichier>e&#769;t&#233;.pdf</a:NomFichier></a:Document><a:Annexes a:Nombre="2"><a:Annexe><a:NomFichier>b.pdf</a:NomFichier></a:Annexe></a:Annexes></a:Acte>`;
    const { fields, lists, issues } = await decoded(inMemory(xml, '02A-005520135-20240301-Y2-CC-1-1_0.xml'));
    // What the message says counts for more than its name.
    expect(fields).toMatchObject({ siren: '005520135', department: '02A', number: 'X1', date: '2024-02-29' });
    expect(lists).toEqual([
      { name: 'été.pdf', role: 'arrete' },
      { name: 'b.pdf', role: 'autre_document_attache' },
    ]);
    expect(issues.map(({ code, data }) => [code, data])).toEqual([
      ['COUNT_ODD', { field: 'Annexes/Nombre', said: '2', found: 1 }],
    ]);
  });

  it('needs its namespace where its name is a common word, and is read without it where it is not', async () => {
    const { decode } = await import('../decode.js');
    expect(await decode('<Acte/>')).toBeUndefined();
    expect(await decode('<x:Annulation xmlns:x="urn:other"/>')).toBeUndefined();
    const { kind, issues } = await decoded('<ARActe IDActe="034-491011698-20171207-A_1-DE"/>');
    expect(kind).toBe('ARActe');
    expect(issues.map(({ code }) => code)).toContain('NAMESPACE_ODD');
  });
});
