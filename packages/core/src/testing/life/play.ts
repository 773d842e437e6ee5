import type { Clock } from '../../clock.js';
import type { ItemRef } from '../../contracts/item.js';
import type { Ledger } from '../../contracts/ledger.js';
import { memoryLedger } from '../../ledger/memory.js';
import { Launcher } from '../../launcher/launcher.js';
import { seededRandom, type SeededRandom } from '../random.js';
import { Actor, Steps, type Surroundings } from './actor.js';
import { Auditor, type Problem } from './auditor.js';
import { poll, type Driven } from './driver.js';
import { Holders } from './holders.js';
import { memoryWorld } from './memory-world.js';
import { Readers } from './readers.js';
import type { Kind, Story, StoryEvent, StoryItem, StoryProcess } from './story.js';
import { LifeTime } from './time.js';
import { Trouble } from './trouble.js';
import { troubledLedger } from './troubled-ledger.js';
import { troubledListener } from './troubled-listener.js';
import { troubledSubmitter } from './troubled-submitter.js';
import { groupingOf, noTemporaryFiles } from './wants.js';
import type { LifeBlocks, LifeDocument, LifeProcess, LifeWorld } from './world.js';

/** What a world is made with. */
export interface WorldOptions {
  readonly time: LifeTime;
  /** The machine's clock, which can be wrong. */
  readonly clock: Clock;
  readonly ledger: (process: LifeProcess) => Promise<Ledger>;
}

export interface PlayOptions {
  /** Where it takes place. Default: a source, a COLD and a ledger in memory. */
  readonly world?: (story: Story, o: WorldOptions) => LifeWorld | Promise<LifeWorld>;
  /** The ledger that all processes share. Default: a memory ledger. */
  readonly ledger?: (story: Story, clock: Clock) => Promise<Ledger> | Ledger;
  /** Something put before a process's blocks: a guard that is broken on purpose, so that some history comes to harm. */
  readonly wrap?: (blocks: LifeBlocks, story: Story, world: LifeWorld) => LifeBlocks;
}

/** What came of a story. */
export interface History {
  readonly story: Story;
  /** None: everything that was promised was kept. */
  readonly problems: readonly Problem[];
  /** What happened, a line each, with the time in seconds. */
  readonly log: readonly string[];
  /** Steps that the processes took. */
  readonly steps: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long everything of a story happens. */
export const BUSY_MS = 5 * MINUTE;
/** Longer than any lease, delay or wrong clock of a story. */
const CALM_MS = 3 * HOUR;
const ROUNDS = 60;

/**
 * Plays a story from its beginning to its end: while it is busy, then calm, then once more after all is mended and what
 * was rejected was put back. The same story always takes the same course.
 */
export async function play(story: Story, options: PlayOptions = {}): Promise<History> {
  const life = await Life.begin(story, options);
  await life.play();
  return life.history();
}

class Life {
  readonly #story: Story;
  readonly #options: PlayOptions;
  readonly #time = new LifeTime(Date.UTC(2026, 0, 1));
  readonly #trouble: Trouble;
  readonly #readers = new Readers();
  readonly #holders = new Holders((item) => { this.#auditor.lostAlone(item); });
  readonly #queue: ItemRef[] = [];
  readonly #processes: Process[] = [];
  readonly #log: string[] = [];
  readonly #revisions = new Map<string, number>();
  readonly #startedAt = this.#time.now;
  #offset = 0;
  #world!: LifeWorld;
  #auditor!: Auditor;

  private constructor(story: Story, options: PlayOptions) {
    this.#story = story;
    this.#options = options;
    this.#trouble = new Trouble(this.#time, story.items);
  }

  static async begin(story: Story, options: PlayOptions): Promise<Life> {
    const life = new Life(story, options);
    await life.#enter();
    return life;
  }

