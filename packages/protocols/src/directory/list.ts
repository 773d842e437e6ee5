import path from 'node:path';
import {
  folded,
  inFrench,
  LanceurError,
  reason,
  type DocumentInfo,
  type ItemRef,
  type Reason,
  type SourceMemory,
} from '@lanceur/core';
import type { SeenFile, SeenItem } from './completeness/completeness.js';
import { itemError, sourceError } from './faults.js';
import { errorCode, isMissing, type FileStat, type FolderEntry } from './file-system/file-system.js';
import {
  joinId,
  keyOf,
  nameOf,
  parentOf,
  totalSize,
  versionOf,
  versionOfAll,
  type FoundFile,
} from './ids.js';
import { stemOf } from '../stem.js';
import { pathKey, type Settings } from './options.js';
import { probe, type Probe } from './probe.js';
import { Sightings, type Sighting } from './sightings.js';
import { readTaken, type Captured } from './taken.js';
import { contentOf, problemOf, problemOfFolder } from './walk.js';

/** What listings share that belong to one listener. */
export interface ListingState {
  /** The coarsest step seen of the volume's clock, in milliseconds. */
  tickMs: number | undefined;
  /** Versions that were found whole by reading, by id. */
  readonly whole: Map<string, string>;
}

const MOST_WHOLE = 200_000;

/** Something in the source that may become an item. */
interface Candidate {
  readonly id: string;
  readonly version: string;
  readonly name: string;
  readonly folder: boolean;
  readonly files: readonly FoundFile[];
  readonly documents: readonly DocumentInfo[];
  /** Done-files inside a sub-folder. */
  readonly inside?: readonly string[];
  readonly problem?: Reason;
}

/** One listing of the source. */
export class Listing {
  readonly #settings: Settings;
  readonly #state: ListingState;
  readonly #memory: SourceMemory;
  #volume: Probe | undefined;
  #isVolumeKnown = false;
  #sightings: Sightings | undefined;
  /** Files that belong to an item that is captured in part. */
  #held: ReadonlySet<string> = new Set();
  /** Ids of what is captured: their done-files are spoken for. */
  #captured: readonly string[] = [];
  /** Names of files in the folder that is being listed, where a completeness may ask for them. */
  #names: ReadonlySet<string> = new Set();
  /** Done-files in that folder whose documents are there. */
  #announced: ReadonlySet<string> = new Set();

  constructor(settings: Settings, state: ListingState, memory: SourceMemory) {
    this.#settings = settings;
    this.#state = state;
    this.#memory = memory;
  }

