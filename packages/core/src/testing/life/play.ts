import type { Clock } from '../../clock.js';
import type { ItemRef } from '../../contracts/item.js';
import type { Ledger } from '../../contracts/ledger.js';
import { memoryLedger } from '../../ledger/memory.js';
import { seededRandom } from '../random.js';
import type { Surroundings } from './actor.js';
import { Auditor, type LifeProblem } from './auditor.js';
import { Holders } from './holders.js';
import { memoryWorld } from './memory-world.js';
import { outside } from './outside.js';
import { Process, type LauncherBlocks, type Parts } from './process.js';
import { Readers } from './readers.js';
import type { DocumentKind, Story, StoryEvent, StoryItem } from './story.js';
import { LifeTime } from './time.js';
import { Trouble } from './trouble.js';
import type { LifeDocument, LifeProcess, LifeWorld } from './world.js';

/** What a world is made with. */
export interface LifeWorldOptions {
  readonly time: LifeTime;
  /** The machine's clock, which can be wrong. */
  readonly clock: Clock;
  readonly ledger: (process: LifeProcess) => Promise<Ledger>;
}

export interface LifeOptions {
  /** Where it takes place. Default: a source, a COLD and a ledger in memory. */
  readonly world?: (story: Story, o: LifeWorldOptions) => LifeWorld | Promise<LifeWorld>;
  /** The ledger that all processes share. Default: a memory ledger. */
  readonly ledger?: (story: Story, clock: Clock) => Promise<Ledger> | Ledger;
  /** Something put before a process's blocks: a guard that is broken on purpose, so that some history comes to harm. */
  readonly wrap?: (
    blocks: LauncherBlocks,
    around: { readonly story: Story; readonly world: LifeWorld },
  ) => LauncherBlocks;
}

/** What came of a story. */
export interface LifeHistory {
  readonly story: Story;
  /** None: everything that was promised was kept. */
  readonly problems: readonly LifeProblem[];
  /** The contents of all documents that came to the COLD, in order. */
  readonly arrivals: readonly string[];
  /** What happened, a line each, with the time in seconds. */
  readonly log: readonly string[];
  /** Steps that the processes took. */
  readonly steps: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Longer than any lease, delay or wrong clock of a story. */
const CALM_MS = 3 * HOUR;
const ROUNDS = 60;

/**
 * Plays a story from its beginning to its end: while it is busy, then calm, then once more after all is mended and what
 * was rejected was put back. The same story always takes the same course.
 */
export async function playStory(story: Story, options: LifeOptions = {}): Promise<LifeHistory> {
  const machine = new Machine();
  const ledger = await (options.ledger?.(story, machine.clock) ?? memoryLedger({ clock: machine.clock }));
  try {
    const shared = options.ledger === undefined ? ledger : outside(ledger, machine.time);
    const make = options.world ?? memoryWorld;
    const { time, clock } = machine;
    const world = await make(story, { time, clock, ledger: () => Promise.resolve(shared) });
    const life = new Life(story, machine, world, options);
    await life.play();
    await world.close();
    return life.history();
  } finally {
    await ledger.close();
  }
}

/** The time, and a clock that can be wrong about it. */
class Machine {
  readonly time = new LifeTime(Date.UTC(2026, 0, 1));
  readonly clock: Clock = {
    now: () => this.time.now + this.offset,
    sleep: (ms) => this.time.sleep(ms),
  };
  offset = 0;
}

class Life {
  readonly #story: Story;
  readonly #machine: Machine;
  readonly #time: LifeTime;
  readonly #world: LifeWorld;
  readonly #wrap: LifeOptions['wrap'];
  readonly #auditor: Auditor;
  readonly #trouble: Trouble;
  readonly #holders: Holders;
  readonly #readers = new Readers();
  /** One for each launcher. */
  readonly #queues = new Map<string, ItemRef[]>();
  readonly #processes: Process[] = [];
  readonly #log: string[] = [];
  readonly #revisions = new Map<string, number>();
  readonly #startedAt: number;

