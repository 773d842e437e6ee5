import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  decodeEnvelope,
  type DecodeOptions,
  type Envelope,
  type EnvelopeInput,
  type MemoryFile,
} from '@lanceur/adullact';
import { contentOf } from '@lanceur/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { folders } from './support/folder.js';
import {
  acteXml,
  enveloppeXml,
  metadata,
  PDF,
  pesAcquitXml,
  pesXml,
  pivotXml,
  type DepositFields,
} from './support/samples.js';
import { tarGzOf } from './support/tar.js';
import { zipOf } from './support/zip.js';

const newFolder = folders();
const opened: Envelope[] = [];

afterEach(async () => {
  for (const envelope of opened.splice(0)) await envelope.close();
});

async function decode(input: EnvelopeInput, options?: DecodeOptions): Promise<Envelope> {
  const envelope = await decodeEnvelope(input, { folder: await newFolder(), ...options });
  opened.push(envelope);
  return envelope;
}

const deposit = (files: readonly MemoryFile[], options?: DecodeOptions) =>
  decode({ name: 'depot', files }, options);
const named = (name: string): MemoryFile => ({ name, content: PDF(name) });
const codes = ({ issues }: Envelope) => issues.map(({ code }) => code);
const roles = ({ documents }: Envelope) =>
  Object.fromEntries(documents.map(({ name, role }) => [name, role]));

const ACTE: DepositFields = {
  data: {
    acte_nature: '1',
    numero_de_lacte: '2026_01',
    objet: 'Écoles : œuvres',
    classification: '8.5 Habitat',
    date_de_lacte: '2026-01-31',
  },
  files: {
    arrete: ['acte.pdf'],
    autre_document_attache: ['annexe 1.pdf', 'annexe 2.pdf'],
    aractes: ['ar.xml'],
  },
};
const ACTE_FILES = ['acte.pdf', 'annexe 1.pdf', 'annexe 2.pdf'].map(named);

