import { gzipSync } from 'node:zlib';
import type { HeliosKind } from '@lanceur/adullact';
import type { Draw } from './draw.js';
import type { Generated } from './generated.js';
import { tag, text } from './markup.js';

const SCHEMAS = 'helios/xsd_v5.12/PES_V2/RETOUR';

type Maker = (draw: Draw) => Omit<Generated, 'name' | 'kind'>;

/** What the DGFiP gives back beside PES. None of them has a sample anywhere: they are made by their schemas alone. */
const MAKERS = {
  ENSUDocuments: ensu,
  liensPj: links,
  FCTVA: fctva,
  PosteComptable: outstanding,
  marches: published,
  fiches: census,
} as const satisfies Partial<Record<HeliosKind, Maker>>;

export type ReturnedKind = keyof typeof MAKERS;

export const RETURNED_KINDS = Object.keys(MAKERS) as readonly ReturnedKind[];

export function returned(kind: ReturnedKind, draw: Draw): Generated {
  return { name: `${draw.letters(8)}.xml`, kind, ...MAKERS[kind](draw) };
}

function ensu(draw: Draw): Omit<Generated, 'name' | 'kind'> {
  const [fileName, date, edition] = [draw.letters(20), draw.date(), draw.pick(['FC14', 'FC15', 'FC16'])];
  const used = new Set<string>();
  const notices = draw
    .list(1, 3, () => ({
      bytes: draw.bytes(2000),
      fields: {
        // 28 digits in the schema, of which xmllint can take 24.
        id: draw.digits(24),
        budgetId: draw.digits(10),
        pages: String(draw.between(1, 8)),
        address: [draw.text(38), draw.text(38), draw.text(38)],
        country: draw.text(70),
        debtorTaxNumber: draw.digits(13),
        debtorSiren: draw.digits(9),
        debtorNumber: draw.digits(12),
        office: draw.pick(['034000', '02A123']),
        businessId: draw.text(50),
        amount: `1${draw.amount()}`,
        dueDate: draw.date(),
        authorityName: draw.text(32),
        subject: draw.text(160),
        name: draw.fileName('pdf'),
        mediaType: 'application/pdf',
      },
    }))
    .filter(({ fields: { name } }) => !used.has(name.toLowerCase()) && used.add(name.toLowerCase()));
  const document = ({ bytes, fields: f }: (typeof notices)[number]) =>
    tag(
      'Document',
      {},
      text('IdUnique', f.id),
      text('IdentifiantNational', f.budgetId),
      tag(
        'Editique',
        {},
        text('NbPages', f.pages),
        text('TypeRV', 'RV'),
        tag(
          'Adresse',
          {},
          f.address.map((line, i) => text(`Ligne${String(i + 1)}`, line)),
          text('Pays', f.country),
        ),
        text('EnveloppeRetour', '0'),
      ),
      tag(
        'Metier',
        {},
        text('IdUsagerPart1', f.debtorTaxNumber),
        text('IdUsagerPro', f.debtorSiren),
        text('CdCodique', f.office),
        text('IdMetier', f.businessId),
        text('IdDebiteur', f.debtorNumber),
        text('Montant', f.amount),
        text('DLP', f.dueDate),
        text('LibColloc', f.authorityName),
        text('LibObj', f.subject),
      ),
      tag(
        'PJ',
        {},
        tag('Contenu', { MIMEType: f.mediaType }, gzipSync(bytes).toString('base64')),
        text('NomPJ', f.name),
      ),
    );
  return {
    xml: tag(
      'ENSUDocuments',
      { xmlns: 'http://ensu.dgfip.finances.gouv.fr/document' },
      tag(
        'EnTete',
        {},
        text('Version', '1'),
        text('DateEmissionFlux', date),
        text('IdOrigine', 'HEL'),
        text('CdDoc', edition),
        text('NomFlux', fileName),
      ),
      tag('ENSUDocument', { Compteur: String(notices.length) }, notices.map(document)),
    ),
    fields: {
      fileName,
      date,
      origin: 'HEL',
      edition,
      notices: notices.map(({ fields }) => ({ ...fields, document: fields.name })),
    },
    files: notices.map(({ bytes, fields: { name } }) => ({ name, bytes })),
    schema: `${SCHEMAS}/NS_DocENSU/r0/DocENSU.xsd`,
  };
}

