import type { Checks } from '../xml/checks.js';
import { child, childrenOf, present, type XmlElement } from '../xml/element.js';
import type { Bordereau, Piece, PieceLine } from './fields.js';
import { referenceOf, thirdPartyOf, value } from './values.js';

/**
 * A bordereau with its mandats or titres. Dépense and recette, aller and retour say the same with other names
 * (`InfoPce`, `InfoPiece`, nothing at all): whichever is there is read.
 */
export function bordereauOf(
  element: XmlElement,
  { flow, way }: { readonly flow: Bordereau['flow']; readonly way: 'aller' | 'retour' },
  checks: Checks,
): Bordereau {
  // BordereauORMCGlobal: of hospitals, in a PES_RecetteRetour, without pieces.
  const block = child(element, 'BlocBordereau') ?? child(element, 'BordereauORMCGlobal');
  const pieces = childrenOf(element, 'Piece').map((piece) => pieceOf(piece, checks));
  if (way === 'aller' && flow === 'depense') {
    for (const piece of childrenOf(element, 'Piece')) {
      const info = child(piece, 'BlocPiece', 'InfoPce');
      checks.required('BlocPiece/InfoPce', info?.name);
    }
  }
  const bordereau = present<Bordereau>({
    flow,
    exercise: value(block, 'Exer'),
    number: value(block, 'IdBord'),
    date: value(block, 'DteBordEm') ?? value(block, 'DtePec'),
    type: value(block, 'TypBord'),
    subject: value(block, 'Objet'),
    pieceCount: value(block, 'NbrPce'),
    cumulativeAmount: value(block, 'MtCumulAnnuel'),
    // The schema of recettes writes MtBordHt.
    amountExclTax: value(block, 'MtBordHT') ?? value(block, 'MtBordHt'),
    taxAmount: value(block, 'MtBordTVA'),
    signed: child(element, 'Signature') !== undefined,
    pieces,
  });
  checks.required('BlocBordereau/Exer', bordereau.exercise);
  checks.like('BlocBordereau/Exer', bordereau.exercise, /^\d{4}$/u);
  checks.required('BlocBordereau/IdBord', bordereau.number);
  checks.like('BlocBordereau/IdBord', bordereau.number, way === 'aller' ? /^0*\d{1,7}$/u : /^0*\d{1,12}$/u);
  checks.date('BlocBordereau/DteBordEm', bordereau.date);
  checks.like('BlocBordereau/TypBord', bordereau.type, /^(?:0[1-9]|1\d)$/u);
  checks.count('BlocBordereau/NbrPce', bordereau.pieceCount, pieces.length);
  checks.amount('BlocBordereau/MtCumulAnnuel', bordereau.cumulativeAmount);
  checks.amount('BlocBordereau/MtBordHT', bordereau.amountExclTax);
  checks.amount('BlocBordereau/MtBordTVA', bordereau.taxAmount);
  return bordereau;
}

function pieceOf(element: XmlElement, checks: Checks): Piece {
  const block = child(element, 'BlocPiece');
  const info = child(block, 'InfoPce') ?? child(element, 'InfoPiece') ?? block;
  const piece = present<Piece>({
    number: value(info, 'IdPce'),
    type: value(info, 'TypPce'),
    nature: value(info, 'NatPce'),
    subject: value(info, 'Obj') ?? value(info, 'ObjPce'),
    service: value(info, 'CodServ') ?? value(info, 'CodeService'),
    dueDate: value(info, 'DteEch'),
    invoiceNumber: value(info, 'NumeroFacture'),
    contractNumber: value(info, 'NumeroMarche'),
    commitmentNumber: value(info, 'NumeroEngagement'),
    lines: childrenOf(element, 'LigneDePiece').map((line) => lineOf(line, checks)),
    references: childrenOf(info, 'PJRef').map(referenceOf),
    state: value(info, 'EtatPce'),
    stateRemark: value(info, 'ObsEtat'),
    comment: value(info, 'Commentaire'),
    acceptedOn: value(info, 'DtePcePec'),
    rejectedOn: value(info, 'DtePceRej'),
  });
  checks.required('Piece/IdPce', piece.number);
  checks.like('Piece/IdPce', piece.number, /^\d+$/u);
  checks.like('Piece/TypPce', piece.type, /^\d\d$/u);
  checks.like('Piece/NatPce', piece.nature, /^\d\d$/u);
  checks.date('Piece/DteEch', piece.dueDate);
  return piece;
}

function lineOf(element: XmlElement, checks: Checks): PieceLine {
  const block = child(element, 'BlocLignePiece');
  const info = child(block, 'InfoLignePce') ?? child(block, 'InfoLignePiece') ?? block;
  const labels = ['LibVir1', 'LibVir2', 'ObjLignePce'].flatMap((name) => value(info, name) ?? []);
  const line = present<PieceLine>({
    number: value(info, 'IdLigne'),
    account: value(info, 'Nature'),
    function: value(info, 'Fonction'),
    operation: value(info, 'Operation'),
    label: labels.length === 0 ? undefined : labels.join(' '),
    invoiceNumber: value(info, 'Facture'),
    contractNumber: value(block, 'LiensIdent', 'IdMarche'),
    paymentMode: value(info, 'ModRegl'),
    amountExclTax: value(info, 'MtHT'),
    taxAmount: value(info, 'MtTVA'),
    state: value(info, 'EtatLigPce'),
    references: childrenOf(info, 'PJRef').map(referenceOf),
    thirdParties: childrenOf(element, 'Tiers').map(thirdPartyOf),
  });
  checks.amount('LigneDePiece/MtHT', line.amountExclTax);
  checks.amount('LigneDePiece/MtTVA', line.taxAmount);
  return line;
}