describe('the metadata of a deposit', () => {
  test.each(['xml', 'json', 'txt'] as const)('as %s says the same things', async (extension) => {
    const envelope = await deposit([
      ...ACTE_FILES,
      { name: 'ar.xml', content: '<rien/>' },
      { name: `metadata.${extension}`, content: metadata[extension](ACTE) },
    ]);
    expect([envelope.type, envelope.kind, envelope.shape]).toEqual(['acte_nature', 'deposit', 'deposit']);
    expect(envelope.fields).toEqual({
      number: '2026_01',
      date: '2026-01-31',
      natureAbbreviation: 'DE',
      act: {
        number: '2026_01',
        date: '2026-01-31',
        nature: '1',
        subject: 'Écoles : œuvres',
        matters: ['8', '5'],
        matter: '8.5',
        document: 'acte.pdf',
        annexes: ['annexe 1.pdf', 'annexe 2.pdf'],
      },
    });
    expect(envelope.attributes).toEqual(ACTE.data);
    expect(roles(envelope)).toEqual({
      'acte.pdf': 'act',
      'annexe 1.pdf': 'annex',
      'annexe 2.pdf': 'annex',
      'ar.xml': 'acknowledgement',
      [`metadata.${extension}`]: 'metadata',
    });
    expect(envelope.documents.map(({ field }) => field)).toEqual([
      'arrete',
      'autre_document_attache',
      'autre_document_attache',
      'aractes',
      undefined,
    ]);
    expect(codes(envelope)).toEqual([]);
  });

  test.each(['xml', 'json', 'txt'] as const)(
    'is found by what it says where it is called otherwise: dossier-42.%s',
    async (extension) => {
      const envelope = await deposit([
        ...ACTE_FILES,
        { name: 'ar.xml', content: '<rien/>' },
        { name: 'lisez-moi.txt', content: 'Bonjour : ceci n’est rien.' },
        { name: 'autre.json', content: '[1]' },
        { name: `dossier-42.${extension}`, content: metadata[extension](ACTE) },
      ]);
      expect(envelope.raw.metadata?.file).toBe(`dossier-42.${extension}`);
      expect(envelope.documents.find(({ role }) => role === 'metadata')?.name).toBe(
        `dossier-42.${extension}`,
      );
    },
  );

  test('by the name that the installation gives it comes first', async () => {
    const files = [
      { name: 'metadata.json', content: metadata.json({ data: { acte_nature: '2' } }) },
      { name: 'export.json', content: metadata.json({ data: { acte_nature: '3' } }) },
    ];
    const envelope = await deposit(files, { metadata: ['export', 'metadata'] });
    expect(envelope.attributes['acte_nature']).toBe('3');
    expect(codes(envelope)).toContain('SEVERAL_METADATA');
  });

  test('in ISO-8859-1 is read as what it is', async () => {
    const xml =
      '<?xml version="1.0" encoding="ISO-8859-1"?><flux><data name="acte_nature" value="1"/><data name="objet" value="Été"/></flux>';
    const yaml = "acte_nature: '1'\nobjet: 'Été'\n";
    for (const [name, text] of [
      ['metadata.xml', xml],
      ['metadata.txt', yaml],
    ] as const) {
      expect((await deposit([{ name, content: Buffer.from(text, 'latin1') }])).attributes['objet']).toBe(
        'Été',
      );
    }
  });

  test('in UTF-8 with a byte order mark, and in UTF-16, is read', async () => {
    const json = metadata.json(ACTE);
    const xml = metadata.xml(ACTE).replace('?>', ' encoding="UTF-16"?>');
    expect((await deposit([{ name: 'metadata.json', content: `\ufeff${json}` }])).attributes).toEqual(
      ACTE.data,
    );
    expect(
      (await deposit([{ name: 'metadata.xml', content: Buffer.from(`\ufeff${xml}`, 'utf16le') }])).attributes,
    ).toEqual(ACTE.data);
  });

  test('keeps what looks like a number as it stands', async () => {
    const yaml = 'acte_nature: 1\nsiren: 005520135\ndate_de_lacte: 2026-01-31\nrien: null\nvide:\noui: yes\n';
    const { attributes } = await deposit([{ name: 'metadata.txt', content: yaml }]);
    expect(attributes).toEqual({
      acte_nature: '1',
      siren: '005520135',
      date_de_lacte: '2026-01-31',
      rien: '',
      vide: '',
      oui: 'yes',
    });
  });

  test('with long texts as Pastell folds them is read whole', async () => {
    const yaml =
      'acte_nature: "1"\nobjet: >\n    Programme local\n    de l’habitat\nsuite: |\n    un\n    deux\n';
    const { attributes } = await deposit([{ name: 'metadata.txt', content: yaml }]);
    expect(attributes).toEqual({
      acte_nature: '1',
      objet: 'Programme local de l’habitat\n',
      suite: 'un\ndeux\n',
    });
  });

  test('of an import, with its flux and parameters, tells the type', async () => {
    const manifest = `<flux type='helios-automatique'><param name='envoi_auto' value="true"/><data name='objet' value="x"/><files name='autre'><file content='a.pdf'/></files></flux>`;
    const envelope = await deposit([named('a.pdf'), { name: 'manifest.xml', content: manifest }]);
    expect([envelope.type, envelope.attributes['envoi_auto']]).toEqual(['helios', 'true']);
    expect(envelope.raw.metadata?.flux).toBe('helios-automatique');
  });

  test('from which a file was taken away lists the others by their numbers, as PHP writes it', async () => {
    const json = '{"acte_nature":"1","autre_document_attache":{"0":"a.pdf","2":"c.pdf"}}';
    const yaml = "acte_nature: '1'\nautre_document_attache:\n    0: a.pdf\n    2: c.pdf\n";
    for (const [name, content] of [
      ['metadata.json', json],
      ['metadata.txt', yaml],
    ] as const) {
      const there = [named('x.yml_autre_document_attache_0'), named('x.yml_autre_document_attache_2')];
      const envelope = await deposit([...there, { name, content }]);
      expect(roles(envelope)).toEqual({ 'a.pdf': 'annex', 'c.pdf': 'annex', [name]: 'metadata' });
    }
  });

  test('with a field of files that is empty still tells the type by it', async () => {
    const envelope = await deposit([{ name: 'metadata.json', content: '{"fichier_pes":[]}' }]);
    expect([envelope.type, envelope.attributes]).toEqual(['helios', { fichier_pes: '' }]);
  });

  test('that cannot be read is an issue where the XML says what it is, and an error where nothing does', async () => {
    const broken = { name: 'metadata.json', content: '{"acte_nature": "1", ' };
    const envelope = await deposit([
      broken,
      { name: 'a.xml', content: acteXml('1', 'a.pdf') },
      named('a.pdf'),
    ]);
    expect(codes(envelope)).toContain('METADATA_UNREADABLE');
    await expect(deposit([broken, named('a.pdf')])).rejects.toThrow(/metadata\.json is damaged/u);
  });
});