function links(draw: Draw): Omit<Generated, 'name' | 'kind'> {
  const date = draw.date();
  const head = {
    siret: draw.digits(14),
    office: draw.digits(6),
    authorityCode: draw.digits(3),
    budgetCode: draw.digits(2),
    budgetId: draw.digits(9),
    exercise: draw.digits(4),
  };
  const made = draw.list(0, 4, () => ({
    domain: draw.pick(['01', '02', '03', '04']),
    objectType: draw.pick(['01', '02', '03', '06']),
    object: draw.text(20),
    ...(draw.chance(50) && { objectComplement: draw.text(20) }),
    attachmentId: draw.text(30),
    state: draw.pick(['0', '1', '2']),
    name: draw.fileName(),
  }));
  return {
    xml: tag(
      'liensPj',
      { xmlns: 'http://www.minefi.gouv.fr/cp/helios/liensPj', dateProduction: `${date}T10:11:12` },
      tag('collectivite', {
        siret: head.siret,
        codique: head.office,
        codeCollectivite: head.authorityCode,
        codeBudget: head.budgetCode,
        idNational: head.budgetId,
        exercice: head.exercise,
      }),
      tag(
        'liens',
        {},
        made.map((link) =>
          tag('lien', {
            domaine: link.domain,
            typeObjet: link.objectType,
            identifiant: link.object,
            complementIdentifiant: 'objectComplement' in link ? link.objectComplement : undefined,
            idUnique: link.attachmentId,
            statut: link.state,
            nomPj: link.name,
          }),
        ),
      ),
    ),
    fields: { ...head, date, siren: head.siret.slice(0, 9), links: made },
    files: [],
    schema: `${SCHEMAS}/NS_LienPjCDGD/r0/CDGDLiensPJ.xsd`,
  };
}

function fctva(draw: Draw): Omit<Generated, 'name' | 'kind'> {
  const date = draw.date();
  const exercise = () => String(draw.between(2000, 2020));
  const piece = (flow: 'depense' | 'recette') => {
    const lines = draw.list(1, 3, (i) => ({
      number: String(i + 1),
      amount: draw.amount(),
      ...(flow === 'depense'
        ? {
            account: draw.digits(4),
            accountName: draw.text(30),
            function: draw.digits(3),
            operation: draw.text(10),
            supplierId: draw.digits(14),
            supplierName: draw.text(38),
          }
        : { subject: draw.text(60) }),
    }));
    const fields = {
      number: String(draw.between(1, 999_999)),
      ...(flow === 'depense' && { type: draw.pick(['Ordinaire', 'Annulation']) }),
      exercise: exercise(),
      subject: draw.text(160),
      acceptedOn: draw.date(),
      date: draw.date(),
    };
    const content = tag(
      flow === 'depense' ? 'Mandat' : 'Titre',
      {},
      text('Numero', fields.number),
      text('TypeMandat', 'type' in fields ? fields.type : undefined),
      text('CodeExercice', fields.exercise),
      text('Objet', fields.subject),
      text('DatePEC', fields.acceptedOn),
      text('DateEmission', fields.date),
      lines.map((line) =>
        'account' in line
          ? tag(
              'LigneMandat',
              {},
              text('NumLigne', line.number),
              text('Montant', line.amount),
              tag(
                'ImputationComptable',
                {},
                text('CompteNature', line.account),
                text('LibelleCompteNature', line.accountName),
                text('Fonction', line.function),
                text('Operation', line.operation),
              ),
              tag('Fournisseur', {}, text('Siret', line.supplierId), text('Nom', line.supplierName)),
            )
          : tag(
              'LigneTitre',
              {},
              text('NumLigne', line.number),
              text('Montant', line.amount),
              text('Objet', line.subject),
            ),
      ),
    );
    return { content, fields: { flow, ...fields, lines } };
  };
  const budgets = draw.list(1, 2, () => {
    const [mandats, titres] = [
      draw.list(0, 2, () => piece('depense')),
      draw.list(0, 2, () => piece('recette')),
    ];
    const exercises = draw.list(0, 2, () => ({ exercise: exercise(), closedOn: draw.date() }));
    const fields = { name: draw.text(38), siret: draw.digits(14), budgetId: draw.digits(8) };
    const content = tag(
      'BudgetCollectivite',
      {},
      text('Libelle', fields.name),
      text('Siret', fields.siret),
      '<Finess/>',
      text('IdentifiantNational', fields.budgetId),
      exercises.map((e) =>
        tag('Exercice', {}, text('CodeExercice', e.exercise), text('DateCloture', e.closedOn)),
      ),
      mandats.length > 0
        ? tag(
            'Mandats',
            {},
            mandats.map((m) => m.content),
          )
        : undefined,
      titres.length > 0
        ? tag(
            'Titres',
            {},
            titres.map((t) => t.content),
          )
        : undefined,
    );
    return {
      content,
      fields: { ...fields, exercises, pieces: [...mandats, ...titres].map((p) => p.fields) },
    };
  });
  return {
    xml: tag(
      'FCTVA',
      { xmlns: 'http://www.interieur.gouv.fr/dsic/fctva' },
      tag('EnTete', {}, text('Version', '1'), text('DateEmissionFlux', date)),
      budgets.map((b) => b.content),
    ),
    fields: { date, budgets: budgets.map((b) => b.fields) },
    files: [],
    schema: `${SCHEMAS}/NS_FCTVA/r0/FCTva.xsd`,
  };
}

