import { gzipSync } from 'node:zlib';
import type { HeliosKind } from '@lanceur/adullact';
import type { Draw } from './draw.js';
import type { Generated } from './generated.js';
import { tag, v, type Content } from './markup.js';
import { returned, RETURNED_KINDS } from './returned.js';

const NAMESPACE = 'http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0';
const SCHEMAS = 'helios/xsd_v5.12/PES_V2';

/** A file of Helios that fits its schema. PES_ACQUIT_RETOUR has no sample anywhere, and is made by its schema alone. */
export function helios(kind: HeliosKind, draw: Draw): Generated {
  switch (kind) {
    case 'PES_Aller':
      return aller(draw);
    case 'PES_ACQUIT':
      return acquit(draw);
    case 'PES_Retour':
      return retour(draw);
    case 'PES_ACQUIT_RETOUR':
      return acquitRetour(draw);
    default:
      return returned(kind, draw);
  }
}

export const HELIOS_KINDS: readonly HeliosKind[] = [
  'PES_Aller',
  'PES_ACQUIT',
  'PES_Retour',
  'PES_ACQUIT_RETOUR',
  ...RETURNED_KINDS,
];

function header(draw: Draw, column: 'CodCol' | 'CodColl' = 'CodCol') {
  const fields = {
    fileType: draw.pick(['PESALR2', 'PESALR1']),
    fileName: draw.text(60),
    sender: draw.text(32),
    senderAddress: draw.text(38),
    date: draw.date(),
    office: draw.pick(['034000', '02A123', '0340001']),
    siret: draw.digits(14),
    authorityCode: draw.code(1, 999, 3),
    budgetCode: draw.pick(['00', 'A1', '12']),
    budgetName: draw.text(38),
  };
  const content = [
    tag(
      'Enveloppe',
      {},
      tag('Parametres', {}, v('Version', '2'), v('TypFic', fields.fileType), v('NomFic', fields.fileName)),
      tag('Emetteur', {}, v('Sigle', fields.sender), v('Adresse', fields.senderAddress)),
    ),
    tag(
      'EnTetePES',
      {},
      v('DteStr', fields.date),
      v('IdPost', fields.office),
      v('IdColl', fields.siret),
      v(column, fields.authorityCode),
      v('CodBud', fields.budgetCode),
      v('LibelleColBud', fields.budgetName),
    ),
  ];
  return { content, fields: { ...fields, siren: fields.siret.slice(0, 9) } };
}

interface Attachment {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly bytes: Buffer;
  readonly packed: boolean;
}

function aller(draw: Draw): Generated {
  const head = header(draw);
  const names = new Set<string>();
  const attachments: readonly Attachment[] = draw
    .list(0, 5, (i) => ({
      id: `${draw.letters(20)}${String(i)}`,
      name: draw.fileName(),
      type: draw.code(1, 13, 3),
      description: draw.text(250),
      bytes: draw.bytes(3000),
      packed: draw.chance(80),
    }))
    // Names that differ in letter case alone are numbered: another test's matter.
    .filter(({ name }) => !names.has(name.toLowerCase()) && names.add(name.toLowerCase()));
  const references = attachments.map(({ id, name }) => ({ medium: '01', id, name }));
  const depense = draw.list(0, 3, () => bordereau(draw, 'depense', references));
  const recette = draw.list(depense.length === 0 ? 1 : 0, 2, () => bordereau(draw, 'recette', references));
  const bills = draw.maybe(() => billRun(draw));
  const contracts = draw.maybe(() => [marche(draw), concession(draw)]);
  const xml = tag(
    'n:PES_Aller',
    { 'xmlns:n': `${NAMESPACE}/aller` },
    head.content,
    depense.length > 0
      ? tag(
          'PES_DepenseAller',
          {},
          tag('EnTeteDepense', {}, v('IdVer', '2')),
          depense.map((b) => b.content),
        )
      : undefined,
    recette.length > 0
      ? tag(
          'PES_RecetteAller',
          {},
          tag('EnTeteRecette', {}, v('IdVer', '2')),
          recette.map((b) => b.content),
        )
      : undefined,
    bills?.content,
    contracts &&
      tag(
        'PES_Marche',
        {},
        tag('EnTeteMarche', {}, v('IdVer', '1')),
        tag('Marches', {}, contracts[0]?.content),
        tag('Concessions', {}, contracts[1]?.content),
      ),
    tag(
      'PES_PJ',
      {},
      tag('EnTetePES_PJ', {}, v('IdVer', '1')),
      attachments.map((a) => attachmentTag(a, draw)),
    ),
  );
  return {
    name: `${draw.letters(8)}.xml`,
    kind: 'PES_Aller',
    xml,
    fields: {
      ...head.fields,
      bordereaux: [...depense, ...recette].map((b) => b.fields),
      bills: bills === undefined ? [] : [bills.fields],
      contracts: (contracts ?? []).map((c) => c.fields),
      attachments: attachments.map(({ id, name, type, description }) => ({
        id,
        name,
        type,
        description,
        document: name,
      })),
    },
    files: attachments,
    schema: `${SCHEMAS}/Rev0/PES_Aller.xsd`,
  };
}

