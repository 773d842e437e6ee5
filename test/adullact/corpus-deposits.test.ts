// Every deposit and every archive of the corpus, compared by eye with what lies there.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decodeEnvelope } from '@lanceur/adullact';
import { contentOf } from '@lanceur/core/testing';
import { describe, expect, test } from 'vitest';
import { readMetadata } from '../../packages/adullact/dist/pastell/metadata.js';
import { corpus, hasCorpus } from './corpus.js';

interface Expected {
  readonly is: readonly [type: string, kind: string, shape: string];
  /** Some of them, as they stand in the file. */
  readonly fields: object;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly documents: readonly (readonly [role: string, name: string, size: number])[];
  readonly issues?: readonly (readonly [code: string, data: Readonly<Record<string, string | number>>])[];
}

const ACTE = {
  number: 'DB_245_2022',
  date: '2022-11-10',
  natureAbbreviation: 'DE',
  act: {
    number: 'DB_245_2022',
    date: '2022-11-10',
    nature: '1',
    subject: 'Programme Local de l’Habitat 2019 → 2024 : bilan triennal',
    matters: ['8', '5'],
    matter: '8.5',
  },
};

const HELIOS: Pick<Expected, 'fields' | 'documents'> = {
  fields: {
    fileType: 'PESALR1',
    date: '2017-09-19',
    siret: '75580064600099',
    siren: '755800646',
    budgetCode: '00',
    signed: true,
  },
  documents: [
    ['pes', 'PESALR2_25060187900027_190328_001.xml', 222_043],
    ['acknowledgement', 'PESALR2_25060187900027_190328_001_ack.xml', 1745],
    ['attachment', 'FACAVA2015092432682006500083.pdf', 10_758],
    ['attachment', 'FAC3056619100002920160000000000010075.pdf', 158_561],
  ],
};

const HELIOS_DATA = {
  id_coll: '25060187900027',
  id_bordereau: '1',
  etat_ack: '1',
  'PES_ACQUIT.siret': '20004910400025',
};

const CHORUS = (metadata: string): Pick<Expected, 'is' | 'fields' | 'attributes' | 'issues'> => ({
  is: ['chorus_fact', 'CPPFacturePivot', 'deposit'],
  fields: {
    flow: { id: '1000000000', date: '2019-03-21' },
    invoices: [
      {
        number: 'FAC19-2512',
        type: '380',
        amountInclTax: '873.99',
        commitmentNumber: '3004564',
        supplier: { id: '38947246500027', siren: '389472465' },
        debtor: { id: '26330582300019', name: 'CHU BORDEAUX', service: 'EJ' },
      },
    ],
  },
  attributes: {
    id_facture_cpp: '3125108',
    statut_cpp: 'MISE_A_DISPOSITION',
    montant_ttc: '120.000000',
    number: 'FAC19-2512',
  },
  issues: [
    [
      'LISTED_IN_SEVERAL_FIELDS',
      { by: metadata, file: 'FAC38947246500027FAC19-2512.pdf', fields: 'facture_pj_01, fichier_facture_pdf' },
    ],
    ['ATTACHED_AND_BESIDE', { name: 'FAC38947246500027FAC19-2512.pdf', file: '3125108.xml' }],
  ],
});

const CHORUS_DOCUMENTS: Expected['documents'] = [
  ['invoice-data', '3125108.xml', 179_796],
  ['invoice', 'FAC38947246500027FAC19-2512.pdf', 141_187],
  ['status', 'histo_statut_cpp.json', 259],
  ['complement', 'bon de livraison.docx', 22],
  ['complement', 'detail.csv', 12],
];

const END: Expected['documents'][number] = ['end-mark', 'fichier_termine.txt', 25];

