import path from 'node:path';
import {
  LanceurError,
  reason,
  safeNames,
  type How,
  type ItemRef,
  type Settled,
  type Settlement,
} from '@lanceur/core';
import { capture, completeCapture, markLeaving, putBack, removeManifest } from './capture.js';
import { datedFolder } from './after.js';
import { located, type Located } from './delivery.js';
import { digestOf } from './digest.js';
import { notSettled, sourceError } from './faults.js';
import { errorCode, isMissing, isThere } from './file-system/file-system.js';
import { isInside, joinId, keyOf, nameOf, parentOf, pathOf } from './ids.js';
import { isLitter } from './junk.js';
import { Mover } from './moving.js';
import type { Settings } from './options.js';
import { folderFor, isQuarantined, quarantine } from './quarantine.js';
import { readTaken, type Captured } from './taken.js';
import { transfer } from './transfer.js';
import { contentOf } from './walk.js';

/** Items settled at once: the folder answers one call at a time, and the next must not wait for us to hear the answer. */
const SIDE_BY_SIDE = 64;

/** Carries out settlements. */
export class Settling {
  readonly #settings: Settings;
  readonly #mover: Mover;
  /** Whether size and mtime are too coarse to tell a rewritten file from the one that was read. */
  readonly #byDigest: () => Promise<boolean>;
  #taken: Map<string, Captured> | undefined;
  #reading: Promise<Map<string, Captured>> | undefined;

  constructor(settings: Settings, byDigest: () => Promise<boolean>) {
    this.#settings = settings;
    this.#mover = new Mover(settings);
    this.#byDigest = byDigest;
  }

  async settle(batch: readonly Settlement[]): Promise<readonly Settled[]> {
    await this.#readTaken();
    const settled: Settled[] = [];
    const waiting = batch.entries();
    const work = async (): Promise<void> => {
      for (const [i, settlement] of waiting) settled[i] = await this.#settled(settlement);
    };
    const length = this.#areApart(batch) ? SIDE_BY_SIDE : 1;
    const results = await Promise.allSettled(Array.from({ length }, work));
    await this.#mover.flush();
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    return settled;
  }

