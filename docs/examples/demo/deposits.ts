// What the applications of a town hall deposit: envelopes that are made here, from nothing.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pdf } from './documents.js';
import { tarGz, zip, type Packed } from './packing.js';

const ACTES =
  'xmlns:actes="http://www.interieur.gouv.fr/ACTES#v1.1-20040216" xmlns:insee="http://xml.insee.fr/schema"';

/** Puts them into the folder; their names there. */
export async function depositAll(folder: string): Promise<readonly string[]> {
  const puts: readonly (readonly [string, readonly Packed[] | Buffer | string])[] = [
    ['DB_2026_012 Plan local', acteDeposit()],
    ['Facture 3125108.zip', zip(invoiceDeposit())],
    ['MAI-EACT--005520135--20260131-1.tar.gz', tarGz(archive())],
    ['PESALR2_00552013500012_260131.xml', pes()],
    ['CPP0020036.xml', pivot()],
    ['en cours', [{ name: 'acte.pdf', content: pdf('Acte') }]],
    [
      'courrier',
      [
        { name: 'lettre.pdf', content: pdf('Lettre') },
        { name: 'metadata.json', content: '{"expediteur":"prefecture"}' },
      ],
    ],
    ['coupe.zip', zip(invoiceDeposit()).subarray(0, 700)],
  ];
  for (const [name, what] of puts) {
    if (typeof what === 'string' || Buffer.isBuffer(what)) await writeFile(join(folder, name), what);
    else {
      await mkdir(join(folder, name), { recursive: true });
      for (const file of what) await writeFile(join(folder, name, file.name), file.content);
    }
  }
  return puts.map(([name]) => name);
}

/** A deliberation as Pastell deposits it: two annexes of one name have become one, and the receipt is not there. */
function acteDeposit(): readonly Packed[] {
  const metadata = `<?xml version="1.0"?>
<flux>
  <data name="acte_nature" value="1"/>
  <data name="numero_de_lacte" value="DB_2026_012"/>
  <data name="objet" value="Plan local d&#x2019;urbanisme : approbation"/>
  <data name="date_de_lacte" value="2026-01-31"/>
  <data name="classification" value="2.1 Documents d'urbanisme"/>
  <files name="arrete"><file content="D&#xE9;lib&#xE9;ration 12.pdf"/></files>
  <files name="autre_document_attache"><file content="plan.pdf"/><file content="plan.pdf"/></files>
  <files name="aractes"><file content="DB_2026_012-ar.xml"/></files>
</flux>
`;
  return [
    { name: 'Délibération 12.pdf', content: pdf('Deliberation 12') },
    { name: 'plan.pdf', content: pdf('Plan') },
    { name: 'metadata.xml', content: metadata },
    { name: 'fichier_termine.txt', content: 'Le transfert est terminé' },
  ];
}

function invoiceDeposit(): readonly Packed[] {
  const metadata = {
    id_facture_cpp: '3125108',
    statut_cpp: 'MISE_A_DISPOSITION',
    no_facture: 'FAC-2026-0117',
    fournisseur: '38947246500027',
    montant_ttc: '120.00',
    fichier_facture: ['3125108.xml'],
    facture_pj_01: ['FAC-2026-0117.pdf'],
    facture_pj_02: ['bon de livraison.pdf'],
  };
  return [
    { name: '3125108.xml', content: pivotOf(['FAC-2026-0117']) },
    { name: 'FAC-2026-0117.pdf', content: pdf('FAC-2026-0117') },
    { name: 'bon de livraison.pdf', content: pdf('Bon de livraison') },
    { name: '__MACOSX/._metadata.json', content: 'left behind by a Mac' },
    { name: 'metadata.json', content: JSON.stringify(metadata) },
  ];
}

function archive(): readonly Packed[] {
  const act = '034-005520135-20260131-DB_2026_013-DE-1-1';
  const envelope = `<?xml version="1.0" encoding="UTF-8"?>
<actes:EnveloppeCLMISILL ${ACTES}><actes:Emetteur><actes:IDCL insee:SIREN="005520135" actes:Departement="034" actes:Arrondissement="1" actes:Nature="31"/><actes:Referent><actes:Nom>Mairie</actes:Nom><actes:Telephone>0400000000</actes:Telephone><actes:Email>mairie@example.fr</actes:Email></actes:Referent></actes:Emetteur><actes:AdressesRetour><actes:Email>mairie@example.fr</actes:Email></actes:AdressesRetour><actes:FormulairesEnvoyes><actes:Formulaire><actes:NomFichier>${act}_0.xml</actes:NomFichier></actes:Formulaire></actes:FormulairesEnvoyes></actes:EnveloppeCLMISILL>`;
  const message = `<?xml version="1.0" encoding="UTF-8"?>
<actes:Acte ${ACTES} actes:Date="2026-01-31" actes:NumeroInterne="DB_2026_013" actes:CodeNatureActe="1"><actes:CodeMatiere1 actes:CodeMatiere="7"/><actes:CodeMatiere2 actes:CodeMatiere="1"/><actes:Objet>Budget primitif</actes:Objet><actes:ClassificationDateVersion>2019-08-28</actes:ClassificationDateVersion><actes:Document><actes:NomFichier>99_DE-${act}_1.pdf</actes:NomFichier></actes:Document><actes:Annexes actes:Nombre="1"><actes:Annexe><actes:NomFichier>${act}_2.pdf</actes:NomFichier></actes:Annexe></actes:Annexes></actes:Acte>`;
  return [
    { name: 'EACT--005520135--20260131-1.xml', content: envelope },
    { name: `${act}_0.xml`, content: message },
    { name: `99_DE-${act}_1.pdf`, content: pdf('Budget primitif') },
    { name: `${act}_2.pdf`, content: pdf('Annexe') },
  ];
}

