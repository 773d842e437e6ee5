import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { corpus, hasCorpus } from '../corpus.js';
import { bytesOf, decoded, useFolder } from '../decode.js';
import { encoded, KINDS } from '../generator/index.js';
import { TABLE } from './corpus-table.js';
import { readWhole, unpacked } from './whole.js';

useFolder();

async function compare(bytes: Buffer, xml: string): Promise<void> {
  const { raw, documents } = await decoded(bytes);
  const { tree, contents } = readWhole(xml);
  expect(raw).toEqual(tree);
  for (const [i, document] of documents.entries()) {
    const content = contents[i]!;
    // A zip cannot be told from its file this way: its own tests do.
    if (content.readUInt16BE() === 0x504b) continue;
    expect((await bytesOf(document)).equals(unpacked(content)), document.name).toBe(true);
  }
}

describe('lifting the attachments out first', () => {
  it.each([...KINDS.entries()])('reads the same of a %s as parsing the whole of it', async (_kind, make) => {
    for (let seed = 100; seed < 106; seed++) {
      const { xml } = make(seed);
      await compare(encoded(xml, 'UTF-8'), xml);
    }
  });

  const files = Object.entries(TABLE).flatMap(([path, expected]) => (expected === null ? [] : [path]));
  it.skipIf(!hasCorpus()).each(files)('reads the same of %s as parsing the whole of it', async (path) => {
    const bytes = readFileSync(corpus(path));
    const text = bytes.toString(/encoding=["']ISO/u.test(bytes.toString('latin1')) ? 'latin1' : 'utf8');
    await compare(bytes, text);
  });
});
