import { sirenIn } from '../values.js';
import type { Checks } from '../xml/checks.js';
import { attributeOf, child, childrenOf, present, type XmlElement } from '../xml/element.js';
import type { ThirdParty } from './fields.js';
import type { Outstanding, OutstandingLine, OutstandingPiece } from './returned-fields.js';

/** `PosteComptable` (ERAR): everything stands in attributes. */
export function outstandingOf(root: XmlElement, checks: Checks): Outstanding {
  const siret = attributeOf(root, 'IdColl');
  checks.required('IdPost', attributeOf(root, 'IdPost'));
  return present<Outstanding>({
    date: attributeOf(root, 'DateExport'),
    office: attributeOf(root, 'IdPost'),
    officeName: attributeOf(root, 'LibellePoste'),
    siret,
    siren: sirenIn(siret),
    finess: attributeOf(root, 'FinJur'),
    authorityCode: attributeOf(root, 'CodCol'),
    budgetCode: attributeOf(root, 'CodBud'),
    budgetName: attributeOf(root, 'LibelleColBud'),
    pieces: childrenOf(root, 'Piece').map((piece) => pieceOf(piece, checks)),
  });
}

function pieceOf(element: XmlElement, checks: Checks): OutstandingPiece {
  const piece = present<OutstandingPiece>({
    type: attributeOf(element, 'TypeRef'),
    bordereau: attributeOf(element, 'IdBord'),
    number: attributeOf(element, 'IdPiece'),
    exercise: attributeOf(element, 'ExerRattach'),
    date: attributeOf(element, 'DateEmissionPiece'),
    lines: childrenOf(element, 'LigneERAR').map((line) => lineOf(line, checks)),
  });
  checks.required('Piece/IdPiece', piece.number);
  return piece;
}

function lineOf(element: XmlElement, checks: Checks): OutstandingLine {
  const line = present<OutstandingLine>({
    number: attributeOf(element, 'IdLigne'),
    reference: attributeOf(element, 'ReferenceOrdonnateur'),
    subject: attributeOf(element, 'ObjetPiece'),
    amount: attributeOf(element, 'MtPrincipal'),
    fees: attributeOf(element, 'MtFrais'),
    outstanding: attributeOf(element, 'RarPrincipal'),
    outstandingFees: attributeOf(element, 'RarFrais'),
    product: attributeOf(element, 'CodProduit'),
    productName: attributeOf(element, 'LibProduit'),
    service: attributeOf(element, 'ServiceOrdonnateur'),
    invoiceNumber: attributeOf(element, 'NumFact'),
    debtor: debtorOf(child(element, 'Debiteur')),
    steps: childrenOf(element, 'Etape').map((step) =>
      present({
        code: attributeOf(step, 'CodeEtape'),
        date: attributeOf(step, 'DateEtape'),
        state: attributeOf(step, 'EtatEtape'),
        amount: attributeOf(step, 'MtEtape'),
      }),
    ),
  });
  checks.amount('LigneERAR/RarPrincipal', line.outstanding);
  return line;
}

function debtorOf(element: XmlElement | undefined): ThirdParty {
  return present<ThirdParty>({
    name: attributeOf(element, 'Nom'),
    nameComplement: attributeOf(element, 'ComplNom'),
    firstName: attributeOf(element, 'Prenom'),
    id: attributeOf(element, 'IdTiers'),
    idNature: attributeOf(element, 'NatIdTiers'),
    reference: attributeOf(element, 'RefTiers'),
    category: attributeOf(element, 'CatTiers'),
    legalNature: attributeOf(element, 'NatJur'),
    address: ['Adr1', 'Adr2', 'Adr3'].flatMap((line) => attributeOf(element, line) ?? []),
    postalCode: attributeOf(element, 'CP'),
    city: attributeOf(element, 'Ville'),
  });
}
