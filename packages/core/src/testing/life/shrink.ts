import type { LifeProblem } from './auditor.js';
import { playStory, type LifeHistory, type LifeOptions } from './play.js';
import type { Story, StoryItem, StoryProcess } from './story.js';

const CALM = { chance: 0, ms: 0 } as const;

/**
 * The shortest story that can be had from this one by taking parts out, as long as a problem of the same kind as the
 * first remains. A history without problems is returned as it is.
 */
export async function shrinkHistory(history: LifeHistory, options: LifeOptions = {}): Promise<LifeHistory> {
  const [first] = history.problems;
  if (first === undefined) return history;
  let shortest = history;
  for (
    let shorter: LifeHistory | undefined = history;
    shorter !== undefined;
    shorter = await next(shortest, first.kind, options)
  ) {
    shortest = shorter;
  }
  return shortest;
}

/** A story with one part less that still comes to harm. */
async function next(
  { story }: LifeHistory,
  kind: LifeProblem['kind'],
  options: LifeOptions,
): Promise<LifeHistory | undefined> {
  for (const candidate of shorterStories(story)) {
    const history = await playStory(candidate, options);
    if (history.problems.some((p) => p.kind === kind)) return history;
  }
  return undefined;
}

function* shorterStories(story: Story): Generator<Story> {
  if (story.processes.length > 1)
    for (const processes of withoutEach(story.processes)) yield { ...story, processes };
  for (const events of withoutEach(story.events)) yield { ...story, events };
  if (story.items.length > 1) {
    for (const items of withoutEach(story.items)) {
      const names = items.map(({ name }) => name);
      yield { ...story, items, events: story.events.filter((e) => !('item' in e) || names.includes(e.item)) };
    }
  }
  for (const processes of replacing(story.processes, simplerProcesses)) yield { ...story, processes };
  for (const items of replacing(story.items, simplerItems)) yield { ...story, items };
  if (story.policy.concurrency > 1) yield { ...story, policy: { ...story.policy, concurrency: 1 } };
}

function* simplerProcesses(process: StoryProcess): Generator<StoryProcess> {
  for (const dies of withoutEach(process.dies)) yield { ...process, dies };
  for (const freezes of withoutEach(process.freezes)) yield { ...process, freezes };
  if (process.slow.chance > 0) yield { ...process, slow: CALM };
  if (process.regroups) yield { ...process, regroups: false };
  if (process.drive !== 'run') yield { ...process, drive: 'run' };
}

function* simplerItems(item: StoryItem): Generator<StoryItem> {
  const { poison, failures, ...plain } = item;
  if (poison === true) yield { ...plain, ...(failures && { failures }) };
  if (failures !== undefined) yield { ...plain, ...(poison && { poison }) };
  if (item.documents.length > 1)
    for (const documents of withoutEach(item.documents)) yield { ...item, documents };
  if (item.at > 0) yield { ...item, at: 0 };
}

function* withoutEach<T>(all: readonly T[]): Generator<readonly T[]> {
  for (const index of all.keys()) yield all.filter((_one, i) => i !== index);
}

function* replacing<T>(all: readonly T[], simpler: (one: T) => Iterable<T>): Generator<readonly T[]> {
  for (const one of all)
    for (const by of simpler(one)) yield all.map((other) => (other === one ? by : other));
}