function attachmentTag({ id, name, type, description, bytes, packed }: Attachment, draw: Draw): string {
  const base64 = (packed ? gzipSync(bytes) : bytes).toString('base64');
  const written = draw.chance(30) ? base64.replace(/.{76}/gu, '$&\n') : base64;
  return tag(
    'PJ',
    {},
    tag('Contenu', {}, tag('Fichier', { MIMEType: 'application/pdf' }, written)),
    v('IdUnique', id),
    v('NomPJ', name),
    v('TypePJ', type),
    v('Description', description),
  );
}

interface Reference {
  readonly medium: string;
  readonly id: string;
  readonly name: string;
}

function bordereau(draw: Draw, flow: 'depense' | 'recette', known: readonly Reference[]) {
  const pieces = draw.list(1, 3, () => piece(draw, flow, known));
  const fields = {
    flow,
    exercise: String(draw.between(2010, 2030)),
    number: String(draw.between(1, 9_999_999)),
    date: draw.date(),
    type: draw.code(1, 4),
    pieceCount: String(pieces.length),
    cumulativeAmount: draw.amount(),
    amountExclTax: draw.amount(),
  };
  const content = tag(
    'Bordereau',
    {},
    tag(
      'BlocBordereau',
      {},
      v('Exer', fields.exercise),
      v('IdBord', fields.number),
      v('DteBordEm', fields.date),
      v('TypBord', fields.type),
      v('NbrPce', fields.pieceCount),
      v('MtCumulAnnuel', fields.cumulativeAmount),
      v(flow === 'depense' ? 'MtBordHT' : 'MtBordHt', fields.amountExclTax),
    ),
    pieces.map((p) => p.content),
  );
  return { content, fields: { ...fields, signed: false, pieces: pieces.map((p) => p.fields) } };
}

function piece(draw: Draw, flow: 'depense' | 'recette', known: readonly Reference[]) {
  const references = known.filter(() => draw.chance(30));
  const fields = {
    number: String(draw.between(1, 99_999_999)),
    type: draw.code(1, 12),
    nature: draw.code(1, 11),
    subject: draw.text(100),
  };
  const refs = references.map((r) =>
    tag('PJRef', {}, v('Support', r.medium), v('IdUnique', r.id), v('NomPJ', r.name)),
  );
  const info = [v('IdPce', fields.number), v('TypPce', fields.type), v('NatPce', fields.nature)];
  const lines = draw.list(1, 3, (i) => line(draw, flow, i));
  const block =
    flow === 'depense'
      ? tag('InfoPce', {}, info, v('Obj', fields.subject), refs)
      : [info, v('ObjPce', fields.subject), refs];
  return {
    content: tag(
      'Piece',
      {},
      tag('BlocPiece', {}, block),
      lines.map((l) => l.content),
    ),
    fields: { ...fields, references, lines: lines.map((l) => l.fields) },
  };
}

