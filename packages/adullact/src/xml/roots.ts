import type { ActesKind } from '../actes/fields.js';
import type { ChorusKind } from '../chorus/fields.js';
import type { EnvelopeType } from '../envelope.js';
import type { HeliosKind } from '../helios/fields.js';

/** An XML that is one of ours, by its root element. */
export interface Root {
  readonly type: EnvelopeType;
  readonly kind: ActesKind | HeliosKind | ChorusKind;
  /** What its namespace should begin with; absent where some have one and some have none. */
  readonly namespace?: string;
  /** Whether its name alone tells, whatever its namespace. */
  readonly certain: boolean;
  /** The elements whose text is an attachment, by name, each with its parent. */
  readonly lifts: ReadonlyMap<string, string>;
  /** What wraps an attachment beside base64. */
  readonly wrapping: 'gzip' | 'zip';
}

const ACTES = 'http://www.interieur.gouv.fr/ACTES#';
const HELIOS = 'http://www.minefi.gouv.fr/cp/helios/pes_v2/';
const UBL = 'urn:oasis:names:specification:ubl:schema:xsd:';
const CII = 'urn:un:unece:uncefact:data:';
const NONE: ReadonlyMap<string, string> = new Map();

function actes(kind: ActesKind, certain: boolean): Root {
  return { type: 'acte_nature', kind, namespace: ACTES, certain, lifts: NONE, wrapping: 'gzip' };
}

function helios(kind: HeliosKind): Root {
  const lifts = new Map([['Fichier', 'Contenu']]);
  return { type: 'helios', kind, namespace: HELIOS, certain: true, lifts, wrapping: 'gzip' };
}

/** What the DGFiP gives back beside PES. */
function returned(kind: HeliosKind, namespace: string, lifts = NONE): Root {
  return { type: 'helios', kind, namespace, certain: false, lifts, wrapping: 'gzip' };
}

function pivot(kind: ChorusKind): Root {
  return { type: 'chorus_fact', kind, certain: true, lifts: new Map([['Contenu', 'PJ']]), wrapping: 'zip' };
}

function invoice(kind: ChorusKind, namespace: string, lifts: ReadonlyMap<string, string>): Root {
  return { type: 'chorus_fact', kind, namespace, certain: false, lifts, wrapping: 'zip' };
}

const UBL_LIFTS = new Map([['EmbeddedDocumentBinaryObject', 'Attachment']]);
const CII_LIFTS = new Map([['AttachmentBinaryObject', 'AdditionalReferencedDocument']]);

/** Names like `Acte` are common words: they need their namespace. */
const ROOTS: ReadonlyMap<string, Root> = new Map<string, Root>([
  ['EnveloppeCLMISILL', actes('EnveloppeCLMISILL', true)],
  ['EnveloppeMISILLCL', actes('EnveloppeMISILLCL', true)],
  ['AnomalieEnveloppe', actes('AnomalieEnveloppe', true)],
  ['Acte', actes('Acte', false)],
  ['ARActe', actes('ARActe', true)],
  ['AnomalieActe', actes('AnomalieActe', true)],
  ['CourrierSimple', actes('CourrierSimple', false)],
  ['ReponseCourrierSimple', actes('ReponseCourrierSimple', true)],
  ['DemandePieceComplementaire', actes('DemandePieceComplementaire', true)],
  ['ARDemandePieceComplementaire', actes('ARDemandePieceComplementaire', true)],
  ['RefusPieceComplementaire', actes('RefusPieceComplementaire', true)],
  ['PieceComplementaire', actes('PieceComplementaire', false)],
  ['ARPieceComplementaire', actes('ARPieceComplementaire', true)],
  ['LettreObservations', actes('LettreObservations', true)],
  ['ARLettreObservations', actes('ARLettreObservations', true)],
  ['RejetLettreObservations', actes('RejetLettreObservations', true)],
  ['ReponseLettreObservations', actes('ReponseLettreObservations', true)],
  ['ARReponseRejetLettreObservations', actes('ARReponseRejetLettreObservations', true)],
  ['DefereTA', actes('DefereTA', true)],
  ['Annulation', actes('Annulation', false)],
  ['ARAnnulation', actes('ARAnnulation', true)],
  ['DemandeClassification', actes('DemandeClassification', false)],
  ['ReponseClassificationSansChangement', actes('ReponseClassificationSansChangement', true)],
  ['RetourClassification', actes('RetourClassification', true)],
  ['PES_Aller', helios('PES_Aller')],
  ['PES_ACQUIT', helios('PES_ACQUIT')],
  ['PES_Retour', helios('PES_Retour')],
  ['PES_ACQUIT_RETOUR', helios('PES_ACQUIT_RETOUR')],
  [
    'ENSUDocuments',
    returned('ENSUDocuments', 'http://ensu.dgfip.finances.gouv.fr/document', new Map([['Contenu', 'PJ']])),
  ],
  ['liensPj', returned('liensPj', 'http://www.minefi.gouv.fr/cp/helios/liensPj')],
  ['FCTVA', returned('FCTVA', 'http://www.interieur.gouv.fr/dsic/fctva')],
  ['PosteComptable', returned('PosteComptable', 'http://xemelios.org/namespaces#erar')],
  ['marches', returned('marches', 'http://data.gouv.fr/marches/etalab')],
  ['fiches', returned('fiches', 'http://data.gouv.fr/marches/recensement')],
  ['CPPFacturePivot', pivot('CPPFacturePivot')],
  ['CPPFactureMixte', pivot('CPPFactureMixte')],
  ['CPPStatut', pivot('CPPStatut')],
  ['Invoice', invoice('UBLInvoice', `${UBL}Invoice-2`, UBL_LIFTS)],
  ['CreditNote', invoice('UBLCreditNote', `${UBL}CreditNote-2`, UBL_LIFTS)],
  [
    'CrossIndustryInvoice',
    invoice('CrossIndustryInvoice', `${CII}standard:CrossIndustryInvoice:`, CII_LIFTS),
  ],
  [
    'CrossIndustryDocument',
    invoice('CrossIndustryDocument', 'urn:ferd:CrossIndustryDocument:invoice:', CII_LIFTS),
  ],
]);

/** By the root's name without its prefix, and its namespace (`''` if it has none). */
export function rootOf(name: string, namespace: string): Root | undefined {
  const root = ROOTS.get(name);
  return root !== undefined && (root.certain || isOf(root, namespace)) ? root : undefined;
}

export function isRootName(name: string): boolean {
  return ROOTS.has(name);
}

/** Whether a root stands in the namespace that it should. */
export function isOf(root: Root, namespace: string): boolean {
  return root.namespace === undefined || namespace.startsWith(root.namespace);
}
