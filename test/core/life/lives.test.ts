import { describe, expect, test } from 'vitest';
import {
  lifeSuite,
  playStory,
  shrinkHistory,
  storyOf,
  tellHistory,
  type LifeHistory,
  type Story,
  type StoryItem,
  type StoryProcess,
} from '@lanceur/core/testing';
import { broken } from './broken.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const alone: StoryProcess = {
  name: 'p1',
  launcher: '16',
  takes: ['pdf', 'xml'],
  drive: 'run',
  at: 0,
  everyMs: 30_000,
  slow: { chance: 0.1, ms: 300 },
  dies: [],
  freezes: [],
  restartMs: 5_000,
  regroups: false,
};

/** Nothing happens in it but what is added. */
const quiet: Story = {
  seed: 1,
  source: {
    concurrentSessions: true,
    settleEndsSession: false,
    after: 'remove',
    rejects: 'quarantine',
    listsDocuments: true,
    same: false,
  },
  cold: { find: true, partial: true, atomicGroup: true },
  policy: {
    inDoubt: 'reject',
    unwanted: 'leave',
    discardUnwanted: false,
    attempts: 1,
    crashes: 3,
    concurrency: 8,
    leaseMs: 60_000,
    firstDelayMs: 30_000,
    maxDelayMs: 120_000,
  },
  items: [],
  processes: [alone],
  events: [],
  repair: 'putBack',
  busyMs: 10 * MINUTE,
};

function items(count: number, of: Partial<StoryItem> = {}): readonly StoryItem[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `i${String(i + 1)}`,
    at: 0,
    documents: ['pdf'],
    ...of,
  }));
}

async function wellEnded(story: Story): Promise<LifeHistory> {
  const history = await playStory(story);
  expect(history.problems, tellHistory(history)).toEqual([]);
  return history;
}

function count(history: LifeHistory, what: string): number {
  return history.log.filter((line) => line.includes(what)).length;
}

describe('whatever happens', () => {
  for (const c of lifeSuite({ histories: 500 })) test(c.name, c.run);
});

describe('at a POP3 server: one session, which settling ends', () => {
  const pop3 = (story: Story): Story => ({
    ...story,
    source: { ...story.source, concurrentSessions: false, settleEndsSession: true },
    events: story.events.filter((event) => event.do !== 'rewrite'),
  });
  for (const c of lifeSuite({ from: 2_001, histories: 100, shape: pop3 })) test(c.name, c.run);
});

describe('two launchers of which each wants what the other leaves', () => {
  const shared = (story: Story): Story => ({
    ...story,
    policy: { ...story.policy, unwanted: 'leave' },
    processes: [
      { ...(story.processes[0] ?? alone), name: 'p1', launcher: '16', takes: ['pdf'], regroups: false },
      { ...(story.processes[1] ?? alone), name: 'p2', launcher: '17', takes: ['xml'], regroups: false },
    ],
  });
  for (const c of lifeSuite({ from: 3_001, histories: 100, shape: shared })) test(c.name, c.run);
});

describe('parts that nothing wants', () => {
  for (const unwanted of ['leave', 'accept', 'reject'] as const) {
    const partly = (story: Story): Story => ({
      ...story,
      policy: { ...story.policy, unwanted },
      processes: story.processes.map((p) => ({ ...p, launcher: '16', takes: ['pdf', 'xml'] })),
      items: story.items.map((item, i) => ({
        ...item,
        documents: i % 2 === 0 ? ['pdf', 'log', 'tmp'] : ['log'],
      })),
    });
    for (const c of lifeSuite({ from: 4_001, histories: 50, shape: partly })) {
      test(`${c.name}, with unwanted: ${unwanted}`, c.run);
    }
  }
});

describe('an outage', () => {
  test('of three hours quarantines nothing, costs no attempt, and drains in order', async () => {
    const history = await wellEnded({
      ...quiet,
      policy: { ...quiet.policy, attempts: 1, concurrency: 1 },
      items: items(30).map((item, i) => ({ ...item, at: i * 5 * MINUTE })),
      processes: [{ ...alone, slow: { chance: 0, ms: 0 } }],
      events: [{ at: 0, do: 'outage', ms: 3 * HOUR }],
      busyMs: 4 * HOUR,
    });
    expect(history.arrivals.map((content) => content.split('-')[0])).toEqual(
      items(30).map(({ name }) => name),
    );
    expect(count(history, 'reject')).toBe(0);
  });

  test('of one job holds up that job alone', async () => {
    const history = await wellEnded({
      ...quiet,
      items: items(6).map((item, i) => ({ ...item, documents: i % 2 === 0 ? ['pdf'] : ['xml'] })),
      events: [{ at: 0, do: 'outage', job: '87', ms: HOUR }],
      busyMs: 2 * HOUR,
    });
    expect(history.arrivals.slice(0, 3).every((content) => content.includes('.xml'))).toBe(true);
    expect(history.arrivals).toHaveLength(6);
  });
});

