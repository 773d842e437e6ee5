/** A PES_Aller with nothing but a header and attachments. */
export function pesAllerWith(
  attachments: readonly { readonly name: string; readonly base64: string }[],
  {
    budgetName = 'COMMUNE',
    head = '<?xml version="1.0" encoding="UTF-8"?>',
  }: { budgetName?: string; head?: string } = {},
): string {
  const pjs = attachments.map(
    ({ name, base64 }, i) =>
      `<PJ><Contenu><Fichier MIMEType="application/pdf">${base64}</Fichier></Contenu><IdUnique V="ID${String(i)}"/><NomPJ V="${name}"/><TypePJ V="003"/><Description V="d"/></PJ>`,
  );
  return `${head}<n:PES_Aller xmlns:n="http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller"><Enveloppe><Parametres><Version V="2"/><TypFic V="PESALR2"/><NomFic V="A"/></Parametres></Enveloppe><EnTetePES><DteStr V="2024-02-29"/><IdPost V="034000"/><IdColl V="00552013500001"/><CodCol V="123"/><CodBud V="12"/><LibelleColBud V="${budgetName}"/></EnTetePES><PES_PJ><EnTetePES_PJ><IdVer V="1"/></EnTetePES_PJ>${pjs.join('')}</PES_PJ></n:PES_Aller>`;
}

/** A pivot with one invoice. */
export function pivotWith(
  attachments: readonly { readonly name: string; readonly type: string; readonly base64: string }[],
): string {
  const pjs = attachments.map(({ name, type, base64 }, i) =>
    `<PJ NumOrdre="${String(i + 1)}"><Contenu>${base64}</Contenu><NomPJ>${name === '' ? 'x' : name}</NomPJ><TypePJ>${type}</TypePJ><MimeTypePJ>application/pdf</MimeTypePJ></PJ>`.replace(
      '<NomPJ>x</NomPJ>',
      '<NomPJ/>',
    ),
  );
  return `<CPPFacturePivot><Enveloppe><EnveloppeUnitaire NumOrdre="1"><Parametres><ParametreIndiv NumOrdre="0001"><Code>DtPrd</Code><Valeurparametre>2024-02-29</Valeurparametre></ParametreIndiv><ParametreIndiv NumOrdre="0002"><Code>IdFlx</Code><Valeurparametre>1</Valeurparametre></ParametreIndiv></Parametres><Partenaires><Recepteur><Id>R</Id></Recepteur><Emetteur><Id>CPP001</Id></Emetteur></Partenaires></EnveloppeUnitaire></Enveloppe><CPPFactures Compteur="1"><CPPFacturePivotUnitaire NumOrdre="1"><Fournisseur><TypeIdentifiant>1</TypeIdentifiant><Identifiant>00552013500001</Identifiant><RaisonSociale>A</RaisonSociale><CodePays>FR</CodePays><ModeEmission>flux</ModeEmission></Fournisseur><Debiteur><TypeIdentifiant>1</TypeIdentifiant><Identifiant>21930053000017</Identifiant></Debiteur><DonneesFacture><Id>F1</Id><Type>380</Type><Cadre>A1</Cadre><DateEmissionFacture>2024-02-29</DateEmissionFacture><ModePaiement><Code>31</Code></ModePaiement><DateReception>2024-02-29</DateReception><Devise>EUR</Devise><Montants><MontantHT>1</MontantHT><MontantTTC>1.2</MontantTTC><MontantNetAPayer>1.2</MontantNetAPayer></Montants></DonneesFacture>${pjs.join('')}</CPPFacturePivotUnitaire></CPPFactures></CPPFacturePivot>`;
}
