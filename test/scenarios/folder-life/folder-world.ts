import { basename } from 'node:path/posix';
import { directory, keep, moveTo, remove, type After, type Unit } from '@lanceur/protocols/directory';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';
import type {
  LifeBlocks,
  LifeCold,
  LifeItem,
  LifeKept,
  LifeSource,
  LifeWorld,
  LifeWorldOptions,
  Story,
} from '@lanceur/core/testing';
import { Disk, type Node } from './disk.js';
import { makeFolders, sourceDisk } from './source-disk.js';
import { targetDisk } from './target-disk.js';

/** What is between the story's source and its COLD: a folder and waiting directories, on disks of these kinds. */
export interface FolderSetting {
  readonly unit: Unit;
  readonly layout: 'flat' | 'folder';
  readonly manifest: boolean;
  /** Whether documents are linked into the waiting directory instead of copied. */
  readonly linkSource: boolean;
  /** Whether the volume of the waiting directories has hard links. */
  readonly links: boolean;
  /** Whether accepted items are moved to another volume, where the story moves them. */
  readonly otherVolume: boolean;
  /** The step of the disks' clock, in milliseconds; 0: as fine as can be. */
  readonly tickMs: number;
  /** The quiet time, in milliseconds. */
  readonly quietMs: number;
  /** How what leaves is compared with what was handed over. By version, nobody notices who puts an mtime back. */
  readonly verify: 'version' | 'digest';
}

const SOURCE = '/source';
const WORK = `${SOURCE}/.lanceur`;
const WAIT = '/wait';
const JOBS = ['87', '88'];

/** Directory listener and waiting directory, as they are, on a disk in memory. */
export function folderWorld(setting: FolderSetting) {
  return (story: Story, o: LifeWorldOptions): LifeWorld => {
    const arrived: { job: string; content: string; submissionId: string }[] = [];
    const placed = new Set<Node>();
    const jobOf = (path: string) => JOBS.find((job) => path.startsWith(`${WAIT}/${job}/`));
    const arrive = (job: string, node: Node) => {
      placed.add(node);
      // A manifest is no document.
      if (itemIn(node) !== undefined) arrived.push({ job, content: node.bytes.toString(), submissionId: '' });
    };
    const disk = new Disk({
      now: () => o.time.now,
      tickMs: setting.tickMs,
      oneVolume: setting.linkSource,
      onName(path, node) {
        const job = jobOf(path);
        if (job === undefined) return;
        if (node.kind === 'file') arrive(job, node);
        else for (const [, file] of disk.files(path)) arrive(job, file);
      },
      onWrite(node) {
        // Whoever watches the waiting directory has seen what it was before.
        const content = `written to after it was placed: ${node.bytes.toString()}`;
        if (placed.has(node)) arrived.push({ job: '', content, submissionId: '' });
      },
    });
    const archive = setting.otherVolume ? '/archive' : `${SOURCE}-done`;
    for (const folder of [SOURCE, archive, ...JOBS.map((job) => `${WAIT}/${job}`)]) makeFolders(disk, folder);

    return {
      source: new Source(disk, story, setting, archive),
      cold: coldOf(disk, arrived),
      enter({ clock, step, name }): Promise<LifeBlocks> {
        const listener = directory({
          path: SOURCE,
          unit: setting.unit,
          quiet: setting.quietMs,
          verify: setting.verify,
          hardLinks: setting.linkSource,
          after: afterOf(story, archive),
          junk: [],
          clock,
          fs: sourceDisk(disk, step),
        });
        const isTarget = (path: string) => jobOf(path) !== undefined;
        const submitter = waitingDirectory({
          jobs: Object.fromEntries(JOBS.map((job) => [job, `${WAIT}/${job}`])),
          layout: setting.layout,
          manifest: setting.manifest,
          link: setting.linkSource,
          clock,
          fs: targetDisk(disk, step, isTarget, setting.links),
        });
        return o.ledger({ name, clock, step }).then((ledger) => ({
          listener: withoutFolders(listener),
          submitter: withoutFolders(submitter),
          ledger,
          died: () => undefined,
        }));
      },
      close: () => Promise.resolve(),
    };
  };
}

