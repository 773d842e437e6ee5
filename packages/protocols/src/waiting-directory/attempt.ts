import { join } from 'node:path';
import {
  LanceurError,
  messageOf,
  safeName,
  safeNames,
  type Clock,
  type DocumentGroup,
  type Sent,
  type SourceDocument,
  type SubmitOptions,
} from '@lanceur/core';
import { errno, unless } from './file-system.js';
import { manifestBytes, type ManifestSubject } from '../manifest.js';
import { readMark, writeMark, type Evidence, type Means } from './mark.js';
import { stemOf } from '../stem.js';
import { byStem, keyOf, stagedName, withNumber } from './naming.js';
import type { Settings } from './options.js';
import type { Place } from './place.js';
import { TICK_MS, type Placement } from './probe.js';
import { witnessOf } from './runs.js';
import { sideBySide } from './side-by-side.js';
import { stageBytes, stageDocument } from './stage.js';

/** One thing that is staged and then put in place in one step: a document, the manifest, or the folder of a group. */
interface Unit {
  readonly kind: 'document' | 'manifest' | 'folder';
  /** Its name in the target, but for a number. */
  readonly base: string;
  readonly staged: string;
  means: Means;
  n: number;
  /** The name that no other submission may use meanwhile. */
  reserved?: string | undefined;
  ctimeNs?: bigint;
  rights?: string;
  /**
   * - `waiting`: nothing was done to place it.
   * - `placed`
   * - `there`: the target had it, with the same content.
   * - `unsure`: it was tried, and the file system's answer does not tell.
   */
  state: 'waiting' | 'placed' | 'there' | 'unsure';
}

/** A document on its way. */
interface Part {
  /** As it is called in its delivery. */
  readonly name: string;
  /** Its name in the target's files, but for a number. */
  readonly base: string;
  /** Absent: it was there before this attempt. */
  readonly unit?: Unit;
  /** As it is known; once staged, or from an earlier attempt. */
  sent?: Sent;
}

// Documents of one group that are read and flushed at once.
const SIDE_BY_SIDE = 4;

const MOST_TRIES = 1000;

// After these the name was certainly not made; anything else (EIO, a stall) may have come after the deed.
const NOT_DONE =
  /^(?:EEXIST|ENOENT|ENOTDIR|EACCES|EPERM|EROFS|ENOSPC|EDQUOT|EXDEV|ENAMETOOLONG|EINVAL|EILSEQ|EMLINK|ENOTEMPTY|EISDIR|EBUSY)$/u;
// The volume does not take this name, whatever the name of the next document.
const NAME_NOT_TAKEN = /^(?:ENAMETOOLONG|EILSEQ|EINVAL)$/u;

/** One attempt at one submission, from reading the documents to having them in place. */
export class Attempt {
  readonly id: string;
  readonly key: string;
  readonly run: string;
  readonly token: string;
  /** Since when the ledger may know of it: from here on the staged files are evidence. */
  noted = false;
  /** `find` has been asked about it: it must place nothing any more. */
  cancelled = false;
  /** It may have begun to place. */
  placing = false;
  /** Its `submit` has returned. */
  ended = false;
  /** Resolves then. */
  readonly whenEnded: Promise<void>;
  readonly end: () => void;

  #documents: readonly SourceDocument[];
  readonly #groupKey: string;
  readonly #options: SubmitOptions;
  readonly #settings: Settings;
  readonly #place: Place;
  readonly #placement: Placement;
  readonly #clock: Clock;
  readonly #parts: readonly Part[];
  readonly #units: readonly Unit[];
  readonly #manifestBase: string | undefined;
  readonly #createdAt: number;
  /** When the youngest noted ctime was read. */
  #statAt = -Infinity;

