import type { Reason } from '../../reasons.js';
import type { End } from '../../contracts/listener.js';
import { JOBS, type DocumentKind, type Story } from './story.js';
import type { LifeWorld } from './world.js';

/** A promise that was not kept. */
export interface LifeProblem {
  readonly kind:
    /** It left the source, and the COLD does not have it. */
    | 'lost'
    /** It came to the COLD more than once although nothing allows it. */
    | 'twice'
    /** The COLD has bytes that no document ever had, or in the wrong place. */
    | 'torn'
    /** All is calm, and it is still nowhere. */
    | 'stuck'
    /** All is calm, and it is in several places. */
    | 'copied'
    /** It was rejected or put aside for a reason that is not true. */
    | 'misjudged'
    /** One submission was of other documents, or of another job, than before. */
    | 'replanned'
    /** A call never came to an end. */
    | 'hung'
    /** Nothing is left to do, and yet something is always done. */
    | 'restless'
    /** An error that no story can excuse. */
    | 'failed';
  readonly what: string;
}

interface Item {
  readonly name: string;
  /** What it consists of now: `undefined` once somebody has taken it away. */
  contents: readonly string[] | undefined;
  held: boolean;
  /** Somebody has put it back after it had left. */
  returned: boolean;
  judged: { readonly end: End; readonly reason: Reason | undefined } | undefined;
}

interface Content {
  readonly item: string;
  readonly kind: DocumentKind;
  arrivals: number;
}

/**
 * Knows what was put into the source, what came to the COLD and what left the source, each at the very instant, and what
 * the policy allows. Of the launcher and its ledger it knows nothing.
 */
export class Auditor {
  readonly problems: LifeProblem[] = [];
  readonly #story: Story;
  readonly #world: Pick<LifeWorld, 'source' | 'cold'>;
  readonly #items = new Map<string, Item>();
  readonly #contents = new Map<string, Content>();
  readonly #submissions = new Map<string, string>();
  /** Failures that were a document's own, by item. */
  readonly #faults = new Map<string, { count: number; final: boolean }>();
  /** Times that a process was lost that worked on this item and nothing else. */
  readonly #lostAlone = new Map<string, number>();
  /** Items of which a group was about to be placed. */
  readonly #begun = new Set<string>();
  readonly #insisted = new Set<string>();
  readonly #settledLate = new Set<string>();
  /** What may make a submission's fate unknown: deaths, standstills, answers that were lost. */
  #disturbances = 0;
  #audited = 0;

  constructor(story: Story, world: Pick<LifeWorld, 'source' | 'cold'>) {
    this.#story = story;
    this.#world = world;
  }

  // ── what the world does ──

