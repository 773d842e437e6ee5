// Messages of Actes as other programs write them, and archives in both directions.
import type { Envelope } from '@lanceur/adullact';
import { describe, expect, test } from 'vitest';
import { codes, decoder, named, roles } from '../support/envelope.js';
import { acteXml, enveloppeXml } from '../support/samples.js';
import { tarGzOf } from '../support/tar.js';

const decode = decoder();

const NS = 'http://www.interieur.gouv.fr/ACTES#v1.1-20040216';
const ID = '02A-210600235-20180522-684-AI';

async function decodeActes(
  name: string,
  content: string | Buffer,
): Promise<Extract<Envelope, { type: 'acte_nature' }>> {
  const envelope = await decode({ name, content });
  if (envelope.type !== 'acte_nature') throw new Error(envelope.type);
  return envelope;
}

const kindOf = (xml: string) => /^<(\w+)/u.exec(xml)?.[1] ?? '';

/** With the namespace as the default one, and attributes without a prefix; or with a prefix of its own. */
function written(xml: string, prefix: string): string {
  if (prefix === '') return xml.replace(/^<(\w+)/u, `<!-- x --><?pi x?><$1 xmlns='${NS}'`);
  return xml
    .replace(/<(\/?)(\w)/gu, `<$1${prefix}:$2`)
    .replace(/ (\w+)=/gu, ` ${prefix}:$1=`)
    .replace(/^<([\w:]+)/u, `<?xml version='1.0'?>\n<$1 xmlns:${prefix}='${NS}'`);
}

test('an act without prefixes, with CDATA, in ISO-8859-1, says what it says and what its name says', async () => {
  const xml = `<?xml version='1.0' encoding='ISO-8859-1'?>
<Acte xmlns='${NS}' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='${NS} actesv1_1.xsd'
  NumeroInterne='CL20171227_06' CodeNatureActe='1' Date='2017-12-07'>
  <Ajout><Objet>pas l'objet</Objet></Ajout>
  <Annexes Nombre='02'><Annexe><Signature>x</Signature><NomFichier>b.pdf</NomFichier></Annexe><Annexe><NomFichier>c.pdf</NomFichier></Annexe></Annexes>
  <Document><Signature>x</Signature><NomFichier>99_DE-034-491011698-20171207-CL20171227_06-DE-1-1_1.pdf</NomFichier></Document>
  <ClassificationDateVersion>2015-03-04+01:00</ClassificationDateVersion>
  <Objet><![CDATA[Acquisition d'un terrain & bâti <A>]]></Objet>
  <CodeMatiere2 CodeMatiere='2'/><CodeMatiere1 CodeMatiere='3'/>
</Acte>`;
  const envelope = await decodeActes(
    '034-491011698-20171207-CL20171227_06-DE-1-1_0.xml',
    Buffer.from(xml, 'latin1'),
  );
  expect(envelope.kind).toBe('Acte');
  expect(envelope.fields).toEqual({
    department: '034',
    siren: '491011698',
    date: '2017-12-07',
    number: 'CL20171227_06',
    natureAbbreviation: 'DE',
    act: {
      number: 'CL20171227_06',
      date: '2017-12-07',
      nature: '1',
      subject: "Acquisition d'un terrain & bâti <A>",
      matters: ['3', '2'],
      matter: '3.2',
      classificationDate: '2015-03-04+01:00',
      document: '99_DE-034-491011698-20171207-CL20171227_06-DE-1-1_1.pdf',
      annexes: ['b.pdf', 'c.pdf'],
    },
  });
  expect(codes(envelope)).toEqual(['LISTED_MISSING', 'LISTED_MISSING', 'LISTED_MISSING']);
});

const REFERENCE = {
  actId: ID,
  department: '02A',
  siren: '210600235',
  date: '2018-05-22',
  number: '684',
  natureAbbreviation: 'AI',
};
const LETTER = `IDActe='${ID}' DateCourrierPref='2018-06-01'`;
const DOCUMENT = '<Document><NomFichier>l.pdf</NomFichier></Document>';
const RECEIPT = `<InfosCourrierPref ${LETTER}/>`;

