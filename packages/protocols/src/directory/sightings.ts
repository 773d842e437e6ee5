import type { SourceMemory } from '@lanceur/core';

/** What was seen of an item that was not whole. */
export interface Sighting {
  readonly version: string;
  /** Since when it has had this version, by the clock of this machine. */
  readonly since: number;
  readonly firstSeen: number;
  /** Why it is taken although it is not whole. */
  readonly givenUp?: string;
}

const BUCKETS = 64;

/**
 * What listings remember of items that were not whole yet, over the runs of a cron job. Kept in a fixed number of
 * entries, so that what vanished is forgotten without being asked for by name, and only what changed is written.
 */
export class Sightings {
  readonly #memory: SourceMemory;
  readonly #before: readonly Map<string, Sighting>[];
  readonly #after: readonly Map<string, Sighting>[];

  private constructor(memory: SourceMemory, before: readonly Map<string, Sighting>[]) {
    this.#memory = memory;
    this.#before = before;
    this.#after = before.map(() => new Map());
  }

  static async read(memory: SourceMemory): Promise<Sightings> {
    const keys = Array.from({ length: BUCKETS }, (_, i) => bucketKey(i));
    const stored = await memory.read(keys);
    return new Sightings(
      memory,
      keys.map((key) => parsed(stored.get(key))),
    );
  }

  /** What an item was when it was seen last, without reading all the others. */
  static async readOne(memory: SourceMemory, id: string): Promise<Sighting | undefined> {
    const key = bucketKey(bucketOf(id));
    return parsed((await memory.read([key])).get(key)).get(id);
  }

  get(id: string): Sighting | undefined {
    return this.#before[bucketOf(id)]?.get(id);
  }

  set(id: string, sighting: Sighting): void {
    this.#after[bucketOf(id)]?.set(id, sighting);
  }

  /** Writes what was set. After a complete listing, what was not set is forgotten. */
  async flush(complete: boolean): Promise<void> {
    const entries = new Map<string, string | undefined>();
    for (const [i, before] of this.#before.entries()) {
      const seen = this.#after[i] ?? new Map<string, Sighting>();
      const after = complete ? seen : new Map([...before, ...seen]);
      const text = serialised(after);
      if (text !== serialised(before)) entries.set(bucketKey(i), text);
    }
    if (entries.size > 0) await this.#memory.write(entries);
  }
}

function bucketKey(i: number): string {
  return `sightings/${String(i)}`;
}

/** FNV-1a: every entry of the folder is looked up at every listing, and a digest would cost more than its stat. */
function bucketOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % BUCKETS;
}

type Stored = readonly [version: string, since: number, firstSeen: number, givenUp?: string];

function serialised(sightings: ReadonlyMap<string, Sighting>): string | undefined {
  if (sightings.size === 0) return undefined;
  const stored = [...sightings]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { version, since, firstSeen, givenUp }]): [string, Stored] => [
      id,
      givenUp === undefined ? [version, since, firstSeen] : [version, since, firstSeen, givenUp],
    ]);
  return JSON.stringify(stored);
}

/** Memory that cannot be read is no memory: the quiet time begins anew. */
function parsed(text: string | undefined): Map<string, Sighting> {
  if (text === undefined) return new Map();
  try {
    const stored = JSON.parse(text) as readonly (readonly [string, Stored])[];
    return new Map(
      stored.map(([id, [version, since, firstSeen, givenUp]]) => [
        id,
        { version, since, firstSeen, ...(givenUp !== undefined && { givenUp }) },
      ]),
    );
  } catch {
    return new Map();
  }
}