function outstanding(draw: Draw): Omit<Generated, 'name' | 'kind'> {
  const head = {
    date: draw.date(),
    office: draw.digits(6),
    officeName: draw.text(38),
    siret: draw.digits(14),
    authorityCode: draw.digits(3),
    budgetCode: draw.digits(2),
    budgetName: draw.text(38),
  };
  const pieces = draw.list(1, 3, () => {
    const lines = draw.list(1, 2, () => {
      const debtor = {
        name: draw.text(38),
        firstName: draw.text(38),
        id: draw.letters(14),
        category: '1',
        legalNature: '1',
        address: [draw.text(38), draw.text(38)],
        postalCode: draw.digits(5),
        city: draw.text(38),
      };
      const fields = {
        number: draw.digits(13),
        reference: draw.text(15),
        subject: draw.text(160),
        amount: draw.amount(),
        fees: draw.amount(),
        outstanding: draw.amount(),
        outstandingFees: draw.amount(),
        product: draw.text(4),
        productName: draw.text(30),
        service: draw.text(10),
        invoiceNumber: draw.text(15),
      };
      const steps = draw.list(1, 2, () => ({
        code: draw.digits(2),
        date: draw.date(),
        state: '1',
        amount: draw.amount(),
      }));
      const content = tag(
        'LigneERAR',
        {
          IdLigne: fields.number,
          ReferenceOrdonnateur: fields.reference,
          ObjetPiece: fields.subject,
          MtPrincipal: fields.amount,
          MtFrais: fields.fees,
          RarPrincipal: fields.outstanding,
          RarFrais: fields.outstandingFees,
          CodProduit: fields.product,
          LibProduit: fields.productName,
          ServiceOrdonnateur: fields.service,
          NumFact: fields.invoiceNumber,
        },
        tag('Debiteur', {
          Nom: debtor.name,
          Prenom: debtor.firstName,
          IdTiers: debtor.id,
          CatTiers: debtor.category,
          NatJur: debtor.legalNature,
          Adr1: debtor.address[0],
          Adr2: debtor.address[1],
          CP: debtor.postalCode,
          Ville: debtor.city,
          CodRes: 'true',
        }),
        steps.map((step) =>
          tag('Etape', {
            CodeEtape: step.code,
            DateEtape: step.date,
            OrigineEtape: '1',
            EtatEtape: step.state,
            ValiditeEtape: '1',
            MtEtape: step.amount,
          }),
        ),
      );
      return { content, fields: { ...fields, debtor, steps } };
    });
    const fields = {
      type: '01',
      bordereau: draw.digits(5),
      number: draw.digits(7),
      exercise: draw.digits(4),
      date: draw.date(),
    };
    const content = tag(
      'Piece',
      {
        TypeRef: fields.type,
        IdBord: fields.bordereau,
        IdPiece: fields.number,
        ExerRattach: fields.exercise,
        DateEmissionPiece: fields.date,
      },
      lines.map((line) => line.content),
    );
    return { content, fields: { ...fields, lines: lines.map((line) => line.fields) } };
  });
  return {
    xml: tag(
      'e:PosteComptable',
      {
        'xmlns:e': 'http://xemelios.org/namespaces#erar',
        IdPost: head.office,
        LibellePoste: head.officeName,
        IdColl: head.siret,
        CodCol: head.authorityCode,
        CodBud: head.budgetCode,
        LibelleColBud: head.budgetName,
        DateExport: head.date,
        CodBudgXemelios: '00',
        LibBudgXemelios: 'Budget Principal',
      },
      pieces.map((p) => p.content.replaceAll(/<(\/?)(?=[A-Z])/gu, '<$1e:')),
    ),
    fields: { ...head, siren: head.siret.slice(0, 9), pieces: pieces.map((p) => p.fields) },
    files: [],
    schema: `${SCHEMAS}/NS_Erar/r0/ERAR_Xemelios.xsd`,
  };
}