function line(draw: Draw, flow: 'depense' | 'recette', i: number) {
  const fields = {
    number: String(i + 1),
    account: draw.digits(8),
    amountExclTax: draw.amount(),
    taxAmount: draw.amount(),
  };
  const label = draw.text(70);
  const contractNumber = draw.maybe(() => draw.letters(12));
  const third = thirdParty(draw, flow);
  const info =
    flow === 'depense'
      ? tag(
          'InfoLignePce',
          {},
          v('IdLigne', fields.number),
          v('Nature', fields.account),
          v('LibVir1', label),
          v('TVAIntraCom', '0'),
          v('MtHT', fields.amountExclTax),
          v('MtTVA', fields.taxAmount),
        )
      : tag(
          'InfoLignePiece',
          {},
          v('IdLigne', fields.number),
          v('ObjLignePce', label),
          v('CodProdLoc', 'AB12'),
          v('Nature', fields.account),
          v('Majo', '0'),
          v('TvaIntraCom', '0'),
          v('MtHT', fields.amountExclTax),
          v('MtTVA', fields.taxAmount),
        );
  const links = contractNumber && tag('LiensIdent', {}, v('IdMarche', contractNumber));
  return {
    content: tag('LigneDePiece', {}, tag('BlocLignePiece', {}, info, links), third.content),
    fields: { ...fields, label, ...(contractNumber && { contractNumber }), thirdParties: [third.fields] },
  };
}

function thirdParty(draw: Draw, flow: 'depense' | 'recette' | 'facture') {
  const fields = {
    id: draw.digits(14),
    idNature: '01',
    category: '50',
    legalNature: '03',
    name: draw.text(38),
    nameComplement: draw.text(38),
    address: [draw.text(38)],
    postalCode: draw.digits(5),
    city: draw.text(38),
  };
  const content: Content = [
    tag(
      'InfoTiers',
      {},
      v('IdTiers', fields.id),
      v('NatIdTiers', fields.idNature),
      v('CatTiers', fields.category),
      v('NatJur', fields.legalNature),
      flow === 'depense' ? undefined : v('TypTiers', '01'),
      v('Nom', fields.name),
      v('ComplNom', fields.nameComplement),
    ),
    tag(
      'Adresse',
      {},
      v('TypAdr', '1'),
      v('Adr2', fields.address[0]),
      v('CP', fields.postalCode),
      v('Ville', fields.city),
      v('CodRes', '0'),
    ),
  ];
  return { content: flow === 'facture' ? content : tag('Tiers', {}, content), fields };
}

function billRun(draw: Draw) {
  const fields = {
    year: String(draw.between(2010, 2030)),
    sequence: draw.code(1, 9999, 4),
    type: '01',
    date: draw.date(),
  };
  const bills = draw.list(1, 3, () => {
    const debtor = thirdParty(draw, 'facture');
    const bill = {
      number: draw.text(50),
      date: draw.date(),
      subject: draw.text(160),
      amountExclTax: draw.amount(),
      taxAmount: draw.amount(),
      amountInclTax: draw.amount(),
    };
    const content = tag(
      'FactureIndiv',
      {},
      v('DateEmission', bill.date),
      v('NumeroFacture', bill.number),
      tag('Debiteur', {}, debtor.content),
      v('Objet', bill.subject),
      tag(
        'LigneFacture',
        {},
        v('Date', bill.date),
        v('Libelle', draw.text(30)),
        v('MtBase', draw.amount()),
        v('MtHT', draw.amount()),
        v('TauxTVA', '20'),
        v('MtTVA', draw.amount()),
        v('MtTTC', draw.amount()),
        v('Ordre', '1'),
      ),
      tag(
        'TotalAPayer',
        {},
        v('MtTotalHT', bill.amountExclTax),
        v('MtTotalTVA', bill.taxAmount),
        v('MtTotalTTC', bill.amountInclTax),
      ),
      v('ModalitesReglement', draw.text(40)),
      v('ConditionsGen', draw.text(40)),
    );
    return { content, fields: { ...bill, debtor: debtor.fields } };
  });
  const content = tag(
    'PES_Facture',
    {},
    v('IdVer', '1'),
    v('Annee', fields.year),
    v('NumSequence', fields.sequence),
    v('TypeFact', fields.type),
    v('Date', fields.date),
    tag('Emetteur', {}, thirdParty(draw, 'facture').content),
    bills.map((b) => b.content),
    tag('Nomenclatures', {}),
  );
  return { content, fields: { ...fields, bills: bills.map((b) => b.fields) } };
}

