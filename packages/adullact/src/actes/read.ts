import type { Issue } from '../issues.js';
import type { DecodedActes, NamedFile } from '../xml-file.js';
import { attributeOf, child, childrenOf, present, textOf, type XmlElement } from '../xml/element.js';
import { Checks } from '../xml/checks.js';
import type { ReadXml } from '../xml/read.js';
import { attributesOf } from './attributes.js';
import type {
  Act,
  ActesFields,
  ActesKind,
  ActReference,
  Contact,
  FromAuthority,
  MatterCode,
  NatureCode,
} from './fields.js';
import { actesNameOf } from './name.js';

/** Where a reader is: the file, and what is odd about it. */
interface Reading {
  readonly name: string;
  readonly checks: Checks;
}

type Readers = { readonly [K in ActesKind]: (root: XmlElement, reading: Reading) => ActesFields[K] };

const READERS: Readers = {
  EnveloppeCLMISILL: (root, { checks }) => fromAuthority(root, checks),
  EnveloppeMISILLCL: (root, { checks }) => {
    const sender = child(root, 'Emetteur');
    const office = sender?.children.find((c) => c.name !== 'Referent');
    const siren = attributeOf(child(root, 'Destinataire'), 'SIREN');
    checks.required('Destinataire/SIREN', siren);
    checks.like('Destinataire/SIREN', siren, SIREN);
    checks.like('Emetteur/Departement', attributeOf(office, 'Departement'), DEPARTMENT);
    return present({
      siren,
      office: office?.name,
      department: attributeOf(office, 'Departement'),
      arrondissement: attributeOf(office, 'Arrondissement'),
      contact: contactOf(child(sender, 'Referent')),
      messages: filesIn(child(root, 'FormulairesEnvoyes'), 'Formulaire'),
    });
  },
  AnomalieEnveloppe: (root, { checks }) => {
    const anomalyNature = textOf(root, 'Nature');
    checks.like('Nature', anomalyNature, /^(?:0*(?:[1-5]|100))$/u);
    return present({
      ...anomaly(root, checks),
      received: fromAuthority(child(root, 'EnveloppeRecue'), checks),
    });
  },
  Acte: (root, { name, checks }) => {
    const act = actIn(root, checks);
    return { ...referenceOf(undefined, { name, checks }, act), act };
  },
  ARActe: (root, reading) => {
    const act = actIn(child(root, 'ActeRecu'), reading.checks);
    const receptionDate = attributeOf(root, 'DateReception');
    const currentClassificationDate = textOf(root, 'ClassificationDateVersionEnCours');
    reading.checks.required('DateReception', receptionDate);
    reading.checks.date('DateReception', receptionDate);
    reading.checks.date('ClassificationDateVersionEnCours', currentClassificationDate);
    return present({ ...referenceOf(root, reading, act), receptionDate, act, currentClassificationDate });
  },
  AnomalieActe: (root, reading) => {
    const act = actIn(child(root, 'ActeRecu'), reading.checks);
    reading.checks.like('Nature', textOf(root, 'Nature'), /^\d{3}$/u);
    return present({
      ...referenceOf(undefined, reading, act),
      ...anomaly(root, reading.checks),
      act,
      currentClassificationDate: textOf(root, 'ClassificationDateVersionEnCours'),
    });
  },
  CourrierSimple: letter,
  ReponseCourrierSimple: letter,
  DemandePieceComplementaire: letter,
  ARDemandePieceComplementaire: letter,
  RefusPieceComplementaire: letter,
  PieceComplementaire: letter,
  ARPieceComplementaire: letter,
  LettreObservations: letter,
  ARLettreObservations: letter,
  RejetLettreObservations: letter,
  ReponseLettreObservations: letter,
  ARReponseRejetLettreObservations: letter,
  DefereTA: (root, reading) => {
    const filingDate = textOf(root, 'DateDepot');
    reading.checks.required('DateDepot', filingDate);
    reading.checks.date('DateDepot', filingDate);
    return present({
      ...referenceOf(root, reading),
      filingDate,
      illegality: textOf(root, 'NatureIllegalite'),
      documents: filesIn(child(root, 'PiecesJointes'), 'PieceJointe'),
    });
  },
  Annulation: (root, reading) => referenceOf(root, reading),
  ARAnnulation: (root, reading) => {
    const receptionDate = attributeOf(root, 'DateReception');
    reading.checks.required('DateReception', receptionDate);
    reading.checks.date('DateReception', receptionDate);
    return present({ ...referenceOf(root, reading), receptionDate });
  },
  DemandeClassification: classificationDate,
  ReponseClassificationSansChangement: classificationDate,
  RetourClassification: (root, { checks }) => ({
    ...classificationDate(root, { checks }),
    natures: childrenOf(child(root, 'NaturesActes'), 'NatureActe').map(natureCode),
    matters: matterCodes(child(root, 'Matieres'), 1),
  }),
};