  constructor(about: {
    readonly id: string;
    readonly run: string;
    readonly token: string;
    readonly group: DocumentGroup;
    readonly options: SubmitOptions;
    readonly settings: Settings;
    readonly place: Place;
    readonly placement: Placement;
    readonly clock: Clock;
  }) {
    this.id = about.id;
    this.key = keyOf(about.id);
    this.run = about.run;
    this.token = about.token;
    this.#documents = about.group.documents;
    this.#groupKey = about.group.key;
    this.#options = about.options;
    this.#settings = about.settings;
    this.#place = about.place;
    this.#placement = about.placement;
    this.#clock = about.clock;
    this.#createdAt = about.clock.now();
    let end: () => void = () => undefined;
    this.whenEnded = new Promise((resolve) => (end = resolve));
    this.end = () => {
      this.ended = true;
      this.#documents = []; // They hold their delivery, and this is kept until it is forgotten.
      end();
    };

    const names = this.#names();
    this.#manifestBase = names.manifest;
    const folder =
      this.#settings.layout === 'folder'
        ? this.#unit('folder', safeName(stemOf(about.group.documents[0]?.name ?? '_')), 'd')
        : undefined;
    const have = new Map((about.options.have ?? []).map((sent) => [sent.name, sent]));
    this.#parts = about.group.documents.map((document, i): Part => {
      const base = names.documents[i] ?? '_';
      const sent = have.get(document.name);
      if (sent !== undefined) return { name: document.name, base, sent };
      // A further name of the source's file has two names from the start, and must not be taken for one that was placed.
      const suffix = this.#settings.link && document.localPath !== undefined ? `s${String(i)}` : String(i);
      return { name: document.name, base, unit: folder ?? this.#unit('document', base, suffix) };
    });
    const units = new Set(this.#parts.flatMap((part) => part.unit ?? []));
    if (folder === undefined && names.manifest !== undefined)
      units.add(this.#unit('manifest', names.manifest, 'm'));
    this.#units = [...units];
  }

  /** Reads every document to its end, into staging. Afterwards {@link sent} knows them. */
  async stage(): Promise<void> {
    const stop = new AbortController();
    const signal = this.#signal(stop.signal);
    for (const unit of this.#units) this.#place.runs.note(this.key, this.run, unit.staged);
    for (const unit of this.#vanishing()) this.#place.runs.note(this.key, this.run, witnessOf(unit.staged));
    const folder = this.#units.find((unit) => unit.kind === 'folder');
    if (folder !== undefined) await this.#place.fs.mkdir(this.#staged(folder));

    await sideBySide(this.#parts.keys(), SIDE_BY_SIDE, (i) => this.#stagePart(i, signal), stop);
    if (this.#options.signal?.aborted === true) throw new LanceurError('ABORTED');

    await this.#chooseNames();
    await this.#stageManifest();
    if (folder !== undefined && this.#placement.flush) await this.#flush(this.#staged(folder));
    for (const unit of this.#vanishing()) await this.#place.runs.witness(this.run, unit.staged);
    await this.#noteTimes();
  }

  /** The documents, with the marks by which `find` knows them. */
  sent(): readonly Sent[] {
    const manifest = this.#units.find((unit) => unit.kind === 'manifest');
    const last = this.#parts.length - 1;
    return this.#parts.map((part, i) => {
      const { name, size, sha256 } = this.#known(part);
      const { unit } = part;
      const mark = writeMark({
        n: unit?.n ?? numberOf(part.sent),
        ...(unit !== undefined && unit.state !== 'there' && { evidence: this.#evidence(unit) }),
        ...(manifest !== undefined &&
          manifest.state !== 'there' &&
          i === last && { manifest: this.#evidence(manifest) }),
      });
      return { name, size, sha256, mark };
    });
  }

  /** The documents, with the names that they have in the target. */
  placed(): readonly Sent[] {
    return this.#parts.map((part) => {
      const { name, size, sha256 } = this.#known(part);
      const { unit, base } = part;
      const folder = unit?.kind === 'folder' ? `${withNumber(unit.base, unit.n)}/` : '';
      const own = folder === '' ? withNumber(base, unit?.n ?? numberOf(part.sent)) : base;
      const placedAs = `${folder}${own}`;
      return { name, size, sha256, ...(placedAs !== name && { placedAs }) };
    });
  }

  /** Puts everything in place, the manifest last. Rejects where it is not there as a whole. */
  async put(): Promise<void> {
    if (this.#placement.ctime === 'tick') await this.#waitForTick();
    for (const unit of this.#units) {
      if (unit.state === 'waiting') await this.#put(unit);
    }
    await this.#place.flushed();
    for (const unit of this.#units) if (unit.state === 'there') await this.#unstage(unit);
  }

  /** What this process knows of a staged thing, without looking: its own word is better than any evidence. */
  outcomeOf(evidence: Evidence): 'placed' | 'absent' | undefined {
    if (evidence.run !== this.run) return undefined;
    const unit = this.#units.find((u) => u.staged === evidence.staged);
    if (unit === undefined || unit.state === 'unsure') return undefined;
    return unit.state === 'waiting' ? 'absent' : 'placed';
  }

  /** Removes what is staged and not placed; all of it where nothing was. */
  async unstage(): Promise<void> {
    for (const unit of this.#units) if (unit.state !== 'placed') await this.#unstage(unit);
  }

  /** Lets go of names that were reserved. */
  async release(): Promise<void> {
    for (const unit of this.#units) {
      if (unit.reserved !== undefined) await this.#place.release(unit.reserved, this.#placement);
      unit.reserved = undefined;
    }
  }

  /** Of what stops the reading: the caller, or another document of the group; one alone has none to wait for. */
  #signal(stop: AbortSignal): AbortSignal {
    const { signal } = this.#options;
    if (signal === undefined) return stop;
    return this.#parts.length === 1 ? signal : AbortSignal.any([stop, signal]);
  }

  #names(): { readonly documents: readonly string[]; readonly manifest: string | undefined } {
    const documents = this.#documents.map(({ name }) => name);
    const { manifest, layout } = this.#settings;
    if (manifest === false) return { documents: safeNames(documents), manifest: undefined };
    const about: ManifestSubject = {
      submissionId: this.id,
      job: this.#settings.job,
      key: this.#groupKey,
      documents: safeNames(documents),
    };
    const byDefault = layout === 'folder' ? 'manifest.json' : `${stemOf(about.documents[0] ?? '_')}.json`;
    const name = manifest === true ? byDefault : manifest.name(about);
    if (layout === 'folder') {
      // The name by which a consumer finds it is the manifest's, even if a document is called so.
      const [own, ...others] = safeNames([name, ...documents]);
      return { documents: others, manifest: own };
    }
    const names = safeNames([...documents, name]);
    return { documents: names.slice(0, -1), manifest: names.at(-1) };
  }

  #unit(kind: Unit['kind'], base: string, suffix: string): Unit {
    const means = kind === 'folder' ? 'folder' : this.#placement.links ? 'link' : 'rename';
    const staged = stagedName(this.key, this.#options.fence ?? 0, this.token, suffix);
    return { kind, base, means, n: 1, staged, state: 'waiting' };
  }

  #staged(unit: Unit): string {
    return this.#place.staged(this.run, unit.staged);
  }

  async #stagePart(i: number, signal: AbortSignal): Promise<void> {
    const part = this.#parts[i];
    const document = this.#documents[i];
    if (part?.unit === undefined || document === undefined) return;
    const { unit } = part;
    const path = unit.kind === 'folder' ? join(this.#staged(unit), part.base) : this.#staged(unit);
    const documentBytes = this.#options.documentBytes ?? Infinity;
    const { size, sha256, linked } = await stageDocument(this.#place, document, path, {
      settings: this.#settings,
      documentBytes,
      signal,
    });
    if (linked && unit.means === 'link') unit.means = 'source';
    part.sent = { name: document.name, size, sha256 };
  }

  /** Written when the names are known, and before anything is noted: it is evidence like the documents. */
  async #stageManifest(): Promise<void> {
    const base = this.#manifestBase;
    const unit = this.#units.find((u) => u.kind !== 'document');
    if (base === undefined || unit === undefined || unit.state === 'there') return;
    const bytes = manifestBytes({
      submissionId: this.id,
      job: this.#settings.job,
      group: this.#groupKey,
      createdAt: new Date(this.#createdAt).toISOString(),
      attributes: this.#options.attributes ?? {},
      documents: this.#parts.map((part) => {
        const { size, sha256 } = this.#known(part);
        const n = part.unit?.kind === 'folder' ? 1 : (part.unit?.n ?? numberOf(part.sent));
        return { name: withNumber(part.base, n), size, sha256 };
      }),
    });
    const path = unit.kind === 'folder' ? join(this.#staged(unit), base) : this.#staged(unit);
    await stageBytes(this.#place, bytes, path, this.#settings.keepFree);
  }

  async #flush(directory: string): Promise<void> {
    const handle = await this.#place.fs.open(directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  /** After the files are closed, because Windows stamps them when they are. */
  async #noteTimes(): Promise<void> {
    if (this.#placement.ctime === 'none') return;
    for (const unit of this.#units) {
      if ((unit.means !== 'link' && unit.means !== 'source') || unit.state === 'there') continue;
      const { ctimeNs, rights } = await this.#place.fs.lstat(this.#staged(unit));
      unit.ctimeNs = ctimeNs;
      unit.rights = rights;
    }
    this.#statAt = this.#clock.now();
  }

  /** Where ctimes are stamped by the tick, a link within the same tick would leave no trace. */
  async #waitForTick(): Promise<void> {
    const age = this.#clock.now() - this.#statAt;
    if (age < TICK_MS) await this.#clock.sleep(TICK_MS - Math.max(0, age));
  }

  #evidence(unit: Unit): Evidence {
    const { means, staged, ctimeNs, rights } = unit;
    return {
      means,
      run: this.run,
      staged,
      ...(ctimeNs !== undefined && { ctimeNs }),
      ...(rights !== undefined && { rights }),
    };
  }

  #known(part: Part): Sent {
    if (part.sent === undefined) throw new LanceurError('INTERNAL', { why: 'a document was not staged' });
    return part.sent;
  }

  // ── names ─────────────────────────────────────────────────────────────────────────────────────────────

  async #chooseNames(): Promise<void> {
    const [only, ...others] = this.#units;
    if (only === undefined) return;
    // The everyday case needs no look: `link` itself says whether the name is free.
    if (
      others.length === 0 &&
      this.#parts.length === 1 &&
      only.means === 'link' &&
      this.#settings.conflict === 'number'
    )
      return;
    const clusters = byStem(this.#units);
    // The manifest's comes last: whether it is needed depends on all the others.
    const isLast = (cluster: readonly Unit[]) => cluster.some((unit) => unit.kind === 'manifest');
    for (const cluster of [...clusters.filter((c) => !isLast(c)), ...clusters.filter(isLast)]) {
      await this.#chooseFrom(cluster, this.#numberBefore(cluster));
    }
  }

  /** The number that a document of the same stem got when an earlier attempt placed it. */
  #numberBefore(cluster: readonly Unit[]): number {
    const stems = new Set(cluster.map((unit) => stemOf(unit.base)));
    const before = this.#parts.find((part) => part.unit === undefined && stems.has(stemOf(part.base)));
    return before === undefined ? 1 : numberOf(before.sent);
  }

  async #chooseFrom(cluster: readonly Unit[], from: number): Promise<void> {
    const base = cluster[0]?.base ?? '_';
    let n = from;
    while (!(await this.#take(cluster, n))) {
      if (this.#settings.conflict === 'refuse') throw this.#conflict(withNumber(base, n));
      n = this.#place.numberAfter(base, n);
    }
  }

  /** Whether all of them can have the number; then they have it, and their names are reserved. */
  async #take(cluster: readonly Unit[], n: number): Promise<boolean> {
    const names: string[] = [];
    const there = new Set<Unit>();
    for (const unit of cluster) {
      const name = withNumber(unit.base, n);
      const reserved = await this.#place.reserve(name, this.key, this.#placement);
      if (reserved) names.push(name);
      if (reserved && !(await this.#place.isTaken(name))) continue;
      if (reserved && this.#settings.conflict === 'same' && (await this.#isSame(unit, name, there)))
        there.add(unit);
      else {
        for (const one of names) await this.#place.release(one, this.#placement);
        return false;
      }
    }
    for (const [i, unit] of cluster.entries()) {
      unit.n = n;
      unit.reserved = names[i];
      if (there.has(unit)) unit.state = 'there';
    }
    return true;
  }

  /** Whether what has the name is what would be placed. A manifest counts as such where all it lists was there. */
  async #isSame(unit: Unit, name: string, there: ReadonlySet<Unit>): Promise<boolean> {
    if (unit.kind === 'manifest') {
      return this.#units.every((u) => u === unit || u.state === 'there' || there.has(u));
    }
    const final = this.#place.final(name);
    if (unit.kind === 'document') {
      const part = this.#parts.find((p) => p.unit === unit);
      return part !== undefined && this.#hasContent(final, this.#known(part));
    }
    const names = await unless(this.#place.fs.readdir(final), 'ENOTDIR', 'ENOENT');
    const expected = this.#parts.filter((part) => part.unit === unit);
    const listed = names?.filter((file) => file !== this.#manifestBase);
    if (listed?.length !== expected.length) return false;
    for (const part of expected) {
      if (!(await this.#hasContent(join(final, part.base), this.#known(part)))) return false;
    }
    return true;
  }

  async #hasContent(path: string, { size, sha256 }: Sent): Promise<boolean> {
    const stat = await unless(this.#place.fs.lstat(path), 'ENOENT', 'ENOTDIR');
    if (stat?.kind !== 'file' || stat.size !== size) return false;
    // A COLD may take it while it is read.
    const found = await unless(this.#place.digest(path), 'ENOENT');
    return found?.sha256 === sha256;
  }

  // ── placing ───────────────────────────────────────────────────────────────────────────────────────────

  async #put(unit: Unit): Promise<void> {
    for (let tries = 1; unit.state === 'waiting'; tries++) {
      const name = withNumber(unit.base, unit.n);
      try {
        await this.#step(unit, name);
        unit.state = 'placed';
        if (unit.n > 1) this.#place.numbered(unit.base, unit.n);
      } catch (error) {
        if (LanceurError.is(error)) throw error;
        await this.#failed(unit, name, error, tries);
      }
    }
  }

  /** The step that cannot be undone. Nothing is awaited between the last look at `cancelled` and the call itself. */
  #step(unit: Unit, name: string): Promise<void> {
    const final = this.#place.final(name);
    return this.#place.together(async (fs) => {
      if (unit.means === 'link' || unit.means === 'source') {
        this.#mayPlace();
        await fs.link(this.#staged(unit), final);
        return;
      }
      // Node's rename replaces a file, and on Linux an empty folder. The name is reserved, so that none of ours is.
      if (await this.#place.isTaken(name))
        throw Object.assign(new Error('EEXIST: the name is taken'), { code: 'EEXIST' });
      this.#mayPlace();
      await fs.rename(this.#staged(unit), final);
    });
  }

  #mayPlace(): void {
    if (this.cancelled) throw new LanceurError('LEASE_LOST', { name: this.#parts[0]?.name ?? this.id });
  }

  async #failed(unit: Unit, name: string, error: unknown, tries: number): Promise<void> {
    const code = errno(error) ?? '';
    const renames = unit.means === 'rename' || unit.means === 'folder';
    // A share that repeats a rename whose answer was lost finds nothing to rename.
    if (!NOT_DONE.test(code) || (renames && code === 'ENOENT')) unit.state = 'unsure';
    if (code === 'EEXIST' || (renames && /^(?:ENOTEMPTY|ENOTDIR|EISDIR|EPERM)$/u.test(code))) {
      if (unit.means === 'link' && (await this.#isLinked(unit, name))) {
        unit.state = 'placed';
        return;
      }
      if (await this.#place.isTaken(name)) return this.#renumber(unit, name);
      // It was taken a moment ago, and is free now.
      if (code === 'EEXIST' && tries < MOST_TRIES) return;
    }
    if (NAME_NOT_TAKEN.test(code) && this.#isNothingThere()) {
      const data = { name, job: this.#settings.job, why: messageOf(error) };
      throw new LanceurError('DOCUMENT_REFUSED', data, { cause: error });
    }
    throw error;
  }

  /** A share that repeats a link whose answer was lost finds its own. */
  async #isLinked(unit: Unit, name: string): Promise<boolean> {
    const staged = await this.#place.fs.lstat(this.#staged(unit));
    if (staged.links < 2) return false;
    const final = await unless(this.#place.fs.lstat(this.#place.final(name)), 'ENOENT');
    return final?.identity === staged.identity;
  }

  async #renumber(unit: Unit, name: string): Promise<void> {
    if (this.#settings.conflict === 'refuse') throw this.#conflict(name);
    if (this.#units.some((u) => u.kind === 'manifest' && u.state === 'waiting')) {
      // The manifest lists the names as they were chosen. The next attempt chooses anew.
      throw this.#surprise(name);
    }
    const stem = byStem(this.#units).find((cluster) => cluster.includes(unit)) ?? [unit];
    const cluster = stem.every((u) => u.state === 'waiting' || u.state === 'there') ? stem : [unit];
    for (const one of cluster) {
      if (one.reserved !== undefined) await this.#place.release(one.reserved, this.#placement);
      one.reserved = undefined;
      one.state = 'waiting';
    }
    await this.#chooseFrom(cluster, unit.n);
  }

  #conflict(name: string): LanceurError {
    if (!this.#isNothingThere()) return this.#surprise(name);
    return new LanceurError('NAME_CONFLICT', { name, job: this.#settings.job });
  }

  #surprise(name: string): LanceurError {
    const { job } = this.#settings;
    return new LanceurError(
      'TARGET_FAILED',
      { job, why: `${name} appeared in it while its group was being placed` },
      { job },
    );
  }

  /** Whether the COLD has nothing at all of the group, so that the document alone is at fault. */
  #isNothingThere(): boolean {
    return this.#parts.every((part) => part.unit?.state === 'waiting');
  }

  /** Those that are missing from staging once they are placed, where anybody may ask. */
  #vanishing(): readonly Unit[] {
    if (this.#options.beforePlacing === undefined) return [];
    return this.#units.filter(
      ({ means, state }) => (means === 'rename' || means === 'folder') && state === 'waiting',
    );
  }

  async #unstage(unit: Unit): Promise<void> {
    // The witness first: whoever looks in between must not find that what it stood beside has been placed.
    if (unit.means === 'rename' || unit.means === 'folder')
      await this.#place.runs.removeOne(this.key, this.run, witnessOf(unit.staged));
    await this.#place.runs.removeOne(this.key, this.run, unit.staged);
  }
}

function numberOf(sent: Sent | undefined): number {
  return (sent === undefined ? undefined : readMark(sent)?.n) ?? 1;
}
