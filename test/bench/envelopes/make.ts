import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Bytes that hardly pack, as in a scanned document; no two calls give the same. */
function scanned(bytes: number): Buffer {
  const content = Buffer.allocUnsafe(bytes);
  for (let i = 0; i + 4 <= bytes; i += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    content.writeUInt32LE(state, i);
  }
  content.write('%PDF-1.4\n');
  return content;
}

let state = 1;

/** A PES_Aller of about so many bytes, all of it attachments. */
export function makePes(
  path: string,
  { attachments, bytes }: { readonly attachments: number; readonly bytes: number },
): void {
  const each = Math.floor((bytes / attachments) * 0.75);
  const out = openSync(path, 'w');
  writeSync(
    out,
    '<?xml version="1.0" encoding="ISO-8859-1"?>\n<n:PES_Aller xmlns:n="http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller"><Enveloppe><Parametres><Version V="2"/><TypFic V="PESALR2"/><NomFic V="bench"/></Parametres><Emetteur><Sigle V="A"/><Adresse V="B"/></Emetteur></Enveloppe><EnTetePES><DteStr V="2024-02-29"/><IdPost V="034000"/><IdColl V="12345678901234"/><CodCol V="123"/><CodBud V="00"/></EnTetePES><PES_PJ><EnTetePES_PJ><IdVer V="1"/></EnTetePES_PJ>',
  );
  for (let i = 0; i < attachments; i++) {
    const base64 = gzipSync(scanned(each), { level: 1 }).toString('base64');
    writeSync(out, '<PJ><Contenu><Fichier MIMEType="application/pdf">');
    writeSync(out, base64);
    writeSync(
      out,
      `</Fichier></Contenu><IdUnique V="ID${String(i)}"/><NomPJ V="facture ${String(i)}.pdf"/><TypePJ V="003"/><Description V="Facture"/></PJ>`,
    );
  }
  writeSync(out, '</PES_PJ></n:PES_Aller>');
  closeSync(out);
}

/** An @ctes archive of about so many bytes: an envelope, an act and its annexes. */
export function makeArchive(place: string, { bytes }: { readonly bytes: number }): string {
  const folder = join(place, 'actes');
  mkdirSync(folder);
  const stem = '034-491011698-20240229-BENCH_1-DE-1-1';
  const names = Array.from({ length: 30 }, (_, i) => `${stem}_${String(i + 1)}.pdf`);
  const file = (element: string, name: string) =>
    `<actes:${element}><actes:NomFichier>${name}</actes:NomFichier></actes:${element}>`;
  const namespaces =
    'xmlns:actes="http://www.interieur.gouv.fr/ACTES#v1.1-20040216" xmlns:insee="http://xml.insee.fr/schema"';
  writeFileSync(
    join(folder, 'EACT--491011698--20240229-1.xml'),
    `<actes:EnveloppeCLMISILL ${namespaces}><actes:Emetteur><actes:IDCL insee:SIREN="491011698" actes:Departement="034" actes:Arrondissement="1" actes:Nature="31"/></actes:Emetteur><actes:AdressesRetour><actes:Email>a@example.fr</actes:Email></actes:AdressesRetour><actes:FormulairesEnvoyes>${file('Formulaire', `${stem}_0.xml`)}</actes:FormulairesEnvoyes></actes:EnveloppeCLMISILL>`,
  );
  writeFileSync(
    join(folder, `${stem}_0.xml`),
    `<actes:Acte ${namespaces} actes:Date="2024-02-29" actes:NumeroInterne="BENCH_1" actes:CodeNatureActe="1"><actes:CodeMatiere1 actes:CodeMatiere="3"/><actes:CodeMatiere2 actes:CodeMatiere="2"/><actes:Objet>Bench</actes:Objet><actes:ClassificationDateVersion>2024-01-01</actes:ClassificationDateVersion>${file('Document', names[0] ?? '')}<actes:Annexes actes:Nombre="29">${names
      .slice(1)
      .map((name) => file('Annexe', name))
      .join('')}</actes:Annexes><actes:DocumentPapier>N</actes:DocumentPapier></actes:Acte>`,
  );
  for (const name of names) writeFileSync(join(folder, name), scanned(Math.floor(bytes / names.length)));
  const archive = join(place, 'SIC-EACT--491011698--20240229-1.tar.gz');
  const { status, stderr } = spawnSync('tar', ['czf', archive, '-C', folder, '.'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return archive;
}

/** Deposits of Pastell: an act, an annex, and the metadata that lists them, as JSON and as XML by turns. */
export function makeDeposits(place: string, count: number): void {
  for (let i = 0; i < count; i++) {
    const folder = join(place, `DB-${String(i).padStart(6, '0')}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'acte.pdf'), scanned(4000));
    writeFileSync(join(folder, 'annexe.pdf'), scanned(4000));
    const data = {
      acte_nature: '3',
      numero_de_lacte: `DB_${String(i)}`,
      objet: 'Évaluation',
      date_de_lacte: '2024-02-29',
    };
    const files = { arrete: ['acte.pdf'], autre_document_attache: ['annexe.pdf'] };
    const isXml = i % 2 === 1;
    writeFileSync(
      join(folder, isXml ? 'metadata.xml' : 'metadata.json'),
      isXml ? fluxOf(data, files) : JSON.stringify({ ...data, ...files }),
    );
  }
}

function fluxOf(
  data: Readonly<Record<string, string>>,
  files: Readonly<Record<string, readonly string[]>>,
): string {
  const values = Object.entries(data).map(([name, value]) => `<data name="${name}" value="${value}"/>`);
  const lists = Object.entries(files).map(
    ([name, contents]) =>
      `<files name="${name}">${contents.map((content) => `<file content="${content}"/>`).join('')}</files>`,
  );
  return `<?xml version="1.0"?>\n<flux>\n${[...lists, ...values].join('\n')}\n</flux>\n`;
}
