import type { Checks } from '../xml/checks.js';
import { child, childrenOf, present, type XmlElement } from '../xml/element.js';
import type { Contract } from './fields.js';
import { value } from './values.js';

/** `PES_Marche`. */
export function contractsIn(element: XmlElement | undefined, checks: Checks): readonly Contract[] {
  return [
    ...childrenOf(child(element, 'Marches'), 'Marche').map((one) => marcheOf(one, checks)),
    ...childrenOf(child(element, 'Concessions'), 'Concession').map((one) => concessionOf(one, checks)),
  ];
}

function marcheOf(element: XmlElement, checks: Checks): Contract {
  return checked(
    present<Contract>({
      kind: 'marche',
      id: value(element, 'IdentifiantMarche', 'IdContrat'),
      modification: value(element, 'IdentifiantMarche', 'NumeroOrdreModification'),
      subject: value(element, 'Objet'),
      cpv: value(element, 'CodeCPV'),
      amountExclTax: value(element, 'MontantHTNotifie'),
      date: value(element, 'DateNotification'),
      buyers: childrenOf(child(element, 'Acheteurs'), 'Acheteur').map((buyer) =>
        present({ id: value(buyer, 'IdAcheteur'), name: value(buyer, 'NomAcheteur') }),
      ),
      holders: childrenOf(child(element, 'Operateurs'), 'Titulaire').map((holder) =>
        present({ id: value(holder, 'IdTitulaire'), name: value(holder, 'DenominationSociale') }),
      ),
    }),
    checks,
  );
}

function concessionOf(element: XmlElement, checks: Checks): Contract {
  return checked(
    present<Contract>({
      kind: 'concession',
      id: value(element, 'IdentifiantConcession', 'IdContrat'),
      modification: value(element, 'IdentifiantConcession', 'NumeroOrdreModification'),
      subject: value(element, 'Objet'),
      amountExclTax: value(element, 'ValeurGlobale'),
      date: value(element, 'DateSignature'),
      buyers: [],
      holders: childrenOf(child(element, 'Concessionnaires'), 'Concessionnaire').map((holder) =>
        present({ id: value(holder, 'IdConcessionnaire'), name: value(holder, 'DenominationSociale') }),
      ),
    }),
    checks,
  );
}

function checked(contract: Contract, checks: Checks): Contract {
  checks.required('IdContrat', contract.id);
  checks.amount('MontantHTNotifie', contract.amountExclTax);
  checks.date('DateNotification', contract.date);
  return contract;
}