/** A message of Actes, or the envelope of an archive. */
export function readActes(read: ReadXml): DecodedActes {
  const kind = read.kind as ActesKind;
  const checks = new Checks();
  const fields = READERS[kind](read.root, { name: read.name, checks });
  return {
    type: 'acte_nature',
    kind,
    fields,
    attributes: attributesOf(kind, fields),
    documents: [],
    lists: listsOf(read.root),
    issues: [...read.issues, ...checks.issues] satisfies readonly Issue[],
    raw: read.root,
    // Each kind has its own reader: the table above says that they fit.
  } as unknown as DecodedActes;
}

const SIREN = /^\d{9}$/u;
const DEPARTMENT = /^[09]\d[AB\d]$/u;
const ACT_ID = /^[09]\d[AB\d]-\d{9}-\d{8}-[A-Za-z0-9_]{1,15}-\p{Lu}{2}$/u;

/** By its `IDActe`; what that does not say, by the name of the file and by what the act itself says. */
function referenceOf(root: XmlElement | undefined, { name, checks }: Reading, act?: Act): ActReference {
  const actId = attributeOf(root, 'IDActe');
  if (root !== undefined) {
    checks.required('IDActe', actId);
    checks.like('IDActe', actId, ACT_ID);
  }
  const [, department, siren, day, number, abbreviation] =
    /^([09]\d[AB\d])-(\d*)-(\d*)-(.*)-(\p{Lu}{2})$/u.exec(actId ?? '') ?? [];
  const date = /^(\d{4})(\d\d)(\d\d)$/u
    .exec(day ?? '')
    ?.slice(1)
    .join('-');
  const named = actesNameOf(name);
  return present<ActReference>({
    actId,
    department: filled(department) ?? named?.department,
    siren: filled(siren) ?? named?.siren,
    date: act?.date ?? date ?? named?.date,
    number: act?.number ?? filled(number) ?? named?.number,
    natureAbbreviation: abbreviation ?? named?.natureAbbreviation ?? ABBREVIATIONS.get(act?.nature ?? ''),
  });
}

const ABBREVIATIONS: ReadonlyMap<string, string> = new Map([
  ['1', 'DE'],
  ['2', 'AR'],
  ['3', 'AI'],
  ['4', 'CC'],
  ['5', 'BF'],
  ['6', 'AU'],
]);

function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

/** `DonneesActe`. */
function actIn(element: XmlElement | undefined, checks: Checks): Act {
  const matters = [1, 2, 3, 4, 5].flatMap(
    (level) => attributeOf(child(element, `CodeMatiere${String(level)}`), 'CodeMatiere') ?? [],
  );
  const annexes = child(element, 'Annexes');
  const act = present<Act>({
    number: attributeOf(element, 'NumeroInterne'),
    date: attributeOf(element, 'Date'),
    nature: attributeOf(element, 'CodeNatureActe'),
    subject: textOf(element, 'Objet'),
    matters,
    matter: matters.length === 0 ? undefined : matters.join('.'),
    classificationDate: textOf(element, 'ClassificationDateVersion'),
    previousActId: attributeOf(child(element, 'PrecedentIdentifiantActe'), 'IDActe'),
    document: textOf(element, 'Document', 'NomFichier'),
    annexes: filesIn(annexes, 'Annexe'),
    paper: textOf(element, 'DocumentPapier'),
  });
  checks.required('NumeroInterne', act.number);
  checks.like('NumeroInterne', act.number, /^.{1,15}$/su);
  checks.required('Date', act.date);
  checks.date('Date', act.date);
  checks.required('CodeNatureActe', act.nature);
  checks.like('CodeNatureActe', act.nature, /^[1-6]$/u);
  checks.required('Objet', act.subject);
  checks.like('Objet', act.subject, /^.{0,500}$/su);
  checks.required('CodeMatiere1', matters[0]);
  for (const code of matters) checks.like('CodeMatiere', code, /^\d+$/u);
  checks.date('ClassificationDateVersion', act.classificationDate);
  checks.required('Document/NomFichier', act.document);
  checks.count('Annexes/Nombre', attributeOf(annexes, 'Nombre'), act.annexes.length);
  return act;
}

function anomaly(
  root: XmlElement,
  checks: Checks,
): { readonly anomalyDate?: string; readonly anomalyNature?: string; readonly detail?: string } {
  const anomalyDate = textOf(root, 'Date');
  checks.date('Date', anomalyDate);
  return present({ anomalyDate, anomalyNature: textOf(root, 'Nature'), detail: textOf(root, 'Detail') });
}

