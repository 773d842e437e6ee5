import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll } from 'vitest';
import { DEFAULT_LIMITS, type Limits } from '@lanceur/adullact';
import {
  decodeXml,
  type DecodedXml,
  type XmlDocument,
  type XmlFile,
} from '../../packages/adullact/dist/xml-file.js';

let folder = '';

/** Makes the folder that `decode` needs, for the tests of a file. */
export function useFolder(): () => string {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lanceur-xml-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return () => folder;
}

/** An XML that is in memory, handed over in chunks of the given size. */
export function inMemory(content: string | Uint8Array, name = 'a.xml', chunk = 65_536): XmlFile {
  const bytes = Buffer.from(content as Uint8Array);
  return {
    name,
    open: async () =>
      Readable.from(
        (function* () {
          for (let i = 0; i < bytes.length; i += chunk) yield bytes.subarray(i, i + chunk);
        })(),
      ),
  };
}

export function onDisk(path: string): XmlFile {
  return { name: basename(path), open: async () => createReadStream(path) };
}

export async function decode(
  file: XmlFile | string | Uint8Array,
  limits: Partial<Limits> = {},
): Promise<DecodedXml | undefined> {
  const input = typeof file === 'string' || file instanceof Uint8Array ? inMemory(file) : file;
  return await decodeXml(input, { folder, limits: { ...DEFAULT_LIMITS, ...limits } });
}

/** Of what has to be one of ours. */
export async function decoded(
  file: XmlFile | string | Uint8Array,
  limits: Partial<Limits> = {},
): Promise<DecodedXml> {
  const result = await decode(file, limits);
  if (result === undefined) throw new Error('this is none of ours');
  return result;
}

export async function bytesOf(document: XmlDocument): Promise<Buffer> {
  return await buffer(await document.open());
}

export async function sha256Of(document: XmlDocument): Promise<string> {
  return createHash('sha256')
    .update(await bytesOf(document))
    .digest('hex');
}
