// Files of Helios as other programs write them: a prefix on every element, single quotes, another order, attachments that are
// folded, in CDATA, or not packed.
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import type { Envelope } from '@lanceur/adullact';
import { describe, expect, test } from 'vitest';
import { codes, decoder } from '../support/envelope.js';
import { PDF } from '../support/samples.js';

const decode = decoder();

async function decodeHelios(content: string | Buffer): Promise<Extract<Envelope, { type: 'helios' }>> {
  const envelope = await decode({ name: 'pes.xml', content });
  if (envelope.type !== 'helios') throw new Error(envelope.type);
  return envelope;
}

const HEAD = `<EnTetePES><LibelleColBud V='VILLE'/><CodBud V='A1'/><CodCol V='123'/><FinJur V='340000000'/><IdColl V='00552013500012'/><LibellePoste V='TRÉSORERIE'/><IdPost V='034000'/><DteStr V='2026-01-31'/></EnTetePES>
<Enveloppe><Recepteur><Sigle V='HELIOS'/></Recepteur><Emetteur><Adresse V='a@example.fr'/><Sigle V='LOGICIEL'/></Emetteur><Parametres><NomFic V='F&#233;1'/><TypFic V='PESALR2'/><Version V='2'/></Parametres></Enveloppe>`;

const HEADER = {
  fileType: 'PESALR2',
  fileName: 'Fé1',
  sender: 'LOGICIEL',
  senderAddress: 'a@example.fr',
  recipient: 'HELIOS',
  date: '2026-01-31',
  office: '034000',
  officeName: 'TRÉSORERIE',
  siret: '00552013500012',
  siren: '005520135',
  finess: '340000000',
  authorityCode: '123',
  budgetCode: 'A1',
  budgetName: 'VILLE',
};

/** A file with its root in the namespace, and the prefix on the root alone (`root`), on every element, or on none. */
function written(root: string, namespace: string, inner: string, prefix: 'root' | 'all' | 'none'): string {
  const xml = `<${root}>${HEAD}${inner}</${root}>`;
  const url = `http://www.minefi.gouv.fr/cp/helios/pes_v2/${namespace}`;
  const before = `<?xml version='1.0' encoding='UTF-8'?>\n<!-- <PES_Aller> --><?xml-stylesheet href='pes.xsl'?>\n`;
  if (prefix === 'none') return before + xml.replace(`<${root}`, `<${root} xmlns='${url}'`);
  const named = prefix === 'all' ? xml.replace(/<(\/?)(\w)/gu, '<$1p:$2') : xml.replaceAll(root, `p:${root}`);
  return before + named.replace(`<p:${root}`, `<p:${root} xmlns:p='${url}'`);
}

const PREFIXES = ['root', 'all', 'none'] as const;
const packed = (text: string) => gzipSync(PDF(text)).toString('base64');
const TIERS = `<Tiers><CpteBancaire><TitCpte V='D'/><IBAN V='FR7612'/><BIC V='BICFR'/></CpteBancaire><Adresse><Ville V='ARLES'/><CP V='13200'/><Adr2 V='rue'/></Adresse><InfoTiers><Prenom V='Zoé'/><Nom V='D&apos;ARC'/><NatJur V='03'/><CatTiers V='20'/><RefTiers V='R'/><NatIdTiers V='01'/><IdTiers V='00552013500012'/></InfoTiers></Tiers>`;
const THIRD_PARTY = {
  name: "D'ARC",
  firstName: 'Zoé',
  id: '00552013500012',
  idNature: '01',
  reference: 'R',
  category: '20',
  legalNature: '03',
  address: ['rue'],
  postalCode: '13200',
  city: 'ARLES',
  iban: 'FR7612',
  bic: 'BICFR',
};

