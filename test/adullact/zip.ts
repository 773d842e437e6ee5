import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly content: Buffer;
  /** What to write where the truth would stand. */
  readonly crc?: number;
  readonly flags?: number;
  readonly method?: number;
  readonly packed?: Buffer;
}

/** A zip, written by hand, so that anything can be wrong with it (APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.16). */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, content, ...wrong } of entries) {
    const raw = Buffer.from(name);
    const packed = wrong.packed ?? deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x800 | (wrong.flags ?? 0), 2);
    common.writeUInt16LE(wrong.method ?? 8, 4);
    common.writeUInt32LE(0x5a21_0000, 6);
    common.writeUInt32LE(wrong.crc ?? crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(raw.length, 22);
    const file = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, raw, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, rest, raw);
    local.push(file);
    offset += file.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, Buffer.from('PK\x05\x06', 'latin1'), end]);
}
