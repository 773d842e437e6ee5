import type { EndOfFormat } from '../end-marks.js';

// Scanners and cameras append padding or previews behind the end marker; a file cut short has none near its end.
const WINDOW = 65_536;

export const jpegEnd: EndOfFormat = async (file) => {
  const head = await file.read(0, 2);
  if (head[0] !== 0xff || head[1] !== 0xd8) return 'it does not begin as a JPEG';
  const tail = Buffer.from(await file.read(Math.max(2, file.size - WINDOW), WINDOW));
  return tail.includes(Buffer.from([0xff, 0xd9])) ? undefined : 'its end marker is missing';
};