/** `DonneesEnveloppeCLMISILL`. */
function fromAuthority(element: XmlElement | undefined, checks: Checks): FromAuthority {
  const sender = child(element, 'Emetteur');
  const id = child(sender, 'IDCL');
  const siren = attributeOf(id, 'SIREN');
  checks.required('IDCL/SIREN', siren);
  checks.like('IDCL/SIREN', siren, SIREN);
  checks.like('IDCL/Departement', attributeOf(id, 'Departement'), DEPARTMENT);
  return present<FromAuthority>({
    siren,
    department: attributeOf(id, 'Departement'),
    arrondissement: attributeOf(id, 'Arrondissement'),
    authorityNature: attributeOf(id, 'Nature'),
    contact: contactOf(child(sender, 'Referent')),
    returnAddresses: childrenOf(child(element, 'AdressesRetour'), 'Email').flatMap((e) => textOf(e) ?? []),
    messages: filesIn(child(element, 'FormulairesEnvoyes'), 'Formulaire'),
  });
}

function contactOf(element: XmlElement | undefined): Contact | undefined {
  if (element === undefined) return undefined;
  return present<Contact>({
    name: textOf(element, 'Nom'),
    telephone: textOf(element, 'Telephone'),
    email: textOf(element, 'Email'),
  });
}

/** All messages about letters have the same parts, each its own choice of them; `InfosCourrierPref` in the receipts. */
function letter(root: XmlElement, reading: Reading): ActesFields['CourrierSimple'] {
  const about = child(root, 'InfosCourrierPref') ?? root;
  const letterDate = attributeOf(about, 'DateCourrierPref');
  const receptionDate = attributeOf(root, 'DateReception');
  reading.checks.required('DateCourrierPref', letterDate);
  reading.checks.date('DateCourrierPref', letterDate);
  reading.checks.date('DateReception', receptionDate);
  return present({
    ...referenceOf(about, reading),
    letterDate,
    receptionDate,
    description: textOf(root, 'DescriptionPieces'),
    motive: textOf(root, 'Motif'),
    documents: [...filesIn(root, 'Document'), ...filesIn(child(root, 'Documents'), 'Document')],
  });
}

function classificationDate(
  root: XmlElement,
  { checks }: Pick<Reading, 'checks'>,
): { readonly classificationDate?: string } {
  const date = textOf(root, 'DateClassification');
  checks.date('DateClassification', date);
  return present({ classificationDate: date });
}

function natureCode(element: XmlElement): NatureCode {
  return present<NatureCode>({
    code: attributeOf(element, 'CodeNatureActe'),
    label: attributeOf(element, 'Libelle'),
    abbreviation: attributeOf(element, 'TypeAbrege'),
    documentTypes: childrenOf(element, 'TypePJNatureActe').map((type) =>
      present({ code: attributeOf(type, 'CodeTypePJ'), label: attributeOf(type, 'Libelle') }),
    ),
  });
}

/** `Matiere1` holds `Matiere2`, down to `Matiere5`. */
function matterCodes(element: XmlElement | undefined, level: number): readonly MatterCode[] {
  return childrenOf(element, `Matiere${String(level)}`).map((matter) =>
    present<MatterCode>({
      code: attributeOf(matter, 'CodeMatiere'),
      label: attributeOf(matter, 'Libelle'),
      matters: matterCodes(matter, level + 1),
    }),
  );
}

function filesIn(element: XmlElement | undefined, name: string): readonly string[] {
  return childrenOf(element, name).flatMap((file) => textOf(file, 'NomFichier')?.normalize('NFC') ?? []);
}

/** By the element that names a file: what that file is. */
const ROLES: ReadonlyMap<string, string> = new Map([
  ['Formulaire', 'message'],
  ['Document', 'document'],
  ['PieceJointe', 'document'],
  ['Annexe', 'autre_document_attache'],
]);

/** The files that the message names. Those of an act are only its own where it is sent: a receipt repeats them. */
function listsOf(root: XmlElement): readonly NamedFile[] {
  const act = root.name === 'Acte';
  const lists: NamedFile[] = [];
  const walk = (element: XmlElement): void => {
    for (const inner of element.children) {
      if (inner.name === 'ActeRecu' || inner.name === 'EnveloppeRecue') continue;
      const name = textOf(inner, 'NomFichier')?.normalize('NFC');
      const role = act && inner.name === 'Document' ? 'arrete' : ROLES.get(inner.name);
      if (name !== undefined && role !== undefined) lists.push({ name, role });
      walk(inner);
    }
  };
  walk(root);
  return lists;
}
