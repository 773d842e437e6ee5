// @ts-check
// Looks into waiting directories all the time, from a process of its own, and says what should never be seen there.
// It is the COLD as well, where there is one that takes what it sees.
import { readdirSync, readFileSync, rmSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { idOf, isResident, manifestOf, sha256 } from './documents.mjs';

/**
 * What has been seen in a world's waiting directories since the beginning.
 *
 * @typedef {object} Seen
 * @property {readonly string[]} problems
 * @property {readonly string[]} sent - ids of documents, taken by the COLD or still there; twice what came twice
 * @property {readonly string[]} manifests - submissions, of which a manifest came
 */

/**
 * @typedef {{ readonly world: string, readonly watch: { readonly folders: readonly string[], readonly eats: boolean } } |
 *   { readonly world: string, readonly tell: 'now' | 'at last' }} Question - `at last`: it is not asked again
 */

/** Where the system does not tell of changes. */
const PAUSE_MS = 10;

class Watch {
  #folders;
  #eats;
  /** What is there, by path: when it was judged, and what it was found to be. @type {Map<string, { readonly mark: string, readonly what: What }>} */
  #known = new Map();
  /** Digests of all documents that were ever there. @type {Set<string>} */
  #digests = new Set();
  /** What the COLD has taken. @type {What[]} */
  #taken = [];
  /** @type {string[]} */
  #problems = [];
  #watchers;
  #ended = false;
  #wake = () => {};

  /** @param {{ readonly folders: readonly string[], readonly eats: boolean }} options */
  constructor({ folders, eats }) {
    this.#folders = folders;
    this.#eats = eats;
    this.#watchers = folders.map((folder) => watch(folder, () => this.#wake()));
    void this.#go();
  }

  /** @returns {Seen} */
  tell() {
    this.#look();
    const all = [...this.#taken, ...[...this.#known.values()].map(({ what }) => what)];
    return {
      problems: this.#problems,
      sent: all.flatMap(({ ids }) => ids),
      manifests: all.flatMap(({ submissions }) => submissions),
    };
  }

  end() {
    this.#ended = true;
    for (const watcher of this.#watchers) watcher.close();
    this.#wake();
  }

  async #go() {
    while (!this.#ended) {
      this.#look();
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, PAUSE_MS);
        this.#wake = () => {
          clearTimeout(timer);
          resolve(undefined);
        };
      });
    }
  }

  #look() {
    /** @type {Set<string>} */
    const there = new Set();
    for (const folder of this.#folders) {
      // Twice, since what comes while a folder is read may be left out: all that came before the last name of the
      // first reading is in the second.
      const names = [readdirSync(folder), readdirSync(folder)].flat();
      for (const name of [...new Set(names)].sort(manifestsLast)) {
        const path = join(folder, name);
        const stat = statSync(path, { throwIfNoEntry: false });
        if (stat === undefined) continue;
        there.add(path);
        this.#see(path, stat);
      }
    }
    for (const [path, { what }] of this.#known) {
      if (!there.has(path)) {
        this.#problems.push(`${path} was taken back`);
        this.#known.delete(path);
      } else if (this.#eats && !what.isResident) {
        // As a COLD does: it is filed elsewhere, and gone from here.
        rmSync(path, { recursive: true });
        this.#known.delete(path);
        this.#taken.push(what);
      }
    }
  }

  /**
   * @param {string} path
   * @param {import('node:fs').Stats} stat
   */
  #see(path, stat) {
    const mark = `${String(stat.ino)} ${String(stat.size)} ${String(stat.mtimeMs)}`;
    const before = this.#known.get(path);
    if (before?.mark === mark) return;
    if (before !== undefined) this.#problems.push(`${path} has changed under its name`);
    const files = stat.isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path];
    // A folder is whole when it appears: its manifest names what is in it, not what is beside it.
    const digests = stat.isDirectory() ? new Set() : this.#digests;
    const what = new What();
    for (const file of files.sort(manifestsLast)) this.#problems.push(...what.add(file, digests));
    this.#known.set(path, { mark, what });
  }
}

/** What a file or a folder is found to be. */
class What {
  /** @type {string[]} */
  ids = [];
  /** @type {string[]} */
  submissions = [];
  /** It lies there from the beginning, as a document does that the COLD refuses. */
  isResident = false;

  /**
   * @param {string} path - of a file
   * @param {Set<string>} digests - of documents that a manifest may name
   * @returns {readonly string[]} what is wrong with it
   */
  add(path, digests) {
    const bytes = readFileSync(path);
    const id = idOf(bytes);
    if (id !== undefined) {
      digests.add(sha256(bytes));
      if (isResident(bytes)) this.isResident = true;
      else this.ids.push(id);
      return [];
    }
    const manifest = path.endsWith('.json') ? manifestOf(bytes) : undefined;
    if (manifest === undefined) return [`${path} is not whole: ${String(bytes.length)} bytes`];
    this.submissions.push(manifest.submission);
    return manifest.documents
      .filter((document) => !digests.has(document.sha256))
      .map((document) => `${path} was there before ${document.name}`);
  }
}

/**
 * @param {string} a
 * @param {string} b
 */
function manifestsLast(a, b) {
  return Number(a.endsWith('.json')) - Number(b.endsWith('.json')) || (a < b ? -1 : 1);
}

/** @type {Map<string, Watch>} */
const watches = new Map();

process.on('message', (/** @type {Question} */ question) => {
  const { world } = question;
  if ('watch' in question) {
    watches.set(world, new Watch(question.watch));
    process.send?.({ world });
    return;
  }
  const asked = watches.get(world);
  process.send?.({ world, seen: asked?.tell() });
  if (question.tell === 'at last') {
    asked?.end();
    watches.delete(world);
  }
});
process.on('disconnect', () => process.exit());
