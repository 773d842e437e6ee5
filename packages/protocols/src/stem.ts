/** A name up to its extension; all of it if there is none (`README`, `.profile`). */
export function stemOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? name : name.slice(0, dot);
}