  /** It is in the source, with this content from now on. */
  put(name: string, documents: readonly { readonly kind: DocumentKind; readonly content: string }[]): void {
    for (const { kind, content } of documents) this.#contents.set(content, { item: name, kind, arrivals: 0 });
    this.#items.set(name, {
      name,
      contents: documents.map(({ content }) => content),
      held: true,
      returned: false,
      judged: undefined,
    });
  }

  removed(name: string): void {
    const item = this.#items.get(name);
    if (item === undefined) return;
    item.contents = undefined;
    item.held = false;
  }

  putBack(name: string): void {
    const item = this.#items.get(name);
    if (item === undefined) return;
    if (item.judged?.end === 'reject') this.insists(name);
    item.held = true;
    item.returned = true;
    item.judged = undefined;
  }

  /** Somebody has looked into the COLD, and wants it to be tried again although it was rejected. */
  insists(name: string): void {
    this.#insisted.add(name);
  }

  /** Somebody has everything tried again that is rejected, or soon will be, without a look into the COLD. */
  insistsOnAll(): void {
    for (const name of this.#items.keys()) this.insists(name);
  }

  faulty(name: string, final: boolean): void {
    const faults = this.#faults.get(name) ?? { count: 0, final: false };
    this.#faults.set(name, { count: faults.count + 1, final: faults.final || final });
  }

  /** A process has lost an item that it worked on alone: it is dead, or something kept it from saying that it is not. */
  lostAlone(name: string, isDead: boolean): void {
    if (!isDead && this.#disturbances === 0) return;
    this.#lostAlone.set(name, (this.#lostAlone.get(name) ?? 0) + 1);
  }

  disturbed(): void {
    this.#disturbances++;
  }

  // ── what the launcher does to the blocks ──

  /** A group is about to be submitted. */
  submits(id: string, job: string, documents: readonly string[]): void {
    const what = `${job}: ${documents.join(', ')}`;
    const before = this.#submissions.get(id) ?? what;
    this.#submissions.set(id, before);
    if (before !== what) this.problem('replanned', `submission ${id} was ${before} and is now ${what}`);
  }

  places(item: string): void {
    this.#begun.add(item);
  }

  /** The source is asked to end an item so. */
  settles(name: string, end: End, reason: Reason | undefined): void {
    const item = this.#items.get(name);
    if (item === undefined) return;
    if (end !== 'accept' && !this.#isTrue(item, end, reason)) {
      this.problem('misjudged', `${name} ends ${end}: ${reason?.message ?? 'without a reason'}`);
    }
    item.judged = { end, reason };
  }

  /** Whether the source may yet be found to have changed under the same version: it has not answered for it so far. */
  isUnanswered(name: string): boolean {
    const item = this.#items.get(name);
    if (item?.held !== true || item.returned) return false;
    return item.judged === undefined || (this.#story.source.after !== 'keep' && item.judged.end === 'accept');
  }

  /** A process that had stood still has settled it: somebody may have put it back in the meantime. */
  settlesLate(name: string): void {
    this.#settledLate.add(name);
  }

  // ── what can be seen ──

  /** Looks at the COLD and the source, at this instant. */
  observe(): void {
    const arrivals = this.#world.cold.arrivals();
    for (; this.#audited < arrivals.length; this.#audited++) {
      const arrival = arrivals[this.#audited];
      if (arrival !== undefined) this.#arrived(arrival.job, arrival.content);
    }
    const held = new Set(this.#world.source.holds().flat());
    for (const item of this.#items.values()) {
      if (item.contents === undefined) continue;
      if (!item.held && item.contents.some((content) => held.has(content))) this.putBack(item.name);
      if (!item.held) continue;
      const missing = item.contents.filter((content) => !held.has(content));
      if (missing.length === 0) continue;
      item.held = missing.length < item.contents.length;
      this.#left(item, missing);
    }
  }

  /** Items that an operator gives another chance: rejected, not in the COLD, and not because nothing wants them. */
  rejected(): readonly string[] {
    const rejected = [...this.#items.values()].filter(({ judged }) => judged?.end === 'reject');
    const again = rejected.filter((item) =>
      this.#isWanted(item) ? !this.#isDelivered(item) : this.#story.policy.unwanted !== 'reject',
    );
    return again.map(({ name }) => name);
  }

  /** Rejected once more because it is still in doubt whether the COLD has it, which it has not. */
  stillInDoubt(): readonly string[] {
    return this.rejected().filter((name) => this.#isInDoubt(name));
  }

  /** Whether only its quarantine may know that it was rejected, and no ledger. */
  isPutAwayUnnoticed(name: string): boolean {
    const item = this.#items.get(name);
    return this.#settledLate.has(name) && item?.held === false;
  }

  /** All is calm and mended: every item must have come to its one place. */
  conclude(): void {
    this.observe();
    for (const item of this.#items.values()) {
      if (item.contents === undefined) continue;
      const problem = this.#isWanted(item) ? this.#unfinished(item) : this.#disturbedThough(item);
      if (problem !== undefined) this.problem('stuck', `${item.name} ${problem}`);
      for (const content of item.contents) {
        const copies = this.#copiesOf(content);
        if (copies > 1) this.problem('copied', `${content} is there ${String(copies)} times`);
      }
    }
  }

  problem(kind: LifeProblem['kind'], what: string): void {
    if (!this.problems.some((p) => p.kind === kind && p.what === what)) this.problems.push({ kind, what });
  }

  /** Of a content, in the source and where it keeps what has left. */
  #copiesOf(content: string): number {
    const { source } = this.#world;
    const places = [...source.holds(), ...source.keeps().map(({ contents }) => contents)];
    return places.flat().filter((each) => each === content).length;
  }

  #arrived(job: string, content: string): void {
    const known = this.#contents.get(content);
    if (known === undefined) {
      this.problem('torn', `job ${job} received "${content}"`);
      return;
    }
    known.arrivals++;
    if (!this.#jobsOf(known.kind).includes(job)) this.problem('torn', `job ${job} received ${content}`);
    const allowed = 1 + (this.#mayRepeat(known.item) ? this.#disturbances : 0);
    if (known.arrivals > allowed) this.problem('twice', `${content} came to job ${job} again`);
  }

  #left(item: Item, missing: readonly string[]): void {
    const kept = this.#world.source.keeps();
    for (const content of missing) {
      const place = kept.find(({ contents }) => contents.includes(content));
      if (place !== undefined && place.end !== 'accept') continue;
      if (this.#hasArrived(content)) continue;
      if (!this.#mayGo(item, content, place !== undefined)) {
        this.problem('lost', `${content} left the source, and the COLD does not have it`);
      }
    }
  }

  /** Whether what the COLD does not have may leave the source as accepted. */
  #mayGo(item: Item, content: string, isKept: boolean): boolean {
    const { unwanted, discardUnwanted } = this.#story.policy;
    if (!this.#isWanted(item)) return isKept || unwanted === 'accept';
    const unwantedBesides = this.#takers().some(
      (takes) => !this.#isTaken(content, takes) && this.#isDeliveredTo(item, takes),
    );
    return unwantedBesides && (isKept || discardUnwanted);
  }

  #unfinished(item: Item): string | undefined {
    if (!this.#isDelivered(item)) {
      return item.held ? 'is still in the source' : 'is not in the COLD, nor in the source';
    }
    const { after, rejects } = this.#story.source;
    // What was taken in part stays where rejected items do.
    const isLeft = item.judged?.end === 'reject' || (item.judged?.end === 'aside' && rejects === 'keep');
    const stays = after === 'keep' || item.returned || isLeft;
    return item.held && !stays ? 'is in the COLD, and still in the source' : undefined;
  }

  #disturbedThough(item: Item): string | undefined {
    const { unwanted } = this.#story.policy;
    const arrived = item.contents?.some((content) => this.#hasArrived(content));
    if (arrived === true) return 'is in the COLD although nothing wants it';
    if (unwanted === 'leave') return item.held ? undefined : 'has left the source although it was to be left';
    const { after, rejects } = this.#story.source;
    const stays = item.returned || (unwanted === 'accept' ? after === 'keep' : rejects === 'keep');
    return item.held && !stays ? 'is still in the source although nothing wants it' : undefined;
  }

  /** Whether one of the launchers has brought all that it takes: where several share a source, the first end wins. */
  #isDelivered(item: Item): boolean {
    return this.#takers().some((takes) => this.#isDeliveredTo(item, takes));
  }

  #isDeliveredTo(item: Item, takes: readonly DocumentKind[]): boolean {
    const wanted = (item.contents ?? []).filter((content) => this.#isTaken(content, takes));
    return wanted.length > 0 && wanted.every((content) => this.#hasArrived(content));
  }

  #hasArrived(content: string): boolean {
    return (this.#contents.get(content)?.arrivals ?? 0) > 0;
  }

  #isWanted(item: Item): boolean {
    return (item.contents ?? []).some((content) =>
      this.#takers().some((takes) => this.#isTaken(content, takes)),
    );
  }

  #isTaken(content: string, takes: readonly DocumentKind[]): boolean {
    const kind = this.#contents.get(content)?.kind;
    return kind !== undefined && JOBS[kind] !== undefined && takes.includes(kind);
  }

  #takers(): readonly (readonly DocumentKind[])[] {
    return this.#story.processes.map(({ takes }) => takes);
  }

  #jobsOf(kind: DocumentKind): readonly string[] {
    if (this.#story.processes.some(({ regroups }) => regroups)) return ['87', '88'];
    return [JOBS[kind] ?? 'none'];
  }

  /** Whether nobody but the COLD may know what became of a submission of this item. */
  #isInDoubt(item: string): boolean {
    return this.#begun.has(item) && !this.#canTell(item);
  }

  /** Whether it may be made again all the same: the policy says so, or somebody who put it back. */
  #mayRepeat(item: string): boolean {
    return this.#isInDoubt(item) && (this.#story.policy.inDoubt === 'resubmit' || this.#insisted.has(item));
  }

  #canTell(name: string): boolean {
    const { find, partial, atomicGroup } = this.#story.cold;
    if (!find) return false;
    return partial || atomicGroup || this.#items.get(name)?.contents?.length === 1;
  }

  #isTrue(item: Item, end: End, reason: Reason | undefined): boolean {
    const { name } = item;
    const { policy, source } = this.#story;
    const faults = this.#faults.get(name) ?? { count: 0, final: false };
    // An attempt of which nobody knows what became counts as one.
    const attempts = faults.count + (this.#mayRepeat(name) ? this.#disturbances : 0);
    const atFault = faults.final || (faults.count > 0 && attempts >= policy.attempts);
    const inDoubt = this.#isInDoubt(name);
    if (end === 'aside') {
      return reason?.code === 'PARTLY_UNWANTED' && source.after === 'remove' && !policy.discardUnwanted;
    }
    switch (reason?.code) {
      case 'DOCUMENT_UNREADABLE':
      case 'DOCUMENT_REFUSED':
      case 'EXPAND_FAILED':
        return atFault;
      case 'IN_DOUBT':
        return inDoubt;
      case 'PART_REFUSED':
        return atFault || inDoubt;
      case 'CRASHED':
        return (this.#lostAlone.get(name) ?? 0) >= Number(reason.data?.['times'] ?? policy.crashes);
      case 'UNWANTED':
        return policy.unwanted === 'reject' && !this.#isWanted(item);
      default:
        return false;
    }
  }
}
