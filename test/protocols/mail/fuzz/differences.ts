import { NO_PARTS } from '../../../../packages/protocols/dist/mail/problems.js';
import type { Outcome } from './readers.js';

/**
 * How a damaged mail is another by IMAP than by POP3. By POP3 its parts are ours to find, by IMAP they are the server's word:
 *
 * - `no parts, which is said`: the server cannot find the boundary behind a parameter that is damaged, or in a line behind one.
 * - `a name`: a parameter is damaged, and one of the two stops at it, or falls back on another name.
 * - `a content`: the encoding of a text, or of a part that has the field twice, is damaged.
 * - `an error`: one of the two cannot read it.
 * - `a part`: a type or a disposition is damaged, so that a part is another kind of part, or none.
 */
export type Difference = 'no parts, which is said' | 'a name' | 'a content' | 'an error' | 'a part';

export function differenceOf(pop3: Outcome, imap: Outcome): Difference | undefined {
  if ('error' in pop3 || 'error' in imap) {
    return 'error' in pop3 && 'error' in imap && pop3.error === imap.error ? undefined : 'an error';
  }
  const [one, other] = [pop3.documents, imap.documents];
  if (imap.problems?.includes(NO_PARTS) === true && one.length !== other.length)
    return 'no parts, which is said';
  if (one.length !== other.length) return 'a part';
  const pairs = one.map((document, i) => [document, other[i]!] as const);
  if (pairs.some(([a, b]) => !a.content.equals(b.content)))
    return pairs.every(([a, b]) => a.name === b.name) ? 'a content' : 'a part';
  return pairs.every(([a, b]) => a.name === b.name) ? undefined : 'a name';
}

/** Two outcomes from where they begin to be different, for people. */
export function toldApart(one: Outcome, other: Outcome): readonly [string, string] {
  if ('error' in one || 'error' in other) return [told(one), told(other)];
  const [a, b] = [one.documents, other.documents];
  const from = a.findIndex(
    (document, i) =>
      b[i] === undefined ||
      told({ documents: [document], problems: undefined }) !==
        told({ documents: [b[i]], problems: undefined }),
  );
  const at = from === -1 ? Math.min(a.length, b.length) : from;
  return [
    told({ ...one, documents: a.slice(at, at + 2) }),
    told({ ...other, documents: b.slice(at, at + 2) }),
  ];
}

/** An outcome in one line, for people. */
export function told(outcome: Outcome): string {
  if ('error' in outcome) return outcome.error;
  const documents = outcome.documents.map(({ name, content }) => {
    const beginning = content.toString('latin1', 0, 20).replace(/[^ -~]/gu, '.');
    return `${name} (${String(content.length)} bytes: ${beginning})`;
  });
  return [...documents, ...(outcome.problems === undefined ? [] : [`said: ${outcome.problems}`])].join(' | ');
}