describe('hostile metadata', () => {
  test.each([
    ['an alias', "acte_nature: &a '1'\nobjet: *a\n"],
    ['an anchor', "acte_nature: &a '1'\n"],
    ['a tag', "acte_nature: !!js/function 'x'\n"],
    ['a tag of one’s own', "acte_nature: '1'\nobjet: !x [a, b]\n"],
    [
      'laughs',
      [
        'a: &a [x,x,x,x,x,x,x,x,x]',
        ...'bcdefghi'.split('').map((c, i) => `${c}: &${c} [${`*${'abcdefgh'[i]!},`.repeat(9)}]`),
      ].join('\n'),
    ],
  ])('in YAML: %s is refused', async (_, content) => {
    await expect(deposit([{ name: 'metadata.txt', content }])).rejects.toThrow(
      expect.objectContaining({ code: 'ENVELOPE_UNSAFE' }),
    );
  });

  test('in XML: a DTD is refused', async () => {
    const content =
      '<!DOCTYPE flux [<!ENTITY x SYSTEM "file:///etc/passwd">]><flux><data name="acte_nature" value="&x;"/></flux>';
    await expect(deposit([{ name: 'metadata.xml', content }])).rejects.toThrow(
      expect.objectContaining({ code: 'ENVELOPE_UNSAFE' }),
    );
  });

  test.each([
    ['XML', 'metadata.xml', `<flux>${'<a>'.repeat(100_000)}</flux>`],
    ['JSON', 'metadata.json', '['.repeat(100_000)],
    ['YAML in brackets', 'metadata.txt', `acte_nature: ${'['.repeat(100_000)}`],
    [
      'YAML in lines',
      'metadata.txt',
      `acte_nature:\n${Array.from({ length: 600 }, (_, i) => `${' '.repeat(i)}- a:\n`).join('')}`,
    ],
    ['YAML in dashes', 'metadata.txt', `acte_nature:\n ${'- '.repeat(100_000)}x`],
    ['YAML in questions', 'metadata.txt', `acte_nature:\n ${'? '.repeat(50_000)}x`],
  ])('%s without bottom ends in an error, soon', async (_, name, content) => {
    await expect(deposit([{ name, content }])).rejects.toThrow(
      expect.objectContaining({ scope: 'document' }),
    );
  });

  test('fields called __proto__ and constructor are fields', async () => {
    const json = '{"acte_nature":"1","__proto__":"a","constructor":"b"}';
    const xml =
      '<flux><data name="acte_nature" value="1"/><data name="__proto__" value="a"/><data name="constructor" value="b"/></flux>';
    for (const [name, content] of [
      ['metadata.json', json],
      ['metadata.xml', xml],
    ] as const) {
      const { attributes } = await deposit([{ name, content }]);
      expect(Object.entries(attributes)).toEqual([
        ['acte_nature', '1'],
        ['__proto__', 'a'],
        ['constructor', 'b'],
      ]);
      expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype);
    }
  });

  test('sixty thousand fields are read, without looking through all of them for each', async () => {
    const yaml = `acte_nature: '1'\n${Array.from({ length: 60_000 }, (_, i) => `k${String(i)}: ''`).join('\n')}`;
    const { attributes } = await deposit([{ name: 'metadata.txt', content: yaml }]);
    expect(Object.keys(attributes)).toHaveLength(60_001);
  });

  test('ninety thousand listed files that are not there are said to be missing, each', async () => {
    const files = { arrete: Array.from({ length: 90_000 }, (_, i) => `a-${String(i)}`) };
    const content = metadata.json({ data: { acte_nature: '1' }, files });
    const envelope = await deposit([
      { name: 'metadata.json', content },
      ...Array.from({ length: 5000 }, (_, i) => ({ name: `b-${String(i)}`, content: '' })),
    ]);
    expect(codes(envelope).filter((code) => code === 'LISTED_MISSING')).toHaveLength(90_000);
  });
});

