import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ItemRecord } from '@lanceur/core';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { allOf, rawDatabase } from '../../core/ledger/bench.js';
import type { Guard } from './broken.mjs';
import { documentBytes } from './documents.mjs';
import { filesIn } from './files.js';
import { Life } from './life.js';
import type { SetUp } from './set-ups.js';
import { sourceFor, type Places, type Put, type Source } from './sources/source.js';
import type { Instant } from './steps.mjs';
import type { Watcher } from './watcher.js';
import type { Seen } from './watching.mjs';

/** All that can be seen from outside at an instant. */
export interface View extends Places, Omit<Seen, 'problems'> {
  /** What the watcher complains of. */
  readonly seen: Seen['problems'];
  /**
   * What lies in staging beside what goes by itself: what dead processes tried after an hour, names that they held after
   * a day.
   */
  readonly staged: readonly string[];
  readonly ledger: readonly ItemRecord[];
  /** SQLite's word for the ledger's file: `ok`. */
  readonly check: string;
}

export interface StartOptions {
  /** When it kills itself. */
  readonly death?: Instant;
  /** What is taken out of it. */
  readonly guard?: Guard;
  /**
   * Whether its clock says that the leases of all earlier processes have run out (the default), or leases are as short
   * as they can be and have to be waited for.
   */
  readonly leases?: 'run out' | 'waited for';
  /** Default 1: then all lives of a set-up take the same steps. */
  readonly concurrency?: number;
}

/** Each process starts so much later than the one before: an hour of that, and old runs would be tidied away. */
const LEASE_MS = 10_000;
/** The shortest that a launcher takes. */
const SHORTEST_LEASE_MS = 1_000;

/** A source, waiting directories, a ledger, and the processes that work there, one after the other or at once. */
export class World {
  readonly setUp: SetUp;
  readonly #base: string;
  readonly #source: Source;
  readonly #watcher: Watcher;
  readonly #lives: Life[] = [];
  #round = 0;

  static async create(setUp: SetUp, watcher: Watcher): Promise<World> {
    const base = mkdtempSync(join(tmpdir(), 'lanceur-crash-'));
    const waiting = Object.values(setUp.jobs).map((name) => join(base, 'wait', name));
    for (const folder of waiting) putResident(folder, setUp);
    await watcher.watch(base, { folders: waiting, eats: setUp.eats });
    mkdirSync(join(base, 'ledger'));
    return new World(base, setUp, watcher, await sourceFor(base, setUp));
  }

  private constructor(base: string, setUp: SetUp, watcher: Watcher, source: Source) {
    this.#base = base;
    this.setUp = setUp;
    this.#watcher = watcher;
    this.#source = source;
  }

  async put(names: 'same' | 'own' = 'same'): Promise<readonly Put[]> {
    return await this.#source.put(++this.#round, names);
  }

  start({ death, guard, leases = 'run out', concurrency = 1 }: StartOptions = {}): Life {
    const n = this.#lives.length;
    const life = new Life({
      base: this.#base,
      setUp: this.setUp,
      trace: join(this.#base, `trace-${String(n)}`),
      clockOffsetMs: leases === 'run out' ? n * (LEASE_MS + 1_000) : 0,
      leaseMs: leases === 'run out' ? LEASE_MS : SHORTEST_LEASE_MS,
      concurrency,
      ...(death && { death }),
      ...(guard && { guard }),
    });
    this.#lives.push(life);
    return life;
  }

  /** How everything is, while no process works there. */
  async look(): Promise<View> {
    const { problems, ...seen } = await this.#watcher.tell(this.#base, 'now');
    return {
      ...(await this.#source.look()),
      ...seen,
      ...(await this.#ledger()),
      seen: problems,
      staged: filesIn(join(this.#base, 'wait', '.lanceur-staging')).filter(
        (path) => !/[/\\]\.(?:probe-\d+[/\\][a-z-]+|names[/\\].+)$/u.test(path),
      ),
    };
  }

  async dispose(): Promise<void> {
    for (const life of this.#lives) life.kill();
    await Promise.allSettled(this.#lives.map((life) => life.ended));
    await this.#source.close();
    await this.#watcher.tell(this.#base, 'at last');
    rmSync(this.#base, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Read from a copy: whoever opens the file itself mends what a dead process has left there. */
  async #ledger(): Promise<Pick<View, 'ledger' | 'check'>> {
    const copy = join(this.#base, 'copy');
    cpSync(join(this.#base, 'ledger'), copy, { recursive: true });
    const path = join(copy, 'ledger.db');
    const ledger = await sqliteLedger({ path });
    try {
      const records = await allOf(ledger.find({}));
      const check = rawDatabase(path, (db) => db.prepare('PRAGMA quick_check').all());
      return { ledger: records, check: check.map((row) => Object.values(row as object).join()).join() };
    } finally {
      await ledger.close();
      rmSync(copy, { recursive: true, maxRetries: 3 });
    }
  }
}

/** A document that the COLD never takes, under a name that others come with. */
function putResident(folder: string, { layout, unit }: SetUp): void {
  const bytes = documentBytes('resident', 10);
  if (layout === 'folder') {
    mkdirSync(join(folder, 'dossier'), { recursive: true });
    writeFileSync(join(folder, 'dossier', 'resident.pdf'), bytes);
  } else {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, unit === 'stem' ? 'document.pdf' : 'scan.pdf'), bytes);
  }
}
