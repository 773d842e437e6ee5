import type { EndOfFormat } from '../end-marks.js';

const END = 22;
const LONGEST_COMMENT = 0xffff;

export const zipEnd: EndOfFormat = async (file) => {
  const start = Math.max(0, file.size - END - LONGEST_COMMENT);
  const tail = Buffer.from(await file.read(start, file.size - start));
  for (let at = tail.length - END; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== 0x06054b50 || tail.readUInt16LE(at + 20) !== tail.length - at - END)
      continue;
    const size = tail.readUInt32LE(at + 12);
    const offset = tail.readUInt32LE(at + 16);
    // In ZIP64 the true figures are elsewhere, and written before this record.
    if (size === 0xffffffff || offset === 0xffffffff) return undefined;
    return offset + size <= start + at ? undefined : 'a part before its central directory';
  }
  return 'its central directory is missing';
};