function published(draw: Draw): Omit<Generated, 'name' | 'kind'> {
  const place = tag(
    'lieuExecution',
    {},
    text('code', '34'),
    text('typeCode', 'Code département'),
    text('nom', 'H'),
  );
  const holder = (name: string, { id, name: called }: { readonly id: string; readonly name: string }) =>
    tag(name, {}, text('typeIdentifiant', 'SIRET'), text('id', id), text('denominationSociale', called));
  const marche = () => {
    const fields = {
      kind: 'marche',
      id: draw.digits(12),
      nature: draw.pick(['Marché', 'Accord-cadre']),
      subject: draw.text(256),
      procedure: 'Procédure adaptée',
      months: String(draw.between(1, 60)),
      cpv: draw.digits(8),
      amountExclTax: draw.amount(),
      date: draw.date(),
      buyers: [{ id: draw.digits(14), name: draw.text(40) }],
      holders: draw.list(1, 2, () => ({ id: draw.digits(14), name: draw.text(40) })),
    };
    const [buyer] = fields.buyers;
    const content = tag(
      'd:marche',
      {},
      text('id', fields.id),
      tag(
        'acheteur',
        {},
        text('id', buyer?.id),
        text('nom', buyer?.name),
        text('urlProfilAcheteur', 'https://example.fr'),
      ),
      text('nature', fields.nature),
      text('objet', fields.subject),
      text('codeCPV', fields.cpv),
      text('procedure', fields.procedure),
      place,
      text('dureeMois', fields.months),
      text('dateNotification', fields.date),
      text('dateTransmissionDonneesEtalab', draw.date()),
      text('montant', fields.amountExclTax),
      text('formePrix', 'Ferme'),
      tag(
        'titulaires',
        {},
        fields.holders.map((one) => holder('titulaire', one)),
      ),
      '<modifications/>',
    );
    return { content, fields };
  };
  const concession = () => {
    const fields = {
      kind: 'concession',
      id: draw.digits(12),
      nature: 'Concession de service',
      subject: draw.text(256),
      procedure: 'Procédure négociée ouverte',
      months: String(draw.between(1, 60)),
      amountExclTax: draw.amount(),
      date: draw.date(),
      buyers: [{ id: draw.digits(14), name: draw.text(40) }],
      holders: draw.list(1, 2, () => ({ id: draw.digits(14), name: draw.text(40) })),
    };
    const [buyer] = fields.buyers;
    const content = tag(
      'd:contrat-concession',
      {},
      text('id', fields.id),
      tag(
        'autoriteConcedante',
        {},
        text('id', buyer?.id),
        text('nom', buyer?.name),
        text('urlProfilAcheteur', 'https://example.fr'),
      ),
      text('nature', fields.nature),
      text('objet', fields.subject),
      text('procedure', fields.procedure),
      place,
      text('dureeMois', fields.months),
      text('dateSignature', fields.date),
      text('dateTransmissionDonneesEtalab', draw.date()),
      text('dateDebutExecution', draw.date()),
      text('valeurGlobale', fields.amountExclTax),
      text('montantSubventionPublique', draw.amount()),
      '<donneesExecution/>',
      tag(
        'concessionnaires',
        {},
        fields.holders.map((one) => holder('concessionnaire', one)),
      ),
      '<modifications/>',
    );
    return { content, fields };
  };
  const contracts = [...draw.list(1, 2, marche), ...draw.list(0, 2, concession)];
  return {
    xml: tag(
      'd:marches',
      { 'xmlns:d': 'http://data.gouv.fr/marches/etalab' },
      contracts.map((contract) => contract.content),
    ),
    fields: { contracts: contracts.map(({ fields }) => fields) },
    files: [],
    schema: `${SCHEMAS}/NS_Marche/r0/paquet.xsd`,
  };
}

