// Deposits and archives, damaged by chance: each is read, or refused with a word, and nothing else happens.
import { readdir } from 'node:fs/promises';
import { decodeEnvelope, type EnvelopeInput } from '@lanceur/adullact';
import { LanceurError } from '@lanceur/core';
import { contentOf, seededRandom, type SeededRandom } from '@lanceur/core/testing';
import { expect, test } from 'vitest';
import { folders } from './support/folder.js';
import { acteXml, enveloppeXml, metadata, PDF, pesXml, pivotXml } from './support/samples.js';
import { tarGzOf, tarOf } from './support/tar.js';
import { zipOf } from './support/zip.js';

const newFolder = folders();

const DEPOSIT = {
  data: { id_facture_cpp: '3125108', objet: 'Été : « œuvres »' },
  files: { fichier_facture: ['pivot.xml'], facture_pj_02: ['a.pdf', 'b.pdf'] },
};
const FILES = [
  { name: 'pivot.xml', content: pivotXml([{ number: 'F1', pdf: PDF('1') }]) },
  { name: 'a.pdf', content: PDF('a') },
  { name: 'b.pdf', content: PDF('b') },
];
const ACTES = [
  { name: 'EACT--1.xml', content: enveloppeXml(['a_0.xml']) },
  { name: 'a_0.xml', content: acteXml('1', 'a_1.pdf') },
  { name: 'a_1.pdf', content: PDF('acte') },
];

const METADATA = (['xml', 'json', 'txt'] as const).map((extension) => ({
  name: `metadata.${extension}`,
  content: Buffer.from(metadata[extension](DEPOSIT)),
}));
const ARCHIVES = [
  ...METADATA.map((file) => ({ name: 'depot.zip', content: zipOf([...FILES, file]) })),
  { name: 'stocke.zip', content: zipOf([...FILES, METADATA[0]!].map((file) => ({ ...file, method: 0 }))) },
  { name: 'actes.tar.gz', content: tarGzOf(ACTES) },
  {
    name: 'pes.zip',
    content: zipOf([{ name: 'pes.xml', content: pesXml([{ name: 'a.pdf', content: PDF('a') }]) }]),
  },
];

/** One to five accidents. */
function damaged(bytes: Buffer, random: SeededRandom): Buffer {
  let at: Buffer = Buffer.from(bytes);
  for (let i = random.int(5); i >= 0; i--) {
    const place = random.int(at.length + 1);
    const length = random.int(64);
    switch (random.int(5)) {
      case 0:
        if (at.length > 0) at[random.int(at.length)] = random.int(256);
        break;
      case 1:
        at = at.subarray(0, place);
        break;
      case 2:
        at = Buffer.concat([at.subarray(0, place), random.bytes(length), at.subarray(place)]);
        break;
      case 3:
        at = Buffer.concat([at.subarray(0, place), at.subarray(place + length)]);
        break;
      default:
        at = Buffer.concat([at.subarray(0, place), at.subarray(random.int(at.length + 1))]);
    }
  }
  return at;
}

/** A deposit in memory with its metadata damaged, or an archive that is. A tar is damaged inside its gzip as well. */
async function inputFor(random: SeededRandom): Promise<EnvelopeInput> {
  const { gzipSync } = await import('node:zlib');
  if (random.chance(0.2)) return { name: 'actes.tar.gz', content: gzipSync(damaged(tarOf(ACTES), random)) };
  if (random.chance(0.6)) {
    const { name, content } = random.pick(ARCHIVES);
    return { name, content: damaged(content, random) };
  }
  const { name, content } = random.pick(METADATA);
  return { name: 'depot', files: [...FILES, { name, content: damaged(content, random) }] };
}

test(
  'a damaged deposit is read, or refused by a word about it, and leaves nothing behind',
  { timeout: 300_000 },
  async () => {
    const folder = await newFolder();
    const outcomes = new Map<string, number>();
    for (let seed = 1; seed <= 600; seed++) {
      const random = seededRandom(seed);
      const input = await inputFor(random);
      let outcome: string;
      try {
        const envelope = await decodeEnvelope(input, { folder });
        for (const { name, size, open } of envelope.documents) {
          expect((await contentOf(open())).length, `${name} of seed ${String(seed)}`).toBe(size);
        }
        await envelope.close();
        outcome = envelope.issues.length === 0 ? 'read' : 'read with issues';
      } catch (error) {
        expect(LanceurError.is(error) && error.scope, `seed ${String(seed)}: ${String(error)}`).toBe(
          'document',
        );
        outcome = (error as LanceurError).code;
      }
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      expect(await readdir(folder), `seed ${String(seed)}`).toEqual([]);
    }
    // All of them happen, or this has tried nothing.
    for (const outcome of ['read with issues', 'ENVELOPE_DAMAGED', 'NOT_AN_ENVELOPE']) {
      expect(outcomes.get(outcome) ?? 0, outcome).toBeGreaterThan(5);
    }
  },
);