function marche(draw: Draw) {
  const fields = {
    kind: 'marche',
    id: `2024${draw.letters(6)}`,
    modification: draw.code(0, 99),
    subject: draw.text(256),
    cpv: `${draw.digits(8)}-1`,
    amountExclTax: draw.amount(),
    date: draw.date(),
    buyers: draw.list(1, 2, () => ({ id: draw.digits(14), name: draw.text(38) })),
    holders: [] as readonly object[],
  };
  const content = tag(
    'Marche',
    {},
    tag(
      'IdentifiantMarche',
      {},
      v('IdContrat', fields.id),
      v('NumeroOrdreModification', fields.modification),
      v('SequenceEnvoi', '1'),
      v('CaractereCorrectifEnregistrement', '0'),
    ),
    v('URLProfilAcheteur', 'https://example.fr/a?b=c&d'),
    tag(
      'Acheteurs',
      {},
      fields.buyers.map(({ id, name }) => tag('Acheteur', {}, v('IdAcheteur', id), v('NomAcheteur', name))),
    ),
    v('NatureMarche', '01'),
    v('Objet', fields.subject),
    v('CodeCPV', fields.cpv),
    v('ProcedureMarche', '01'),
    place(draw),
    v('DureeEnMois', '12'),
    v('MontantHTNotifie', fields.amountExclTax),
    v('CaractereEstimatifMontantNotifie', '0'),
    v('Reconductibilite', '01'),
    v('Penalite', '0'),
    v('DateNotification', fields.date),
    tag('ConditionsExecution', {}, v('ModaliteExecution', '01'), v('MultiBudget', '0')),
  );
  return { content, fields };
}

function concession(draw: Draw) {
  const fields = {
    kind: 'concession',
    id: draw.letters(10),
    modification: draw.code(0, 99),
    subject: draw.text(256),
    amountExclTax: draw.amount(),
    date: draw.date(),
    holders: draw.list(1, 2, () => ({ id: draw.digits(14), name: draw.text(38) })),
  };
  const content = tag(
    'Concession',
    {},
    tag(
      'IdentifiantConcession',
      {},
      v('IdContrat', fields.id),
      v('NumeroOrdreModification', fields.modification),
      v('SequenceEnvoi', '1'),
      v('CaractereCorrectifEnregistrement', '0'),
    ),
    v('URLProfilAcheteur', 'https://example.fr'),
    tag(
      'Concessionnaires',
      {},
      fields.holders.map(({ id, name }) =>
        tag(
          'Concessionnaire',
          {},
          v('NatIdConcessionnaire', '01'),
          v('IdConcessionnaire', id),
          v('DenominationSociale', name),
        ),
      ),
    ),
    v('NatureConcession', '01'),
    v('Objet', fields.subject),
    v('ProcedureConcession', '01'),
    place(draw),
    v('DureeMoisInitiale', '12'),
    v('ValeurGlobale', fields.amountExclTax),
    v('MontantSubventionPublique', draw.amount()),
    v('DateSignature', fields.date),
    v('DateDebutExecution', draw.date()),
  );
  return { content, fields };
}

function place(draw: Draw): string {
  return tag(
    'LieuExecution',
    {},
    v('CodeLieuExecution', draw.digits(5)),
    v('TypeCode', '01'),
    v('NomLieuExecution', draw.text(50)),
  );
}