  /** Accepted files have nothing in common. A done-file, a stem's name or a note of rejection may be two items' concern. */
  #areApart(batch: readonly Settlement[]): boolean {
    const { unit, complete } = this.#settings;
    return (
      unit === 'file' && complete.doneFilesOf === undefined && batch.every(({ end }) => end === 'accept')
    );
  }

  /** A captured item, if an earlier attempt, or another process before it died, has left it so. */
  async captured(ref: ItemRef): Promise<Captured | undefined> {
    return (await this.#readTaken()).get(keyOf(ref));
  }

  async #readTaken(): Promise<Map<string, Captured>> {
    if (this.#taken !== undefined) return this.#taken;
    this.#reading ??= this.#look().finally(() => {
      this.#reading = undefined;
    });
    return await this.#reading;
  }

  async #look(): Promise<Map<string, Captured>> {
    const { items, spent } = await readTaken(this.#settings);
    for (const folder of spent) await removeManifest(this.#mover, folder);
    this.#taken = items;
    return items;
  }

  /** Puts back a captured item that is no longer what its name says, so that it is listed anew. */
  async release(captured: Captured): Promise<void> {
    await putBack(this.#settings, this.#mover, captured);
    this.#taken?.delete(keyOf(captured));
    await this.#mover.flush();
  }

  async #settled(settlement: Settlement): Promise<Settled> {
    const { ref, end } = settlement;
    try {
      if (!isInside(this.#settings, ref)) return { ref, how: 'gone' };
      const how = end === 'accept' ? await this.#accept(settlement) : await this.#setApart(settlement, end);
      return { ref, how };
    } catch (error) {
      if (LanceurError.is(error) && error.scope !== 'document' && error.scope !== 'stale') throw error;
      const why = errorCode(error) === 'EXDEV' ? reason('OTHER_VOLUME') : notSettled(ref.name, error);
      return { ref, how: 'failed', reason: why };
    }
  }

  // ── accepting ─────────────────────────────────────────────────────────────────────────────────────────

  async #accept(settlement: Settlement): Promise<How> {
    const { ref } = settlement;
    let captured = await this.captured(ref);
    if (this.#settings.after.do === 'keep') {
      if (captured !== undefined) await this.release(captured);
      return 'kept';
    }
    if (captured === undefined) {
      const found = await this.#find(ref);
      if (found === 'gone' || found === 'changed') return found;
      captured = await this.#capture(settlement, found);
      if (captured === undefined) return 'gone';
    }
    let isFile: boolean | undefined;
    if (captured.state === 'captured') {
      await completeCapture(this.#settings, this.#mover, captured);
      const found = await this.#find(ref, captured);
      if (found === 'gone') return await this.#lost(captured);
      if (found === 'changed' || !(await this.#isWhatWasSent(found, settlement))) {
        await this.release(captured);
        return 'changed';
      }
      isFile = found.folder === undefined;
    }
    // Before the item: a crash in between leaves something captured that says what is still to be done.
    await this.#disposeOfDoneFiles(ref, this.#targetFor(ref));
    const how = await this.#dispose(captured, settlement, isFile);
    this.#taken?.delete(keyOf(ref));
    return how;
  }

  async #capture({ ref, end }: Settlement, found: Located): Promise<Captured | undefined> {
    try {
      const captured = await capture(this.#settings, this.#mover, ref, end, found);
      if (captured !== undefined) this.#taken?.set(keyOf(ref), captured);
      return captured;
    } catch (error) {
      if (isMissing(error)) return undefined;
      if (errorCode(error) !== 'EEXIST') throw error;
      // Another process has captured one of this name and version meanwhile.
      this.#taken = undefined;
      return await this.captured(ref);
    }
  }

  async #isWhatWasSent({ files }: Located, { sent = [] }: Settlement): Promise<boolean> {
    if (sent.length === 0 || !(await this.#byDigest())) return true;
    const names = safeNames(files.map((f) => f.name));
    const byName = new Map(sent.map((s) => [s.name, s]));
    for (const [i, file] of files.entries()) {
      // What was not handed over by this name was unwanted, or unpacked: only its version can tell.
      const handed = byName.get(names[i] ?? file.name);
      if (handed === undefined) continue;
      if (handed.size !== file.stat.size) return false;
      if (
        (await digestOf(this.#settings, { path: file.full, name: file.name, stat: file.stat })) !==
        handed.sha256
      )
        return false;
    }
    return true;
  }

  /** Somebody has deleted it, or a part of it, where it was captured: what is left of it goes back. */
  async #lost(captured: Captured): Promise<How> {
    if (captured.manifest !== undefined) await putBack(this.#settings, this.#mover, captured);
    this.#taken?.delete(keyOf(captured));
    return 'gone';
  }

  // ── leaving ───────────────────────────────────────────────────────────────────────────────────────────

  /** @param isFile - where that has just been seen; else it is looked for. */
  async #dispose(captured: Captured, settlement: Settlement, isFile?: boolean): Promise<How> {
    const target = this.#targetFor(captured);
    if (captured.manifest !== undefined) return await this.#disposeOfSeveral(captured, settlement, target);
    try {
      const isFolder = isFile === undefined ? await this.#isFolder(captured.path) : !isFile;
      if (target !== undefined && captured.state === 'captured') {
        const { copied } = await transfer(
          this.#settings,
          this.#mover,
          captured.path,
          path.join(target, nameOf(captured.id)),
        );
        if (!copied) return 'removed';
        if (isFolder)
          return await this.#removeFolder(
            await markLeaving(this.#settings, this.#mover, captured, 'leaving'),
            settlement,
          );
      }
      if (isFolder) return await this.#removeFolder(await this.#leaving(captured, settlement), settlement);
      await this.#mover.remove(captured.path);
      return 'removed';
    } catch (error) {
      if (isMissing(error)) return 'removed';
      throw error;
    }
  }

  async #isFolder(at: string): Promise<boolean> {
    return (await this.#settings.fs.stat(at)).kind === 'folder';
  }

  /** Decides whether all of it leaves, or what was handed over alone, and notes it: halfway through it could not be told. */
  async #leaving(captured: Captured, settlement: Settlement): Promise<Captured> {
    if (captured.state !== 'captured') return captured;
    const found = await located(this.#settings, settlement.ref, captured);
    const names = safeNames(found.files.map((f) => f.name));
    const covered = coveredBy(settlement);
    // Names that no file bears are an expander's: it has unpacked what is here, and the version answers for all of it.
    const named =
      settlement.sent?.every((s) => names.includes(s.name)) === true && settlement.sent.length > 0;
    const all =
      !named || found.files.every((file, i) => covered.has(file.name) || covered.has(names[i] ?? ''));
    return await markLeaving(this.#settings, this.#mover, captured, all ? 'leaving' : 'leavingInPart');
  }

  async #removeFolder(captured: Captured, settlement: Settlement, folder = captured.path): Promise<How> {
    const { fs } = this.#settings;
    const { dev } = await fs.stat(folder);
    const { files, doneFiles, junk, folders } = await contentOf(this.#settings, folder, dev);
    const names = safeNames(files.map((f) => f.name));
    const covered = coveredBy(settlement);
    // From the end: the names of those before stay what they were.
    for (const [i, file] of [...files.entries()].reverse()) {
      if (captured.state === 'leavingInPart' && !covered.has(file.name) && !covered.has(names[i] ?? ''))
        continue;
      await this.#mover.removeIfThere(path.join(folder, ...file.path.split('/')));
    }
    for (const file of [...doneFiles, ...junk.filter((j) => isLitter(nameOf(j)) !== undefined)]) {
      const full = path.join(folder, ...file.split('/'));
      if ((await fs.stat(full)).kind === 'file') await this.#mover.removeIfThere(full);
    }
    let empty = true;
    for (const inner of [...folders].reverse()) {
      if (!(await this.#mover.removeFolder(path.join(folder, ...inner.split('/'))))) empty = false;
    }
    if (empty && (await this.#mover.removeFolder(folder))) return 'removed';
    // Something came meanwhile, or was never handed over: it goes back, and is another item.
    await putBack(this.#settings, this.#mover, captured);
    return 'changed';
  }

  async #disposeOfSeveral(
    captured: Captured,
    settlement: Settlement,
    target: string | undefined,
  ): Promise<How> {
    const files = captured.manifest?.files ?? [];
    const isFolder = captured.manifest?.folder === true;
    const [folder] = files;
    // Before it is marked: half of a folder that is already being removed is not to be kept as another one.
    if (isFolder && folder !== undefined && target !== undefined && captured.state === 'captured') {
      const name = nameOf(folder.id);
      const from = path.join(captured.path, name);
      await transfer(this.#settings, this.#mover, from, path.join(target, name));
    }
    const leaving =
      target === undefined
        ? await this.#leaving(captured, settlement)
        : await markLeaving(this.#settings, this.#mover, captured, 'leaving');
    const covered = coveredBy(settlement);
    const names = safeNames(files.map((f) => nameOf(f.id)));
    let how: How = 'removed';
    for (const [i, { id }] of files.entries()) {
      const name = nameOf(id);
      const full = path.join(captured.path, name);
      if (!(await isThere(this.#settings.fs, full))) continue;
      if (target !== undefined && !isFolder) {
        const { copied } = await transfer(this.#settings, this.#mover, full, path.join(target, name));
        if (!copied) continue;
      }
      if (isFolder) {
        how = await this.#removeFolder(leaving, settlement, full);
      } else if (leaving.state === 'leavingInPart' && !covered.has(name) && !covered.has(names[i] ?? '')) {
        how = 'changed';
        await this.#mover.putBack(full, pathOf(this.#settings.root, id, this.#settings.work), true);
      } else {
        await this.#mover.remove(full);
      }
    }
    await removeManifest(this.#mover, captured.path);
    return how;
  }

  /** Where an accepted item goes, if it is kept elsewhere. */
  #targetFor({ id }: { readonly id: string }): string | undefined {
    const { after, clock } = this.#settings;
    if (after.do !== 'move') return undefined;
    return path.join(after.to, datedFolder(after.dated, clock.now()), ...parentOf(id).split('/'));
  }

  // ── rejecting, putting aside ──────────────────────────────────────────────────────────────────────────

  async #setApart(settlement: Settlement, end: 'reject' | 'aside'): Promise<How> {
    const { ref } = settlement;
    const settings = this.#settings;
    let captured = await this.captured(ref);
    if (captured !== undefined) await completeCapture(settings, this.#mover, captured);
    const found = await this.#find(ref, captured);
    if (found === 'gone') {
      if (captured !== undefined) await this.#lost(captured);
      if (!(await isQuarantined(settings, settlement, end))) return 'gone';
      await this.#disposeOfDoneFiles(ref, folderFor(settings, end));
      return 'removed';
    }
    if (found === 'changed') {
      if (captured !== undefined) await this.release(captured);
      return 'changed';
    }
    try {
      if (settings.unit === 'stem') captured ??= await this.#capture(settlement, found);
      const from =
        captured?.manifest?.folder === true
          ? found.folder
          : (captured?.path ?? found.folder ?? found.files[0]?.full);
      if (from === undefined) return 'gone';
      await quarantine(settings, this.#mover, from, settlement, end);
      if (captured?.manifest?.folder === true) await removeManifest(this.#mover, captured.path);
    } catch (error) {
      if (isMissing(error)) return 'gone';
      throw error;
    }
    this.#taken?.delete(keyOf(ref));
    await this.#disposeOfDoneFiles(ref, folderFor(settings, end));
    return 'removed';
  }

  /**
   * The done-files beside an item leave with it: to where it went, or for good. One that announces a document that has
   * come again meanwhile stays.
   */
  async #disposeOfDoneFiles({ id }: ItemRef, target: string | undefined): Promise<void> {
    const { complete, root, work, fs } = this.#settings;
    const doneFiles = complete.doneFilesOf?.(nameOf(id)) ?? [];
    if (doneFiles.length === 0 || (await isThere(fs, pathOf(root, id, work)))) return;
    for (const name of doneFiles) {
      const full = pathOf(root, joinId(parentOf(id), name), work);
      if (!(await isThere(fs, full))) continue;
      const copied =
        target === undefined ||
        (await transfer(this.#settings, this.#mover, full, path.join(target, name))).copied;
      if (copied) await this.#mover.removeIfThere(full);
    }
  }

  // ── looking ───────────────────────────────────────────────────────────────────────────────────────────

  async #find(ref: ItemRef, captured?: Captured): Promise<Located | 'gone' | 'changed'> {
    try {
      return await located(this.#settings, ref, captured);
    } catch (error) {
      if (LanceurError.is(error, 'CHANGED')) return 'changed';
      if (!LanceurError.is(error, 'GONE')) throw error;
      await this.#expectRoot();
      return 'gone';
    }
  }

  /** A share that has gone takes every item with it, and none of them has left. */
  async #expectRoot(): Promise<void> {
    const { fs, root } = this.#settings;
    try {
      await fs.stat(root, { follow: true });
    } catch (error) {
      throw sourceError(root, error);
    }
  }
}

function coveredBy({ sent = [], discard = [] }: Settlement): ReadonlySet<string> {
  return new Set([...sent.map((s) => s.name), ...discard]);
}