describe('a document', () => {
  test('that kills the process is rejected after three deaths alone, and no innocent with it', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const poison = `i${String(1 + (seed % 8))}`;
      const history = await wellEnded({
        ...quiet,
        seed,
        items: items(8).map((item) => ({ ...item, ...(item.name === poison && { poison: true }) })),
        processes: [{ ...alone, slow: { chance: 0.5, ms: 2_000 } }],
        busyMs: HOUR,
      });
      expect(count(history, 'CRASHED')).toBe(1);
      expect(count(history, `${poison} ends: reject, CRASHED`)).toBe(1);
      // Once beside others, three times alone.
      expect(count(history, 'dies as it opens')).toBe(4);
    }
  });

  test('that fails by its own fault has as many attempts as allowed, later and later', async () => {
    const history = await wellEnded({
      ...quiet,
      policy: { ...quiet.policy, attempts: 4, firstDelayMs: 60_000, maxDelayMs: 240_000 },
      items: items(1, { failures: { on: 'submit', times: 9 } }),
      busyMs: HOUR,
    });
    const failures = history.log.filter((line) => line.includes('fails')).map((line) => parseFloat(line));
    expect(failures).toHaveLength(4);
    const gaps = failures.slice(1).map((at, i) => at - failures[i]!);
    expect(gaps[1]!).toBeGreaterThan(gaps[0]!);
    expect(gaps[2]!).toBeGreaterThan(gaps[1]!);
    expect(count(history, 'ends: reject, DOCUMENT_REFUSED')).toBe(1);
    expect(history.arrivals).toHaveLength(1);
  });
});

describe('a lease', () => {
  test('is renewed while the work takes longer than it lasts', async () => {
    const patient = { ...alone, everyMs: 5_000, slow: { chance: 0.9, ms: 12_000 } };
    for (let seed = 1; seed <= 10; seed++) {
      const history = await wellEnded({
        ...quiet,
        seed,
        policy: { ...quiet.policy, crashes: 1 },
        items: items(2, { documents: ['pdf', 'pdf', 'xml'] }),
        processes: [patient, { ...patient, name: 'p2', at: 1_000 }],
        busyMs: HOUR,
      });
      expect(history.arrivals).toHaveLength(6);
      expect(count(history, 'doubt')).toBe(0);
    }
  });
});

describe('a story', () => {
  test('takes the same course each time it is played', async () => {
    for (const seed of [11, 12, 13, 14, 15]) {
      const [first, second] = [await playStory(storyOf(seed)), await playStory(storyOf(seed))];
      expect(second).toEqual(first);
      expect(first.log.length).toBeGreaterThan(3);
    }
  });

  test('is plain data: written down and read again, it takes the same course', async () => {
    const story = storyOf(21);
    const again = JSON.parse(JSON.stringify(story)) as Story;
    expect((await playStory(again)).log).toEqual((await playStory(story)).log);
  });

  test('that ends badly is shrunk to a short one that ends as badly, and is told', async () => {
    const { shape, options, comesTo } = broken.find(({ guard }) =>
      guard.includes('before the ledger knows'),
    )!;
    let bad: LifeHistory | undefined;
    for (let seed = 1; bad === undefined; seed++) {
      const history = await playStory(shape(storyOf(seed)), options());
      if (history.problems[0]?.kind === comesTo && history.story.items.length > 2) bad = history;
    }
    const short = await shrinkHistory(bad, options());
    expect(short.problems.map(({ kind }) => kind)).toContain(comesTo);
    expect(short.story.items).toHaveLength(1);
    expect(short.story.processes).toHaveLength(1);
    expect(short.story.processes[0]?.dies).toHaveLength(1);
    expect(short.story.events).toEqual([]);
    expect(tellHistory(short)).toMatch(/story \d+\n[\s\S]* dies at step [\s\S]*=> twice: i\d/);
  });
});