/** The first version of a PES_ACQUIT, which has each error in an element of its own. */
function acquitBefore(draw: Draw): Generated {
  const head = header(draw);
  const elements = draw.list(1, 4, () => {
    const accepted = draw.chance(50);
    const error = {
      piece: draw.digits(5),
      line: draw.digits(3),
      code: 'ERREUR_AUTRE',
      message: draw.text(100),
    };
    const fields = { domain: '5', accepted, exercise: draw.digits(4), bordereau: draw.digits(5) };
    const content = tag(
      'ElementACQUIT',
      {},
      v('DomaineAck', fields.domain),
      v('EtatAck', accepted ? 'true' : 'false'),
      v('ExerciceBord', fields.exercise),
      v('NumBord', fields.bordereau),
      accepted
        ? undefined
        : [
            v('NumPiece', error.piece),
            v('NumLigne', error.line),
            v('NumAnoAck', error.code),
            v('LibelleAnoAck', error.message),
          ],
    );
    return { content, fields: { ...fields, errors: accepted ? [] : [error] } };
  });
  return {
    name: `${draw.letters(8)}.xml`,
    kind: 'PES_ACQUIT',
    xml: tag(
      'x:PES_ACQUIT',
      { 'xmlns:x': `${NAMESPACE}/retour` },
      head.content,
      tag(
        'ACQUIT',
        {},
        tag('EnTeteAcquit', {}, v('IdVer', '1')),
        elements.map((e) => e.content),
      ),
    ),
    fields: {
      ...head.fields,
      accepted: elements.every((e) => e.fields.accepted),
      elements: elements.map((e) => e.fields),
    },
    files: [],
    schema: `${SCHEMAS}/Rev0/PES_V2_Acquit_Autonome.xsd`,
  };
}

function acquit(draw: Draw): Generated {
  if (draw.chance(30)) return acquitBefore(draw);
  const head = header(draw);
  const elements = draw.list(1, 5, () => {
    const accepted = draw.chance(60);
    const error = () => ({ code: 'ERREUR_AUTRE', message: draw.text(100) });
    const write = ({ code, message }: { code: string; message: string }) =>
      tag('Erreur', {}, v('NumAnoAck', code), v('LibelleAnoAck', message));
    if (draw.chance(50)) {
      const attachmentId = draw.letters(20);
      const errors = accepted ? [] : [error()];
      return {
        content: tag(
          'ElementACQUIT',
          {},
          v('DomaineAck', '4'),
          v('EtatAck', accepted ? '1' : '0'),
          v('IdUnique', attachmentId),
          errors.map(write),
        ),
        fields: { domain: '4', accepted, attachmentId, errors },
      };
    }
    const [bordereauNumber, exercise] = [draw.digits(4), String(draw.between(2010, 2030))];
    const details = accepted
      ? []
      : draw.list(1, 2, () => ({
          piece: draw.digits(3),
          line: draw.digits(2),
          ofPiece: error(),
          ofLine: error(),
        }));
    return {
      content: tag(
        'ElementACQUIT',
        {},
        v('DomaineAck', '5'),
        v('EtatAck', accepted ? '1' : '0'),
        v('NumBord', bordereauNumber),
        v('ExerciceBord', exercise),
        details.map((d) =>
          tag(
            'DetailPiece',
            {},
            v('NumPiece', d.piece),
            write(d.ofPiece),
            tag('DetailLigne', {}, v('NumLigne', d.line), write(d.ofLine)),
          ),
        ),
      ),
      fields: {
        domain: '5',
        accepted,
        bordereau: bordereauNumber,
        exercise,
        errors: details.flatMap((d) => [
          { piece: d.piece, ...d.ofPiece },
          { piece: d.piece, line: d.line, ...d.ofLine },
        ]),
      },
    };
  });
  return {
    name: `${draw.letters(8)}.xml`,
    kind: 'PES_ACQUIT',
    xml: tag(
      'x:PES_ACQUIT',
      { 'xmlns:x': `${NAMESPACE}/retour/v2` },
      head.content,
      tag(
        'ACQUIT',
        {},
        tag('EnTeteAcquit', {}, v('IdVer', '2')),
        elements.map((e) => e.content),
      ),
    ),
    fields: {
      ...head.fields,
      accepted: elements.every((e) => e.fields.accepted),
      elements: elements.map((e) => e.fields),
    },
    files: [],
    schema: `${SCHEMAS}/Rev0/PES_V2_Acquit_Autonome_V2.xsd`,
  };
}