/** The story as a folder can play it. */
export function asFolder(story: Story, { unit, layout, verify, linkSource }: FolderSetting): Story {
  return {
    ...story,
    source: {
      ...story.source,
      concurrentSessions: true,
      settleEndsSession: false,
      rejects: 'quarantine',
      listsDocuments: unit !== 'entry',
      same: false,
    },
    cold: { find: true, partial: layout === 'flat', atomicGroup: layout === 'folder' },
    items: story.items.map((item) => ({
      ...item,
      documents:
        unit === 'file'
          ? item.documents.slice(0, 1)
          : unit === 'stem'
            ? [...new Set(item.documents)]
            : item.documents,
    })),
    // Who writes into a file that is linked writes into what the COLD has.
    events: story.events
      .filter((event) => event.do !== 'rewrite' || !linkSource)
      .map((event) =>
        event.do === 'rewrite' && verify === 'version' ? { ...event, unnoticed: false } : event,
      ),
    // There are several times as many steps as with doubles.
    processes: story.processes.map((process) => ({
      ...process,
      dies: process.dies.map((when) => (typeof when === 'number' ? when * 5 : when)),
      freezes: process.freezes.map(({ when, ms }) => ({
        when: typeof when === 'number' ? when * 5 : when,
        ms,
      })),
    })),
  };
}