describe('a message about an act', () => {
  const letters: readonly (readonly [string, object])[] = [
    [`<CourrierSimple ${LETTER}>${DOCUMENT}</CourrierSimple>`, { documents: ['l.pdf'] }],
    [`<ReponseCourrierSimple ${LETTER}>${DOCUMENT}</ReponseCourrierSimple>`, { documents: ['l.pdf'] }],
    [
      `<DemandePieceComplementaire ${LETTER}>${DOCUMENT}<DescriptionPieces>plans</DescriptionPieces></DemandePieceComplementaire>`,
      { documents: ['l.pdf'], description: 'plans' },
    ],
    [`<ARDemandePieceComplementaire ${LETTER}></ARDemandePieceComplementaire>`, { documents: [] }],
    [`<RefusPieceComplementaire ${LETTER}>${DOCUMENT}</RefusPieceComplementaire>`, { documents: ['l.pdf'] }],
    [
      `<PieceComplementaire ${LETTER}><Documents>${DOCUMENT}<Document><NomFichier>m.pdf</NomFichier></Document></Documents></PieceComplementaire>`,
      { documents: ['l.pdf', 'm.pdf'] },
    ],
    [
      `<ARPieceComplementaire DateReception='2018-06-02'>${RECEIPT}</ARPieceComplementaire>`,
      { documents: [], receptionDate: '2018-06-02' },
    ],
    [
      `<LettreObservations ${LETTER}><Motif>illégal</Motif>${DOCUMENT}</LettreObservations>`,
      { documents: ['l.pdf'], motive: 'illégal' },
    ],
    [`<ARLettreObservations ${LETTER}></ARLettreObservations>`, { documents: [] }],
    [`<RejetLettreObservations ${LETTER}>${DOCUMENT}</RejetLettreObservations>`, { documents: ['l.pdf'] }],
    [
      `<ReponseLettreObservations ${LETTER}>${DOCUMENT}</ReponseLettreObservations>`,
      { documents: ['l.pdf'] },
    ],
    [
      `<ARReponseRejetLettreObservations DateReception='2018-06-02'>${RECEIPT}</ARReponseRejetLettreObservations>`,
      { documents: [], receptionDate: '2018-06-02' },
    ],
  ];
  test.each(letters.map(([xml, expected]) => [kindOf(xml), xml, expected] as const))(
    'of the kind %s',
    async (kind, xml, expected) => {
      for (const prefix of ['', 'a']) {
        const envelope = await decodeActes('message.xml', written(xml, prefix));
        expect(envelope.kind).toBe(kind);
        expect(envelope.fields).toEqual({ ...REFERENCE, letterDate: '2018-06-01', ...expected });
      }
    },
  );

  const others: readonly (readonly [string, object])[] = [
    [
      `<DefereTA IDActe='${ID}'><PiecesJointes><PieceJointe><NomFichier>r.pdf</NomFichier></PieceJointe></PiecesJointes><NatureIllegalite>vice</NatureIllegalite><DateDepot>2018-06-02</DateDepot></DefereTA>`,
      { ...REFERENCE, filingDate: '2018-06-02', illegality: 'vice', documents: ['r.pdf'] },
    ],
    [`<Annulation IDActe='${ID}'></Annulation>`, REFERENCE],
    [
      `<ARAnnulation DateReception='2018-06-02' IDActe='${ID}'></ARAnnulation>`,
      { ...REFERENCE, receptionDate: '2018-06-02' },
    ],
    [
      '<DemandeClassification><DateClassification>2018-06-02</DateClassification></DemandeClassification>',
      { classificationDate: '2018-06-02' },
    ],
    [
      '<ReponseClassificationSansChangement><DateClassification>2018-06-02</DateClassification></ReponseClassificationSansChangement>',
      { classificationDate: '2018-06-02' },
    ],
  ];
  test.each(others.map(([xml, expected]) => [kindOf(xml), xml, expected] as const))(
    'of the kind %s, without a letter',
    async (_, xml, expected) => {
      for (const prefix of ['', 'a'])
        expect((await decodeActes('message.xml', written(xml, prefix))).fields).toEqual(expected);
    },
  );
});

describe('an @ctes archive', () => {
  test('from a prefecture, with folders and a foreign order, is its letter and what goes with it', async () => {
    const letter = '006-210600235-20180522-684-AI-2-1_0.xml';
    const pdf = '006-210600235-20180522-684-AI-2-1_1.pdf';
    const envelope = await decode({
      name: 'SIC-EACT--SPREF0061-210600235-20180601-1.tar.gz',
      content: tarGzOf([
        { name: './', type: '5' },
        { name: `./${pdf}`, content: named(pdf).content },
        {
          name: `./${letter}`,
          content: written(
            `<CourrierSimple ${LETTER}><Document><NomFichier>${pdf}</NomFichier></Document></CourrierSimple>`,
            'ns7',
          ),
        },
        {
          name: './EACT--SPREF0061-210600235-20180601-1.xml',
          content: `<EnveloppeMISILLCL xmlns='${NS}' xmlns:i='http://xml.insee.fr/schema'><FormulairesEnvoyes><Formulaire><NomFichier>${letter}</NomFichier></Formulaire></FormulairesEnvoyes><Destinataire i:SIREN='210600235'/><Emetteur><Referent><Nom>Bureau</Nom></Referent><IDSousPref Departement='006' Arrondissement='1'/></Emetteur></EnveloppeMISILLCL>`,
        },
      ]),
    });
    expect([envelope.type, envelope.kind, envelope.shape]).toEqual([
      'acte_nature',
      'CourrierSimple',
      'archive',
    ]);
    expect(roles(envelope)).toEqual({
      [letter]: 'message',
      [pdf]: 'document',
      'EACT--SPREF0061-210600235-20180601-1.xml': 'envelope',
    });
    expect(envelope.messages.map(({ kind, fields }) => [kind, fields])[1]).toEqual([
      'EnveloppeMISILLCL',
      {
        siren: '210600235',
        office: 'IDSousPref',
        department: '006',
        arrondissement: '1',
        contact: { name: 'Bureau' },
        messages: [letter],
      },
    ]);
    expect(codes(envelope)).toEqual([]);
  });

  test('to a prefecture, of two acts, has both of them', async () => {
    const files = ['A', 'B'].map((number) => ({
      xml: `034-005520135-20260131-${number}-DE-1-1_0.xml`,
      pdf: `99_DE-034-005520135-20260131-${number}-DE-1-1_1.pdf`,
      number,
    }));
    const envelope = await decode({
      name: 'TACT-EACT--005520135--20260131-2.tar.gz',
      content: tarGzOf([
        {
          name: 'EACT--005520135--20260131-2.xml',
          content: enveloppeXml(files.map(({ xml }) => xml)),
        },
        ...files.flatMap(({ xml, pdf, number }) => [
          { name: xml, content: acteXml(number, pdf) },
          { name: pdf, content: named(pdf).content as Buffer },
        ]),
      ]),
    });
    expect(envelope.messages.map(({ kind, attributes }) => [kind, attributes['number']])).toEqual([
      ['Acte', 'A'],
      ['Acte', 'B'],
      ['EnveloppeCLMISILL', undefined],
    ]);
    expect(Object.values(roles(envelope)).sort()).toEqual(['act', 'act', 'envelope', 'message', 'message']);
    expect(codes(envelope)).toEqual([]);
  });
});
