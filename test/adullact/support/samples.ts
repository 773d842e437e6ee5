// Small messages of each type, for what lies around them. What is inside a message has tests of its own.
import { gzipSync } from 'node:zlib';
import { zipOf } from './zip.js';

export const PDF = (text: string) => Buffer.from(`%PDF-1.4\n% ${text}\n%%EOF\n`);

/** An act of Actes that names its files. */
export function acteXml(number: string, document: string, annexes: readonly string[] = []): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<actes:Acte xmlns:actes="http://www.interieur.gouv.fr/ACTES#v1.1-20040216" actes:Date="2026-01-31" actes:NumeroInterne="${number}" actes:CodeNatureActe="1">
 <actes:CodeMatiere1 actes:CodeMatiere="3"/><actes:CodeMatiere2 actes:CodeMatiere="2"/>
 <actes:Objet>Objet de ${number}</actes:Objet>
 <actes:ClassificationDateVersion>2019-08-28</actes:ClassificationDateVersion>
 <actes:Document><actes:NomFichier>${document}</actes:NomFichier></actes:Document>
 <actes:Annexes actes:Nombre="${String(annexes.length)}">${annexes
   .map((name) => `<actes:Annexe><actes:NomFichier>${name}</actes:NomFichier></actes:Annexe>`)
   .join('')}</actes:Annexes>
</actes:Acte>`;
}

/** The envelope of an @ctes archive. */
export function enveloppeXml(messages: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<actes:EnveloppeCLMISILL xmlns:actes="http://www.interieur.gouv.fr/ACTES#v1.1-20040216" xmlns:insee="http://xml.insee.fr/schema">
 <actes:Emetteur><actes:IDCL insee:SIREN="005520135" actes:Departement="034" actes:Arrondissement="1" actes:Nature="31"/>
 <actes:Referent><actes:Nom>Mairie</actes:Nom><actes:Telephone>0400000000</actes:Telephone><actes:Email>a@example.fr</actes:Email></actes:Referent></actes:Emetteur>
 <actes:AdressesRetour><actes:Email>a@example.fr</actes:Email></actes:AdressesRetour>
 <actes:FormulairesEnvoyes>${messages
   .map((name) => `<actes:Formulaire><actes:NomFichier>${name}</actes:NomFichier></actes:Formulaire>`)
   .join('')}</actes:FormulairesEnvoyes>
</actes:EnveloppeCLMISILL>`;
}

export interface Attachment {
  readonly name: string;
  readonly content: Buffer;
}

/** A PES of one expense, with its attachments. */
export function pesXml(attachments: readonly Attachment[] = []): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<n:PES_Aller xmlns:n="http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller">
<Enveloppe><Parametres><Version V="2"/><TypFic V="PESALR2"/><NomFic V="PESALR2_1"/></Parametres><Emetteur><Sigle V="X"/></Emetteur><Recepteur><Sigle V="H"/></Recepteur></Enveloppe>
<EnTetePES><DteStr V="2026-01-31"/><IdPost V="034000"/><IdColl V="00552013500012"/><CodCol V="123"/><CodBud V="00"/></EnTetePES>
<PES_PJ><EnTetePES_PJ><IdVer V="1"/></EnTetePES_PJ>${attachments
    .map(
      ({ name, content }, i) =>
        `<PJ><Contenu><Fichier MIMEType="application/pdf">${gzipSync(content).toString('base64')}</Fichier></Contenu><IdUnique V="PJ${String(i)}"/><NomPJ V="${name}"/><TypePJ V="007"/></PJ>`,
    )
    .join('')}</PES_PJ>
</n:PES_Aller>`;
}

export function pesAcquitXml(): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<n:PES_ACQUIT xmlns:n="http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/retour/v2">
<Enveloppe><Parametres><Version V="2"/><TypFic V="PESALR2"/><NomFic V="PESALR2_1"/></Parametres><Emetteur><Sigle V="X"/></Emetteur><Recepteur><Sigle V="H"/></Recepteur></Enveloppe>
<EnTetePES><DteStr V="2026-01-31"/><IdPost V="034000"/><IdColl V="00552013500012"/><CodCol V="123"/><CodBud V="00"/></EnTetePES>
<ACQUIT><EnTeteAcquit><IdVer V="2"/></EnTeteAcquit><ElementACQUIT><DomaineAck V="5"/><EtatAck V="1"/><NumBord V="1"/><ExerciceBord V="2026"/></ElementACQUIT></ACQUIT>
</n:PES_ACQUIT>`;
}

