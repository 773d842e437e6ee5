import type { EndOfFormat } from '../end-marks.js';

// Readers look for the marks in the first and last 1024 bytes; some producers pad further.
const WINDOW = 2048;

export const pdfEnd: EndOfFormat = async (file) => {
  const head = Buffer.from(await file.read(0, 1024));
  if (!head.includes('%PDF-')) return 'it does not begin with %PDF-';
  const tail = Buffer.from(await file.read(Math.max(0, file.size - WINDOW), WINDOW));
  const end = tail.lastIndexOf('%%EOF');
  if (end === -1) return 'its end mark %%EOF is missing';
  // An update is appended behind the last mark: more than blanks there means that one has begun.
  return /[^\s\0]/u.test(tail.subarray(end + 5).toString('latin1'))
    ? 'an end mark %%EOF after its last update'
    : undefined;
};
