import { LanceurError } from './errors.js';

/**
 * Refuses a name that is no option, and says which one may have been meant: a configuration that is read from a file
 * has no compiler to do so.
 *
 * @param where - for the message: `directory`.
 * @throws LanceurError `UNKNOWN_OPTION`; `INVALID_OPTION` if `options` is no object.
 */
export function refuseUnknownOptions(where: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const found = Array.isArray(options) ? 'a list' : String(options);
    throw new LanceurError('INVALID_OPTION', {
      option: where,
      expected: 'called with an object of options',
      found,
    });
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const all = known.join(', ');
    throw new LanceurError('UNKNOWN_OPTION', {
      where,
      option: name,
      hint: near === undefined ? `there are ${all}` : `did you mean \`${near}\`?`,
      hint_fr: near === undefined ? `il y a ${all}` : `vouliez-vous dire \`${near}\` ?`,
    });
  }
}

/** The name that may have been meant, if any is near enough. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.ceil(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = candidate.toLowerCase().startsWith(name.toLowerCase())
      ? 1
      : edits(name.toLowerCase(), candidate.toLowerCase());
    if (distance >= least) continue;
    best = candidate;
    least = distance;
  }
  return best;
}

/** Levenshtein's distance. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (a.charAt(i) === b.charAt(j) ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