describe('the type of a deposit', () => {
  test.each([
    ['acte_nature', 'acte_nature'],
    ['aractes', 'acte_nature'],
    ['envoi_tdt_helios', 'helios'],
    ['mon_HELIOS', 'helios'],
    ['fichier_pes', 'helios'],
    ['pes_aller', 'helios'],
    ['pes_acquit', 'helios'],
    ['mes_chorus_fact_x', 'chorus_fact'],
    ['id_facture_cpp', 'chorus_fact'],
    ['fichier_facture', 'chorus_fact'],
  ])('is told by the field %s', async (key, type) => {
    expect((await deposit([{ name: 'metadata.json', content: JSON.stringify({ [key]: '' }) }])).type).toBe(
      type,
    );
  });

  test('is told by a table of the installation’s own', async () => {
    const files = [
      { name: 'metadata.json', content: '{"nature_du_document":"deliberation","piece":["a.pdf"]}' },
      named('a.pdf'),
    ];
    await expect(deposit(files)).rejects.toThrow(expect.objectContaining({ code: 'NOT_AN_ENVELOPE' }));
    const envelope = await deposit(files, {
      recognise: [{ type: 'acte_nature', keys: ['nature_du_*'] }],
      roles: { piece: 'act' },
    });
    expect([envelope.type, envelope.documents[0]?.role]).toEqual(['acte_nature', 'act']);
  });

  test('is told by its XML where the metadata does not say, or is not there', async () => {
    const pes = { name: 'x.xml', content: pesXml() };
    expect((await deposit([pes, { name: 'metadata.json', content: '{"objet":"x"}' }])).type).toBe('helios');
    const bare = await deposit([pes, { name: 'x_ack.xml', content: pesAcquitXml() }]);
    expect([bare.type, bare.kind]).toEqual(['helios', 'PES_Aller']);
    expect(roles(bare)).toEqual({ 'x.xml': 'pes', 'x_ack.xml': 'acknowledgement' });
    expect(bare.messages.map(({ kind, file }) => [kind, file])).toEqual([
      ['PES_Aller', 'x.xml'],
      ['PES_ACQUIT', 'x_ack.xml'],
    ]);
    expect(codes(bare)).toContain('NO_METADATA');
  });

  test('is that of the metadata where the XML disagrees, and said', async () => {
    const envelope = await deposit([
      { name: 'metadata.json', content: '{"acte_nature":"1","arrete":["x.xml"]}' },
      { name: 'x.xml', content: pesXml() },
    ]);
    expect([envelope.type, envelope.kind]).toEqual(['acte_nature', 'deposit']);
    expect(codes(envelope)).toContain('TYPES_DISAGREE');
  });

  test('is told although the XML cannot be read', async () => {
    const envelope = await deposit([
      { name: 'metadata.json', content: '{"fichier_pes":["x.xml"],"id_coll":"00552013500012"}' },
      { name: 'x.xml', content: pesXml().slice(0, 500) },
    ]);
    expect([envelope.type, envelope.kind, envelope.fields]).toEqual([
      'helios',
      'deposit',
      { siret: '00552013500012', siren: '005520135' },
    ]);
    expect(codes(envelope)).toEqual(['XML_UNREADABLE']);
    expect(envelope.documents.map(({ name }) => name)).toEqual(['x.xml', 'metadata.json']);
  });

  test('nothing says it: the reason does', async () => {
    await expect(deposit([named('a.pdf')])).rejects.toThrow(
      /depot is not an envelope: it holds no metadata file, and none/u,
    );
    await expect(deposit([])).rejects.toThrow(/it holds no file/u);
  });
});