const TABLE: Readonly<Record<string, Expected>> = {
  'synthetic-pastell-deposits/acte-dir-xml': {
    is: ['acte_nature', 'deposit', 'deposit'],
    fields: {
      ...ACTE,
      act: { ...ACTE.act, document: 'DB-245-2022 PLH.pdf', annexes: ['Annexe DB-245-2022 Évaluation.pdf'] },
    },
    attributes: {
      type_pj: '["99_AN"]',
      type_piece: '2 fichier(s) typé(s)',
      tedetis_transaction_id: '42',
      'ARActe.receptionDate': '2017-12-27',
    },
    documents: [
      ['act', 'DB-245-2022 PLH.pdf', 5911],
      ['annex', 'Annexe DB-245-2022 Évaluation.pdf', 5911],
      ['acknowledgement', 'DB_245_2022-ar-actes.xml', 891],
      ['metadata', 'metadata.xml', 1050],
      END,
    ],
  },
  'synthetic-pastell-deposits/acte-dir-yaml': {
    is: ['acte_nature', 'deposit', 'deposit'],
    fields: ACTE,
    attributes: { classification: '8.5 Politique de la ville-habitat-logement', envoi_sae: '' },
    documents: [
      ['act', 'DB-245-2022 PLH.pdf', 5911],
      ['annex', 'Annexe DB-245-2022 Évaluation.pdf', 5911],
      ['metadata', 'metadata.txt', 564],
    ],
    issues: [
      ['LISTED_MISSING', { by: 'metadata.txt', file: 'DB_245_2022-ar-actes.xml', role: 'acknowledgement' }],
    ],
  },
  'synthetic-pastell-deposits/acte-duplicate-names': {
    is: ['acte_nature', 'deposit', 'deposit'],
    fields: { ...ACTE, act: { ...ACTE.act, document: 'document.pdf', annexes: [] } },
    documents: [
      ['act', 'document.pdf', 5911],
      ['metadata', 'metadata.json', 529],
    ],
    issues: [['DUPLICATES_COLLAPSED', { by: 'metadata.json', file: 'document.pdf', times: 3 }]],
  },
  'synthetic-pastell-deposits/Achat : lot "A" ? <urgent>|2022.zip': {
    is: ['acte_nature', 'deposit', 'deposit'],
    fields: { ...ACTE, act: { ...ACTE.act, document: 'acte.pdf', annexes: [] } },
    documents: [
      ['act', 'acte.pdf', 5911],
      ['metadata', 'metadata.xml', 844],
    ],
  },
  'synthetic-pastell-deposits/helios-dir-xml': {
    ...HELIOS,
    is: ['helios', 'PES_Aller', 'deposit'],
    attributes: HELIOS_DATA,
    documents: [...HELIOS.documents, ['metadata', 'metadata.xml', 992], END],
  },
  'synthetic-pastell-deposits/helios-zip-json.zip': {
    ...HELIOS,
    is: ['helios', 'PES_Aller', 'deposit'],
    attributes: HELIOS_DATA,
    documents: [...HELIOS.documents, ['metadata', 'metadata.json', 532]],
  },
  'synthetic-pastell-deposits/FLAT-helios-flat-nometa': {
    ...HELIOS,
    is: ['helios', 'PES_Aller', 'deposit'],
    issues: [['NO_METADATA', { by: 'PESALR2_25060187900027_190328_001.xml, which is PES_Aller' }]],
  },
  'synthetic-pastell-deposits/chorus-dir-xml': {
    ...CHORUS('metadata.xml'),
    documents: [...CHORUS_DOCUMENTS, ['metadata', 'metadata.xml', 1530], END],
  },
  'synthetic-pastell-deposits/chorus-zip-json.zip': {
    ...CHORUS('metadata.json'),
    documents: [...CHORUS_DOCUMENTS, ['metadata', 'metadata.json', 813]],
  },
  'pastell-depot/glaneur/HELIOS_SIMU_ALR2_1547544424_844200543.zip': {
    is: ['helios', 'PES_Aller', 'deposit'],
    fields: { signed: false },
    documents: [
      ['pes', 'HELIOS_SIMU_ALR2_1547544424_844200543.xml', 3151],
      ['acknowledgement', 'HELIOS_SIMU_ALR2_1547544424_844200543_ack.xml', 1769],
    ],
    issues: [['NO_METADATA', { by: 'HELIOS_SIMU_ALR2_1547544424_844200543.xml, which is PES_Aller' }]],
  },
  'actes/pastell/preversement1': {
    is: ['acte_nature', 'Acte', 'deposit'],
    fields: {
      siren: '491011698',
      date: '2017-12-07',
      number: 'CL20171227_06',
      act: { nature: '1', subject: 'Fichier signé parapheur', matter: '3.2', annexes: [] },
    },
    documents: [
      ['act', '034-491011698-20171207-CL20171227_06-DE-1-1_1.pdf', 219_758],
      ['message', '034-491011698-20171207-CL20171227_06-DE-1-1_0.xml', 845],
      ['other', '034-491011698-20171207-CL20171227_06-DE-1-1_2.pdf', 219_758],
      ['acknowledgement', '034-491011698-20171207-CL20171227_06-DE-1-2.xml', 885],
    ],
    issues: [
      ['NO_METADATA', { by: '034-491011698-20171207-CL20171227_06-DE-1-1_0.xml, which is Acte' }],
      [
        'UNLISTED',
        {
          file: '034-491011698-20171207-CL20171227_06-DE-1-1_2.pdf',
          by: '034-491011698-20171207-CL20171227_06-DE-1-1_0.xml',
        },
      ],
    ],
  },
  'actes/pastell/courrier_simple.tar.gz': {
    is: ['acte_nature', 'CourrierSimple', 'archive'],
    fields: { actId: '001-862614864-20150805-20150805B-AI', letterDate: '2015-08-05', siren: '862614864' },
    attributes: { 'EnveloppeMISILLCL.siren': '862614864', 'EnveloppeMISILLCL.department': '001' },
    documents: [
      ['document', '001-862614864-20150805-20150805B-AI-2-1_1.pdf', 21_803],
      ['message', '001-862614864-20150805-20150805B-AI-2-1_0.xml', 551],
      ['envelope', 'TACT--SPREF0011-862614864-20150805-7.xml', 707],
    ],
  },
  'actes/stela/SIC-EACT--210600730--20180115-1.tar.gz': {
    is: ['acte_nature', 'Acte', 'archive'],
    fields: { number: '007', date: '2018-01-15', act: { nature: '2', subject: 'wolo', matter: '1.1' } },
    attributes: { 'EnveloppeCLMISILL.siren': '210600730' },
    documents: [
      ['act', 'CO_DE-006-210600730-20180115-007-AR-1-1_1.jpg', 37_602],
      ['message', '006-210600730-20180115-007-AR-1-1_0.xml', 649],
      ['envelope', 'EACT--210600730--20180115-1.xml', 696],
    ],
  },
};

