import { sirenIn } from '../values.js';
import type { Checks } from '../xml/checks.js';
import { attributeOf, child, childrenOf, present, type XmlElement } from '../xml/element.js';
import type { AttachmentLink, AttachmentLinks } from './returned-fields.js';

/** `liensPj`. */
export function linksOf(root: XmlElement, checks: Checks): AttachmentLinks {
  const authority = child(root, 'collectivite');
  const siret = attributeOf(authority, 'siret');
  checks.required('collectivite/siret', siret);
  return present<AttachmentLinks>({
    date: attributeOf(root, 'dateProduction')?.slice(0, 10),
    siret,
    siren: sirenIn(siret),
    office: attributeOf(authority, 'codique'),
    authorityCode: attributeOf(authority, 'codeCollectivite'),
    budgetCode: attributeOf(authority, 'codeBudget'),
    budgetId: attributeOf(authority, 'idNational'),
    exercise: attributeOf(authority, 'exercice'),
    links: childrenOf(child(root, 'liens'), 'lien').map((link) => linkOf(link, checks)),
  });
}

function linkOf(element: XmlElement, checks: Checks): AttachmentLink {
  const link = present<AttachmentLink>({
    domain: attributeOf(element, 'domaine'),
    objectType: attributeOf(element, 'typeObjet'),
    object: attributeOf(element, 'identifiant'),
    objectComplement: attributeOf(element, 'complementIdentifiant'),
    attachmentId: attributeOf(element, 'idUnique'),
    state: attributeOf(element, 'statut'),
    name: attributeOf(element, 'nomPj'),
  });
  checks.required('lien/idUnique', link.attachmentId);
  checks.like('lien/statut', link.state, /^[012]$/u);
  return link;
}
