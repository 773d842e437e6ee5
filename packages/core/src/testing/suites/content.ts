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
