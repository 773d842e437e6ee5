// Metadata as other programs than Pastell's own write it, and as Pastell has written it over the years.
import { describe, expect, test } from 'vitest';
import { codes, decoder, named, roles } from '../support/envelope.js';

const decode = decoder();

const ACT = { number: '0012', date: '2026-01-31', nature: '1', subject: 'L’été <à> l’école & après' };

/** An act with its PDF, and the metadata that is the matter here. */
const act = (name: string, content: string) =>
  decode({ name: 'depot', files: [named('acte 1.pdf'), { name, content }] });

describe('metadata.xml', () => {
  test.each([
    [
      'with a prefix, other quotes, another order, comments, instructions and unknown elements',
      `<?xml version='1.0' encoding='utf-8' standalone='yes'?>
<!-- <!DOCTYPE flux> <flux> -->
<?xml-stylesheet href='depot.xsl'?>
<p:flux xmlns:p='urn:depot' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='urn:depot depot.xsd'>
  <p:inconnu><p:data name='objet' value='un autre'/></p:inconnu>
  <p:files   name = 'arrete' ><!-- un --><p:file name_original='acte 1.pdf' content='acte 1.pdf'></p:file></p:files>
  <p:data value='2026-01-31' name='date_de_lacte'/>
  <p:data value='L&#x2019;été &lt;à&gt; l&#8217;école &amp; après' name='objet'/>
  <p:data value='0012' name='numero_de_lacte'></p:data>
  <p:data value='1' name='acte_nature'/>
</p:flux>
<!-- fin -->`,
    ],
    [
      'with its values in the text, some of them CDATA',
      `<flux xmlns="urn:depot"><data name="acte_nature">1</data><data name="numero_de_lacte"> 0012 </data>
<data name="objet"><![CDATA[L’été <à> l’école & après]]></data><data name="date_de_lacte"><![CDATA[2026-01-31]]></data>
<files name="arrete"><file content="acte 1.pdf"/></files></flux>`,
    ],
    [
      'with thousands of comments',
      `${'<!-- -->'.repeat(40_000)}<flux><data name="acte_nature" value="1"/><data name="numero_de_lacte" value="0012"/>
<data name="objet" value="L’été &lt;à> l’école &amp; après"/><data name="date_de_lacte" value="2026-01-31"/>
<files name="arrete"><file content="acte 1.pdf"/></files></flux>`,
    ],
  ])('%s', async (_, content) => {
    const envelope = await act('metadata.xml', content);
    if (envelope.type !== 'acte_nature' || envelope.kind !== 'deposit') throw new Error(envelope.kind);
    expect(envelope.fields.act).toEqual({ ...ACT, matters: [], document: 'acte 1.pdf', annexes: [] });
    expect(roles(envelope)).toEqual({ 'acte 1.pdf': 'act', 'metadata.xml': 'metadata' });
    expect(codes(envelope)).toEqual([]);
  });

  test('keeps what a CDATA section means: an entity in it is none', async () => {
    const { attributes } = await act(
      'metadata.xml',
      '<flux><data name="acte_nature" value="1"/><data name="objet"><![CDATA[&lt;b&gt; &#65;]]></data></flux>',
    );
    expect(attributes['objet']).toBe('&lt;b&gt; &#65;');
  });

  test.each([
    '<flux><!-- <data/></flux>',
    '<flux><data name="a"><![CDATA[x</data></flux>',
    '<flux><?x </flux>',
  ])('without an end of its comment, CDATA section or instruction is damaged: %s', async (content) => {
    await expect(act('metadata.xml', content)).rejects.toThrow(
      expect.objectContaining({ code: 'ENVELOPE_DAMAGED' }),
    );
  });
});

test.each([
  ['comments', `<flux>${'<!--'.repeat(200_000)}</flux>`],
  ['CDATA sections', `<flux>${'<![CDATA['.repeat(100_000)}</flux>`],
  ['instructions', `<flux>${'<?a '.repeat(200_000)}</flux>`],
])('metadata.xml of %s that never end is damaged, soon', async (_, content) => {
  await expect(act('metadata.xml', content)).rejects.toThrow(
    expect.objectContaining({ code: 'ENVELOPE_DAMAGED' }),
  );
});