/** Two expenses whose invoices are inside; a third one is referred to, and is not. */
function pes(): string {
  const attachments = ['FAC-0001', 'FAC-0002'].map((name) => {
    const content = gzipSync(pdf(name)).toString('base64');
    return `<PJ><Contenu><Fichier MIMEType="application/pdf">${content}</Fichier></Contenu><IdUnique V="${name}"/><NomPJ V="${name}.pdf"/><TypePJ V="007"/></PJ>`;
  });
  const references = ['FAC-0001', 'FAC-0002', 'FAC-0003'].map(
    (name) => `<PJRef><Support V="01"/><IdUnique V="${name}"/><NomPJ V="${name}.pdf"/></PJRef>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<n:PES_Aller xmlns:n="http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller"><Enveloppe><Parametres><Version V="2"/><TypFic V="PESALR2"/><NomFic V="PESALR2_260131"/></Parametres><Emetteur><Sigle V="DEMO"/></Emetteur><Recepteur><Sigle V="HELIOS"/></Recepteur></Enveloppe><EnTetePES><DteStr V="2026-01-31"/><IdPost V="034000"/><IdColl V="00552013500012"/><CodCol V="123"/><CodBud V="00"/></EnTetePES><PES_DepenseAller><EnTeteDepense><IdVer V="2"/><InfoDematerialisee V="1"/></EnTeteDepense><Bordereau><BlocBordereau><Exer V="2026"/><IdBord V="12"/><DteBordEm V="2026-01-31"/><TypBord V="01"/><NbrPce V="1"/></BlocBordereau><Piece><BlocPiece><InfoPce><IdPce V="117"/><TypPce V="01"/><NatPce V="01"/><Obj V="Fournitures"/>${references.join('')}</InfoPce></BlocPiece></Piece></Bordereau></PES_DepenseAller><PES_PJ><EnTetePES_PJ><IdVer V="1"/></EnTetePES_PJ>${attachments.join('')}</PES_PJ></n:PES_Aller>`;
}

/** Two invoices in one file. */
function pivot(): string {
  return pivotOf(['F-2026-0001', 'F-2026-0002']);
}

function pivotOf(numbers: readonly string[]): string {
  const invoices = numbers.map((number, i) => {
    const content = zip([{ name: `${number}.pdf`, content: pdf(number) }]).toString('base64');
    return `<CPPFacturePivotUnitaire NumOrdre="${String(i + 1)}"><Fournisseur><TypeIdentifiant>1</TypeIdentifiant><Identifiant>38947246500027</Identifiant><RaisonSociale>Papeterie du Centre</RaisonSociale><CodePays>FR</CodePays></Fournisseur><Debiteur><TypeIdentifiant>1</TypeIdentifiant><Identifiant>00552013500012</Identifiant><Nom>Commune</Nom></Debiteur><DonneesFacture><Id>${number}</Id><Type>380</Type><Cadre>A1</Cadre><DateEmissionFacture>2026-01-31</DateEmissionFacture><ModePaiement><Code>42</Code></ModePaiement><Devise>EUR</Devise><Montants><MontantHT>100.00</MontantHT><MontantTTC>120.00</MontantTTC><MontantNetAPayer>120.00</MontantNetAPayer></Montants></DonneesFacture><PJ NumOrdre="1"><Contenu>${content}</Contenu><TypePJ>01</TypePJ><NomPJ>${number}.pdf</NomPJ><MimeTypePJ>application/pdf</MimeTypePJ></PJ></CPPFacturePivotUnitaire>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<CPPFacturePivot><Enveloppe><EnveloppeUnitaire NumOrdre="1"><Parametres><ParametreIndiv NumOrdre="1"><Code>DtPrd</Code><Valeurparametre>2026-01-31</Valeurparametre></ParametreIndiv><ParametreIndiv NumOrdre="2"><Code>IdFlx</Code><Valeurparametre>CPP0020036</Valeurparametre></ParametreIndiv></Parametres><Partenaires><Recepteur><Id>R</Id></Recepteur><Emetteur><Id>CPP001</Id></Emetteur></Partenaires></EnveloppeUnitaire></Enveloppe><CPPFactures Compteur="${String(numbers.length)}">${invoices.join('')}</CPPFactures></CPPFacturePivot>`;
}
