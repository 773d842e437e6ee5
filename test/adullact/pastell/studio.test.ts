// Dossiers of Pastell's Studio (`ls-actes`, `ls-helios` and those that an installation draws itself): fields of its own, and a
// number behind those of a step that it has twice.
import { describe, expect, test } from 'vitest';
import { codes, decoder, named, roles } from '../support/envelope.js';
import { pesXml, pesAcquitXml } from '../support/samples.js';

const decode = decoder();

const deposit = (metadata: object, names: readonly string[]) =>
  decode({
    name: 'dossier',
    files: [...names.map(named), { name: 'metadata.json', content: JSON.stringify(metadata) }],
  });

describe('a dossier of the Studio', () => {
  test('that has steps twice is recognised and read by its numbered fields', async () => {
    const envelope = await deposit(
      {
        objet: 'Recrutement',
        envoi_signature_1: 'checked',
        envoi_signature_2: 'checked',
        envoi_tdt_actes_1: 'checked',
        acte_nature_1: '3',
        numero_de_lacte_1: '2026_01',
        date_de_lacte_1: '2026-01-31',
        classification_1: '4.1 Personnel titulaire',
        arrete: ['acte.pdf'],
        fichier_annexe: ['annexe.pdf'],
        signature_1: ['visa.p7s'],
        signature_2: ['signature.p7s'],
        bordereau_signature_2: ['bordereau.pdf'],
        document_original_1: ['original.pdf'],
        iparapheur_historique_1: ['historique.xml'],
        acte_tamponne_1: ['tamponne.pdf'],
        sae_bordereau: ['seda.json'],
        ged_document_id_file_1: ['ged.json'],
      },
      [
        'acte.pdf',
        'annexe.pdf',
        'visa.p7s',
        'signature.p7s',
        'bordereau.pdf',
        'original.pdf',
        'historique.xml',
        'tamponne.pdf',
        'seda.json',
        'ged.json',
      ],
    );
    expect([envelope.type, envelope.kind]).toEqual(['acte_nature', 'deposit']);
    expect(envelope.fields).toEqual({
      number: '2026_01',
      date: '2026-01-31',
      natureAbbreviation: 'AI',
      act: {
        number: '2026_01',
        date: '2026-01-31',
        nature: '3',
        subject: 'Recrutement',
        matters: ['4', '1'],
        matter: '4.1',
        document: 'acte.pdf',
        annexes: ['annexe.pdf'],
      },
    });
    expect(roles(envelope)).toEqual({
      'acte.pdf': 'act',
      'annexe.pdf': 'annex',
      'visa.p7s': 'signature',
      'signature.p7s': 'signature',
      'bordereau.pdf': 'slip',
      'original.pdf': 'original',
      'historique.xml': 'proof',
      'tamponne.pdf': 'stamped-act',
      'seda.json': 'proof',
      'ged.json': 'other',
      'metadata.json': 'metadata',
    });
    expect(codes(envelope)).toEqual([]);
  });

  test('whose fields an installation has named is read by its own roles, numbered or not', async () => {
    const files = { deliberation: ['d.pdf'], plans_1: ['p.pdf'], acte_nature: '1' };
    const envelope = await decode(
      {
        name: 'dossier',
        files: [named('d.pdf'), named('p.pdf'), { name: 'metadata.json', content: JSON.stringify(files) }],
      },
      { roles: { deliberation: 'act', plans: 'annex' } },
    );
    expect(roles(envelope)).toEqual({ 'd.pdf': 'act', 'p.pdf': 'annex', 'metadata.json': 'metadata' });
  });

  test('with a file of metadata among its documents is read by its own', async () => {
    const xml = `<flux><data name="acte_nature" value="1"/><data name="objet" value="celui du dossier"/>
<files name="arrete"><file content="a.pdf"/></files><files name="metadonnees"><file content="metadata.json"/></files></flux>`;
    const envelope = await decode({
      name: 'dossier',
      files: [
        named('a.pdf'),
        { name: 'metadata.json', content: '{"acte_nature":"2","objet":"celui du service"}' },
        { name: 'metadata.xml', content: xml },
      ],
    });
    expect(envelope.attributes).toEqual({ acte_nature: '1', objet: 'celui du dossier' });
    expect(envelope.documents.map(({ name, field }) => [name, field])).toEqual([
      ['a.pdf', 'arrete'],
      ['metadata.json', 'metadonnees'],
      ['metadata.xml', undefined],
    ]);
    expect(codes(envelope)).toEqual([]);
  });

  test.each([
    ['document_original', 'fichier_pes', 'B'],
    ['fichier_pes', 'document_original', 'A'],
    ['fichier_pes', 'fichier_pes_signe', 'B'],
    ['fichier_pes_signe', 'fichier_pes', 'A'],
  ])('of Helios speaks by the PES that was sent: a.xml in %s, b.xml in %s', async (first, second, sent) => {
    const pes = (name: string) => ({
      name: `${name.toLowerCase()}.xml`,
      content: pesXml().replace('V="PESALR2_1"', `V="${name}"`),
    });
    const fields = {
      envoi_tdt_helios: '1',
      [first]: ['a.xml'],
      [second]: ['b.xml'],
      pes_acquit: ['ack.xml'],
    };
    const envelope = await decode({
      name: 'dossier',
      files: [
        pes('A'),
        pes('B'),
        { name: 'ack.xml', content: pesAcquitXml() },
        { name: 'metadata.json', content: JSON.stringify(fields) },
      ],
    });
    expect([envelope.type, envelope.kind]).toEqual(['helios', 'PES_Aller']);
    expect(envelope.attributes['fileName']).toBe(sent);
    expect(codes(envelope)).toEqual([]);
  });
});