describe('metadata in YAML', () => {
  test.each([
    [
      'as Symfony writes it',
      `acte_nature: '1'\nnumero_de_lacte: '0012'\nobjet: 'L’été <à> l’école & après'\ndate_de_lacte: '2026-01-31'\narrete:\n    - 'acte 1.pdf'\nrien: null\nvide: {  }\n`,
    ],
    [
      'as Spyc writes it',
      `---\nacte_nature: "1"\nnumero_de_lacte: 0012\nobjet: >\n  L’été <à> l’école\n  & après\ndate_de_lacte: 2026-01-31\narrete: \n  - acte 1.pdf\nvide: [ ]\n`,
    ],
    [
      'with comments before it, from Windows',
      `# Dépôt du 31 janvier\r\n\r\n---\r\nacte_nature: 1\r\n"numero_de_lacte": "0012"\r\nobjet: L’été <à> l’école & après\r\ndate_de_lacte: 2026-01-31\r\narrete:\r\n- acte 1.pdf\r\n...\r\n`,
    ],
    [
      'with a directive, and a first key that has blanks and accents',
      `%YAML 1.1\n---\nNuméro d'ordre du dépôt: 7\nacte_nature: 1\nnumero_de_lacte: 0012\nobjet: "L\\u2019été <à> l\\u2019école & après"\ndate_de_lacte: 2026-01-31\narrete: [acte 1.pdf]\n`,
    ],
    [
      'on one line',
      `{acte_nature: '1', numero_de_lacte: '0012', objet: "L’été <à> l’école & après", date_de_lacte: 2026-01-31, arrete: ['acte 1.pdf']}`,
    ],
  ])('%s', async (_, content) => {
    const envelope = await act('metadata.txt', content);
    if (envelope.type !== 'acte_nature' || envelope.kind !== 'deposit') throw new Error(envelope.kind);
    const { subject, ...rest } = envelope.fields.act;
    expect({ ...rest, subject: subject?.trim() }).toEqual({
      ...ACT,
      matters: [],
      document: 'acte 1.pdf',
      annexes: [],
    });
    expect([envelope.attributes['rien'] ?? '', envelope.attributes['vide'] ?? '']).toEqual(['', '']);
    expect(codes(envelope)).toEqual([]);
  });
});

describe('metadata.json', () => {
  test('keeps numbers as they are written', async () => {
    const { attributes } = await act(
      'metadata.json',
      `{"acte_nature":1,"montant":150.00,"long":123456789012345678901,"petit":-1.50e-3,"texte":"7 fois \\"1.0\\"","liste":[1.0]}`,
    );
    expect(attributes).toEqual({
      acte_nature: '1',
      montant: '150.00',
      long: '123456789012345678901',
      petit: '-1.50e-3',
      texte: '7 fois "1.0"',
      liste: '[1]',
    });
  });

  test.each([
    ['metadata.json', '[]'],
    ['metadata.json', '{}'],
    ['metadata.txt', '{  }\n'],
    ['metadata.xml', '<?xml version="1.0"?>\n<flux/>\n'],
  ])(
    'without any field, as the restriction of an installation leaves it, is still the metadata: %s %s',
    async (name, content) => {
      await expect(act(name, content)).rejects.toThrow(/its metadata metadata\.\w+ has none of the fields/u);
    },
  );
});

describe('the fields that an installation restricts its deposits to', () => {
  test.each([
    ['numero_de_lacte', 'acte_nature'],
    ['acte_unique_id', 'acte_nature'],
    ['acte_tamponne', 'acte_nature'],
    ['pes_etat_ack', 'helios'],
    ['facture_pj_01', 'chorus_fact'],
    ['fichier_facture_pdf', 'chorus_fact'],
    ['histo_statut_cpp', 'chorus_fact'],
  ])('tell the type by %s alone', async (field, type) => {
    expect((await act('metadata.json', JSON.stringify({ objet: 'x', [field]: 'y' }))).type).toBe(type);
  });

  test('need not list the files that are there', async () => {
    const envelope = await decode({
      name: 'depot',
      files: [
        named('acte.pdf'),
        named('annexe.pdf'),
        { name: 'metadata.xml', content: '<flux><data name="acte_nature" value="3"/></flux>' },
      ],
    });
    expect(roles(envelope)).toEqual({
      'acte.pdf': 'other',
      'annexe.pdf': 'other',
      'metadata.xml': 'metadata',
    });
    expect(codes(envelope)).toEqual([]);
  });
});

describe('a manifest', () => {
  test.each([
    ['actes-automatique', 'acte_nature'],
    ['ls-actes-publication', 'acte_nature'],
    ['ls-recup-actes-s2low', 'acte_nature'],
    ['helios-automatique', 'helios'],
    ['ls-helios-pj', 'helios'],
    ['pes-marche', 'helios'],
    ['ls-recup-pes-s2low', 'helios'],
    ['facture-cpp', 'chorus_fact'],
    ['facture-chorus-fournisseur', 'chorus_fact'],
  ])('tells its type by its flux %s', async (flux, type) => {
    const content = `<flux type='${flux}'>
  <param name='envoi_auto' value="true"/>
  <data name='objet' value="x"/>
  <files name='piece'><file content='acte 1.pdf' /></files>
</flux>`;
    const envelope = await act('manifest.xml', content);
    expect([envelope.type, envelope.raw.metadata?.flux]).toEqual([type, flux]);
    expect(envelope.attributes).toEqual({ envoi_auto: 'true', objet: 'x' });
  });
});
