import type { ItemRef } from '../../contracts/item.js';
import { Launcher } from '../../launcher/launcher.js';
import type { SeededRandom } from '../random.js';
import { Actor, type Surroundings } from './actor.js';
import type { Auditor } from './auditor.js';
import { poll, retryRejected, type Driven } from './driver.js';
import type { Holders } from './holders.js';
import type { Readers } from './readers.js';
import { Steps } from './steps.js';
import type { Story, StoryProcess } from './story.js';
import type { LifeTime } from './time.js';
import type { Trouble } from './trouble.js';
import { troubledLedger } from './troubled-ledger.js';
import { troubledListener } from './troubled-listener.js';
import { troubledSubmitter } from './troubled-submitter.js';
import { groupingOf, noTemporaryFiles } from './wants.js';
import type { LifeBlocks, LifeProcess } from './world.js';

/** The blocks as a launcher gets them. */
export type LauncherBlocks = Pick<LifeBlocks, 'listener' | 'submitter' | 'ledger'>;

/** What the processes of a life share. */
export interface Parts {
  readonly story: Story;
  readonly time: LifeTime;
  readonly trouble: Trouble;
  readonly auditor: Auditor;
  readonly readers: Readers;
  readonly holders: Holders;
  readonly queueOf: (launcher: string) => ItemRef[];
  readonly tell: (what: string) => void;
  readonly enter: (process: LifeProcess) => Promise<LifeBlocks>;
  readonly wrap: (blocks: LauncherBlocks) => LauncherBlocks;
}

/** A process and whoever starts it again. */
export class Process {
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
    this.steps.calm();
    if (!this.#of.regroups || this.#isCalm) return;
    this.#isCalm = true;
    this.#now = undefined;
  }

  async pollOnce(): Promise<void> {
    await this.#alive((driven) => poll(this.#of.drive, driven));
  }

  /** All that is rejected, or one item. */
  async retryRejected(item?: string): Promise<void> {
    await this.#alive((driven) => retryRejected(driven, item));
  }

  /** What a process does, up to its end or its death; after which there is another one. */
  async #alive(act: (driven: Driven) => Promise<void>): Promise<void> {
    const driven = await (this.#now ??= this.#start());
    await Promise.race([act(driven), driven.actor.death]);
    if (driven.actor.alive) return;
    this.#now = undefined;
    await this.#parts.time.sleep(this.#of.restartMs);
  }

  async #start(): Promise<Driven> {
    const { story, trouble, auditor, readers, holders, queueOf, tell } = this.#parts;
    const { launcher: id, takes, regroups } = this.#of;
    const life = ++this.#lives;
    const random = this.#random.fork(`life ${String(life)}`);
    const actor = new Actor(this.#of, this.steps, random.fork('steps'), this.#around);
    const blocks = await this.#parts.enter(actor);
    actor.whenDead(blocks.died);
    const watched = { actor, trouble, auditor, readers };
    const onFailedWrite = () => {
      auditor.disturbed();
    };
    const launcher = new Launcher({
      id,
      ...story.policy,
      ...this.#parts.wrap({
        listener: troubledListener(blocks.listener, watched),
        submitter: troubledSubmitter(blocks.submitter, watched),
        ledger: troubledLedger(blocks.ledger, { actor, trouble, holders, onFailedWrite }),
      }),
      filter: noTemporaryFiles,
      grouper: groupingOf(takes, regroups && !this.#isCalm && life % 2 === 0),
      clock: actor.clock,
      random: random.fork('launcher').next,
    });
    launcher.on('failed', ({ ref, reason }) => {
      tell(`${actor.name}: ${ref.name} fails: ${reason.code}`);
    });
    launcher.on('submitted', ({ ref, job }) => {
      tell(`${actor.name}: ${ref.name} is in job ${job}`);
    });
    launcher.on('settled', ({ ref, end, how }) => {
      tell(`${actor.name}: ${ref.name} is settled: ${end}, ${how}`);
    });
    launcher.on('doubt', ({ ref, found }) => {
      tell(`${actor.name}: ${ref.name} was in doubt: ${found}`);
    });
    launcher.on('ended', ({ ref, end, reason }) => {
      tell(`${actor.name}: ${ref.name} ends: ${end}${reason === undefined ? '' : `, ${reason.code}`}`);
    });
    return { launcher, actor, random: random.fork('queue'), queue: queueOf(id), auditor, tell };
  }
}
