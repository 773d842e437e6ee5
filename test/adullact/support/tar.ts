import { gzipSync } from 'node:zlib';

/** An entry of a tar, with whatever lies about it. */
export interface TarEntry {
  readonly name: string | Uint8Array;
  readonly content?: string | Uint8Array;
  /** POSIX.1-1988: `0` file, `1` hard link, `2` symbolic link, `3` and `4` devices, `5` folder, `6` pipe; `x` pax. Default `0`. */
  readonly type?: string;
  readonly link?: string;
  /** Default: that of the content. */
  readonly size?: number;
}

/** A tar (ustar), as true or as false as its entries. */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = Buffer.from((entry.content ?? '') as string);
    const header = Buffer.alloc(512);
    Buffer.from(entry.name as string).copy(header, 0, 0, 100);
    header.write('0000644\0', 100, 'latin1');
    header.write('0000000\0'.repeat(2), 108, 'latin1');
    header.write(`${(entry.size ?? content.length).toString(8).padStart(11, '0')}\0`, 124, 'latin1');
    header.write('00000000000\0', 136, 'latin1');
    header.write('        ', 148, 'latin1');
    header.write(entry.type ?? '0', 156, 'latin1');
    header.write(entry.link ?? '', 157, 'latin1');
    header.write('ustar\x0000', 257, 'latin1');
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

export function tarGzOf(entries: readonly TarEntry[]): Buffer {
  return gzipSync(tarOf(entries));
}

/** A pax header (POSIX.1-2001) that names the entry after it. */
export function paxPath(path: string): TarEntry {
  const record = (length: number) => `${String(length)} path=${path}\n`;
  let length = Buffer.byteLength(record(0));
  while (Buffer.byteLength(record(length)) !== length) length = Buffer.byteLength(record(length));
  return { name: 'pax', type: 'x', content: record(length) };
}
