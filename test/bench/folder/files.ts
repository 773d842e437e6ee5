import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BYTES = 20 * 1024;
const body = Buffer.alloc(BYTES);
for (let i = 0, x = 1; i < BYTES; i++) {
  x = (x * 1_103_515_245 + 12_345) & 0x7fffffff;
  body[i] = x >> 16;
}

export function makeFolder(place: string, name: string): string {
  const path = join(place, name);
  mkdirSync(path, { recursive: true });
  return path;
}

/** Files of 20 KB, no two with the same content. */
export function makeFiles(folder: string, count: number, bytes = BYTES): void {
  for (let i = 0; i < count; i++) writeFileSync(join(folder, nameOf(i)), contentOf(i).subarray(0, bytes));
}

/** Throws unless every file is in the target, as it was, none is left, and the ledger (if asked) has its digest. */
export function checkTaken(
  source: string,
  target: string,
  count: number,
  digests?: ReadonlyMap<string, string>,
): void {
  const left = readdirSync(source).filter((name) => name !== '.lanceur');
  const taken = readdirSync(target);
  if (left.length > 0 || taken.length !== count) {
    throw new Error(
      `${String(left.length)} files are left, ${String(taken.length)} of ${String(count)} were taken`,
    );
  }
  for (let i = 0; i < count; i++) {
    const name = nameOf(i);
    const found = readFileSync(join(target, name));
    if (!found.equals(contentOf(i))) throw new Error(`${name} is not what it was`);
    if (digests === undefined) continue;
    const digest = createHash('sha256').update(found).digest('hex');
    if (digests.get(name) !== digest) throw new Error(`the ledger has another digest of ${name}`);
  }
}

function nameOf(i: number): string {
  return `scan-${String(i).padStart(6, '0')}.pdf`;
}

function contentOf(i: number): Buffer {
  body.write(String(i).padStart(12, ' '));
  return body;
}