describe.each(PREFIXES)('a PES_Aller with a prefix on: %s', (prefix) => {
  test('says its mandats, and hands over its attachments', async () => {
    const xml = written(
      'PES_Aller',
      'Rev0/aller',
      `<PES_PJ>
<PJ><TypePJ V='003'/><NomPJ V='facture n° 1.pdf'/><IdUnique V='PJ1'/><Description V='d'/><Contenu><Fichier MIMEType='application/pdf'>
   ${packed('un').replace(/(.{20})/gu, '$1\r\n   ')}
</Fichier></Contenu></PJ>
<PJ><Contenu><Fichier MIMEType='application/pdf'>${PDF('deux').toString('base64')}</Fichier></Contenu><IdUnique V='PJ2'/><NomPJ V='sans gzip.pdf'/></PJ>
<EnTetePES_PJ><IdVer V='1'/></EnTetePES_PJ></PES_PJ>
<PES_DepenseAller><EnTeteDepense><IdVer V='2'/></EnTeteDepense><Bordereau>
<Piece><LigneDePiece>${TIERS}<BlocLignePiece><LiensIdent><IdMarche V='M1'/></LiensIdent><InfoLignePce><MtTVA V='0'/><MtHT V='1234.50'/><ModRegl V='03'/><LibVir2 V='L2'/><LibVir1 V='L1'/><Facture V='FA1'/><Fonction V='020'/><Nature V='60611'/><IdLigne V='1'/></InfoLignePce></BlocLignePiece></LigneDePiece>
<BlocPiece><InfoPce><PJRef><IdUnique V='PJ1'/><Support V='01'/></PJRef><PJRef><Support V='02'/><IdUnique V='PAPIER'/></PJRef><Obj V='eau &amp; gaz &lt;A&gt;'/><NatPce V='01'/><TypPce V='01'/><IdPce V='77'/></InfoPce></BlocPiece></Piece>
<BlocBordereau><MtBordTVA V='0'/><MtBordHT V='1234.50'/><NbrPce V='1'/><TypBord V='01'/><DteBordEm V='2026-01-30'/><IdBord V='0000012'/><Exer V='2026'/></BlocBordereau></Bordereau></PES_DepenseAller>`,
      prefix,
    );
    const envelope = await decodeHelios(xml);
    expect([envelope.kind, codes(envelope)]).toEqual(['PES_Aller', []]);
    const references = [
      { medium: '01', id: 'PJ1' },
      { medium: '02', id: 'PAPIER' },
    ];
    expect(envelope.fields).toEqual({
      ...HEADER,
      bordereaux: [
        {
          flow: 'depense',
          exercise: '2026',
          number: '0000012',
          date: '2026-01-30',
          type: '01',
          pieceCount: '1',
          amountExclTax: '1234.50',
          taxAmount: '0',
          signed: false,
          pieces: [
            {
              number: '77',
              type: '01',
              nature: '01',
              subject: 'eau & gaz <A>',
              lines: [
                {
                  number: '1',
                  account: '60611',
                  function: '020',
                  label: 'L1 L2',
                  invoiceNumber: 'FA1',
                  contractNumber: 'M1',
                  paymentMode: '03',
                  amountExclTax: '1234.50',
                  taxAmount: '0',
                  references: [],
                  thirdParties: [THIRD_PARTY],
                },
              ],
              references,
            },
          ],
        },
      ],
      bills: [],
      contracts: [],
      attachments: [
        {
          id: 'PJ1',
          name: 'facture n° 1.pdf',
          type: '003',
          description: 'd',
          mediaType: 'application/pdf',
          document: 'facture n° 1.pdf',
        },
        { id: 'PJ2', name: 'sans gzip.pdf', mediaType: 'application/pdf', document: 'sans gzip.pdf' },
      ],
      references,
      signed: false,
    });
    const contents: Buffer[] = [];
    for (const { role, open } of envelope.documents)
      if (role === 'attachment') contents.push(await buffer(open()));
    expect(contents).toEqual([PDF('un'), PDF('deux')]);
  });

  test('says its titres, its bills and its contracts', async () => {
    const envelope = await decodeHelios(
      written(
        'PES_Aller',
        'Rev0/aller',
        `<PES_Marche><Marches><Marche><Operateurs><Titulaire><DenominationSociale V='T'/><IdTitulaire V='2'/></Titulaire></Operateurs><DateNotification V='2026-01-05'/><MontantHTNotifie V='10'/><CodeCPV V='45000000'/><Objet V='route'/><Acheteurs><Acheteur><NomAcheteur V='A'/><IdAcheteur V='1'/></Acheteur></Acheteurs><IdentifiantMarche><NumeroOrdreModification V='0'/><IdContrat V='C1'/></IdentifiantMarche></Marche></Marches></PES_Marche>
<PES_Facture><FactureIndiv><TotalAPayer><MtTotalTTC V='3'/><MtTotalTVA V='1'/><MtTotalHT V='2'/></TotalAPayer><Objet V='eau'/>${TIERS.replaceAll('Tiers>', 'Debiteur>').replaceAll('InfoDebiteur', 'InfoTiers')}<NumeroFacture V='F1'/><DateEmission V='2026-01-03'/></FactureIndiv><Date V='2026-01-02'/><TypeFact V='01'/><NumSequence V='1'/><Annee V='2026'/></PES_Facture>
<PES_RecetteAller><Bordereau><BlocBordereau><Exer V='2026'/><IdBord V='3'/><DteBordEm V='2026-01-30'/><TypBord V='01'/><NbrPce V='1'/><MtBordHt V='10.00'/><Objet V='cantine'/></BlocBordereau><Piece><BlocPiece><IdPce V='9'/><TypPce V='01'/><NatPce V='01'/><DteEch V='2026-03-01'/><ObjPce V='repas'/><NumeroFacture V='F9'/><NumeroMarche V='MM'/><NumeroEngagement V='EE'/></BlocPiece><LigneDePiece><BlocLignePiece><InfoLignePiece><IdLigne V='1'/><ObjLignePce V='janvier'/><Nature V='7067'/><MtHT V='10.00'/></InfoLignePiece></BlocLignePiece>${TIERS}</LigneDePiece></Piece></Bordereau></PES_RecetteAller>`,
        prefix,
      ),
    );
    expect(codes(envelope)).toEqual([]);
    expect(envelope.fields).toEqual({
      ...HEADER,
      bordereaux: [
        {
          flow: 'recette',
          exercise: '2026',
          number: '3',
          date: '2026-01-30',
          type: '01',
          subject: 'cantine',
          pieceCount: '1',
          amountExclTax: '10.00',
          signed: false,
          pieces: [
            {
              number: '9',
              type: '01',
              nature: '01',
              subject: 'repas',
              dueDate: '2026-03-01',
              invoiceNumber: 'F9',
              contractNumber: 'MM',
              commitmentNumber: 'EE',
              lines: [
                {
                  number: '1',
                  account: '7067',
                  label: 'janvier',
                  amountExclTax: '10.00',
                  references: [],
                  thirdParties: [THIRD_PARTY],
                },
              ],
              references: [],
            },
          ],
        },
      ],
      bills: [
        {
          year: '2026',
          sequence: '1',
          type: '01',
          date: '2026-01-02',
          bills: [
            {
              number: 'F1',
              date: '2026-01-03',
              subject: 'eau',
              debtor: THIRD_PARTY,
              amountExclTax: '2',
              taxAmount: '1',
              amountInclTax: '3',
            },
          ],
        },
      ],
      contracts: [
        {
          kind: 'marche',
          id: 'C1',
          modification: '0',
          subject: 'route',
          cpv: '45000000',
          amountExclTax: '10',
          date: '2026-01-05',
          buyers: [{ id: '1', name: 'A' }],
          holders: [{ id: '2', name: 'T' }],
        },
      ],
      attachments: [],
      references: [],
      signed: false,
    });
  });
});

