/** What a case puts into a document. */
export function bytes(text: string): Buffer {
  return Buffer.from(text);
}

/** So many bytes that differ wherever they are cut. */
export function large(size: number, salt = 0): Buffer {
  const content = Buffer.alloc(size);
  for (let i = 0; i < size; i++) content[i] = (Math.imul(i + 1, 2_654_435_761) >>> 13) + salt;
  return content;
}

/** Names that have broken programs. */
export const AWKWARD_NAMES: readonly string[] = [
  '',
  '.',
  '..',
  'README',
  '.profile',
  'a.',
  'a..pdf',
  ' .pdf',
  'CON.pdf',
  'a\nb.pdf',
  'a\u0000.pdf',
  '\u202efdp.exe',
  '\ud800.pdf',
  'e\u0301te\u0301.PDF',
  '👩‍👩‍👧.pdf',
  '[abc].pdf',
  '!a.pdf',
  '#a.pdf',
  '{a,b}.pdf',
  '**/*.pdf',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  `a.${'x'.repeat(300)}`,
  `${'a'.repeat(5000)}.pdf`,
];

/** The value, with nothing left in it that could be written to. Functions stay callable. */
export function deepFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  for (const inner of Object.values(value)) deepFrozen(inner);
  return Object.freeze(value);
}
