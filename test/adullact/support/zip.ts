import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of a zip, with whatever lies about it. */
export interface ZipEntry {
  readonly name: string | Uint8Array;
  readonly content?: string | Uint8Array;
  /** 0 stored, 8 deflated. Default 8. */
  readonly method?: number;
  /** Default: bit 11 (UTF-8) where the name is a text. */
  readonly flags?: number;
  /** A mode of Unix, in the external attributes. */
  readonly mode?: number;
  readonly crc?: number;
  readonly size?: number;
  readonly extra?: Uint8Array;
  /** The packed bytes themselves. */
  readonly packed?: Uint8Array;
}

/** A zip (APPNOTE.TXT), as true or as false as its entries. */
export function zipOf(
  entries: readonly ZipEntry[],
  lies: { readonly count?: number; readonly overlap?: boolean } = {},
): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name as string);
    const content = Buffer.from((entry.content ?? '') as string);
    const method = entry.method ?? 8;
    const packed = Buffer.from(entry.packed ?? (method === 8 ? deflateRawSync(content) : content));
    const extra = Buffer.from(entry.extra ?? []);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(entry.flags ?? (typeof entry.name === 'string' ? 0x800 : 0), 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(0x5a21_0000, 6);
    common.writeUInt32LE(entry.crc ?? crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(entry.size ?? content.length, 18);
    common.writeUInt16LE(name.length, 22);
    common.writeUInt16LE(extra.length, 24);

    const at = lies.overlap === true ? 0 : offset;
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x0201_4b50, 0);
    central.writeUInt16LE((entry.mode === undefined ? 0 : 3) << 8, 4);
    common.copy(central, 6);
    central.writeUInt32LE(((entry.mode ?? 0) << 16) >>> 0, 38);
    central.writeUInt32LE(at, 42);
    directory.push(central, name, extra);

    if (lies.overlap === true && offset > 0) continue;
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, name, extra, packed]);
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x0605_4b50, 0);
  end.writeUInt16LE(lies.count ?? entries.length & 0xffff, 8);
  end.writeUInt16LE(lies.count ?? entries.length & 0xffff, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}

/** The extra field 0x7075: a name in UTF-8 for an entry whose plain name is `plain`. */
export function unicodePath(plain: Uint8Array, name: string): Buffer {
  const utf8 = Buffer.from(name);
  const head = Buffer.alloc(9);
  head.writeUInt16LE(0x7075, 0);
  head.writeUInt16LE(5 + utf8.length, 2);
  head[4] = 1;
  head.writeUInt32LE(crc32(plain), 5);
  return Buffer.concat([head, utf8]);
}
