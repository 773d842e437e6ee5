import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needs } from '../../support/needs.js';
import { corpus, hasCorpus } from '../corpus.js';
import { bytesOf, decoded, inMemory, useFolder } from '../decode.js';
import { encoded, ENCODINGS, KINDS } from './index.js';

useFolder();

const kinds = [...KINDS.entries()];
const SEEDS = Array.from({ length: 12 }, (_, seed) => seed);

describe('what was generated is what is decoded', () => {
  it.each(kinds)('%s, in every encoding and in chunks of any size', async (_kind, make) => {
    for (const seed of SEEDS) {
      const { name, kind, xml, fields, files } = make(seed);
      const encoding = ENCODINGS[seed % ENCODINGS.length]!;
      const chunk = [65_536, 1000, 17, 3][Math.floor(seed / 3) % 4]!;
      const read = await decoded(inMemory(encoded(xml, encoding), name, chunk));
      expect(read.kind).toBe(kind);
      expect(read.fields, `seed ${String(seed)}`).toMatchObject(fields);
      expect(read.documents.map((d) => d.name)).toEqual(files.map((f) => f.name));
      for (const [i, document] of read.documents.entries()) {
        expect((await bytesOf(document)).equals(files[i]!.bytes), document.name).toBe(true);
      }
      expect(read.issues.map(({ message }) => message)).toEqual([]);
    }
  });
});

describe.skipIf(!hasCorpus() || !needs('xmllint', { install: 'apt-get install libxml2-utils' }))(
  'what is generated',
  () => {
    const withSchema = kinds.filter(([, make]) => make(0).schema !== undefined);

    it.each(withSchema)('fits its schema: %s', (_kind, make) => {
      const folder = mkdtempSync(join(tmpdir(), 'lanceur-generated-'));
      try {
        const bySchema = new Map<string, string[]>();
        for (const seed of SEEDS) {
          const { xml, schema = '' } = make(seed);
          const path = join(folder, `${String(seed)}.xml`);
          writeFileSync(path, encoded(xml, 'UTF-8'));
          bySchema.set(schema, [...(bySchema.get(schema) ?? []), path]);
        }
        for (const [schema, paths] of bySchema) {
          const { status, stderr } = spawnSync('xmllint', ['--noout', '--schema', corpus(schema), ...paths], {
            encoding: 'utf8',
          });
          const errors = stderr
            .split('\n')
            .filter((line) => /error|invalid/iu.test(line))
            .join('\n');
          expect(status, errors).toBe(0);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  },
);
