import type { ActesKind } from '@lanceur/adullact';
import type { Draw } from './draw.js';
import type { Generated } from './generated.js';
import { escaped, tag, text, type Content } from './markup.js';

const NAMESPACES = {
  'xmlns:actes': 'http://www.interieur.gouv.fr/ACTES#v1.1-20040216',
  'xmlns:insee': 'http://xml.insee.fr/schema',
};

function a(
  name: string,
  attributes: Readonly<Record<string, string | undefined>>,
  ...content: Content[]
): string {
  return tag(
    `actes:${name}`,
    Object.fromEntries(
      Object.entries(attributes).map(([k, value]) => [k.includes(':') ? k : `actes:${k}`, value]),
    ),
    ...content,
  );
}

function t(name: string, value: string | undefined): string | undefined {
  return text(`actes:${name}`, value);
}

function file(name: string, fileName: string): string {
  return a(name, {}, t('NomFichier', fileName));
}

interface Made {
  readonly root: string;
  readonly fields: object;
}

const KINDS: Readonly<Record<ActesKind, (draw: Draw) => Made>> = {
  EnveloppeCLMISILL: (draw) => {
    const { content, fields } = fromAuthority(draw);
    return { root: a('EnveloppeCLMISILL', NAMESPACES, content), fields };
  },
  EnveloppeMISILLCL: (draw) => {
    const siren = draw.digits(9);
    const department = draw.pick(['034', '02A', '974']);
    const messages = draw.list(1, 3, () => `${draw.letters(8)}.xml`);
    const office = draw.pick(['IDSGAR', 'IDPref', 'IDSousPref']);
    const arrondissement = office === 'IDSousPref' ? '2' : undefined;
    return {
      root: a(
        'EnveloppeMISILLCL',
        NAMESPACES,
        a('Emetteur', {}, a(office, { Departement: department, Arrondissement: arrondissement })),
        a(
          'FormulairesEnvoyes',
          {},
          messages.map((name) => file('Formulaire', name)),
        ),
        a('Destinataire', { 'insee:SIREN': siren }),
      ),
      fields: { siren, office, department, messages, ...(arrondissement && { arrondissement }) },
    };
  },
  AnomalieEnveloppe: (draw) => {
    const [anomalyDate, anomalyNature, detail] = [
      draw.date(),
      draw.pick(['001', '100']),
      draw.maybe(() => draw.text(80)),
    ];
    const { content, fields } = fromAuthority(draw);
    return {
      root: a(
        'AnomalieEnveloppe',
        NAMESPACES,
        t('Date', anomalyDate),
        t('Nature', anomalyNature),
        t('Detail', detail),
        a('EnveloppeRecue', {}, content),
      ),
      fields: { anomalyDate, anomalyNature, ...(detail && { detail }), received: fields },
    };
  },
  Acte: (draw) => {
    const { attributes, content, act } = actData(draw);
    return { root: a('Acte', { ...NAMESPACES, ...attributes }, content), fields: { act } };
  },
  ARActe: (draw) => {
    const { attributes, content, act } = actData(draw);
    const [actId, receptionDate, current] = [idOf(draw), draw.date(), draw.date()];
    return {
      root: a(
        'ARActe',
        { ...NAMESPACES, IDActe: actId, DateReception: receptionDate },
        a('ActeRecu', attributes, content),
        t('ClassificationDateVersionEnCours', current),
      ),
      fields: { actId, receptionDate, currentClassificationDate: current, act },
    };
  },
  AnomalieActe: (draw) => {
    const { attributes, content, act } = actData(draw);
    const [anomalyDate, anomalyNature, current] = [draw.date(), draw.digits(3), draw.date()];
    return {
      root: a(
        'AnomalieActe',
        NAMESPACES,
        t('Date', anomalyDate),
        t('Nature', anomalyNature),
        a('ActeRecu', attributes, content),
        t('ClassificationDateVersionEnCours', current),
      ),
      fields: { anomalyDate, anomalyNature, act, currentClassificationDate: current },
    };
  },
  CourrierSimple: (draw) => letter('CourrierSimple', draw),
  ReponseCourrierSimple: (draw) => letter('ReponseCourrierSimple', draw),
  DemandePieceComplementaire: (draw) => letter('DemandePieceComplementaire', draw, 'DescriptionPieces'),
  ARDemandePieceComplementaire: (draw) => receiptOfLetter('ARDemandePieceComplementaire', draw),
  RefusPieceComplementaire: (draw) => letter('RefusPieceComplementaire', draw),
  PieceComplementaire: (draw) => {
    const [actId, letterDate] = [idOf(draw), draw.date()];
    const documents = draw.list(1, 4, () => draw.fileName());
    return {
      root: a(
        'PieceComplementaire',
        { ...NAMESPACES, IDActe: actId, DateCourrierPref: letterDate },
        a(
          'Documents',
          {},
          documents.map((name) => file('Document', name)),
        ),
      ),
      fields: { actId, letterDate, documents },
    };
  },
  ARPieceComplementaire: (draw) => receiptOfAnswer('ARPieceComplementaire', draw),
  LettreObservations: (draw) => letter('LettreObservations', draw, 'Motif'),
  ARLettreObservations: (draw) => receiptOfLetter('ARLettreObservations', draw),
  RejetLettreObservations: (draw) => letter('RejetLettreObservations', draw),
  ReponseLettreObservations: (draw) => letter('ReponseLettreObservations', draw),
  ARReponseRejetLettreObservations: (draw) => receiptOfAnswer('ARReponseRejetLettreObservations', draw),
  DefereTA: (draw) => {
    const [actId, filingDate, illegality] = [idOf(draw), draw.date(), draw.text(60)];
    const documents = draw.list(0, 3, () => draw.fileName());
    return {
      root: a(
        'DefereTA',
        { ...NAMESPACES, IDActe: actId },
        t('DateDepot', filingDate),
        t('NatureIllegalite', illegality),
        a(
          'PiecesJointes',
          {},
          documents.map((name) => file('PieceJointe', name)),
        ),
      ),
      fields: { actId, filingDate, illegality, documents },
    };
  },
  Annulation: (draw) => {
    const actId = idOf(draw);
    return { root: a('Annulation', { ...NAMESPACES, IDActe: actId }), fields: { actId } };
  },
  ARAnnulation: (draw) => {
    const [actId, receptionDate] = [idOf(draw), draw.date()];
    return {
      root: a('ARAnnulation', { ...NAMESPACES, IDActe: actId, DateReception: receptionDate }),
      fields: { actId, receptionDate },
    };
  },
  DemandeClassification: (draw) => {
    const date = draw.maybe(() => draw.date());
    return {
      root: a('DemandeClassification', NAMESPACES, t('DateClassification', date)),
      fields: date === undefined ? {} : { classificationDate: date },
    };
  },
  ReponseClassificationSansChangement: (draw) => {
    const date = draw.date();
    return {
      root: a('ReponseClassificationSansChangement', NAMESPACES, t('DateClassification', date)),
      fields: { classificationDate: date },
    };
  },
  RetourClassification: (draw) => {
    const date = draw.date();
    const natures = draw.list(1, 6, (i) => ({
      code: String(i + 1),
      label: draw.text(30),
      abbreviation: draw.pick(['DE', 'AR']),
      documentTypes: draw.list(1, 4, () => ({ code: `99_${draw.pick(['DE', 'AU'])}`, label: draw.text(40) })),
    }));
    const matters = mattersOf(draw, 1);
    return {
      root: a(
        'RetourClassification',
        NAMESPACES,
        t('DateClassification', date),
        a(
          'NaturesActes',
          {},
          natures.map((n) =>
            a(
              'NatureActe',
              { CodeNatureActe: n.code, Libelle: n.label, TypeAbrege: n.abbreviation },
              n.documentTypes.map((d) => a('TypePJNatureActe', { CodeTypePJ: d.code, Libelle: d.label })),
            ),
          ),
        ),
        a('Matieres', {}, matterTags(matters, 1)),
      ),
      fields: { classificationDate: date, natures, matters },
    };
  },
};

