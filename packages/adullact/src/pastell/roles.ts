/**
 * What a document is in its envelope.
 *
 * - any: `metadata`, `message` (an XML of the regulations), `attachment` (a file out of a PES), `document` (what a
 *   message names), `end-mark` (`fichier_termine.txt`), `original`, `proof`, `other`
 * - Actes: `envelope`, `act`, `annex`, `acknowledgement`, `stamped-act`, `stamped-annex`, `slip`, `signature`, `letter`
 * - Helios: `pes`, `signed-pes`, `visual`, `acknowledgement`
 * - Chorus: `invoice-data` (the XML), `invoice`, `complement`, `status`
 */
export type Role =
  | 'metadata'
  | 'envelope'
  | 'message'
  | 'act'
  | 'annex'
  | 'acknowledgement'
  | 'stamped-act'
  | 'stamped-annex'
  | 'slip'
  | 'signature'
  | 'letter'
  | 'pes'
  | 'signed-pes'
  | 'visual'
  | 'invoice-data'
  | 'invoice'
  | 'complement'
  | 'status'
  | 'attachment'
  | 'document'
  | 'original'
  | 'proof'
  | 'end-mark'
  | 'other';

/** A dossier of Pastell's Studio that has a step twice numbers the fields of each: `signature_1`, `signature_2`. */
export function withoutStep(field: string): string {
  return field.replace(/_\d{1,2}$/u, '');
}

/** Fields of Pastell's own dossiers ("types de dossier", those of its Studio among them), and what lies in them. */
export const DEFAULT_ROLES: Readonly<Record<string, Role>> = {
  // actes-generique, actes-automatique, actes-reponse-prefecture, ls-actes
  arrete: 'act',
  fichier_acte: 'act',
  autre_document_attache: 'annex',
  annexe: 'annex',
  fichier_annexe: 'annex',
  aractes: 'acknowledgement',
  aractes_annulation: 'acknowledgement',
  acquittement_file: 'acknowledgement',
  acte_tamponne: 'stamped-act',
  annexes_tamponnees: 'stamped-annex',
  bordereau: 'slip',
  bordereau_signature: 'slip',
  signature: 'signature',
  primo_signature_detachee: 'signature',
  reponse_prefecture: 'letter',
  reponse_prefecture_unzip: 'letter',
  reponse_courrier_simple: 'letter',
  reponse_lettre_observation: 'letter',
  reponse_demande_piece_complementaire: 'annex',
  reponse_pj_demande_piece_complementaire: 'annex',
  // helios-generique, helios-automatique, helios-pes-retour, ls-helios
  fichier_pes: 'pes',
  pes_aller: 'pes',
  fichier_pes_signe: 'signed-pes',
  visuel_pdf: 'visual',
  document_signe: 'slip',
  fichier_reponse: 'acknowledgement',
  pes_acquit: 'acknowledgement',
  // facture-cpp, facture-formulaire-pivot, facture-chorus-fournisseur, statut-facture-cpp
  fichier_facture: 'invoice-data',
  facture_pj_01: 'invoice',
  fichier_facture_pdf: 'invoice',
  facture_pj_02: 'complement',
  histo_statut_cpp: 'status',
  fichier_statut_facture: 'status',
  // all of them
  document_original: 'original',
  fichier_original: 'original',
  multi_document_original: 'original',
  iparapheur_historique: 'proof',
  journal: 'proof',
  sae_bordereau: 'proof',
  sae_archive: 'proof',
  ar_sae: 'proof',
  reply_sae: 'proof',
};