/** Elements of a `fiche`, in the order of the schema; the ones that are made stand between them. */
function census(draw: Draw): Omit<Generated, 'name' | 'kind'> {
  const numbered = (stem: string, count: number, values: Readonly<Record<number, string>> = {}) =>
    Array.from({ length: count }, (_, i) => tag(`${stem}${String(i + 1)}`, {}, values[i + 1]));
  const fiches = draw.list(1, 3, () => {
    const [year, month] = [String(draw.between(2000, 2099)), draw.code(1, 12)];
    const fields = {
      buyer: draw.digits(14),
      year: year.slice(2),
      id: draw.letters(10),
      amendment: draw.pick(['00', '01']),
      subcontract: '00',
      notified: `${year}-${month}`,
      amountExclTax: String(draw.below(1_000_000)),
      cpv: draw.digits(8),
      procedure: String(draw.between(1, 10)),
      months: String(draw.between(1, 120)),
      holder: draw.digits(14),
    };
    const content = tag(
      'fiche',
      {},
      text('siret_acheteur', fields.buyer),
      text('annee_contrat', fields.year),
      text('ident_interne_contrat', fields.id),
      text('num_avenant', fields.amendment),
      text('num_acte_special', fields.subcontract),
      text('mois_notif', month),
      text('annee_notif', year),
      text('montant_ht', fields.amountExclTax),
      '<mode_exec/><nat_juridique/><type_avenant/>',
      text('cpv_principal', fields.cpv),
      '<cpv_sec1/><cpv_sec2/><cpv_sec3/>',
      text('procedure', fields.procedure),
      text('duree_contrat', fields.months),
      '<forme_prix/>',
      text('num_siret_prestataire', fields.holder),
      '<num_siren_cotit1/><num_siren_cotit2/><num_siren_cotit3/><nombre_cotit/><sous_trait_declaree/><carte_achat/>',
      '<clause_sociale/><nb_prop_recues/><nb_prop_demat_recues/><clause_enviro/><ident_accord_cadre/>',
      '<type_grp_entreprise/><type_avance/><valeur_avance/><ccag_reference/>',
      numbered('chaine_gen', 10, { 5: '034000' }),
      numbered('numerique_gen', 10),
      numbered('oui_non_nsp_gen', 10, { 1: '0' }),
      numbered('liste_ref_gen', 15),
      numbered('date_gen', 10, { 1: '29/02/2024' }),
    );
    return { content, fields };
  });
  return {
    xml: tag(
      'r:fiches',
      { 'xmlns:r': 'http://data.gouv.fr/marches/recensement' },
      fiches.map((fiche) => fiche.content),
    ),
    fields: { contracts: fiches.map(({ fields }) => fields) },
    files: [],
    schema: `${SCHEMAS}/NS_Marche/r0/recensement.xsd`,
  };
}