export const ACTES_KINDS = Object.keys(KINDS) as readonly ActesKind[];

/** A message of Actes that fits its schema. */
export function actes(kind: ActesKind, draw: Draw): Generated {
  const { root, fields } = KINDS[kind](draw);
  return {
    name: `${draw.letters(6)}.xml`,
    kind,
    xml: root,
    fields,
    files: [],
    schema: 'actes/stela/actesv1_1.xsd',
  };
}

function idOf(draw: Draw): string {
  const department = draw.pick(['034', '02A', '974']);
  return `${department}-${draw.digits(9)}-${draw.date().replaceAll('-', '')}-${draw.letters(draw.between(1, 15))}-${draw.pick(['DE', 'AR', 'BF'])}`;
}

function letter(kind: string, draw: Draw, words?: 'DescriptionPieces' | 'Motif'): Made {
  const [actId, letterDate, said, document] = [idOf(draw), draw.date(), draw.text(100), draw.fileName()];
  return {
    root: a(
      kind,
      { ...NAMESPACES, IDActe: actId, DateCourrierPref: letterDate },
      words && t(words, said),
      file('Document', document),
    ),
    fields: {
      actId,
      letterDate,
      documents: [document],
      ...(words && { [words === 'Motif' ? 'motive' : 'description']: said }),
    },
  };
}

