import { describe, expect, it } from 'vitest';
import { bytesOf, decoded, useFolder } from '../decode.js';
import { pesAllerWith } from '../xml/samples.js';

useFolder();

function withReferences(pes: string, ...references: readonly (readonly [string, string])[]): string {
  const refs = references.map(
    ([id, medium]) => `<PJRef><Support V="${medium}"/><IdUnique V="${id}"/><NomPJ V="${id}.pdf"/></PJRef>`,
  );
  const bordereau = `<Bordereau><BlocBordereau><Exer V="2024"/><IdBord V="1"/><TypBord V="01"/><NbrPce V="2"/></BlocBordereau><Piece><BlocPiece><IdPce V="7"/>${refs.join('')}</BlocPiece></Piece></Bordereau>`;
  return pes.replace('<PES_PJ>', `<PES_DepenseAller>${bordereau}</PES_DepenseAller><PES_PJ>`);
}

describe('a PES', () => {
  it('says which attachments it refers to and does not hold: the electronic ones, each once', async () => {
    const pes = pesAllerWith([{ name: 'a.pdf', base64: 'QUJD' }]);
    const { fields, issues } = await decoded(
      withReferences(pes, ['ID0', '01'], ['gone', '01'], ['gone', '01'], ['on paper', '02'], ['disc', '03']),
    );
    expect('references' in fields && fields.references).toHaveLength(5);
    expect(issues.map(({ code, data }) => [code, data])).toEqual([
      ['REFERENCE_WITHOUT_ATTACHMENT', { id: 'gone' }],
      ['FIELD_MISSING', { field: 'BlocPiece/InfoPce' }],
      ['COUNT_ODD', { field: 'BlocBordereau/NbrPce', said: '2', found: 1 }],
    ]);
    // Some write no InfoPce: what should stand in it is read all the same.
    expect(fields).toMatchObject({ bordereaux: [{ pieces: [{ number: '7' }] }] });
  });

  it('hands over two attachments of one name and one number as two', async () => {
    const pes = pesAllerWith([
      { name: 'a.pdf', base64: 'QUJD' },
      { name: 'a.pdf', base64: 'REVG' },
    ]).replace('ID1', 'ID0');
    const { documents, fields, issues } = await decoded(pes);
    const contents = await Promise.all(documents.map(async (d) => [d.name, (await bytesOf(d)).toString()]));
    expect(contents).toEqual([
      ['a.pdf', 'ABC'],
      ['a (2).pdf', 'DEF'],
    ]);
    expect(fields).toMatchObject({ attachments: [{ document: 'a.pdf' }, { document: 'a (2).pdf' }] });
    expect(issues.map(({ code }) => code).sort()).toEqual(['ATTACHMENT_RENAMED', 'ATTACHMENT_REPEATED']);
  });

  it('tells each oddity twenty times at most', async () => {
    const pieces = '<Piece><BlocPiece><InfoPce><IdPce V="x"/></InfoPce></BlocPiece></Piece>'.repeat(500);
    const pes = pesAllerWith([]).replace(
      '<PES_PJ>',
      `<PES_DepenseAller><Bordereau><BlocBordereau><Exer V="2024"/><IdBord V="1"/></BlocBordereau>${pieces}</Bordereau></PES_DepenseAller><PES_PJ>`,
    );
    const { fields, issues } = await decoded(pes);
    expect('bordereaux' in fields && fields.bordereaux[0]).toMatchObject({ pieces: { length: 500 } });
    expect(issues).toHaveLength(20);
  });
});

describe('a PES_ACQUIT of the first version', () => {
  it('has its errors in the elements themselves', async () => {
    const { fields } = await decoded(
      '<n:PES_ACQUIT xmlns:n="http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/retour"><ACQUIT><ElementACQUIT><DomaineAck V="5"/><EtatAck V="0"/><NumBord V="12"/><NumPiece V="3"/><NumLigne V="1"/><NumAnoAck V="ERREUR_AUTRE"/><LibelleAnoAck V="1963"/></ElementACQUIT></ACQUIT></n:PES_ACQUIT>',
    );
    expect(fields).toMatchObject({
      accepted: false,
      elements: [
        {
          bordereau: '12',
          accepted: false,
          errors: [{ piece: '3', line: '1', code: 'ERREUR_AUTRE', message: '1963' }],
        },
      ],
    });
  });
});
