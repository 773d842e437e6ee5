import type { Checks } from '../xml/checks.js';
import { child, childrenOf, present, textOf, type XmlElement } from '../xml/element.js';
import type {
  CensusContract,
  ContractCensus,
  PublishedContract,
  PublishedContracts,
} from './returned-fields.js';

/** `marches`. */
export function publishedOf(root: XmlElement, checks: Checks): PublishedContracts {
  const contracts = root.children.flatMap((element) => {
    if (element.name === 'marche') return [marcheOf(element)];
    return element.name === 'contrat-concession' ? [concessionOf(element)] : [];
  });
  for (const { id, amountExclTax, date } of contracts) {
    checks.required('id', id);
    checks.amount('montant', amountExclTax);
    checks.date('dateNotification', date);
  }
  return { contracts };
}

function marcheOf(element: XmlElement): PublishedContract {
  return present<PublishedContract>({
    kind: 'marche',
    ...commonOf(element),
    cpv: textOf(element, 'codeCPV'),
    amountExclTax: textOf(element, 'montant'),
    date: textOf(element, 'dateNotification'),
    buyers: [partyOf(child(element, 'acheteur'), 'nom')],
    holders: childrenOf(child(element, 'titulaires'), 'titulaire').map((one) =>
      partyOf(one, 'denominationSociale'),
    ),
  });
}

function concessionOf(element: XmlElement): PublishedContract {
  return present<PublishedContract>({
    kind: 'concession',
    ...commonOf(element),
    amountExclTax: textOf(element, 'valeurGlobale'),
    date: textOf(element, 'dateSignature'),
    buyers: [partyOf(child(element, 'autoriteConcedante'), 'nom')],
    holders: childrenOf(child(element, 'concessionnaires'), 'concessionnaire').map((one) =>
      partyOf(one, 'denominationSociale'),
    ),
  });
}

function commonOf(
  element: XmlElement,
): Readonly<Record<'id' | 'nature' | 'subject' | 'procedure' | 'months', string | undefined>> {
  return {
    id: textOf(element, 'id'),
    nature: textOf(element, 'nature'),
    subject: textOf(element, 'objet'),
    procedure: textOf(element, 'procedure'),
    months: textOf(element, 'dureeMois'),
  };
}

function partyOf(
  element: XmlElement | undefined,
  name: string,
): { readonly id?: string; readonly name?: string } {
  return present({ id: textOf(element, 'id'), name: textOf(element, name) });
}

/** `fiches`. */
export function censusOf(root: XmlElement, checks: Checks): ContractCensus {
  return { contracts: childrenOf(root, 'fiche').map((element) => ficheOf(element, checks)) };
}

function ficheOf(element: XmlElement, checks: Checks): CensusContract {
  const [month, year] = [textOf(element, 'mois_notif'), textOf(element, 'annee_notif')];
  const contract = present<CensusContract>({
    id: textOf(element, 'ident_interne_contrat'),
    year: textOf(element, 'annee_contrat'),
    amendment: textOf(element, 'num_avenant'),
    subcontract: textOf(element, 'num_acte_special'),
    buyer: textOf(element, 'siret_acheteur'),
    holder: textOf(element, 'num_siret_prestataire'),
    notified: year === undefined ? undefined : [year, month].filter((part) => part !== undefined).join('-'),
    amountExclTax: textOf(element, 'montant_ht'),
    cpv: textOf(element, 'cpv_principal'),
    procedure: textOf(element, 'procedure'),
    months: textOf(element, 'duree_contrat'),
  });
  checks.required('fiche/ident_interne_contrat', contract.id);
  checks.amount('fiche/montant_ht', contract.amountExclTax);
  return contract;
}
