// A PES as large as the regulation lets it be, in a process of its own: what memory it takes does not grow with it.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pesXml } from '../support/samples.js';

const MB = 1e6;
/** 120 MB as base64: 128 MiB is the limit. A multiple of the pieces below, for any number of attachments. */
const SIZE = 90 * MB;
const PIECE = 30_000;
/**
 * What Node and the libraries take, and some room for a garbage collector that is late: not the 90 MB that come out on top of
 * it, nor the 120 MB that go in.
 */
const MOST_MEMORY = { library: 200 * MB, launcher: 300 * MB };

const NAME = 'PESALR2.xml';
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanceur-large-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Bytes that no gzip makes smaller, the same in each run. */
function piece(seed: string): Buffer {
  const blocks = Array.from({ length: Math.ceil(PIECE / 32) }, (_, i) =>
    createHash('sha256')
      .update(`${seed} ${String(i)}`)
      .digest(),
  );
  return Buffer.concat(blocks).subarray(0, PIECE);
}

/** A gzip may be made of members, one after the other (RFC 1952, section 2.2); a multiple of three, so that base64 has no end in between. */
function packed(content: Buffer): string {
  const member = gzipSync(content, { level: 0 });
  // The extra bytes stand in a comment of no meaning (FCOMMENT): a member as long as is wished.
  const spare = (3 - ((member.length + 1) % 3)) % 3;
  const head = Buffer.from(member.subarray(0, 10));
  head.writeUInt8(0x10, 3);
  return Buffer.concat([head, Buffer.alloc(spare, 'x'), Buffer.alloc(1), member.subarray(10)]).toString(
    'base64',
  );
}

/** Writes a PES with so many attachments, and says what they hold together. */
async function writePes(
  path: string,
  count: number,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const [before = '', after = ''] = pesXml([{ name: '@', content: Buffer.alloc(0) }]).split(/<PJ>.*<\/PJ>/u);
  const file = await open(path, 'wx');
  const hash = createHash('sha256');
  const each = SIZE / count / PIECE;
  await file.write(before);
  for (let i = 0; i < count; i++) {
    const id = String(i).padStart(4, '0');
    await file.write('<PJ><Contenu><Fichier MIMEType="application/pdf">');
    for (let n = 0; n < each; n++) {
      const content = piece(`${id} ${String(n)}`);
      hash.update(content);
      await file.write(packed(content));
    }
    await file.write(
      `</Fichier></Contenu><IdUnique V="PJ${id}"/><NomPJ V="piece ${id}.pdf"/><TypePJ V="003"/></PJ>`,
    );
  }
  await file.write(after);
  await file.close();
  return { bytes: SIZE, sha256: hash.digest('hex') };
}

async function read(how: 'library' | 'launcher', place: string): Promise<Readonly<Record<string, unknown>>> {
  const script = fileURLToPath(new URL('read-large.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, how, place, NAME]);
  return JSON.parse(stdout) as Readonly<Record<string, unknown>>;
}

describe.each([
  ['one attachment', 1],
  ['1,000 attachments', 1000],
] as const)('a PES of 120 MB with %s', (_, count) => {
  test(
    'comes out whole, through decodeEnvelope and through a launcher, in a memory that does not hold it',
    { timeout: 300_000 },
    async () => {
      const place = join(folder, String(count));
      for (const name of ['source', 'work', 'target', 'spool'])
        await mkdir(join(place, name), { recursive: true });
      const { bytes, sha256 } = await writePes(join(place, 'source', NAME), count);

      const { peakBytes: ofLibrary, ...decoded } = await read('library', place);
      expect(decoded).toEqual({ type: 'helios', kind: 'PES_Aller', issues: 0, files: count, bytes, sha256 });
      expect(ofLibrary).toBeLessThan(MOST_MEMORY.library);

      const { peakBytes: ofLauncher, ...placed } = await read('launcher', place);
      expect(placed).toEqual({ files: count, bytes, sha256 });
      expect(ofLauncher).toBeLessThan(MOST_MEMORY.launcher);
    },
  );
});
