import { attributeOf, child, present, type XmlElement } from '../xml/element.js';
import type { AttachmentReference, ThirdParty } from './fields.js';

/** A PES writes each value as an element with the attribute `V`. */
export function value(element: XmlElement | undefined, ...path: readonly string[]): string | undefined {
  return attributeOf(child(element, ...path), 'V');
}

export function referenceOf(element: XmlElement): AttachmentReference {
  return present<AttachmentReference>({
    medium: value(element, 'Support'),
    id: value(element, 'IdUnique'),
    name: value(element, 'NomPJ'),
  });
}

/** `InfoTiers`, `Adresse`, `CpteBancaire`. */
export function thirdPartyOf(element: XmlElement): ThirdParty {
  const info = child(element, 'InfoTiers');
  const address = child(element, 'Adresse');
  const account = child(element, 'CpteBancaire');
  return present<ThirdParty>({
    name: value(info, 'Nom'),
    nameComplement: value(info, 'ComplNom'),
    firstName: value(info, 'Prenom'),
    id: value(info, 'IdTiers'),
    idNature: value(info, 'NatIdTiers'),
    reference: value(info, 'RefTiers'),
    category: value(info, 'CatTiers'),
    legalNature: value(info, 'NatJur'),
    address: ['Adr1', 'Adr2', 'Adr3'].flatMap((line) => value(address, line) ?? []),
    postalCode: value(address, 'CP'),
    city: value(address, 'Ville'),
    iban: value(account, 'IBAN'),
    bic: value(account, 'BIC'),
  });
}
