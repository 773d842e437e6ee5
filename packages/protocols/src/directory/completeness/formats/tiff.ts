import type { SeenFile } from '../completeness.js';
import type { EndOfFormat } from '../end-marks.js';

// Bounds for a file that lies: pages, entries of a page, strips of a page.
const MOST_PAGES = 10_000;
const MOST_VALUES = 1_000_000;
const SIZES: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
};
const STRIPS = { offsets: 273, lengths: 279 };
const TILES = { offsets: 324, lengths: 325 };

interface Entry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Where its values are. */
  readonly at: number;
}

/** TIFF 6.0: the directories may come last, and point at the pages; all that they point at has to be there. */
export const tiffEnd: EndOfFormat = async (file) => {
  const header = Buffer.from(await file.read(0, 8));
  const order = header.toString('latin1', 0, 2);
  if (header.length < 8 || (order !== 'II' && order !== 'MM')) return 'it does not begin as a TIFF';
  const little = order === 'II';
  // BigTIFF, of more than 4 GB, is told by its quiet time alone.
  if (u16(header, 2, little) !== 42) return undefined;

  const seen = new Set<number>();
  let at = u32(header, 4, little);
  if (at === 0) return 'its first page is missing';
  while (at !== 0 && seen.size < MOST_PAGES) {
    if (seen.has(at)) return 'its pages run in a circle';
    seen.add(at);
    const page = await readPage(file, at, little);
    if (page === undefined) return `page ${String(seen.size)} is missing`;
    if (!(await reaches(file, page.entries, little)))
      return `the content of page ${String(seen.size)} is missing`;
    at = page.next;
  }
  return undefined;
};

async function readPage(file: SeenFile, at: number, little: boolean) {
  const count = Buffer.from(await file.read(at, 2));
  if (count.length < 2) return undefined;
  const entries = u16(count, 0, little);
  const body = Buffer.from(await file.read(at + 2, entries * 12 + 4));
  if (body.length < entries * 12 + 4) return undefined;
  return {
    entries: Array.from({ length: entries }, (_, i) => entryAt(body, i * 12, at + 2, little)),
    next: u32(body, entries * 12, little),
  };
}

function entryAt(body: Buffer, i: number, base: number, little: boolean): Entry {
  const type = u16(body, i + 2, little);
  const count = u32(body, i + 4, little);
  const inline = (SIZES[type] ?? 1) * count <= 4;
  return { tag: u16(body, i, little), type, count, at: inline ? base + i + 8 : u32(body, i + 8, little) };
}

async function reaches(file: SeenFile, entries: readonly Entry[], little: boolean): Promise<boolean> {
  if (entries.some((e) => e.at + (SIZES[e.type] ?? 1) * e.count > file.size)) return false;
  for (const kind of [STRIPS, TILES]) {
    const offsets = await values(
      file,
      entries.find((e) => e.tag === kind.offsets),
      little,
    );
    const lengths = await values(
      file,
      entries.find((e) => e.tag === kind.lengths),
      little,
    );
    if (offsets.some((offset, i) => offset + (lengths[i] ?? 0) > file.size)) return false;
  }
  return true;
}

async function values(file: SeenFile, entry: Entry | undefined, little: boolean): Promise<readonly number[]> {
  if (entry === undefined || entry.count > MOST_VALUES || (entry.type !== 3 && entry.type !== 4)) return [];
  const width = entry.type === 3 ? 2 : 4;
  const bytes = Buffer.from(await file.read(entry.at, entry.count * width));
  const read = width === 2 ? u16 : u32;
  return Array.from({ length: Math.floor(bytes.length / width) }, (_, i) => read(bytes, i * width, little));
}

function u16(bytes: Buffer, at: number, little: boolean): number {
  return little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
}

function u32(bytes: Buffer, at: number, little: boolean): number {
  return little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
}