describe('what is listed and what is there', () => {
  const listing = (files: NonNullable<DepositFields['files']>, ...there: readonly string[]) =>
    deposit([
      ...there.map(named),
      { name: 'metadata.json', content: metadata.json({ data: { acte_nature: '1' }, files }) },
    ]);

  test('what is missing and what is more, by their names', async () => {
    const envelope = await listing({ arrete: ['acte.pdf'], aractes: ['ar.xml'] }, 'acte.pdf', 'autre.pdf');
    expect(envelope.issues.map(({ severity, message }) => [severity, message])).toEqual([
      ['error', 'metadata.json lists ar.xml (acknowledgement), which is not there'],
      ['note', 'autre.pdf is there, and metadata.json does not list it'],
    ]);
    expect(envelope.issues[0]?.french).toBe('metadata.json liste ar.xml (acknowledgement), qui est absent');
    expect(roles(envelope)['autre.pdf']).toBe('other');
  });

  test('files of one name that collapsed into one', async () => {
    const envelope = await listing(
      { arrete: ['d.pdf'], autre_document_attache: ['d.pdf', 'd.pdf'] },
      'd.pdf',
    );
    expect(codes(envelope)).toEqual(['DUPLICATES_COLLAPSED']);
    expect(envelope.issues[0]?.data['times']).toBe(3);
    expect(roles(envelope)).toEqual({ 'd.pdf': 'act', 'metadata.json': 'metadata' });
  });

  test('one invoice in two fields is no loss', async () => {
    const envelope = await listing({ facture_pj_01: ['f.pdf'], fichier_facture_pdf: ['f.pdf'] }, 'f.pdf');
    expect(codes(envelope)).toEqual(['LISTED_IN_SEVERAL_FIELDS']);
  });

  test.each([
    ['slashes, which Pastell cleans', 'DB 245/2022\\a.pdf', 'DB 245-2022-a.pdf'],
    ['another form of Unicode', 'e\u0301te\u0301.pdf', 'été.pdf'],
    ['another letter case', 'Acte.PDF', 'acte.pdf'],
    ['characters that Windows refuses', 'a?b:c.pdf', 'a_b_c.pdf'],
    ['a cleaning of the installation’s own', 'État n° 1 (été).pdf', 'État-n--1--été-.pdf'],
  ])('a name on disk may differ by %s', async (_, listed, there) => {
    const envelope = await listing({ arrete: [listed] }, there);
    expect(codes(envelope).filter((code) => code !== 'NAME_CHANGED')).toEqual([]);
    expect(roles(envelope)[there.normalize('NFC')]).toBe('act');
  });

  test('a name that fits exactly is taken before one that fits somehow', async () => {
    const envelope = await listing({ arrete: ['a/b.pdf'], autre_document_attache: ['a-b.pdf'] }, 'a-b.pdf');
    expect(codes(envelope)).toContain('DUPLICATES_COLLAPSED');
  });
});

describe('Pastell’s own names', () => {
  const files = {
    fichier_pes: [{ content: 'qJO7qzV.yml_fichier_pes_0', original: 'PESALR2_1.xml' }],
    visuel_pdf: [
      { content: 'qJO7qzV.yml_visuel_pdf_0', original: 'vue.pdf' },
      { content: 'qJO7qzV.yml_visuel_pdf_1', original: 'vue.pdf' },
    ],
  };
  const there = [
    { name: 'qJO7qzV.yml_fichier_pes_0', content: pesXml() },
    named('qJO7qzV.yml_visuel_pdf_0'),
    named('qJO7qzV.yml_visuel_pdf_1'),
  ];

  test('become those of the sender, by the XML', async () => {
    const envelope = await deposit([...there, { name: 'metadata.xml', content: metadata.xml({ files }) }]);
    expect(envelope.kind).toBe('PES_Aller');
    expect(roles(envelope)).toEqual({
      'PESALR2_1.xml': 'pes',
      'vue.pdf': 'visual',
      'vue (2).pdf': 'visual',
      'metadata.xml': 'metadata',
    });
    expect(codes(envelope)).toEqual([]);
  });

  test('become those of the sender, by the field and number where JSON and YAML have the original names', async () => {
    const original = { fichier_pes: ['PESALR2_1.xml'], visuel_pdf: ['vue.pdf', 'vue.pdf'] };
    for (const extension of ['json', 'txt'] as const) {
      const envelope = await deposit([
        ...there,
        { name: `metadata.${extension}`, content: metadata[extension]({ files: original }) },
      ]);
      expect(Object.keys(roles(envelope))).toEqual([
        'PESALR2_1.xml',
        'vue.pdf',
        'vue (2).pdf',
        `metadata.${extension}`,
      ]);
      expect(codes(envelope).filter((code) => code !== 'NAME_CHANGED')).toEqual([]);
    }
  });
});