/** Metadata files that lie alone: of dossiers of no type, and of imports. */
const METADATA: Readonly<Record<string, object>> = {
  'metadata.xml': {
    data: { toto: 'Titre de mon document', prenom: 'Eric' },
    files: ['fichier: foo.txt', 'fichier_simple: bar.txt'],
  },
  'metadata.json': {
    data: { toto: 'Titre de mon document', prenom: 'Eric' },
    files: ['fichier: foo.txt', 'fichier_simple: bar.txt'],
  },
  'metadata.yml': {
    data: { toto: 'Titre de mon document', prenom: 'Eric' },
    files: ['fichier: foo.txt', 'fichier_simple: bar.txt'],
  },
  'metadata-restriction.xml': { data: { prenom: 'Eric' }, files: ['fichier: foo.txt'] },
  'metadata-restriction.json': { data: { prenom: 'Eric' }, files: ['fichier: foo.txt'] },
  'metadata-pastell-name.xml': {
    data: { toto: 'Titre de mon document', prenom: 'Eric' },
    files: ['fichier: aaaa.yml_fichier_0 (foo.txt)', 'fichier_simple: aaaa.yml_fichier_simple_0 (bar.txt)'],
  },
  'glaneur/manifest-2015-creation-document.xml': {
    flux: 'helios-generique',
    data: { objet: "Exemple d'import d'un fichier PES" },
    files: ['fichier_pes: pes.xml', 'visuel_pdf: pes.pdf'],
  },
  'glaneur/manifest-helios-automatique.xml': {
    flux: 'helios-automatique',
    data: {
      objet: "Exemple d'import d'un fichier PES",
      envoi_sae: 'true',
      has_information_complementaire: 'true',
    },
    files: [
      'fichier_pes: PESALR2_49101169800000_171227_2045.xml',
      'fichier_reponse: ACQUIT_PESALR2_49101169800000_171227_2045.xml',
    ],
  },
  'glaneur/manifest-actes-automatique.xml': {
    flux: 'actes-automatique',
    data: {
      envoi_auto: 'true',
      acte_nature: '4',
      numero_de_lacte: '201912311119',
      objet:
        'Maintenance, assistance, prestations de service, formation, acquisition et extension de licences',
      date_de_lacte: '2019-12-31',
      classification: '1.1 - Marchés publics',
      type_acte: '99_DC',
      type_pj: '["12_DA","17_GA"]',
      type_piece: 'ok',
      envoi_signature: 'on',
      envoi_signature_check: 'on',
      envoi_tdt: 'on',
      iparapheur_type: 'Actes',
      iparapheur_sous_type: 'Contrat et convention',
    },
    files: [
      'arrete: test-pastell-i-parapheur.pdf',
      'autre_document_attache: vide1.pdf',
      'autre_document_attache: vide2.pdf',
    ],
  },
};

