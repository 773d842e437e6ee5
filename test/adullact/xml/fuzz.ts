import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { LanceurError } from '@lanceur/core';
import { DEFAULT_LIMITS } from '@lanceur/adullact';
import { decodeXml } from '../../../packages/adullact/dist/xml-file.js';
import { corpus, hasCorpus } from '../corpus.js';
import { inMemory } from '../decode.js';
import { Draw } from '../generator/draw.js';
import { encoded, ENCODINGS, KINDS } from '../generator/index.js';
import { mutated } from './mutate.js';
import { bothWays } from './whole.js';

export interface FuzzReport {
  readonly runs: number;
  readonly read: number;
  readonly none: number;
  /** How many ended in an error of each code. */
  readonly errors: Readonly<Record<string, number>>;
  /** The slowest, in milliseconds. */
  readonly slowest: number;
}

/** A run that ended as none may: the seed that makes it again, and why. */
class FuzzFailure extends Error {
  constructor(seed: number, cause: unknown) {
    super(
      `seed ${String(seed)}: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`,
      { cause },
    );
  }
}

/**
 * Decodes damaged XMLs, each made of its seed: generated ones, and those of the corpus where it is. Each has to be
 * read, to be none of ours, or to end in an error of scope `document`; and twice in the same way.
 *
 * @param seeds - which ones, for as long as they come
 */
export async function fuzz(seeds: Iterable<number>): Promise<FuzzReport> {
  const sources = sourcesOf();
  const errors: Record<string, number> = {};
  let [runs, read, none, slowest] = [0, 0, 0, 0];
  for (const seed of seeds) {
    const draw = new Draw(seed);
    const bytes = mutated(draw.pick(sources), draw, sources);
    const chunk = draw.pick([65_536, 700, 13]);
    const started = performance.now();
    const outcome = await attempt(bytes, chunk, seed);
    slowest = Math.max(slowest, performance.now() - started);
    const again = await attempt(bytes, 65_536, seed);
    if (!isDeepStrictEqual(outcome, again)) throw new FuzzFailure(seed, 'it was read in two ways');
    const [small, large] = bothWays(bytes) ?? [];
    if (!isDeepStrictEqual(small, large)) throw new FuzzFailure(seed, 'it is another if it is large');
    runs++;
    if (outcome === undefined) none++;
    else if (typeof outcome === 'string') errors[outcome] = (errors[outcome] ?? 0) + 1;
    else read++;
  }
  return { runs, read, none, errors, slowest };
}

async function attempt(bytes: Buffer, chunk: number, seed: number): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'lanceur-fuzz-'));
  try {
    const file = inMemory(bytes, 'a.xml', chunk);
    const decoded = await decodeXml(file, {
      folder,
      limits: { ...DEFAULT_LIMITS, expandedBytes: 20_000_000 },
    });
    if (decoded === undefined) return undefined;
    const documents = decoded.documents.map(({ name, role, size, localPath }) => {
      const { length } = readFileSync(localPath);
      if (length !== size || basename(name) !== name)
        throw new Error(`the document ${name} has ${String(length)} bytes`);
      return { name, role, size };
    });
    return {
      kind: decoded.kind,
      fields: decoded.fields,
      raw: decoded.raw,
      issues: decoded.issues,
      documents,
    };
  } catch (error) {
    if (LanceurError.is(error) && error.scope === 'document') return error.code;
    throw new FuzzFailure(seed, error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sourcesOf(): readonly Buffer[] {
  const generated = [...KINDS.values()].flatMap((make) =>
    ENCODINGS.map((encoding, seed) => encoded(make(seed).xml, encoding)),
  );
  if (!hasCorpus()) return generated;
  const real = ['actes', 'helios', 'chorus'].flatMap((folder) =>
    readdirSync(corpus(folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.xml'))
      .map((path) => readFileSync(join(corpus(folder), path)))
      .filter((bytes) => bytes.length < 60_000),
  );
  return [...generated, ...real];
}