function retour(draw: Draw): Generated {
  const head = header(draw, 'CodColl');
  const restitution = draw.pick(['AA', 'BB']);
  const bordereaux = draw.list(1, 3, () => {
    const fields = {
      exercise: String(draw.between(2010, 2030)),
      number: String(draw.between(1, 9_999_999)),
      type: '01',
    };
    const pieces = draw.list(1, 3, () => {
      const made = {
        number: draw.digits(6),
        type: '01',
        nature: '01',
        subject: draw.text(100),
        acceptedOn: draw.date(),
        state: '01',
        stateRemark: draw.text(100),
      };
      const line = { number: '1', state: '01', label: draw.text(70), amountExclTax: draw.amount() };
      return {
        content: tag(
          'Piece',
          {},
          tag(
            'InfoPiece',
            {},
            v('IdPce', made.number),
            v('TypPce', made.type),
            v('NatPce', made.nature),
            v('Obj', made.subject),
            v('DtePcePec', made.acceptedOn),
            v('EtatPce', made.state),
            v('ObsEtat', made.stateRemark),
          ),
          tag(
            'LigneDePiece',
            {},
            tag(
              'BlocLignePiece',
              {},
              tag(
                'InfoLignePiece',
                {},
                v('IdLigne', line.number),
                v('EtatLigPce', line.state),
                v('LibVir1', line.label),
                v('MtHT', line.amountExclTax),
              ),
            ),
          ),
        ),
        fields: { ...made, lines: [line] },
      };
    });
    return {
      content: tag(
        'Bordereau',
        {},
        tag(
          'BlocBordereau',
          {},
          v('Exer', fields.exercise),
          v('IdBord', fields.number),
          v('TypBord', fields.type),
        ),
        pieces.map((p) => p.content),
      ),
      fields: { flow: 'depense', ...fields, pieces: pieces.map((p) => p.fields) },
    };
  });
  const recettes = draw.list(0, 2, () => recetteRetour(draw));
  const clients = draw.list(0, 2, () => clientRetour(draw));
  return {
    name: `${draw.letters(8)}.xml`,
    kind: 'PES_Retour',
    xml: tag(
      'n:PES_Retour',
      { 'xmlns:n': `${NAMESPACE}/retour` },
      head.content,
      tag(
        'PES_DepenseRetour',
        {},
        tag('EnTeteDepense', {}, v('TypRestit', restitution), v('IdVer', '2'), v('NatInf', '2')),
        bordereaux.map((b) => b.content),
      ),
      recettes.length > 0
        ? tag(
            'PES_RecetteRetour',
            {},
            tag('EnTeteRecette', {}, v('TypRestit', restitution), v('IdVer', '2'), v('NatInf', '2')),
            recettes.map((b) => b.content),
          )
        : undefined,
      clients.length > 0
        ? tag(
            'PES_ClientRetour',
            {},
            tag('EnTeteClient', {}, v('DateCalcul', draw.date()), v('IdVer', '1')),
            clients.map((client) => client.content),
          )
        : undefined,
    ),
    fields: {
      ...head.fields,
      restitution,
      information: '2',
      bordereaux: [...bordereaux, ...recettes].map((b) => b.fields),
      clients: clients.map((client) => client.fields),
    },
    files: [],
    schema: `${SCHEMAS}/RETOUR/Rev0/PES_Retour.xsd`,
  };
}