test.each(PREFIXES)(
  'a PES_ACQUIT says what was refused, piece and line, with a prefix on: %s',
  async (prefix) => {
    const envelope = await decodeHelios(
      written(
        'PES_ACQUIT',
        'Rev0/retour/v2',
        `<ACQUIT><ElementACQUIT><DetailPiece><DetailLigne><Erreur><LibelleAnoAck V='ligne'/><NumAnoAck V='102'/></Erreur><NumLigne V='1'/></DetailLigne><NumPiece V='77'/><Erreur><NumAnoAck V='101'/><LibelleAnoAck V='Tiers inconnu'/></Erreur></DetailPiece><NumBord V='12'/><ExerciceBord V='2026'/><EtatAck V='0'/><DomaineAck V='5'/></ElementACQUIT>
<ElementACQUIT><DomaineAck V='4'/><EtatAck V='1'/><IdUnique V='PJ1'/></ElementACQUIT></ACQUIT>`,
        prefix,
      ),
    );
    expect([envelope.kind, codes(envelope)]).toEqual(['PES_ACQUIT', []]);
    expect(envelope.fields).toEqual({
      ...HEADER,
      accepted: false,
      elements: [
        {
          domain: '5',
          accepted: false,
          exercise: '2026',
          bordereau: '12',
          errors: [
            { piece: '77', code: '101', message: 'Tiers inconnu' },
            { piece: '77', line: '1', code: '102', message: 'ligne' },
          ],
        },
        { domain: '4', accepted: true, attachmentId: 'PJ1', errors: [] },
      ],
    });
  },
);

test('a PES_ACQUIT without any element has accepted nothing, and says what is missing', async () => {
  const envelope = await decodeHelios(written('PES_ACQUIT', 'Rev0/retour/v2', '<ACQUIT/>', 'root'));
  expect(envelope.attributes['accepted']).toBe('false');
  expect(codes(envelope)).toEqual(['FIELD_MISSING']);
});

test.each(PREFIXES)('a PES_Retour says what became of its pieces, with a prefix on: %s', async (prefix) => {
  const envelope = await decodeHelios(
    written(
      'PES_Retour',
      'Rev0/retour',
      `<PES_DepenseRetour><Bordereau><Piece><BlocPiece><InfoPce><DtePcePec V='2026-02-01'/><EtatPce V='01'/><IdPce V='77'/></InfoPce></BlocPiece></Piece><BlocBordereau><DtePec V='2026-02-01'/><IdBord V='12'/><Exer V='2026'/></BlocBordereau></Bordereau><EnTeteDepense><NatInf V='01'/><TypRestit V='DR'/></EnTeteDepense></PES_DepenseRetour>`,
      prefix,
    ),
  );
  expect([envelope.kind, codes(envelope)]).toEqual(['PES_Retour', []]);
  expect(envelope.fields).toEqual({
    ...HEADER,
    restitution: 'DR',
    information: '01',
    bordereaux: [
      {
        flow: 'depense',
        exercise: '2026',
        number: '12',
        date: '2026-02-01',
        signed: false,
        pieces: [{ number: '77', state: '01', acceptedOn: '2026-02-01', lines: [], references: [] }],
      },
    ],
    clients: [],
  });
});