describe.skipIf(!hasCorpus())('the corpus', () => {
  test.each(Object.entries(TABLE))('%s is read as it is', async (path, expected) => {
    const envelope = await decodeEnvelope(corpus(path));
    try {
      expect([envelope.type, envelope.kind, envelope.shape]).toEqual(expected.is);
      expect(envelope.fields).toMatchObject(expected.fields);
      expect(envelope.attributes).toMatchObject(expected.attributes ?? {});
      expect(envelope.documents.map(({ role, name, size }) => [role, name, size])).toEqual(
        expected.documents,
      );
      expect(envelope.issues.map(({ code, data }) => [code, data])).toEqual(expected.issues ?? []);
      for (const { name, size, open } of envelope.documents) {
        const content = await contentOf(open());
        expect(content.length, name).toBe(size);
        const file = join(corpus(path), name);
        if (statSync(corpus(path)).isDirectory() && existsIn(path, name))
          expect(content.equals(readFileSync(file)), name).toBe(true);
      }
    } finally {
      await envelope.close();
    }
  });

  test('holds no deposit and no archive beside these', () => {
    const there = [
      ...readdirSync(corpus('synthetic-pastell-deposits')).map(
        (name) => `synthetic-pastell-deposits/${name}`,
      ),
      ...readdirSync(corpus(''), { recursive: true, encoding: 'utf8' })
        .map((path) => path.replaceAll('\\', '/'))
        .filter((path) => /\.(?:zip|tar\.gz)$/u.test(path)),
    ];
    expect([...new Set(there)].filter((path) => !(path in TABLE))).toEqual([]);
  });

  test.each(Object.entries(METADATA))('the metadata %s is read as it is', (path, expected) => {
    const { flux, data, files } = readMetadata(path, readFileSync(corpus(`pastell-depot/${path}`)))!;
    expect({
      ...(flux !== undefined && { flux }),
      data,
      files: files.map(
        ({ field, content, original }) =>
          `${field}: ${content}${original === undefined ? '' : ` (${original})`}`,
      ),
    }).toEqual(expected);
  });

  test('a folder of metadata that tells no type is no envelope, and says why', async () => {
    await expect(decodeEnvelope(corpus('pastell-depot'))).rejects.toThrow(
      /its metadata metadata\.json has none of the fields by which a type is told/u,
    );
  });
});

function existsIn(path: string, name: string): boolean {
  return readdirSync(corpus(path)).includes(name);
}