  async *items(): AsyncGenerator<ItemRef> {
    const { root, fs } = this.#settings;
    let complete = false;
    try {
      const { dev } = await fs.stat(root, { follow: true });
      const sightings = await Sightings.read(this.#memory);
      this.#sightings = sightings;
      const { items: taken } = await readTaken(this.#settings);
      this.#held = heldFiles(taken);
      this.#captured = [...taken.values()].map(({ id }) => id);
      for (const captured of taken.values()) yield await refOfCaptured(this.#settings, captured);

      let unlisted: LanceurError | undefined;
      for await (const candidates of this.#candidates(dev, (error) => {
        unlisted ??= error;
      })) {
        for (const candidate of candidates) {
          if (taken.size > 0 && taken.has(keyOf(candidate))) continue;
          if (!this.#isVolumeKnown && candidate.problem === undefined) await this.#learnVolume();
          const judged = this.#judged(candidate);
          const ref = judged instanceof Promise ? await judged : judged;
          if (ref !== undefined) yield ref;
        }
      }
      // Whatever lies there must not look gone: the listing has not been complete.
      if (unlisted !== undefined) throw unlisted;
      complete = true;
    } catch (error) {
      throw sourceError(root, error);
    } finally {
      await this.#sightings?.flush(complete);
    }
  }

  // ── finding ───────────────────────────────────────────────────────────────────────────────────────────

  async *#candidates(
    dev: bigint,
    unlisted: (error: LanceurError) => void,
  ): AsyncGenerator<Iterable<Candidate>> {
    const pending = [''];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      const folder = at;
      const inner: FolderEntry[] = [];
      try {
        for await (const entries of this.#entries(folder)) {
          const files = entries.filter((e) => e.stat?.kind !== 'folder');
          inner.push(...entries.filter((e) => e.stat?.kind === 'folder'));
          yield this.#ofFiles(folder, files);
        }
      } catch (error) {
        // The source itself must be there; a folder in it may have been taken away since it was seen.
        if (folder === '' || LanceurError.is(error)) throw error;
        if (isMissing(error)) continue;
        yield [problemItem(folder, itemError(this.#settings, nameOf(folder), error).reason)];
        unlisted(sourceError(path.join(this.#settings.root, ...folder.split('/')), error));
        continue;
      }
      for (const entry of inner) {
        const id = joinId(folder, entry.name);
        if (entry.stat === undefined) continue;
        if (this.#settings.unit === 'entry') {
          const candidate = await this.#ofFolder(id, entry.stat, dev, unlisted);
          if (candidate !== undefined) yield [candidate];
          continue;
        }
        if (!this.#settings.recursive || this.#settings.junk(entry.name) !== undefined) continue;
        const problem = problemOfFolder(entry.stat, dev, id);
        if (problem === undefined) pending.push(id);
        else yield [problemItem(id, problem)];
      }
    }
  }

  /** The entries of a folder: in batches, or all together where some of them belong together. */
  async *#entries(folder: string): AsyncGenerator<readonly FolderEntry[]> {
    const { fs, root, unit, complete } = this.#settings;
    const full = path.join(root, ...folder.split('/'));
    const excluded = this.#excludedIn(full);
    const together: FolderEntry[] | undefined =
      unit === 'stem' || complete.isDoneFile !== undefined ? [] : undefined;
    for await (const batch of fs.list(full)) {
      const entries = batch.filter((e) => !excluded.has(pathKey(e.name)));
      if (together === undefined) yield entries;
      else together.push(...entries);
    }
    if (together === undefined) return;
    this.#names = new Set(together.filter((e) => e.stat?.kind === 'file').map((e) => pathKey(e.name)));
    const captured = this.#captured
      .filter((id) => parentOf(id) === folder)
      .flatMap((id) => complete.doneFilesOf?.(nameOf(id)) ?? []);
    this.#announced = new Set([...together.flatMap((e) => this.#doneFilesOf(e)), ...captured].map(pathKey));
    yield together.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #doneFilesOf({ name, stat }: FolderEntry): readonly string[] {
    const { complete, unit } = this.#settings;
    if (stat?.kind !== 'file' && (unit !== 'entry' || stat?.kind !== 'folder')) return [];
    if (complete.isDoneFile?.(name) === true) return [];
    return complete.doneFilesOf?.(unit === 'stem' ? stemOf(name) : name) ?? [];
  }

  /** The names in a folder that are left out. */
  #excludedIn(full: string): ReadonlySet<string> {
    const paths = this.#settings.exceptions.filter((p) => pathKey(path.dirname(p)) === pathKey(full));
    return new Set(paths.map((p) => pathKey(path.basename(p))));
  }

  #ofFiles(folder: string, entries: readonly FolderEntry[]): Iterable<Candidate> {
    const plain: FoundFile[] = [];
    const others: Candidate[] = [];
    for (const entry of entries) {
      const id = joinId(folder, entry.name);
      const problem = this.#problemOf(entry);
      if (problem === 'announces') continue;
      if (problem !== undefined || entry.stat === undefined) {
        if (problem !== undefined) others.push(problemItem(id, problem, entry.stat));
        continue;
      }
      if (this.#held.size === 0 || !this.#held.has(keyOf({ id, version: versionOf(entry.stat) })))
        plain.push({ path: id, name: entry.name, stat: entry.stat });
    }
    const found = this.#settings.unit === 'stem' ? stems(folder, plain) : plain.map(single);
    return [...found, ...others];
  }

  #problemOf(entry: FolderEntry): Reason | 'announces' | undefined {
    const { complete, junk } = this.#settings;
    if (entry.readable && complete.isDoneFile?.(entry.name) === true) {
      if (this.#announced.has(pathKey(entry.name))) return 'announces';
      return reason('INCOMPLETE', { missing: 'the document that this done-file announces' });
    }
    const pattern = entry.readable ? junk(entry.name) : undefined;
    if (pattern !== undefined) return reason('JUNK', { pattern });
    return problemOf(entry, this.#settings);
  }

  async #ofFolder(
    id: string,
    stat: FileStat,
    dev: bigint,
    unlisted: (error: LanceurError) => void,
  ): Promise<Candidate | undefined> {
    const { root, junk } = this.#settings;
    const pattern = junk(id);
    if (pattern !== undefined) return problemItem(id, reason('JUNK', { pattern }), stat);
    const other = problemOfFolder(stat, dev, id);
    if (other !== undefined) return problemItem(id, other, stat);
    try {
      const content = await contentOf(this.#settings, path.join(root, id), dev);
      const { files } = content;
      const problem = content.problem ?? (files.length > 0 ? undefined : emptyReason(content.junk));
      return {
        id,
        version: versionOfAll(files),
        name: id,
        folder: true,
        files,
        documents: [{ name: id, size: totalSize(files), container: true }],
        inside: content.doneFiles,
        ...(problem && { problem }),
      };
    } catch (error) {
      if (LanceurError.is(error)) throw error;
      if (isMissing(error)) return undefined;
      unlisted(sourceError(path.join(this.#settings.root, id), error));
      return problemItem(id, itemError(this.#settings, id, error).reason, stat);
    }
  }

  // ── judging ───────────────────────────────────────────────────────────────────────────────────────────

  /** At once wherever it can be told at once: of 100,000 files that are kept, a promise each would be a good part of a poll. */
  #judged(candidate: Candidate): ItemRef | undefined | Promise<ItemRef | undefined> {
    if (candidate.problem !== undefined) return refOf(candidate, candidate.problem);
    try {
      const asked = this.#asked(candidate);
      if (asked === undefined) return refOf(candidate, undefined);
      const { seen, sighting } = asked;
      const answer = this.#settings.complete.missing(seen);
      if (!(answer instanceof Promise))
        return refOf(candidate, this.#concluded(candidate, seen, sighting, answer));
      return answer.then(
        (why) => refOf(candidate, this.#concluded(candidate, seen, sighting, why)),
        (error: unknown) => unreadable(this.#settings, candidate, error),
      );
    } catch (error) {
      return unreadable(this.#settings, candidate, error);
    }
  }

  /** What its completeness is to be asked; nothing if that is known from an earlier listing. */
  #asked(candidate: Candidate): { readonly seen: SeenItem; readonly sighting: Sighting } | undefined {
    const { complete, clock } = this.#settings;
    const { id, version, files } = candidate;
    if (complete.reads === true && this.#state.whole.get(id) === version) return undefined;
    const now = clock.now();
    const before = this.#sightings?.get(id);
    const same = before?.version === version;
    // A clock that was set back has not seen it for less than no time.
    const since = same ? Math.min(before.since, now) : now;
    const firstSeen = Math.min(before?.firstSeen ?? now, now);
    const leftAloneMs =
      before !== undefined && !same ? 0 : Math.max(0, now - since, ageOf(files, this.#volume));
    const seen = new Seen(this.#settings, this.#names, candidate, { now, firstSeen, leftAloneMs });
    return { seen, sighting: { version, since, firstSeen } };
  }

  /** Why it is not taken now. Remembers what the next listing needs to know of it. */
  #concluded(
    candidate: Candidate,
    { now, firstSeen, leftAloneMs }: SeenItem,
    sighting: Sighting,
    why: Reason | undefined,
  ): Reason | undefined {
    const { complete, timeout, quietMs } = this.#settings;
    if (why === undefined) {
      if (complete.reads === true) this.#remember(candidate);
      return undefined;
    }
    if (now - firstSeen < timeout.ms) {
      this.#sightings?.set(candidate.id, sighting);
      return why;
    }
    const seconds = Math.round((now - firstSeen) / 1000);
    if (timeout.then === 'take' && leftAloneMs >= quietMs) {
      this.#sightings?.set(candidate.id, { ...sighting, givenUp: why.message });
      return undefined;
    }
    this.#sightings?.set(candidate.id, sighting);
    return reason('GIVEN_UP', { seconds, why: why.message, why_fr: inFrench(why) });
  }

  /** What the volume's clock says, looked up with the first item for which it matters. */
  async #learnVolume(): Promise<void> {
    this.#isVolumeKnown = true;
    if ((this.#settings.complete.quietMs ?? 0) > 0) this.#volume = await this.#probed();
  }

  async #probed(): Promise<Probe | undefined> {
    const found = await probe(this.#settings);
    if (found !== undefined) this.#state.tickMs = Math.max(found.tickMs, this.#state.tickMs ?? 0);
    return found;
  }

  #remember({ id, version }: Candidate): void {
    if (this.#state.whole.size >= MOST_WHOLE) this.#state.whole.clear();
    this.#state.whole.set(id, version);
  }
}

/** What a completeness is shown of a candidate; its files are made up only if it looks at them. */
class Seen implements SeenItem {
  readonly now: number;
  readonly firstSeen: number;
  readonly leftAloneMs: number;
  readonly #settings: Settings;
  readonly #names: ReadonlySet<string>;
  readonly #candidate: Candidate;

  constructor(
    settings: Settings,
    names: ReadonlySet<string>,
    candidate: Candidate,
    when: Pick<SeenItem, 'now' | 'firstSeen' | 'leftAloneMs'>,
  ) {
    this.#settings = settings;
    this.#names = names;
    this.#candidate = candidate;
    this.now = when.now;
    this.firstSeen = when.firstSeen;
    this.leftAloneMs = when.leftAloneMs;
  }

  get id(): string {
    return this.#candidate.id;
  }

  get name(): string {
    return this.#candidate.name;
  }

  get folder(): boolean {
    return this.#candidate.folder;
  }

  get files(): readonly SeenFile[] {
    const { fs, root } = this.#settings;
    const { id, folder, files } = this.#candidate;
    const base = folder ? path.join(root, ...id.split('/')) : root;
    return files.map((file) => ({
      name: folder ? file.path : file.name,
      size: file.stat.size,
      mtimeMs: Number(file.stat.mtimeNs / 1_000_000n),
      read: (start: number, length: number) =>
        fs.read(path.join(base, ...file.path.split('/')), start, length),
    }));
  }

  /** Its own, since whoever writes a completeness may take it out of the item. */
  readonly has = (wanted: string, options?: { readonly inside?: boolean }): boolean => {
    const key = pathKey(wanted);
    if (options?.inside !== true) return this.#names.has(key);
    const { inside = [], files } = this.#candidate;
    return inside.some((p) => pathKey(p) === key) || files.some((f) => pathKey(f.path) === key);
  };
}

function refOf({ id, version, name, files, documents }: Candidate, why: Reason | undefined): ItemRef {
  return {
    id,
    version,
    name,
    ...(files.length > 0 && { size: totalSize(files) }),
    ...(documents.length > 0 && { documents }),
    ...(why !== undefined && { notReady: why }),
  };
}

/** Its end could not be looked for: nothing if it has gone away meanwhile. */
function unreadable(settings: Settings, candidate: Candidate, error: unknown): ItemRef | undefined {
  if (!LanceurError.is(error) && isMissing(error)) return undefined;
  const failure = itemError(settings, candidate.name, error);
  if (LanceurError.is(error) || failure.scope === 'source') throw failure;
  return refOf(candidate, failure.reason);
}

/** How long ago the latest of the files' times was, for the volume; negative if it lies in the future, or cannot be told. */
function ageOf(files: readonly FoundFile[], volume: Probe | undefined): number {
  if (volume === undefined) return -1;
  let changed = -Infinity;
  for (const { stat } of files) changed = Math.max(changed, stat.changedMs);
  return volume.nowMs - changed;
}

function single(file: FoundFile): Candidate {
  const { path: id, name, stat } = file;
  return {
    id,
    version: versionOf(stat),
    name,
    folder: false,
    files: [file],
    documents: [{ name, size: stat.size }],
  };
}

/** Files of one folder by their stem. Its id is folded, so that a member that comes later does not change it. */
function stems(folder: string, files: readonly FoundFile[]): readonly Candidate[] {
  const byStem = new Map<string, FoundFile[]>();
  for (const file of files) {
    const key = folded(stemOf(file.name));
    const members = byStem.get(key);
    if (members) members.push(file);
    else byStem.set(key, [file]);
  }
  return [...byStem].map(([stem, members]) => ({
    id: joinId(folder, stem),
    version: versionOfAll(members),
    name: stemOf(members[0]?.name ?? stem),
    folder: false,
    files: members,
    documents: members.map(({ name, stat }) => ({ name, size: stat.size })),
  }));
}

function problemItem(id: string, problem: Reason, stat?: FileStat): Candidate {
  const name = nameOf(id);
  const isFile = stat?.kind === 'file';
  return {
    id,
    version: isFile ? versionOf(stat) : '',
    name,
    folder: false,
    files: [],
    documents: [{ name, ...(isFile && { size: stat.size }) }],
    problem,
  };
}

function emptyReason(junk: readonly string[]): Reason {
  const [first] = junk;
  return first === undefined
    ? reason('INCOMPLETE', { missing: 'the folder is empty' })
    : reason('INCOMPLETE', { missing: `the folder holds no document, only ${first}` });
}

/** Files that a manifest names and that have not moved yet: they are part of that item, and no other. */
function heldFiles(taken: ReadonlyMap<string, Captured>): ReadonlySet<string> {
  const held = new Set<string>();
  for (const { manifest } of taken.values()) for (const file of manifest?.files ?? []) held.add(keyOf(file));
  return held;
}

async function refOfCaptured({ fs }: Settings, captured: Captured): Promise<ItemRef> {
  const { id, version, manifest } = captured;
  const ref = { id, version, name: nameOf(id) };
  if (manifest !== undefined) {
    const documents = manifest.files.map((f) => ({ name: nameOf(f.id), size: sizeOf(f.version) }));
    return { ...ref, size: documents.reduce((sum, d) => sum + d.size, 0), documents };
  }
  try {
    const stat = await fs.stat(captured.path);
    if (stat.kind === 'folder') return { ...ref, documents: [{ name: ref.name, container: true }] };
    return { ...ref, size: stat.size, documents: [{ name: ref.name, size: stat.size }] };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return ref;
    throw error;
  }
}

function sizeOf(version: string): number {
  return Number(version.split('-', 1)[0]);
}