describe('attachments', () => {
  const one = { name: 'facture.pdf', content: PDF('facture') };

  test('come out of the XML beside it', async () => {
    const envelope = await deposit([
      { name: 'pes.xml', content: pesXml([one, { name: 'pes.xml', content: PDF('x') }]) },
    ]);
    expect(roles(envelope)).toEqual({
      'pes.xml': 'pes',
      'facture.pdf': 'attachment',
      'pes (2).xml': 'attachment',
    });
    expect((await contentOf(envelope.documents[1]!.open())).equals(one.content)).toBe(true);
  });

  test('that lie beside their XML as well, or in its signed copy, come once', async () => {
    const envelope = await deposit([
      { name: 'pes.xml', content: pesXml([one]) },
      { name: 'pes-signe.xml', content: `${pesXml([one])}\n` },
      { name: 'copie de facture.pdf', content: one.content },
    ]);
    expect(Object.keys(roles(envelope)).sort()).toEqual(['copie de facture.pdf', 'pes-signe.xml', 'pes.xml']);
    expect(codes(envelope).filter((code) => code === 'ATTACHED_AND_BESIDE')).toHaveLength(2);
  });

  test('that one sender put into one XML twice come twice', async () => {
    const envelope = await deposit([{ name: 'pes.xml', content: pesXml([one, one]) }]);
    expect(Object.keys(roles(envelope))).toEqual(['pes.xml', 'facture.pdf', 'facture (2).pdf']);
  });

  test('of several invoices know which is theirs', async () => {
    const envelope = await decode({
      name: 'pivot.xml',
      content: pivotXml([
        { number: 'F1', pdf: PDF('1') },
        { number: 'F2', pdf: PDF('2') },
      ]),
    });
    expect(envelope.documents.map(({ name, role, invoice }) => [name, role, invoice])).toEqual([
      ['pivot.xml', 'invoice-data', undefined],
      ['F1.pdf', 'invoice', 0],
      ['F2.pdf', 'invoice', 1],
    ]);
  });
});

describe('an @ctes archive', () => {
  const files = [
    {
      name: 'EACT--005520135--20260131-1.xml',
      content: enveloppeXml(['034-005520135-20260131-1-DE-1-1_0.xml']),
    },
    {
      name: '034-005520135-20260131-1-DE-1-1_0.xml',
      content: acteXml('1', '99_DE-a_1.pdf', ['a_2.pdf', 'a_3.pdf']),
    },
    named('99_DE-a_1.pdf'),
    named('a_2.pdf'),
    named('a_9.pdf'),
  ];

  test('is its act, with what is missing and what is more', async () => {
    const envelope = await decode({ name: 'X-EACT--005520135--20260131-1.tar.gz', content: tarGzOf(files) });
    expect([envelope.type, envelope.kind, envelope.shape]).toEqual(['acte_nature', 'Acte', 'archive']);
    if (envelope.type === 'acte_nature' && envelope.kind === 'Acte')
      expect(envelope.fields.act.number).toBe('1');
    expect(roles(envelope)).toEqual({
      'EACT--005520135--20260131-1.xml': 'envelope',
      '034-005520135-20260131-1-DE-1-1_0.xml': 'message',
      '99_DE-a_1.pdf': 'act',
      'a_2.pdf': 'annex',
      'a_9.pdf': 'other',
    });
    expect(envelope.issues.map(({ code, data }) => [code, data['file']])).toEqual([
      ['LISTED_MISSING', 'a_3.pdf'],
      ['UNLISTED', 'a_9.pdf'],
    ]);
    expect(envelope.attributes['EnveloppeCLMISILL.siren']).toBe('005520135');
  });

  test('unpacked into a folder, or packed as a zip, is the same', async () => {
    const folder = await newFolder();
    for (const { name, content } of files) await writeFile(join(folder, name), content);
    for (const envelope of [await decode(folder), await decode({ name: 'a.zip', content: zipOf(files) })]) {
      expect([envelope.kind, envelope.shape, codes(envelope).length]).toEqual(['Acte', 'archive', 2]);
    }
  });

  test('with what its sender had in memory after its end is read', async () => {
    const { gunzipSync, gzipSync } = await import('node:zlib');
    const tar = gunzipSync(tarGzOf(files));
    const content = gzipSync(Buffer.concat([tar, Buffer.alloc(5000, 'whatever')]));
    expect((await decode({ name: 'a.tar.gz', content })).documents).toHaveLength(5);
  });
});

