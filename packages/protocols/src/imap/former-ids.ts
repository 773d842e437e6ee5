import type { ItemRef, SourceMemory } from '@lanceur/core';

// A mail that comes back from the quarantine has another UID, and where it bears no mark nothing else says which one it is.
// It keeps the id that it had: remembered for it is where it is now, and for its new UID what it was.

/** Mails without a mark have come back, under these ids. @param ids - by the id that each had. */
export async function rememberFormerIds(
  memory: SourceMemory,
  ids: ReadonlyMap<string, string>,
): Promise<void> {
  const entries = [...ids].flatMap(([former, now]) => [
    [nowKey(former), now] as const,
    [formerKey(now), former] as const,
  ]);
  if (entries.length > 0) await memory.write(new Map(entries));
}

/** The mails under the ids that they had when they were rejected. */
export async function asTheyWere(
  memory: SourceMemory,
  refs: readonly ItemRef[],
): Promise<readonly ItemRef[]> {
  // What is not to be taken is not looked into either, and there may be very many of these.
  const unmarked = refs.filter(({ same, notReady }) => same === undefined && notReady === undefined);
  if (unmarked.length === 0) return refs;
  const former = await memory.read(unmarked.map(({ id }) => formerKey(id)));
  return refs.map((ref) => ({ ...ref, id: former.get(formerKey(ref.id)) ?? ref.id }));
}

/** The ids under which the mails are now in their mailbox, by those that they are known by. */
export async function presentIds(
  memory: SourceMemory,
  refs: readonly ItemRef[],
): Promise<ReadonlyMap<string, string>> {
  const unmarked = refs.filter(({ same }) => same === undefined);
  const now = unmarked.length === 0 ? undefined : await memory.read(unmarked.map(({ id }) => nowKey(id)));
  return new Map(refs.map(({ id }) => [id, now?.get(nowKey(id)) ?? id]));
}

/** They have left again. */
export async function forgetFormerIds(memory: SourceMemory, refs: readonly ItemRef[]): Promise<void> {
  const present = [...(await presentIds(memory, refs))].filter(([id, now]) => id !== now);
  if (present.length === 0) return;
  const keys = present.flatMap(([id, now]) => [nowKey(id), formerKey(now)]);
  await memory.write(new Map(keys.map((key) => [key, undefined])));
}

function nowKey(former: string): string {
  return `now ${former}`;
}

function formerKey(now: string): string {
  return `former ${now}`;
}
