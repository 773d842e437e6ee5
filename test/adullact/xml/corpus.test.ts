import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { needs } from '../../support/needs.js';
import { corpus, hasCorpus } from '../corpus.js';
import { decode, decoded, onDisk, sha256Of, useFolder } from '../decode.js';
import { TABLE, type Expected } from './corpus-table.js';

const files = Object.entries(TABLE);
const envelopes = files.filter((entry): entry is [string, Expected] => entry[1] !== null);
const others = files.filter(([, expected]) => expected === null).map(([path]) => path);

describe.skipIf(!hasCorpus())('the XMLs of the corpus', () => {
  useFolder();

  it('are all in the table', () => {
    const found = ['actes', 'helios', 'chorus', 'pastell-depot'].flatMap((folder) =>
      readdirSync(corpus(folder), { recursive: true, encoding: 'utf8' })
        .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
        .filter((path) => path.endsWith('.xml')),
    );
    expect(files.map(([path]) => path).sort()).toEqual(found.sort());
  });

  it.each(envelopes)('%s says what it says in the file', async (path, expected) => {
    const { type, kind, attributes, documents, lists, issues } = await decoded(onDisk(corpus(path)));
    expect({ type, kind, attributes }).toEqual({
      type: expected.type,
      kind: expected.kind,
      attributes: { kind: expected.kind, ...expected.attributes },
    });
    const digests = await Promise.all(documents.map(sha256Of));
    expect(documents.map(({ name, role, size }, i) => [name, role, size, digests[i]?.slice(0, 16)])).toEqual(
      expected.documents ?? [],
    );
    expect(lists.map(({ name, role }) => [name, role])).toEqual(expected.lists ?? []);
    expect(issues.map(({ code, data }) => [code, ...Object.values(data)])).toEqual(expected.issues ?? []);
  });

  it.each(others)('%s is none of ours', async (path) => {
    expect(await decode(onDisk(corpus(path)))).toBeUndefined();
  });
});

/** The schema of a kind. */
function schemaOf({ kind, type }: Expected): string | undefined {
  if (type === 'acte_nature') return 'actes/stela/actesv1_1.xsd';
  const pes = 'helios/xsd_v5.12/PES_V2';
  const schemas: Readonly<Record<string, string>> = {
    PES_Aller: `${pes}/Rev0/PES_Aller.xsd`,
    PES_ACQUIT: `${pes}/Rev0/PES_V2_Acquit_Autonome_V2.xsd`,
    PES_Retour: `${pes}/RETOUR/Rev0/PES_Retour.xsd`,
    CPPFacturePivot: 'chorus/pastell/CPPFacturePivot_V1_22.xsd',
    CPPStatut: 'chorus/pastell/CPPStatutPivot_V1_19.xsd',
  };
  return schemas[kind];
}

describe.skipIf(!hasCorpus() || !needs('xmllint', { install: 'apt-get install libxml2-utils' }))(
  'an oddity that is told of a file of the corpus',
  () => {
    const codes = new Set(['SCHEMA_ODD', 'FIELD_MISSING', 'COUNT_ODD', 'NAMESPACE_ODD']);
    const odd = envelopes.filter(([, { issues = [] }]) => issues.some(([code]) => codes.has(code)));

    it.each(odd)('is one for the schema as well: %s', (path, expected) => {
      const schema = corpus(schemaOf(expected) ?? '');
      const { status, stderr } = spawnSync('xmllint', ['--noout', '--schema', schema, corpus(path)], {
        encoding: 'utf8',
      });
      expect(status, stderr).toBe(INVALID);
    });
  },
);

/** What xmllint ends with if a file does not fit its schema. */
const INVALID = 3;