describe('an envelope', () => {
  const zip = zipOf([
    { name: 'metadata.json', content: metadata.json(ACTE) },
    ...ACTE_FILES,
    { name: 'ar.xml', content: '<rien/>' },
  ]);

  test('is read from a path, from a stream, and from memory', async () => {
    const folder = await newFolder();
    const path = join(folder, 'depot.zip');
    await writeFile(path, zip);
    for (const input of [
      path,
      { name: 'depot.zip', content: Readable.from([zip]) },
      { name: 'depot.zip', content: zip },
    ]) {
      const envelope = await decode(input);
      expect(envelope.name).toBe('depot.zip');
      expect(envelope.documents).toHaveLength(5);
      expect((await contentOf(envelope.documents[0]!.open())).equals(PDF('acte.pdf'))).toBe(true);
    }
  });

  test('in a folder with folders is one', async () => {
    const folder = await newFolder();
    await mkdir(join(folder, 'dossier', 'annexes'), { recursive: true });
    await writeFile(
      join(folder, 'dossier', 'metadata.xml'),
      metadata.xml({ data: { acte_nature: '1' }, files: { arrete: ['a.pdf'] } }),
    );
    await writeFile(join(folder, 'dossier', 'annexes', 'a.pdf'), 'a');
    await writeFile(join(folder, '.DS_Store'), 'x');
    const envelope = await decode(folder);
    expect(roles(envelope)).toEqual({ 'a.pdf': 'act', 'metadata.xml': 'metadata' });
    expect(codes(envelope)).toEqual(['LITTER']);
  });

  test.skipIf(process.platform === 'win32')('does not follow a link in its folder', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'metadata.json'), metadata.json({ data: { acte_nature: '1' } }));
    await symlink('/etc/passwd', join(folder, 'a.pdf'));
    const envelope = await decode(folder);
    expect(codes(envelope)).toEqual(['ENTRY_NOT_A_FILE']);
    expect(envelope.documents.map(({ name }) => name)).toEqual(['metadata.json']);
  });

  test('leaves nothing behind once it is closed, nor where it could not be read', async () => {
    const folder = await newFolder();
    const large = zipOf([
      { name: 'metadata.json', content: metadata.json({ data: { acte_nature: '1' } }) },
      { name: 'a.pdf', content: Buffer.alloc(500_000) },
    ]);
    const envelope = await decodeEnvelope({ name: 'a.zip', content: large }, { folder });
    expect(await readdir(folder)).toHaveLength(1);
    await envelope.close();
    await envelope.close();
    expect(await readdir(folder)).toEqual([]);
    const bad = zipOf([
      { name: 'a.pdf', content: Buffer.alloc(500_000) },
      { name: 'b.pdf', content: 'x', crc: 1 },
    ]);
    await expect(decodeEnvelope({ name: 'a.zip', content: bad }, { folder })).rejects.toThrow();
    expect(await readdir(folder)).toEqual([]);
  });

  test('has names that are safe and distinct, whatever its sender called them', async () => {
    const files = {
      autre_document_attache: [
        { content: 'x0', original: 'CON' },
        { content: 'x1', original: 'a\u202e.pdf' },
        { content: 'x2', original: 'A_.PDF' },
        { content: 'x3', original: '../../b.pdf' },
      ],
    };
    const envelope = await deposit([
      ...['x0', 'x1', 'x2', 'x3'].map(named),
      { name: 'metadata.xml', content: metadata.xml({ data: { acte_nature: '1' }, files }) },
    ]);
    expect(envelope.documents.map(({ name }) => name)).toEqual([
      '_CON',
      'a_.pdf',
      'A_ (2).PDF',
      '..-..-b.pdf',
      'metadata.xml',
    ]);
  });

  test('is refused for what is odd about it only where its user says so', async () => {
    const files = [
      named('a.pdf'),
      named('b.pdf'),
      {
        name: 'metadata.json',
        content: metadata.json({ data: { acte_nature: '1' }, files: { arrete: ['a.pdf'] } }),
      },
    ];
    expect(codes(await deposit(files))).toEqual(['UNLISTED']);
    expect(codes(await deposit(files, { refuse: 'warning' }))).toEqual(['UNLISTED']);
    await expect(deposit(files, { refuse: 'note' })).rejects.toThrow(
      /depot is refused.*b\.pdf is there, and metadata\.json does not list it/u,
    );
  });

  test('that is no envelope says what it is instead', async () => {
    const not = (input: EnvelopeInput, why: RegExp) => expect(decode(input)).rejects.toThrow(why);
    await not(
      { name: 'a.pdf', content: PDF('a') },
      /a\.pdf is not an envelope: it is no archive, and no XML/u,
    );
    await not({ name: 'a.xml', content: '<autre/>' }, /no XML of Actes/u);
    await not({ name: 'vide', content: '' }, /it is empty/u);
    await not({ name: 'a.txt', content: '< < plus petit' }, /it is no archive/u);
    await not({ name: 'a.html', content: '<!DOCTYPE html><p>oups<br>' }, /it is no archive/u);
    await not({ name: 'a.docx', content: zipOf([{ name: '[Content_Types].xml' }]) }, /it is a document/u);
    await not({ name: 'a.bin', content: zipOf([{ name: 'mimetype' }]) }, /it is a document/u);
    await not({ name: 'a.zip', content: zipOf([{ name: 'a.pdf' }]) }, /it holds no metadata file/u);
    await not({ name: 'a.gz', content: (await import('node:zlib')).gzipSync('text') }, /holds no tar/u);
  });

  test('whose names differ in letter case alone has distinct ones', async () => {
    const files = { autre_document_attache: ['Plan.pdf', 'plan.pdf', 'PLAN.PDF'] };
    const content = zipOf([
      ...files.autre_document_attache.map(named),
      { name: 'metadata.json', content: metadata.json({ data: { acte_nature: '1' }, files }) },
    ]);
    const envelope = await decode({ name: 'a.zip', content });
    expect(envelope.documents.map(({ name }) => name)).toEqual([
      'Plan.pdf',
      'plan (2).pdf',
      'PLAN (3).PDF',
      'metadata.json',
    ]);
    expect(codes(envelope)).toEqual([]);
    for (const [i, name] of files.autre_document_attache.entries()) {
      expect((await contentOf(envelope.documents[i]!.open())).equals(PDF(name))).toBe(true);
    }
  });

  test('that is not there, or is no file, says so', async () => {
    await expect(decode(join(await newFolder(), 'nothing'))).rejects.toThrow(
      expect.objectContaining({ code: 'DOCUMENT_UNREADABLE' }),
    );
  });

  test.each([
    [{ limit: {} }, 'UNKNOWN_OPTION'],
    [{ refuse: 'all' }, 'INVALID_OPTION'],
    [{ metadata: ['a/b'] }, 'INVALID_OPTION'],
    [{ endMark: '' }, 'INVALID_OPTION'],
    [{ recognise: [{ type: 'actes', keys: [] }] }, 'INVALID_OPTION'],
  ])('refuses the options %o', async (options, code) => {
    await expect(decode({ name: 'a', content: 'a' }, options as never)).rejects.toThrow(
      expect.objectContaining({ code }),
    );
  });

  test('stops when it is told to', async () => {
    const controller = new AbortController();
    const content = Readable.from(
      (function* () {
        yield zip.subarray(0, 100);
        controller.abort();
        yield zip.subarray(100);
      })(),
    );
    await expect(decode({ name: 'a.zip', content }, { signal: controller.signal })).rejects.toThrow(
      expect.objectContaining({ code: 'ABORTED' }),
    );
    await expect(decode({ name: 'a.zip', content: zip }, { signal: AbortSignal.abort() })).rejects.toThrow(
      expect.objectContaining({ code: 'ABORTED' }),
    );
  });
});

describe('an envelope that is cut short, wherever it is cut', () => {
  test('is an error of the document, and never hangs', { timeout: 300_000 }, async () => {
    const files = [
      { name: 'metadata.json', content: metadata.json({ files: { fichier_pes: ['p.xml'] } }) },
      { name: 'p.xml', content: pesXml([{ name: 'a.pdf', content: PDF('a') }]) },
    ];
    for (const [name, whole] of [
      ['a.zip', zipOf(files)],
      ['p.xml', Buffer.from(files[1]!.content)],
    ] as const) {
      for (let length = 0; length < whole.length - 1; length++) {
        const outcome = await decode({ name, content: whole.subarray(0, length) }).then(
          (envelope) => `${String(envelope.issues.length)} issues`,
          (error: unknown) => (error as { scope?: string }).scope,
        );
        expect(outcome, `cut at ${String(length)}`).toBe('document');
      }
    }
  });
});
