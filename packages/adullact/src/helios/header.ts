import { sirenIn } from '../values.js';
import type { Checks } from '../xml/checks.js';
import { child, present, type XmlElement } from '../xml/element.js';
import type { PesHeader } from './fields.js';
import { value } from './values.js';

/** "Codique"; Corsica's have a letter. */
const OFFICE = /^(?:02[AB]\d{3,4}|\d{6,7})$/u;
/** Three digits, not all of them 0. */
const AUTHORITY = /^(?!000)\d{3}$/u;

/** `Enveloppe` and `EnTetePES`. */
export function headerOf(root: XmlElement, checks: Checks): PesHeader {
  const envelope = child(root, 'Enveloppe');
  const head = child(root, 'EnTetePES');
  const siret = value(head, 'IdColl');
  const header = present<PesHeader>({
    fileType: value(envelope, 'Parametres', 'TypFic'),
    fileName: value(envelope, 'Parametres', 'NomFic'),
    sender: value(envelope, 'Emetteur', 'Sigle'),
    senderAddress: value(envelope, 'Emetteur', 'Adresse'),
    recipient: value(envelope, 'Recepteur', 'Sigle'),
    recipientAddress: value(envelope, 'Recepteur', 'Adresse'),
    date: value(head, 'DteStr'),
    office: value(head, 'IdPost'),
    officeName: value(head, 'LibellePoste'),
    siret,
    siren: sirenIn(siret),
    finess: value(head, 'FinJur'),
    // A PES_Retour writes CodColl.
    authorityCode: value(head, 'CodCol') ?? value(head, 'CodColl'),
    budgetCode: value(head, 'CodBud'),
    budgetName: value(head, 'LibelleColBud'),
  });
  checks.required('Parametres/NomFic', header.fileName);
  checks.required('EnTetePES/DteStr', header.date);
  checks.date('EnTetePES/DteStr', header.date);
  checks.required('EnTetePES/IdPost', header.office);
  checks.like('EnTetePES/IdPost', header.office, OFFICE);
  checks.required('EnTetePES/IdColl', header.siret);
  checks.like('EnTetePES/IdColl', header.siret, /^\d{0,14}$/u);
  checks.like('EnTetePES/CodCol', header.authorityCode, AUTHORITY);
  checks.like('EnTetePES/CodBud', header.budgetCode, /^[0-9A-Z][0-9]$/u);
  return header;
}