/** A bordereau of titres, or one of a hospital without them (ORMC). */
function recetteRetour(draw: Draw) {
  const head = { exercise: String(draw.between(2010, 2030)), number: String(draw.between(1, 9_999_999)) };
  if (draw.chance(30)) {
    const date = draw.date();
    return {
      content: tag(
        'Bordereau',
        {},
        tag(
          'BordereauORMCGlobal',
          {},
          v('Exer', head.exercise),
          v('IdBord', head.number),
          v('MtTTC', draw.amount()),
          v('DtePec', date),
        ),
      ),
      fields: { flow: 'recette', ...head, date, pieces: [] },
    };
  }
  const pieces = draw.list(1, 3, () => {
    const made = {
      service: draw.text(10),
      number: draw.digits(6),
      type: '01',
      nature: '01',
      subject: draw.text(160),
      acceptedOn: draw.date(),
      state: '01',
      comment: draw.text(400),
    };
    const line = { number: '1', state: '01', amountExclTax: draw.amount() };
    const party = { name: draw.text(38), id: draw.digits(14), category: '01', legalNature: '00' };
    return {
      content: tag(
        'Piece',
        {},
        tag(
          'BlocPiece',
          {},
          v('CodServ', made.service),
          v('IdPce', made.number),
          v('TypPce', made.type),
          v('NatPce', made.nature),
          v('Obj', made.subject),
          v('DtePcePec', made.acceptedOn),
          v('EtatPce', made.state),
          v('Commentaire', made.comment),
        ),
        tag(
          'LigneDePiece',
          {},
          tag(
            'BlocLignePiece',
            {},
            tag(
              'InfoLignePiece',
              {},
              v('IdLigne', line.number),
              v('EtatLigPce', line.state),
              v('MtHT', line.amountExclTax),
            ),
          ),
          tag(
            'Tiers',
            {},
            tag(
              'InfoTiers',
              {},
              v('IdTiers', party.id),
              v('CatTiers', party.category),
              v('NatJur', party.legalNature),
              v('Nom', party.name),
            ),
          ),
        ),
      ),
      fields: { ...made, lines: [{ ...line, thirdParties: [party] }] },
    };
  });
  return {
    content: tag(
      'Bordereau',
      {},
      tag('BlocBordereau', {}, v('Exer', head.exercise), v('IdBord', head.number), v('TypBord', '01')),
      pieces.map((p) => p.content),
    ),
    fields: { flow: 'recette', ...head, type: '01', pieces: pieces.map((p) => p.fields) },
  };
}

function clientRetour(draw: Draw) {
  const reference = draw.text(30);
  const outstanding = draw.list(1, 2, () => ({
    product: draw.letters(4),
    amount: draw.amount(),
    fees: draw.amount(),
  }));
  return {
    content: tag(
      'Client',
      {},
      v('RefTiers', reference),
      outstanding.map((rest) =>
        tag(
          'ResteARecouvrer',
          {},
          v('CodProdLoc', rest.product),
          v('Rar', rest.amount),
          v('RarFrais', rest.fees),
        ),
      ),
    ),
    fields: { reference, outstanding },
  };
}

function acquitRetour(draw: Draw): Generated {
  const head = header(draw);
  const files = draw.list(1, 3, () => ({
    name: draw.text(60),
    domain: '13',
    restitution: '01',
    date: draw.date(),
  }));
  return {
    name: `${draw.letters(8)}.xml`,
    kind: 'PES_ACQUIT_RETOUR',
    xml: tag(
      'n:PES_ACQUIT_RETOUR',
      { 'xmlns:n': `${NAMESPACE}/aller/ack` },
      head.content,
      tag(
        'ACQUIT_RETOUR',
        {},
        tag('EnTeteAcquit_Retour', {}, v('IdVer', '1')),
        files.map((f) =>
          tag(
            'ElementACQUIT_RETOUR',
            {},
            v('DomaineAckRetour', f.domain),
            v('NomFichierRetour', f.name),
            v('TypRestit', f.restitution),
            v('DateAcquit', f.date),
          ),
        ),
      ),
    ),
    fields: { ...head.fields, files },
    files: [],
    schema: `${SCHEMAS}/RETOUR/Rev0/PES_V2_Acquit_Retour.xsd`,
  };
}
