import type { Checks } from '../xml/checks.js';
import { child, childrenOf, present, textOf, type XmlElement } from '../xml/element.js';
import type { Fctva, FctvaBudget, FctvaLine, FctvaPiece } from './returned-fields.js';

/** `FCTVA`. */
export function fctvaOf(root: XmlElement, checks: Checks): Fctva {
  const date = textOf(root, 'EnTete', 'DateEmissionFlux');
  checks.date('EnTete/DateEmissionFlux', date);
  return present<Fctva>({
    date,
    budgets: childrenOf(root, 'BudgetCollectivite').map((budget) => budgetOf(budget, checks)),
  });
}

function budgetOf(element: XmlElement, checks: Checks): FctvaBudget {
  const budget = present<FctvaBudget>({
    name: textOf(element, 'Libelle'),
    siret: textOf(element, 'Siret'),
    finess: textOf(element, 'Finess'),
    budgetId: textOf(element, 'IdentifiantNational'),
    exercises: childrenOf(element, 'Exercice').map((exercise) =>
      present({ exercise: textOf(exercise, 'CodeExercice'), closedOn: textOf(exercise, 'DateCloture') }),
    ),
    pieces: [
      ...childrenOf(child(element, 'Mandats'), 'Mandat').map((one) => pieceOf(one, 'depense', checks)),
      ...childrenOf(child(element, 'Titres'), 'Titre').map((one) => pieceOf(one, 'recette', checks)),
    ],
  });
  checks.like('BudgetCollectivite/Siret', budget.siret, /^\d{14}$/u);
  return budget;
}

function pieceOf(element: XmlElement, flow: FctvaPiece['flow'], checks: Checks): FctvaPiece {
  const piece = present<FctvaPiece>({
    flow,
    number: textOf(element, 'Numero'),
    type: textOf(element, 'TypeMandat'),
    exercise: textOf(element, 'CodeExercice'),
    subject: textOf(element, 'Objet'),
    acceptedOn: textOf(element, 'DatePEC'),
    date: textOf(element, 'DateEmission'),
    lines: [...childrenOf(element, 'LigneMandat'), ...childrenOf(element, 'LigneTitre')].map(lineOf),
  });
  checks.required('Numero', piece.number);
  checks.date('DateEmission', piece.date);
  return piece;
}

function lineOf(element: XmlElement): FctvaLine {
  const account = child(element, 'ImputationComptable');
  const supplier = child(element, 'Fournisseur');
  return present<FctvaLine>({
    number: textOf(element, 'NumLigne'),
    amount: textOf(element, 'Montant'),
    account: textOf(account, 'CompteNature'),
    accountName: textOf(account, 'LibelleCompteNature'),
    function: textOf(account, 'Fonction'),
    operation: textOf(account, 'Operation'),
    subject: textOf(element, 'Objet'),
    supplierId: textOf(supplier, 'Siret'),
    supplierName: textOf(supplier, 'Nom'),
  });
}
