import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { corpus, hasCorpus } from '../corpus.js';
import { KINDS } from './index.js';

/** Schemas of what stands within messages: signatures, identifiers. */
const PARTS = /(?:xmldsig|xades|xmlenc)[/\\]|siret\.xsd$/u;

/** The elements that a schema defines by themselves, and that no other refers to: with these a file can begin. */
function rootsOf(paths: readonly string[]): readonly string[] {
  const texts = paths.map((path) => readFileSync(path, 'utf8').replaceAll(/<!--.*?-->/gsu, ''));
  const referred = new Set(
    texts.flatMap((text) => [...text.matchAll(/\sref="(?:\w+:)?([\w-]+)"/gu)].map(([, name]) => name)),
  );
  const found = texts.flatMap((text) => globalElementsIn(text));
  return [...new Set(found)].filter((name) => !referred.has(name)).sort();
}

function globalElementsIn(text: string): readonly string[] {
  const names: string[] = [];
  let depth = 0;
  for (const [, close, tag = '', attributes = '', empty] of text.matchAll(
    /<(\/?)(?:xs|xsd):(\w+)([^>]*?)(\/?)>/gu,
  )) {
    if (close === '/') depth--;
    else {
      const name = /\sname="([\w-]+)"/u.exec(attributes)?.[1];
      if (tag === 'element' && depth === 1 && name !== undefined) names.push(name);
      if (empty !== '/') depth++;
    }
  }
  return names;
}

describe.skipIf(!hasCorpus())('the schemas of the corpus', () => {
  const folders = ['actes', 'helios', 'chorus'];

  it.each(folders)('define no message that is not read, and made by chance: %s', (folder) => {
    const paths = readdirSync(corpus(folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.xsd') && !PARTS.test(path))
      .map((path) => join(corpus(folder), path));
    const roots = rootsOf(paths);
    expect(roots.length).toBeGreaterThan(0);
    expect(roots.filter((root) => !KINDS.has(root))).toEqual([]);
  });
});