/** A launcher looks where folders really lie, on the disk of this machine, where these do not. */
function withoutFolders<T extends object>(block: T): T {
  return new Proxy(block, {
    get(target, name) {
      if (name === 'folders') return undefined;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function afterOf(story: Story, archive: string): After {
  const { after } = story.source;
  return after === 'remove' ? remove() : after === 'keep' ? keep() : moveTo(archive);
}

function coldOf(disk: Disk, arrived: ReturnType<LifeCold['arrivals']>): LifeCold {
  return {
    arrivals: () => arrived,
    eat() {
      for (const job of JOBS) removeContent(disk, `${WAIT}/${job}`);
    },
  };
}

function removeContent(disk: Disk, folder: string): void {
  for (const name of disk.names(folder)) {
    const path = `${folder}/${name}`;
    if (disk.at(path).kind === 'file') disk.unlink(path);
    else {
      removeContent(disk, path);
      disk.removeFolder(path);
    }
  }
}

class Source implements LifeSource {
  readonly #disk: Disk;
  readonly #story: Story;
  readonly #unit: Unit;
  readonly #archive: string;
  #seen = -1;
  #holds: readonly (readonly string[])[] = [];
  #keeps: readonly LifeKept[] = [];

  constructor(disk: Disk, story: Story, { unit }: FolderSetting, archive: string) {
    this.#disk = disk;
    this.#story = story;
    this.#unit = unit;
    this.#archive = archive;
  }

  nameOf(name: string): string {
    const documents = this.#story.items.find((item) => item.name === name)?.documents ?? [];
    const isFile = this.#unit === 'file' || (this.#unit === 'entry' && documents.length === 1);
    return isFile ? `${name}.${documents[0] ?? ''}` : name;
  }

  put(item: LifeItem): void {
    for (const [path, content] of this.#pathsOf(item)) {
      makeFolders(this.#disk, path.slice(0, path.lastIndexOf('/')));
      this.#disk.create(path, Buffer.from(content));
    }
  }

  rewrite(item: LifeItem, { unnoticed }: { readonly unnoticed: boolean }): boolean {
    const files = this.#pathsOf(item).map(([path, content]) => [this.#disk.find(path), content] as const);
    if (files.some(([node]) => node === undefined)) return false;
    for (const [node, content] of files) {
      if (node === undefined) continue;
      const { mtimeNs } = node;
      this.#disk.write(node, Buffer.from(content));
      if (unnoticed) this.#disk.stamp(node, mtimeNs);
    }
    return true;
  }

  remove(name: string): boolean {
    const own = [...this.#disk.files(SOURCE)].filter(
      ([path, node]) => !path.startsWith(WORK) && itemIn(node) === name,
    );
    // Part of it is being settled: whoever looks for it there does not find all of it.
    if (own.length === 0 || own.length < this.#sizeOf(name)) return false;
    for (const [path] of own) this.#disk.unlink(path);
    const folder = `${SOURCE}/${name}`;
    if (this.#disk.find(folder)?.children.size === 0) this.#disk.removeFolder(folder);
    return true;
  }

  putBack(name: string): boolean {
    const left = [`${WORK}/rejected`, this.#archive].flatMap((folder) =>
      [...this.#disk.files(folder)].filter(
        ([path, node]) => !path.endsWith('.part') && itemIn(node) === name,
      ),
    );
    if (left.length !== this.#sizeOf(name)) return false;
    if (left.some(([path]) => this.#disk.find(this.#backFor(path, name)) !== undefined)) return false;
    for (const [path, node] of left) {
      const to = this.#backFor(path, name);
      makeFolders(this.#disk, to.slice(0, to.lastIndexOf('/')));
      // A person copies it, time and all: it may lie on another volume.
      this.#disk.stamp(this.#disk.create(to, node.bytes), node.mtimeNs);
      this.#disk.unlink(path);
    }
    for (const folder of [`${WORK}/rejected`, this.#archive]) this.#sweep(folder, name);
    return true;
  }

  holds(): readonly (readonly string[])[] {
    this.#look();
    return this.#holds;
  }

  keeps(): readonly LifeKept[] {
    this.#look();
    return this.#keeps;
  }

  #look(): void {
    if (this.#seen === this.#disk.generation) return;
    this.#seen = this.#disk.generation;
    const apart = (end: LifeKept['end'], folder: string): readonly LifeKept[] =>
      grouped([...this.#disk.files(folder)].map(([, node]) => node)).map((contents) => ({ end, contents }));
    const held = [...this.#disk.files(SOURCE)].filter(
      ([path]) => !path.startsWith(`${WORK}/rejected/`) && !path.startsWith(`${WORK}/aside/`),
    );
    this.#holds = grouped(held.map(([, node]) => node));
    this.#keeps = [
      ...apart('reject', `${WORK}/rejected`),
      ...apart('aside', `${WORK}/aside`),
      ...apart('accept', this.#archive),
    ];
  }

  /** Where its documents lie: a file; files that share their stem; a folder. */
  #pathsOf({ name, documents }: LifeItem): readonly (readonly [path: string, content: string])[] {
    return documents.map(({ name: document, content }) => {
      const extension = document.slice(document.lastIndexOf('.'));
      const alone = this.#unit !== 'entry' || documents.length === 1;
      return [alone ? `${SOURCE}/${name}${extension}` : `${SOURCE}/${name}/${document}`, content] as const;
    });
  }

  #backFor(path: string, name: string): string {
    return this.#unit === 'entry' && this.#sizeOf(name) > 1
      ? `${SOURCE}/${name}/${basename(path)}`
      : `${SOURCE}/${name}${path.slice(path.lastIndexOf('.'))}`;
  }

  #sizeOf(name: string): number {
    return this.#story.items.find((item) => item.name === name)?.documents.length ?? 0;
  }

  /** Notes and folders that are left of what was put back. */
  #sweep(folder: string, name: string): void {
    for (const child of this.#disk.find(folder) === undefined ? [] : this.#disk.names(folder)) {
      if (child !== name && !child.startsWith(`${name}.`) && !child.startsWith(`${name} (`)) continue;
      const path = `${folder}/${child}`;
      if (this.#disk.at(path).kind === 'file') this.#disk.unlink(path);
      else {
        removeContent(this.#disk, path);
        this.#disk.removeFolder(path);
      }
    }
  }
}

/** Contents begin with the name of their item; notes and manifests do not. */
function itemIn(node: Node): string | undefined {
  return /^i\d+(?=-)/u.exec(node.bytes.toString('latin1', 0, 12))?.[0];
}

function grouped(nodes: readonly Node[]): readonly (readonly string[])[] {
  const items = new Map<string, string[]>();
  for (const node of nodes) {
    const name = itemIn(node);
    if (name === undefined) continue;
    items.set(name, [...(items.get(name) ?? []), node.bytes.toString()]);
  }
  return [...items.values()];
}
