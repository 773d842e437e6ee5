/** Attributes for an indexer: only what has a value; several values in one, apart by `; `, each once. */
export function flat(
  values: Readonly<Record<string, string | number | boolean | undefined | readonly (string | undefined)[]>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const text = typeof value === 'object' ? listed(value) : value?.toString();
      return text === undefined || text === '' ? [] : [[name, text]];
    }),
  );
}

/** Beyond this an attribute is no help to anyone: a PES may have thousands of third parties. */
const MOST = 100;

function listed(values: readonly (string | undefined)[]): string {
  const different = [...new Set(values.filter((value) => value !== undefined))];
  const shown = different.slice(0, MOST).join('; ');
  return different.length > MOST ? `${shown}; …` : shown;
}