/** A pivot with an invoice for each name, and its PDF. */
export function pivotXml(invoices: readonly { readonly number: string; readonly pdf: Buffer }[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<CPPFacturePivot><Enveloppe><EnveloppeUnitaire NumOrdre="1"><Parametres><ParametreIndiv NumOrdre="1"><Code>IdFlx</Code><Valeurparametre>F1</Valeurparametre></ParametreIndiv></Parametres>
<Partenaires><Recepteur><Id>R</Id></Recepteur><Emetteur><Id>E</Id></Emetteur></Partenaires></EnveloppeUnitaire></Enveloppe>
<CPPFactures Compteur="${String(invoices.length)}">${invoices
    .map(
      ({ number, pdf }, i) => `<CPPFacturePivotUnitaire NumOrdre="${String(i + 1)}">
<Fournisseur><TypeIdentifiant>1</TypeIdentifiant><Identifiant>00552013500012</Identifiant><RaisonSociale>Fournisseur</RaisonSociale><CodePays>FR</CodePays></Fournisseur>
<Debiteur><TypeIdentifiant>1</TypeIdentifiant><Identifiant>21930053000017</Identifiant><Nom>Commune</Nom></Debiteur>
<DonneesFacture><Id>${number}</Id><Type>380</Type><Cadre>A1</Cadre><DateEmissionFacture>2026-01-31</DateEmissionFacture><ModePaiement><Code>42</Code></ModePaiement><Devise>EUR</Devise><Montants><MontantHT>100.00</MontantHT><MontantTTC>120.00</MontantTTC><MontantNetAPayer>120.00</MontantNetAPayer></Montants></DonneesFacture>
<PJ NumOrdre="1"><Contenu>${zipOf([{ name: `${number}.pdf`, content: pdf }]).toString('base64')}</Contenu><TypePJ>01</TypePJ><NomPJ>${number}.pdf</NomPJ><MimeTypePJ>application/pdf</MimeTypePJ></PJ>
</CPPFacturePivotUnitaire>`,
    )
    .join('')}</CPPFactures></CPPFacturePivot>`;
}

export interface DepositFields {
  readonly data?: Readonly<Record<string, string>>;
  readonly files?: Readonly<
    Record<string, readonly (string | { readonly content: string; readonly original: string })[]>
  >;
}

const contentOf = (file: string | { readonly content: string }) =>
  typeof file === 'string' ? file : file.content;
const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** The metadata of a deposit, as Pastell writes it. */
export const metadata = {
  xml: ({ data = {}, files = {} }: DepositFields) => `<?xml version="1.0"?>
<flux>
${Object.entries(data)
  .map(([name, value]) => `  <data name="${name}" value="${escaped(value)}"/>`)
  .join('\n')}
${Object.entries(files)
  .map(
    ([name, list]) =>
      `  <files name="${name}">${list
        .map(
          (file) =>
            `<file content="${escaped(contentOf(file))}"${typeof file === 'string' ? '' : ` name_original="${escaped(file.original)}"`}/>`,
        )
        .join('')}</files>`,
  )
  .join('\n')}
</flux>
`,
  json: ({ data = {}, files = {} }: DepositFields) =>
    JSON.stringify({
      ...data,
      ...Object.fromEntries(Object.entries(files).map(([k, list]) => [k, list.map(contentOf)])),
    }),
  txt: ({ data = {}, files = {} }: DepositFields) =>
    [
      ...Object.entries(data).map(([k, v]) => `${k}: '${v.replaceAll("'", "''")}'`),
      ...Object.entries(files).map(
        ([k, list]) =>
          `${k}:\n${list.map((f) => `    - '${contentOf(f).replaceAll("'", "''")}'`).join('\n')}`,
      ),
    ].join('\n'),
} as const;
