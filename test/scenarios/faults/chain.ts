// The whole chain on real folders: a watched folder, a launcher with a ledger in SQLite, a waiting directory.
import { chmod, mkdir, mkdtemp, opendir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { chownSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  Launcher,
  systemClock,
  toJob,
  type Clock,
  type ColdSubmitter,
  type ItemRecord,
  type LanceurError,
  type Ledger,
  type Listener,
  type LauncherOptions,
  type RunReport,
} from '@lanceur/core';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { directory, moveTo, type DirectoryOptions } from '@lanceur/protocols/directory';
import { waitingDirectory, type WaitingDirectoryOptions } from '@lanceur/protocols/waiting-directory';
import { mount, type Volume, type VolumeKind } from './volume.js';

const VOLUMES = ['source', 'target', 'ledger', 'archive'] as const;

export type VolumeName = (typeof VOLUMES)[number];

export interface ChainOptions {
  /** Which of the volumes are file systems of their own. The others are folders of the temporary directory. */
  readonly volumes?: Partial<Record<VolumeName, VolumeKind>>;
  readonly directory?: Partial<DirectoryOptions>;
  readonly waitingDirectory?: Partial<WaitingDirectoryOptions>;
  readonly launcher?: Partial<LauncherOptions>;
  /** Accepted documents are moved into the archive, not deleted. */
  readonly archive?: boolean;
  /** As a user without privileges, whom rights can stop. */
  readonly asUser?: boolean;
}

/** What a poll came to. */
export type Polled =
  | { readonly threw: LanceurError; readonly report?: RunReport }
  | { readonly threw?: undefined; readonly report: RunReport };

/** The system's clock, off by as much as one likes. */
export interface ShiftedClock extends Clock {
  shiftMs: number;
}

interface Process {
  readonly ledger: Ledger;
  readonly launcher: Launcher;
  readonly listener: Listener;
}

/** More than is read in one go, so that there is a middle in which a document can be met. */
const BYTES = 200_000;
const NOBODY = 65_534;
/** How long a call on a disk may take where a fault is about its never coming back. */
export const STALL_MS = 1_000;

export class Chain {
  readonly base: string;
  /** The watched folder. */
  readonly source: string;
  /** The waiting directory. */
  readonly target: string;
  readonly ledgerPath: string;
  /** Where accepted documents go, if they are kept. */
  readonly archive: string;
  readonly clock: ShiftedClock;
  /** Called when a document has just been placed, before anybody is told. */
  whenPlaced: (() => void | Promise<void>) | undefined;
  /** Names that were handed over, in order. */
  readonly submitted: string[] = [];
  /** All that was ever put into the source. */
  readonly expected: string[] = [];
  #options: ChainOptions;
  readonly #volumes = new Map<VolumeName, Volume>();
  readonly #open: Process[] = [];
  #privileged = 0;

  private constructor(base: string, options: ChainOptions) {
    this.base = base;
    this.source = join(base, 'source', 'depots');
    this.target = join(base, 'target', 'wait', 'factures');
    this.ledgerPath = join(base, 'ledger', 'ledger.db');
    this.archive = join(base, 'archive', 'traites');
    this.#options = options;
    this.clock = shiftedClock();
  }

  static async build(options: ChainOptions = {}): Promise<Chain> {
    const chain = new Chain(await mkdtemp(join(tmpdir(), 'lanceur-fault-')), options);
    try {
      for (const name of VOLUMES) {
        const kind = options.volumes?.[name];
        const path = join(chain.base, name);
        if (kind === undefined) await mkdir(path);
        else chain.#volumes.set(name, await mount(kind, path));
      }
      if (options.asUser === true) await chain.#becomeUser();
      await mkdir(chain.source);
      await mkdir(chain.target, { recursive: true });
      await mkdir(chain.archive);
      await chain.start();
      return chain;
    } catch (error) {
      await chain.remove();
      throw error;
    }
  }

  /** A file server's or a disk's. */
  volume(name: VolumeName): Volume {
    const volume = this.#volumes.get(name);
    if (volume === undefined) throw new Error(`${name} has no volume of its own`);
    return volume;
  }

  get launcher(): Launcher {
    return this.#running().launcher;
  }

  /** Whether accepted documents are moved, not deleted. */
  get keeps(): boolean {
    return this.#options.archive === true;
  }

  get listener(): Listener {
    return this.#running().listener;
  }

  get ledger(): Ledger {
    return this.#running().ledger;
  }

  /** A further process, with a launcher and a ledger of its own; the newest is the one that polls. */
  async start(options: { readonly clock?: Clock } = {}): Promise<void> {
    const clock = options.clock ?? this.clock;
    const ledger = await sqliteLedger({ path: this.ledgerPath, busyMs: 200, clock }).catch(
      (error: unknown) => {
        collectGarbage();
        throw error;
      },
    );
    const submitter = waitingDirectory({
      jobs: { '87': this.target },
      keepFree: 0,
      clock,
      ...this.#options.waitingDirectory,
    });
    const listener = directory({
      path: this.source,
      quiet: 0,
      clock,
      ...(this.#options.archive === true && { after: moveTo(this.archive) }),
      ...this.#options.directory,
    });
    const launcher = new Launcher({
      id: '16',
      listener,
      grouper: toJob('87'),
      submitter: this.#watched(submitter),
      ledger,
      clock,
      concurrency: 1,
      sessionIdleMs: 0,
      ...this.#options.launcher,
    });
    launcher.on('submitted', ({ ref }) => this.submitted.push(ref.name));
    this.#open.push({ ledger, launcher, listener });
  }

  /** A second process polls once, and ends. */
  async alongside(clock: Clock): Promise<void> {
    await this.start({ clock });
    const second = this.#open.pop();
    await second?.launcher.run();
    await second?.launcher.close();
    await second?.ledger.close();
  }

  /** The process ends, and a new one begins. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** What it is started with the next time; starts it. */
  async reconfigure(options: ChainOptions): Promise<void> {
    this.#options = { ...this.#options, ...options };
    await this.restart();
  }

  async stop(): Promise<void> {
    for (const { launcher, ledger } of this.#open.splice(0)) {
      await launcher.close();
      await ledger.close().catch(() => undefined);
    }
    collectGarbage();
  }

  /**
   * Stops, and resolves when nobody has the ledger's file open: who closes it last takes its `-wal` away. libsql does
   * that when all its statements have been collected, some turns after the first collection.
   */
  async stopAndLetGo(): Promise<void> {
    await this.stop();
    for (let turns = 0; existsSync(`${this.ledgerPath}-wal`); turns++) {
      if (turns === 1_000) throw new Error('the ledger stays open');
      await nextTurn();
      collectGarbage();
    }
  }

  async put(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      this.expected.push(name);
      await writeFile(join(this.source, name), contentOf(name));
    }
  }

  /** One poll. */
  async poll(): Promise<Polled> {
    try {
      return { report: await this.launcher.run() };
    } catch (error) {
      const { lastReport } = this.launcher.health();
      return { threw: error as LanceurError, ...(lastReport && { report: lastReport }) };
    }
  }

  /** Polls, with pauses long enough for what waits to be due, until nothing is left in the source; how often. */
  async drain(most = 10): Promise<number> {
    for (let polls = 1; polls <= most; polls++) {
      this.clock.shiftMs += 10 * 60_000;
      await this.poll();
      if ((await this.waiting()).length === 0) return polls;
    }
    throw new Error(`still in the source: ${(await this.waiting()).join(', ')}`);
  }

  /** What has not left the source: neither it, nor the place where it puts what is leaving. */
  async waiting(): Promise<readonly string[]> {
    const taken = await readdir(join(this.source, '.lanceur', 'taken')).catch(() => []);
    return [...(await this.inSource()), ...taken];
  }

  /** Names in the watched folder, in the order in which it gives them. */
  async inSource(): Promise<readonly string[]> {
    const names: string[] = [];
    // Unlike `readdir`, which sorts.
    for await (const { name } of await opendir(this.source)) if (name !== '.lanceur') names.push(name);
    return names;
  }

  /** Names and content in the waiting directory. */
  async inTarget(): Promise<Readonly<Record<string, string>>> {
    return await contentsOf(this.target);
  }

  async inArchive(): Promise<Readonly<Record<string, string>>> {
    return await contentsOf(this.archive);
  }

  async records(): Promise<readonly ItemRecord[]> {
    const records: ItemRecord[] = [];
    for await (const record of this.ledger.find({})) records.push(record);
    return records;
  }

  async remove(): Promise<void> {
    for (const volume of this.#volumes.values()) volume.thaw();
    await this.stop();
    if (this.#privileged > 0) process.seteuid?.(0);
    for (const volume of this.#volumes.values()) {
      try {
        volume.unmount();
      } catch {
        // It was taken out by its fault.
      }
    }
    await rm(this.base, { recursive: true, force: true, maxRetries: 5 });
  }

  #running(): Process {
    const newest = this.#open.at(-1);
    if (newest === undefined) throw new Error('the process has ended');
    return newest;
  }

  async #becomeUser(): Promise<void> {
    if (process.getuid?.() !== 0) return;
    for (const path of ['', ...VOLUMES]) {
      await chmod(join(this.base, path), 0o777);
      chownSync(join(this.base, path), NOBODY, NOBODY);
    }
    this.#privileged++;
    process.seteuid?.(NOBODY);
  }

  #watched(inner: ReturnType<typeof waitingDirectory>): ColdSubmitter {
    return {
      traits: inner.traits,
      jobs: inner.jobs,
      folders: inner.folders,
      submit: async (group, options) => {
        const receipt = await inner.submit(group, options);
        await this.whenPlaced?.();
        return receipt;
      },
      find: (planned) => inner.find(planned),
      forget: (ids) => inner.forget(ids),
      check: () => inner.check(),
      health: () => inner.health(),
    };
  }
}

/** A process that has ended holds no file; libsql, in a process that goes on, does until this. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

async function contentsOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(folder)).sort();
  // One of them may be called `__proto__`.
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
}

/** What stands in a document of this name. */
export function contentOf(name: string): string {
  return `${name}:${'x'.repeat(BYTES)}`;
}

function shiftedClock(): ShiftedClock {
  return {
    shiftMs: 0,
    now() {
      return systemClock.now() + this.shiftMs;
    },
    sleep: (ms, signal) => systemClock.sleep(ms, signal),
  };
}