  constructor(story: Story, machine: Machine, world: LifeWorld, { wrap }: LifeOptions) {
    this.#story = story;
    this.#machine = machine;
    this.#time = machine.time;
    this.#startedAt = machine.time.now;
    this.#world = world;
    this.#wrap = wrap;
    this.#auditor = new Auditor(story, world);
    this.#trouble = new Trouble(machine.time, story.items);
    this.#holders = new Holders((item, by) => {
      this.#auditor.lostAlone(item, !by.alive);
    });
  }

  history(): LifeHistory {
    const steps = this.#processes.reduce((sum, p) => sum + p.steps.count, 0);
    const arrivals = this.#world.cold.arrivals().map(({ content }) => content);
    return { story: this.#story, problems: this.#auditor.problems, arrivals, log: this.#log, steps };
  }

  async play(): Promise<void> {
    const { items, processes, events } = this.#story;
    for (const item of items)
      this.#time.after(item.at, () => {
        this.#put(item);
      });
    for (const event of events)
      this.#time.after(event.at, () => {
        this.#happen(event);
      });
    const random = seededRandom(this.#story.seed);
    for (const process of processes) {
      this.#processes.push(
        new Process(process, random.fork(process.name), this.#surroundings(), this.#parts()),
      );
    }
    const lives = this.#processes.map((process) => process.live());
    await this.#time.run(this.#time.sleep(this.#story.busyMs), this.#story.busyMs);

    for (const process of this.#processes) process.stop();
    if (!(await this.#ends('the end of the last poll', Promise.all(lives)))) return;
    if (!(await this.#calm())) return;
    if (!(await this.#repaired(this.#auditor.rejected()))) return;
    // What had only been out of sight was not put back in anybody's eyes: what is in doubt is asked for once more.
    const doubtful = this.#auditor.stillInDoubt();
    if (doubtful.length > 0 && !(await this.#repaired(doubtful))) return;
    this.#auditor.conclude();
  }

  // ── what happens ──

  #put(item: StoryItem): void {
    const documents = this.#write(item);
    const same = this.#story.source.same ? { same: `mark of ${item.name}` } : {};
    this.#world.source.put({ name: item.name, documents, ...same });
    this.#tell(`${item.name} comes: ${item.documents.join(', ')}`);
    this.#auditor.put(item.name, withKinds(item, documents));
  }

  #happen(event: StoryEvent): void {
    this.#auditor.observe();
    if (this.#hasHappened(event)) this.#tell(toldOf(event));
    this.#auditor.observe();
  }

  /** False where there is nothing that it could happen to. */
  #hasHappened(event: StoryEvent): boolean {
    const { source, cold } = this.#world;
    switch (event.do) {
      case 'rewrite':
        return this.#rewrite(event);
      case 'remove':
        if (!source.remove(event.item)) return false;
        this.#auditor.removed(event.item);
        return true;
      case 'hide':
        this.#trouble.begin(`item ${event.item}`, event.ms);
        return true;
      case 'renumber':
        if (!this.#story.source.same || source.renumber === undefined) return false;
        source.renumber();
        return true;
      case 'putBack':
        return this.#putBack(event.item, event.anew);
      case 'retry': {
        const process = this.#processes.find(({ name }) => name === event.process);
        if (process === undefined) return false;
        this.#auditor.insistsOnAll();
        void process.retryRejected();
        return true;
      }
      case 'outage':
        this.#trouble.begin(event.job === undefined ? 'cold' : `job ${event.job}`, event.ms);
        return true;
      case 'sourceOutage':
        this.#trouble.begin('source', event.ms);
        return true;
      case 'ledgerOutage':
        this.#trouble.begin('ledger', event.ms);
        return true;
      case 'fault':
        this.#trouble.order(event.on, event.done);
        return true;
      case 'jump':
        this.#machine.offset += event.ms;
        this.#auditor.disturbed();
        return true;
      case 'eat':
        cold.eat();
        return true;
    }
  }

  #rewrite({ item: name, unnoticed }: Extract<StoryEvent, { do: 'rewrite' }>): boolean {
    const item = this.#story.items.find((i) => i.name === name);
    // Two that bear the same mark are the same: such a source does not rewrite.
    if (item === undefined || this.#story.source.same) return false;
    // Where a clock is coarse, a file is taken only once it has been left alone: not while it is read, nor ever later.
    const coarse =
      unnoticed &&
      !this.#readers.isOpen(name) &&
      this.#auditor.isUnanswered(name) &&
      item.documents.length === 1;
    const documents = this.#write(item);
    if (!this.#world.source.rewrite({ name, documents }, { unnoticed: coarse })) return false;
    this.#auditor.put(name, withKinds(item, documents));
    return true;
  }

  #putBack(name: string, anew: boolean): boolean {
    const { source } = this.#world;
    if (source.putBack?.(name, { anew: anew && this.#story.source.same }) !== true) return false;
    this.#auditor.putBack(name);
    return true;
  }

  /** New content of the same size. */
  #write(item: StoryItem): readonly LifeDocument[] {
    const revision = (this.#revisions.get(item.name) ?? 0) + 1;
    this.#revisions.set(item.name, revision);
    return item.documents.map((kind, index) => {
      const name = `${item.name}-${String(index)}.${kind}`;
      const mark = `#${String(revision)}`;
      // At both ends, so that two halves never make a whole.
      return { name, content: `${name}${mark}`.padEnd(24, '.') + mark.padStart(4, '.') };
    });
  }

  // ── the end ──

  /** Polls until nothing more is done. */
  async #calm(): Promise<boolean> {
    this.#trouble.calm();
    for (const process of this.#processes) process.calm();
    await this.#time.run(this.#time.sleep(CALM_MS), CALM_MS);
    this.#tell('all is calm');
    let idle = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const before = this.#holders.taken;
      for (const process of this.#processes) {
        if (!(await this.#ends(`a poll of ${process.name}`, process.pollOnce()))) return false;
      }
      await this.#time.run(this.#time.sleep(10 * MINUTE), 10 * MINUTE);
      idle = this.#holders.taken === before ? idle + 1 : 0;
      if (idle === 2) return true;
    }
    this.#auditor.problem('restless', `after ${String(ROUNDS)} polls there is still something to do`);
    return false;
  }

  async #repaired(items: readonly string[]): Promise<boolean> {
    this.#tell('all is mended');
    this.#trouble.repair();
    this.#auditor.observe();
    return (await this.#ends('the repair', this.#tryAgain(items))) && (await this.#calm());
  }

  async #tryAgain(items: readonly string[]): Promise<void> {
    for (const item of items) {
      this.#tell(`${item} is to be tried again`);
      this.#auditor.insists(item);
      if (this.#story.repair === 'putBack' && this.#putBack(item, true)) continue;
      const [process] = this.#processes;
      await process?.retryRejected(this.#world.source.nameOf?.(item) ?? item);
      if (this.#auditor.isPutAwayUnnoticed(item)) this.#putBack(item, false);
    }
  }

  async #ends(what: string, task: Promise<unknown>): Promise<boolean> {
    const waited = await this.#time.run(task, CALM_MS);
    if (waited !== 'done') {
      this.#auditor.problem('hung', waited === 'late' ? `${what} takes for ever` : `${what} never comes`);
      return false;
    }
    await task;
    return true;
  }

  #surroundings(): Surroundings {
    return {
      time: this.#time,
      offset: () => this.#machine.offset,
      observe: () => {
        this.#auditor.observe();
      },
      tell: (what) => {
        this.#tell(what);
      },
      disturbed: () => {
        this.#auditor.disturbed();
      },
    };
  }

  #parts(): Parts {
    return {
      story: this.#story,
      time: this.#time,
      trouble: this.#trouble,
      auditor: this.#auditor,
      readers: this.#readers,
      holders: this.#holders,
      queueOf: (launcher) => queueOf(this.#queues, launcher),
      tell: (what) => {
        this.#tell(what);
      },
      enter: (process) => this.#world.enter(process),
      wrap: (blocks) => this.#wrap?.(blocks, { story: this.#story, world: this.#world }) ?? blocks,
    };
  }

  #tell(what: string): void {
    this.#log.push(`${((this.#time.now - this.#startedAt) / SECOND).toFixed(1).padStart(8)}  ${what}`);
  }
}

function queueOf(queues: Map<string, ItemRef[]>, launcher: string): ItemRef[] {
  const queue = queues.get(launcher) ?? [];
  queues.set(launcher, queue);
  return queue;
}

function withKinds(
  item: StoryItem,
  documents: readonly LifeDocument[],
): readonly { kind: DocumentKind; content: string }[] {
  return documents.map(({ content }, i) => ({ content, kind: item.documents[i] ?? 'log' }));
}

function toldOf({ at: _at, do: what, ...about }: StoryEvent): string {
  return [what, ...Object.entries(about).map(([key, value]) => `${key} ${String(value)}`)].join(', ');
}