function receiptOfLetter(kind: string, draw: Draw): Made {
  const [actId, letterDate] = [idOf(draw), draw.date()];
  return {
    root: a(kind, { ...NAMESPACES, IDActe: actId, DateCourrierPref: letterDate }),
    fields: { actId, letterDate },
  };
}

function receiptOfAnswer(kind: string, draw: Draw): Made {
  const [actId, letterDate, receptionDate] = [idOf(draw), draw.date(), draw.date()];
  return {
    root: a(
      kind,
      { ...NAMESPACES, DateReception: receptionDate },
      a('InfosCourrierPref', { IDActe: actId, DateCourrierPref: letterDate }),
    ),
    fields: { actId, letterDate, receptionDate },
  };
}

function fromAuthority(draw: Draw): { readonly content: Content; readonly fields: object } {
  const [siren, department, arrondissement, authorityNature] = [
    draw.digits(9),
    draw.pick(['034', '02B']),
    draw.digits(1),
    '31',
  ];
  const contact = draw.maybe(() => ({
    name: draw.text(20),
    telephone: draw.digits(10),
    email: 'mairie@example.fr',
  }));
  const returnAddresses = draw.list(1, 3, () => `${draw.letters(5)}@example.fr`);
  const messages = draw.list(1, 3, () => `${draw.letters(8)}.xml`);
  return {
    content: [
      a(
        'Emetteur',
        {},
        tag('actes:IDCL', {
          'insee:SIREN': siren,
          'actes:Departement': department,
          'actes:Arrondissement': arrondissement,
          'actes:Nature': authorityNature,
        }),
        contact &&
          a(
            'Referent',
            {},
            t('Nom', contact.name),
            t('Telephone', contact.telephone),
            t('Email', contact.email),
          ),
      ),
      a(
        'AdressesRetour',
        {},
        returnAddresses.map((address) => t('Email', address)),
      ),
      a(
        'FormulairesEnvoyes',
        {},
        messages.map((name) => file('Formulaire', name)),
      ),
    ],
    fields: {
      siren,
      department,
      arrondissement,
      authorityNature,
      returnAddresses,
      messages,
      ...(contact && { contact }),
    },
  };
}

function actData(draw: Draw) {
  const matters = draw.list(2, 5, () => String(draw.between(1, 9)));
  const act = {
    number: draw.letters(draw.between(1, 15)),
    date: draw.date(),
    nature: String(draw.between(1, 6)),
    subject: draw.text(500),
    matters,
    matter: matters.join('.'),
    classificationDate: draw.date(),
    document: draw.fileName(),
    annexes: draw.list(0, 4, () => draw.fileName()),
    paper: draw.pick(['O', 'N']),
  };
  const previousActId = draw.maybe(() => idOf(draw));
  return {
    act: previousActId === undefined ? act : { ...act, previousActId },
    attributes: { Date: act.date, NumeroInterne: act.number, CodeNatureActe: act.nature },
    content: [
      matters.map((code, i) => a(`CodeMatiere${String(i + 1)}`, { CodeMatiere: code })),
      // As some write it, and as others do.
      draw.chance(50) ? t('Objet', act.subject) : a('Objet', {}, cdata(act.subject)),
      previousActId && a('PrecedentIdentifiantActe', { IDActe: previousActId }),
      t('ClassificationDateVersion', act.classificationDate),
      file('Document', act.document),
      a(
        'Annexes',
        { Nombre: String(act.annexes.length) },
        act.annexes.map((name) => file('Annexe', name)),
      ),
      t('DocumentPapier', act.paper),
    ],
  };
}

function cdata(value: string): string {
  return value.includes(']]>') ? escaped(value) : `<![CDATA[${value}]]>`;
}

interface Matter {
  readonly code: string;
  readonly label: string;
  readonly matters: readonly Matter[];
}

function mattersOf(draw: Draw, level: number): readonly Matter[] {
  return draw.list(level <= 2 ? 1 : 0, 3, (i) => ({
    code: String(i + 1),
    label: draw.text(40),
    matters: level < 5 ? mattersOf(draw, level + 1) : [],
  }));
}

function matterTags(matters: readonly Matter[], level: number): readonly string[] {
  return matters.map((m) =>
    a(`Matiere${String(level)}`, { CodeMatiere: m.code, Libelle: m.label }, matterTags(m.matters, level + 1)),
  );
}