  async #enter(): Promise<void> {
    const clock: Clock = {
      now: () => this.#time.now + this.#offset,
      sleep: (ms) => this.#time.sleep(ms),
    };
    const ledger = await (this.#options.ledger?.(this.#story, clock) ?? memoryLedger({ clock }));
    const make = this.#options.world ?? memoryWorld;
    this.#world = await make(this.#story, { time: this.#time, clock, ledger: () => Promise.resolve(ledger) });
    this.#auditor = new Auditor(this.#story, this.#world);
  }

  history(): History {
    const steps = this.#processes.reduce((sum, p) => sum + p.steps.count, 0);
    return { story: this.#story, problems: this.#auditor.problems, log: this.#log, steps };
  }

  async play(): Promise<void> {
    const { items, processes, events } = this.#story;
    for (const item of items) this.#time.after(item.at, () => { this.#put(item); });
    for (const event of events) this.#time.after(event.at, () => { this.#happen(event); });
    const random = seededRandom(this.#story.seed);
    for (const process of processes) {
      this.#processes.push(new Process(process, random.fork(process.name), this.#surroundings(), this.#parts()));
    }
    const lives = this.#processes.map((process) => process.live());
    await this.#time.run(this.#time.sleep(BUSY_MS), BUSY_MS);

    for (const process of this.#processes) process.stop();
    if (!(await this.#ends('the end of the last poll', Promise.all(lives)))) return;
    if (!(await this.#calm())) return;
    if (!(await this.#ends('the repair', this.#repair()))) return;
    if (!(await this.#calm())) return;
    this.#auditor.conclude();
    await this.#world.close();
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
        this.#offset += event.ms;
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
    const coarse = unnoticed && !this.#readers.isOpen(name) && this.#auditor.isUntouched(name) && item.documents.length === 1;
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
      return { name, content: `${name}#${String(revision)}`.padEnd(28, '.') };
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

  async #repair(): Promise<void> {
    this.#tell('all is mended');
    this.#trouble.repair();
    this.#auditor.observe();
    for (const item of this.#auditor.rejected()) {
      this.#tell(`${item} is to be tried again`);
      if (this.#story.repair === 'putBack' && this.#putBack(item, true)) continue;
      const [process] = this.#processes;
      await process?.retryRejected(item);
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
      offset: () => this.#offset,
      observe: () => { this.#auditor.observe(); },
      tell: (what) => { this.#tell(what); },
    };
  }

  #parts(): Parts {
    const { wrap } = this.#options;
    return {
      story: this.#story,
      time: this.#time,
      trouble: this.#trouble,
      auditor: this.#auditor,
      readers: this.#readers,
      holders: this.#holders,
      queue: this.#queue,
      tell: (what) => { this.#tell(what); },
      enter: async (process) => {
        const blocks = await this.#world.enter(process);
        return wrap === undefined ? blocks : wrap(blocks, this.#story, this.#world);
      },
    };
  }

  #tell(what: string): void {
    this.#log.push(`${((this.#time.now - this.#startedAt) / SECOND).toFixed(1).padStart(8)}  ${what}`);
  }
}

interface Parts {
  readonly story: Story;
  readonly time: LifeTime;
  readonly trouble: Trouble;
  readonly auditor: Auditor;
  readonly readers: Readers;
  readonly holders: Holders;
  readonly queue: ItemRef[];
  readonly tell: (what: string) => void;
  readonly enter: (process: LifeProcess) => Promise<LifeBlocks>;
}

/** A process and whoever starts it again. */
class Process {
  readonly steps: Steps;
  readonly #of: StoryProcess;
  readonly #random: SeededRandom;
  readonly #around: Surroundings;
  readonly #parts: Parts;
  #lives = 0;
  #now: Promise<Driven> | undefined;
  #stopped = false;
  #isCalm = false;

  constructor(of: StoryProcess, random: SeededRandom, around: Surroundings, parts: Parts) {
    this.#of = of;
    this.#random = random;
    this.#around = around;
    this.#parts = parts;
    this.steps = new Steps(of);
  }

  get name(): string {
    return this.#of.name;
  }

  /** Polls again and again until it is stopped. */
  async live(): Promise<void> {
    const { time } = this.#parts;
    await time.sleep(this.#of.at);
    while (!this.#stopped) {
      await this.pollOnce();
      await time.sleep(this.#of.everyMs);
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  /** It neither dies nor stands still by itself any more, and has the configuration that all have. */
  calm(): void {
    this.steps.dies.clear();
    this.steps.freezes.clear();
    if (!this.#of.regroups || this.#isCalm) return;
    this.#isCalm = true;
    this.#now = undefined;
  }

  async pollOnce(): Promise<void> {
    await this.#alive((driven) => poll(this.#of.drive, driven));
  }

  async retryRejected(item: string): Promise<void> {
    await this.#alive(async ({ launcher }) => void (await launcher.retryRejected({ name: item })));
  }

  /** What a process does, up to its end or its death; after which there is another one. */
  async #alive(act: (driven: Driven) => Promise<void>): Promise<void> {
    const driven = await (this.#now ??= this.#start());
    await Promise.race([act(driven), driven.actor.death]);
    if (driven.actor.alive) return;
    this.#parts.auditor.disturbed();
    this.#now = undefined;
    await this.#parts.time.sleep(this.#of.restartMs);
  }

  async #start(): Promise<Driven> {
    const { story, trouble, auditor, readers, holders, queue, tell } = this.#parts;
    const { launcher: id, takes, regroups } = this.#of;
    const life = ++this.#lives;
    const random = this.#random.fork(`life ${String(life)}`);
    const actor = new Actor(this.#of, this.steps, random.fork('steps'), this.#around);
    const blocks = await this.#parts.enter(actor);
    actor.whenDead(blocks.died);
    const watched = { actor, trouble, auditor, readers };
    const { inDoubt, unwanted, discardUnwanted, attempts, crashes, concurrency, leaseMs, firstDelayMs, maxDelayMs } = story.policy;
    const launcher = new Launcher({
      id,
      listener: troubledListener(blocks.listener, watched),
      submitter: troubledSubmitter(blocks.submitter, watched),
      ledger: troubledLedger(blocks.ledger, { actor, trouble, holders }),
      filter: noTemporaryFiles,
      grouper: groupingOf(takes, regroups && !this.#isCalm && life % 2 === 0),
      clock: actor.clock,
      random: random.fork('launcher').next,
      inDoubt,
      unwanted,
      discardUnwanted,
      attempts,
      crashes,
      concurrency,
      leaseMs,
      firstDelayMs,
      maxDelayMs,
    });
    launcher.on('failed', ({ ref, reason }) => { tell(`${actor.name}: ${ref.name} fails: ${reason.code}`); });
    launcher.on('submitted', ({ ref, job }) => { tell(`${actor.name}: ${ref.name} is in job ${job}`); });
    launcher.on('settled', ({ ref, end, how }) => { tell(`${actor.name}: ${ref.name} is settled: ${end}, ${how}`); });
    launcher.on('doubt', ({ ref, found }) => { tell(`${actor.name}: ${ref.name} was in doubt: ${found}`); });
    launcher.on('ended', ({ ref, end, reason }) => { tell(`${actor.name}: ${ref.name} ends: ${end}${reason === undefined ? '' : `, ${reason.code}`}`); });
    return { launcher, actor, random: random.fork('queue'), queue, auditor, tell };
  }
}

function withKinds(item: StoryItem, documents: readonly LifeDocument[]): readonly { kind: Kind; content: string }[] {
  return documents.map(({ content }, i) => ({ content, kind: item.documents[i] ?? 'log' }));
}

function toldOf({ at: _at, do: what, ...about }: StoryEvent): string {
  return [what, ...Object.entries(about).map(([key, value]) => `${key} ${String(value)}`)].join(', ');
}
