import type { Checks } from '../xml/checks.js';
import { attributeOf, child, childrenOf, present, textOf, type XmlElement } from '../xml/element.js';
import type { Status } from './fields.js';
import { checkParty, partyOf } from './pivot.js';

/** The statuses of a CPPStatut: of invoices, or of whole flows. */
export function statusesIn(root: XmlElement, checks: Checks): readonly Status[] {
  const invoices = child(root, 'CPPFactureStatuts');
  const flows = child(root, 'CPPFluxStatuts');
  const units = [
    ...childrenOf(invoices, 'CPPFactureStatutUnitaire'),
    ...childrenOf(flows, 'CPPFluxStatutUnitaire'),
  ];
  const said = attributeOf(invoices, 'compteur') ?? attributeOf(flows, 'compteur');
  checks.count('compteur', said, units.length);
  return units.map((unit) => statusOf(unit, checks));
}

function statusOf(unit: XmlElement, checks: Checks): Status {
  const data = child(unit, 'DonneesStatut');
  const supplier = child(unit, 'Fournisseur');
  const debtor = child(unit, 'Debiteur');
  const producer = child(data, 'Producteur');
  const status = present<Status>({
    code: textOf(data, 'IdStatut'),
    label: textOf(data, 'ComplementStatut'),
    comment: textOf(data, 'Commentaire'),
    at: textOf(data, 'Horodatage'),
    invoiceNumber: textOf(data, 'IdFacture'),
    invoiceDate: textOf(data, 'DateFacture'),
    flowId: textOf(data, 'IdFlux'),
    paymentOrderId: textOf(data, 'IdMandatDP'),
    supplier: supplier === undefined ? undefined : partyOf(supplier),
    debtor: debtor === undefined ? undefined : partyOf(debtor),
    producer: textOf(data, 'IdProducteur') ?? textOf(producer) ?? attributeOf(producer, 'Id'),
    errors: childrenOf(child(unit, 'Details') ?? child(data, 'Details'), 'LigneErreurDetail').map((error) =>
      present({
        code: textOf(error, 'CodeErreur'),
        nature: textOf(error, 'NatureErreur'),
        message: textOf(error, 'LibelleErreur'),
      }),
    ),
  });
  checks.required('DonneesStatut/IdStatut', status.code);
  checks.required('DonneesStatut/Horodatage', status.at);
  checks.date('DonneesStatut/Horodatage', status.at);
  checks.date('DonneesStatut/DateFacture', status.invoiceDate);
  if (status.supplier !== undefined) checkParty('Fournisseur', status.supplier, checks);
  if (status.debtor !== undefined) checkParty('Debiteur', status.debtor, checks);
  return status;
}
