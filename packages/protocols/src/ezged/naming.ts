import { fingerprintOf, safeName, safeNames } from '@lanceur/core';

/** Hex digits of a submission's id that go into a name: enough that two never meet by chance. */
const DIGITS = 12;

/** The names under which a group's documents are uploaded: safe, unique, in the group's order. */
export function uploadNames(names: readonly string[], submissionId: string | undefined): readonly string[] {
  const safe = safeNames(names);
  if (submissionId === undefined) return safe;
  const id = /^[0-9a-f]{12}/u.test(submissionId)
    ? submissionId.slice(0, DIGITS)
    : fingerprintOf(submissionId).slice(0, DIGITS);
  return safeNames(safe.map((name) => withId(name, id)));
}

// A safe name has at most 240 bytes.
const LONGEST = 240 - DIGITS - 1;

function withId(name: string, id: string): string {
  // Cut before the id goes in, so that a long name loses some of itself and none of the id.
  const short = safeName(name, LONGEST);
  const dot = short.lastIndexOf('.');
  const at = dot <= 0 ? short.length : dot;
  return `${short.slice(0, at)}-${id}${short.slice(at)}`;
}
