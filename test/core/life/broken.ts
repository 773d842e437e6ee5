// Guards, each broken on purpose. What a story needs to find it out is in `shape`.
import {
  LanceurError,
  type ColdSubmitter,
  type ItemRecord,
  type Ledger,
  type Listener,
  type Session,
  type SourceDocument,
  type Verdict,
} from '@lanceur/core';
import {
  contentOf,
  memoryDocument,
  memoryWorld,
  type LauncherBlocks,
  type LifeOptions,
  type LifeProblem,
  type Moment,
  type Story,
  type StoryEvent,
} from '@lanceur/core/testing';
import { but } from './but.js';

export interface Broken {
  /** What is broken, as it would be said in a review. */
  readonly guard: string;
  /** What comes of it. */
  readonly comesTo: LifeProblem['kind'];
  /** The drawn story, so changed that what is broken matters. */
  readonly shape: (story: Story) => Story;
  readonly options: () => LifeOptions;
  /** With this in place, and the guard whole, nothing comes to harm. Default: nothing. */
  readonly control?: () => LifeOptions;
}

const telling = { find: true, partial: true, atomicGroup: true } as const;

export const broken: readonly Broken[] = [
  {
    guard: 'find takes "nothing waits there" for "it never came"',
    comesTo: 'twice',
    shape: (s) => ({ ...restless(s, 2), cold: telling, events: [...s.events, ...every(5, { do: 'eat' })] }),
    options: () => lookingAtWhatWaits({ is: 'absent' }),
  },
  {
    guard: 'find takes "nothing waits there" for "the COLD has eaten it"',
    comesTo: 'lost',
    shape: (s) => ({ ...restless(s, 2), cold: telling, events: [...s.events, ...every(5, { do: 'eat' })] }),
    options: () => lookingAtWhatWaits('found'),
  },
  {
    guard: 'a group is placed before the ledger knows of it',
    comesTo: 'twice',
    shape: (s) => ({ ...restless(s, 2), cold: telling }),
    options: () =>
      withSubmitter((submitter) => ({
        async submit(group, { beforePlacing, ...options } = {}) {
          const receipt = await submitter.submit(group, options);
          await beforePlacing?.(receipt.documents);
          return receipt;
        },
      })),
  },
  {
    guard: 'two attempts at one submission share their staging',
    comesTo: 'twice',
    shape: (s) => ({ ...sleepy(s), cold: telling }),
    options: () => withSubmitter(sharingItsStaging),
  },
  {
    guard: '"submitting" is written without the fence',
    comesTo: 'twice',
    // Where nothing can be told, and what is in doubt is rejected, the fence is all that stops one that wakes up.
    shape: (s) => ({
      ...sleepy(s),
      cold: { ...telling, find: false },
      policy: { ...s.policy, inDoubt: 'reject' },
    }),
    control: () => withSubmitter(sharingItsStaging),
    options: () => ({
      wrap: (blocks) => ({
        ...blocks,
        submitter: but(blocks.submitter, sharingItsStaging(blocks.submitter)),
        ledger: but(blocks.ledger, {
          async write(claim, changes, leaseMs) {
            try {
              return await blocks.ledger.write(claim, changes, leaseMs);
            } catch (error) {
              if (changes.some((c) => c.type === 'submitting') && LanceurError.is(error, 'LEASE_LOST'))
                return claim;
              throw error;
            }
          },
        }),
      }),
    }),
  },
  {
    guard: 'every replay raises the epoch',
    comesTo: 'twice',
    shape: (s) => ({ ...failing(s), cold: telling, repair: 'retry' }),
    options: () => withLedger((ledger) => ({ replay: (which) => ledger.replay(which, 'everything') })),
  },
  {
    guard: 'a rejected file that was put back is done',
    comesTo: 'stuck',
    shape: (s) => ({ ...failing(s), repair: 'putBack' }),
    options: () => doneWhere((record) => record.state === 'settled' && record.end === 'reject'),
  },
  {
    guard: 'items bear no mark that survives renumbering',
    comesTo: 'twice',
    shape: (s) => ({
      ...restless(s, 1),
      source: { ...s.source, same: true },
      events: [...s.events, ...every(20, { do: 'renumber' })],
    }),
    options: () =>
      withSession((session) => ({
        async *list() {
          for await (const { same: _same, ...ref } of session.list()) yield ref;
        },
      })),
  },
  {
    guard: 'nobody looks after what was unfinished when it left the source',
    comesTo: 'stuck',
    shape: (s) => ({ ...failing(restless(s, 3)), repair: 'putBack' }),
    options: () =>
      withLedger(() => ({
        async *unfinished() {
          // Nothing was.
        },
      })),
  },
  {
    guard: 'list() streams over the only session that a POP3 server gives',
    comesTo: 'hung',
    shape: (s) => ({
      ...s,
      source: { ...s.source, concurrentSessions: false, settleEndsSession: true },
      processes: s.processes.map((p) => ({ ...p, drive: 'loop' })),
    }),
    options: () => ({
      wrap: ({ listener, ...blocks }) => ({
        ...blocks,
        listener: but(oneAfterTheOther(listener), {
          traits: { ...listener.traits, concurrentSessions: true },
        }),
      }),
    }),
  },
  {
    guard: 'nothing is checked at the end of a stream',
    comesTo: 'torn',
    shape: (s) => gently(rewriting(s, false, 12_000), { chance: 0.6, ms: 3_000 }),
    options: () => ({ world: (story, o) => memoryWorld(story, o, { guards: { streamEnd: false } }) }),
  },
  {
    guard: 'crashes count only from "submitting" on',
    comesTo: 'restless',
    shape: poisoned,
    options: () => withLedger(forgettingCrashesBeforeSubmitting),
  },
  {
    guard: 'every crash counts, whoever ran beside',
    comesTo: 'misjudged',
    shape: poisoned,
    options: () =>
      withLedger((ledger) => ({
        claim: (viewer, ref, o) => ledger.claim(viewer, ref, { ...o, alone: true }),
      })),
  },
  {
    guard: 'what is deleted was compared by version, where the clock is coarse',
    comesTo: 'lost',
    shape: (s) => gently(rewriting(s, true, 10_000)),
    options: () => ({ world: (story, o) => memoryWorld(story, o, { guards: { content: false } }) }),
  },
  {
    guard: 'find cannot say "some of them"',
    comesTo: 'twice',
    shape: (s) => ({ ...severalTogether(restless(s, 2)), cold: { ...telling, atomicGroup: false } }),
    options: () =>
      withSubmitter((submitter) => ({
        async find(planned) {
          const found = await submitter.find!(planned);
          return found.is === 'partial' ? { is: 'absent' } : found;
        },
      })),
  },
  {
    guard: 'settled and gone is final',
    comesTo: 'stuck',
    shape: (s) => ({ ...flickering(s), source: { ...s.source, after: 'remove' } }),
    options: () => doneWhere((record) => record.state === 'settled' && record.how === 'gone'),
  },
  {
    guard: 'an outage counts as an attempt',
    comesTo: 'misjudged',
    shape: (s) => ({ ...s, events: [...s.events, { at: 0, do: 'outage', ms: s.busyMs }] }),
    options: () =>
      withSubmitter((submitter) => ({
        async submit(group, options) {
          try {
            return await submitter.submit(group, options);
          } catch (error) {
            if (!LanceurError.is(error) || error.scope !== 'target') throw error;
            const [first] = group.documents;
            const name = first?.name ?? group.key;
            throw new LanceurError(
              'DOCUMENT_REFUSED',
              { name, job: group.job, why: 'it is down' },
              { transient: true },
            );
          }
        },
      })),
  },
  {
    guard: 'an item is settled before its receipt is durable',
    comesTo: 'lost',
    shape: (s) => ({ ...restless(s, 2), cold: telling }),
    options: () => withSubmitter(answeringTooSoon),
  },
  {
    guard: 'a frozen group is planned anew',
    comesTo: 'twice',
    shape: (s) => ({ ...severalTogether(failing(s)), cold: telling }),
    options: () => withLedger(planningAnew),
  },
  {
    guard: 'a writer comes between the comparison and the deletion',
    comesTo: 'lost',
    shape: (s) => gently(rewriting(s, false, 20_000)),
    options: () => withSession(deletingByName),
  },
  {
    guard: 'no timer renews a lease',
    comesTo: 'misjudged',
    shape: slow,
    options: () =>
      withLedger((ledger) => ({
        write: (claim, changes, leaseMs) =>
          changes.length === 0 ? Promise.resolve(claim) : ledger.write(claim, changes, leaseMs),
      })),
  },
];

// ── how stories are shaped ──

/** Many deaths, where something is at stake. */
function restless(story: Story, times: number): Story {
  const effects = ['submitting', 'place', 'submitted', 'ended', 'settle', 'settled', 'failed'];
  const dies = (index: number) =>
    Array.from({ length: 2 * times }, (_, i): Moment => {
      const draw = story.seed * 31 + i * 37 + index * 11;
      return {
        at: `${draw % 2 === 0 ? 'before' : 'after'} ${effects[draw % effects.length]!}`,
        nth: 1 + (draw % 3),
      };
    });
  return { ...story, processes: story.processes.map((p, i) => ({ ...p, restartMs: 3_000, dies: dies(i) })) };
}

/** Two processes that share their work, of which one stands still before it places, for longer than its lease. */
function sleepy(story: Story): Story {
  const [first] = story.processes;
  if (first === undefined) return story;
  const freezes = ['before submitting', 'before place'].map((at, i) => ({
    when: { at, nth: 1 + ((story.seed + i) % 2) },
    ms: 100_000,
  }));
  const base = { ...first, takes: ['pdf', 'xml'], regroups: false, launcher: '16', dies: [] } as const;
  return {
    ...story,
    source: { ...story.source, concurrentSessions: true, settleEndsSession: false },
    policy: { ...story.policy, leaseMs: 20_000, unwanted: 'leave' },
    processes: [
      { ...base, name: 'p1', at: 0, freezes },
      { ...base, name: 'p2', at: 3_000, everyMs: 5_000, freezes: [] },
    ],
  };
}

/** Each item's documents go to both jobs, and one of those refuses its part for a while. */
function failing(story: Story): Story {
  return {
    ...story,
    policy: { ...story.policy, attempts: 2, crashes: 3 },
    items: story.items.map((item) => ({
      ...item,
      documents: ['pdf', 'xml'],
      failures: { on: 'submit', times: 1 + (story.seed % 3) },
    })),
  };
}

function severalTogether(story: Story): Story {
  return { ...story, items: story.items.map((item) => ({ ...item, documents: ['pdf', 'pdf', 'xml'] })) };
}

/** Items are read slowly, and rewritten all the time. */
function rewriting(story: Story, unnoticed: boolean, everyMs: number): Story {
  const items = story.items.map((item) => ({ ...item, at: 0, documents: ['pdf'] as const }));
  const events = items.flatMap(({ name }, i) =>
    Array.from({ length: 12 }, (_, n): StoryEvent => {
      return {
        at: 1_000 + n * everyMs + ((story.seed * 41 + i * 13 + n * 997) % everyMs),
        do: 'rewrite',
        item: name,
        unnoticed,
      };
    }),
  );
  return {
    ...story,
    source: {
      ...story.source,
      same: false,
      after: 'remove',
      concurrentSessions: true,
      settleEndsSession: false,
    },
    policy: { ...story.policy, leaseMs: 60_000 },
    processes: story.processes.map((p) => ({ ...p, takes: ['pdf', 'xml'], launcher: '16' })),
    items,
    events: [...events, ...story.events.filter((e) => e.do === 'fault')],
  };
}

/** Nothing but that happens, and each of it has the time to be noticed. */
function gently(story: Story, slow = { chance: 0.3, ms: 1_500 }): Story {
  const processes = story.processes.slice(0, 1);
  return {
    ...story,
    items: story.items.map(({ poison: _poison, failures: _failures, ...item }) => item),
    processes: processes.map((p) => ({
      ...p,
      dies: [],
      freezes: [],
      everyMs: 3_000,
      slow,
    })),
  };
}

/** One item kills whoever opens it, beside innocent ones. Nobody dies of anything else. */
function poisoned(story: Story): Story {
  const [first] = story.processes;
  if (first === undefined) return story;
  return {
    ...story,
    source: { ...story.source, concurrentSessions: true, settleEndsSession: false },
    policy: { ...story.policy, concurrency: 8, crashes: 3 },
    items: Array.from({ length: 6 }, (_, i) => ({
      name: `i${String(i + 1)}`,
      at: 0,
      documents: ['pdf'],
      ...(i === story.seed % 6 && { poison: true }),
    })),
    processes: [
      {
        ...first,
        takes: ['pdf', 'xml'],
        dies: [],
        freezes: [],
        everyMs: 20_000,
        restartMs: 5_000,
        slow: { chance: 0.5, ms: 800 },
      },
    ],
    events: [],
  };
}

/** Items come out of sight while they are settled. */
function flickering(story: Story): Story {
  const events = story.items.flatMap(({ name, at }) =>
    Array.from({ length: 40 }, (_, i): StoryEvent => ({
      at: at + i * 5_000,
      do: 'hide',
      item: name,
      ms: 2_500,
    })),
  );
  return {
    ...story,
    events,
    processes: story.processes.map((p) => ({ ...p, slow: { chance: 0.5, ms: 3_000 } })),
  };
}

/** Everything takes longer than a lease. */
function slow(story: Story): Story {
  const [first] = story.processes;
  if (first === undefined) return story;
  const base = {
    ...first,
    takes: ['pdf', 'xml'],
    regroups: false,
    launcher: '16',
    dies: [],
    freezes: [],
    drive: 'run',
  } as const;
  return {
    ...story,
    source: { ...story.source, concurrentSessions: true, settleEndsSession: false },
    policy: { ...story.policy, leaseMs: 60_000, crashes: 1, concurrency: 1 },
    items: [{ name: 'i1', at: 0, documents: ['pdf', 'pdf', 'xml'] }],
    processes: ['p1', 'p2'].map((name, i) => ({
      ...base,
      name,
      at: i * 1_000,
      everyMs: 5_000,
      slow: { chance: 0.9, ms: 12_000 },
    })),
    events: [],
    busyMs: 3_600_000,
  };
}

type Happening = StoryEvent extends infer E ? (E extends StoryEvent ? Omit<E, 'at'> : never) : never;

function every(seconds: number, what: Happening): readonly StoryEvent[] {
  return Array.from({ length: Math.floor(300 / seconds) }, (_, i): StoryEvent => ({
    at: (i + 1) * seconds * 1_000,
    ...what,
  }));
}

// ── how guards are broken ──

function withSubmitter(instead: (submitter: ColdSubmitter) => Partial<ColdSubmitter>): LifeOptions {
  return { wrap: (blocks) => ({ ...blocks, submitter: but(blocks.submitter, instead(blocks.submitter)) }) };
}

function withLedger(instead: (ledger: Ledger) => Partial<Ledger>): LifeOptions {
  return { wrap: (blocks) => ({ ...blocks, ledger: but(blocks.ledger, instead(blocks.ledger)) }) };
}

function withSession(instead: (session: Session) => Partial<Session>): LifeOptions {
  const wrap = ({ listener, ...blocks }: LauncherBlocks): LauncherBlocks => ({
    ...blocks,
    listener: but(listener, {
      async connect(options) {
        const session = await listener.connect(options);
        return but(session, instead(session));
      },
    }),
  });
  return { wrap };
}

/** `find` sees only what the COLD has not eaten yet. */
function lookingAtWhatWaits(otherwise: 'found' | { readonly is: 'absent' }): LifeOptions {
  let eaten = 0;
  return {
    world(story, o) {
      const world = memoryWorld(story, o);
      const eat = () => {
        eaten = world.cold.arrivals().length;
        world.cold.eat();
      };
      return { ...world, cold: { ...world.cold, eat } };
    },
    wrap: ({ submitter, ...blocks }, { world }) => ({
      ...blocks,
      submitter: but(submitter, {
        async find(planned) {
          const found = await submitter.find!(planned);
          const at = world.cold.arrivals().findLastIndex((a) => a.submissionId === planned.id);
          if (at >= eaten) return found;
          if (otherwise !== 'found') return otherwise;
          return { is: 'found', receipt: { submissionId: planned.id, at: 0, documents: planned.sent ?? [] } };
        },
      }),
    }),
  };
}

/** An attempt whose staging was taken away finds that of another one in its place. */
function sharingItsStaging(submitter: ColdSubmitter): Partial<ColdSubmitter> {
  return {
    async submit({ documents, ...group }, options = {}) {
      const attempt = { placing: false };
      const staged = { ...group, documents: await Promise.all(documents.map(inMemory)) };
      const beforePlacing: NonNullable<typeof options.beforePlacing> = async (sent) => {
        await options.beforePlacing?.(sent);
        attempt.placing = true;
      };
      try {
        return await submitter.submit(staged, { ...options, beforePlacing });
      } catch (error) {
        if (!attempt.placing || !LanceurError.is(error, 'LEASE_LOST')) throw error;
        const { beforePlacing: _again, signal: _stop, ...rest } = options;
        return await submitter.submit(staged, rest);
      }
    },
  };
}

async function inMemory(document: SourceDocument): Promise<SourceDocument> {
  return memoryDocument(document.name, await contentOf(document));
}

function answeringTooSoon(submitter: ColdSubmitter): Partial<ColdSubmitter> {
  return {
    submit: (group, { submissionId = 'none', beforePlacing, ...options } = {}) =>
      new Promise((answer, failed) => {
        const placed = submitter.submit(group, {
          ...options,
          submissionId,
          async beforePlacing(sent) {
            await beforePlacing?.(sent);
            answer({ submissionId, at: 0, documents: sent });
          },
        });
        placed.then(answer, failed);
      }),
  };
}

async function recordOf(
  ledger: Ledger,
  source: string,
  id: string,
  version: string,
): Promise<ItemRecord | undefined> {
  for await (const record of ledger.find({ source, id })) if (record.version === version) return record;
  return undefined;
}

/** A ledger for which some records need no more to be done. */
function doneWhere(isDone: (record: ItemRecord) => boolean): LifeOptions {
  const done = ({ changedAt: at, listedAt, end = 'accept' }: ItemRecord): Verdict => ({
    is: 'done',
    at,
    end,
    listedAt,
  });
  return withLedger((ledger) => ({
    async classify(viewer, refs) {
      const verdicts = await ledger.classify(viewer, refs);
      const records = await Promise.all(refs.map((r) => recordOf(ledger, viewer.source, r.id, r.version)));
      return verdicts.map((verdict, i) => {
        const record = records[i];
        return record !== undefined && isDone(record) ? done(record) : verdict;
      });
    },
    async claim(viewer, ref, options) {
      const record = await recordOf(ledger, viewer.source, ref.id, ref.version);
      return record !== undefined && isDone(record) ? done(record) : await ledger.claim(viewer, ref, options);
    },
  }));
}

/** A claim that was lost before anything was submitted leaves no trace. */
function forgettingCrashesBeforeSubmitting(ledger: Ledger): Partial<Ledger> {
  return {
    async claim(viewer, ref, options) {
      const record = await recordOf(ledger, viewer.source, ref.id, ref.version);
      const submitting = record?.submissions?.some((s) => s.state === 'submitting') === true;
      const [verdict] = await ledger.classify(viewer, [ref]);
      if (record?.claim !== undefined && verdict?.is === 'retry' && !submitting) {
        await ledger.write(
          { item: record, viewer, fence: record.claim.fence },
          [{ type: 'released' }],
          options.leaseMs,
        );
      }
      return await ledger.claim(viewer, ref, options);
    },
  };
}

function planningAnew(ledger: Ledger): Partial<Ledger> {
  return {
    async claim(viewer, ref, options) {
      const record = await recordOf(ledger, viewer.source, ref.id, ref.version);
      if (record?.state === 'open') await ledger.replay({ source: viewer.source, id: ref.id }, 'everything');
      return await ledger.claim(viewer, ref, options);
    },
  };
}

/** A server that lets the second session wait for the first one's end. */
function oneAfterTheOther(listener: Listener): Listener {
  let last = Promise.resolve();
  return but(listener, {
    async connect(options) {
      const before = last;
      let end: () => void = () => undefined;
      last = new Promise((resolve) => {
        end = resolve;
      });
      await before;
      const session = await listener.connect(options).catch((error: unknown) => {
        end();
        throw error;
      });
      return but(session, { close: () => session.close().finally(end) });
    },
  });
}

/** Compares what is there, and then deletes whatever bears its name. */
function deletingByName(session: Session): Partial<Session> {
  const there = async (id: string) => {
    for await (const ref of session.list()) if (ref.id === id) return ref;
    return undefined;
  };
  return {
    async settle(batch) {
      const changed = new Set<string>();
      for (const { ref } of batch) if ((await there(ref.id))?.version !== ref.version) changed.add(ref.id);
      const named = await Promise.all(
        batch.map(async ({ sent: _sent, ...s }) => ({ ...s, ref: (await there(s.ref.id)) ?? s.ref })),
      );
      const settled = await session.settle(named.filter(({ ref }) => !changed.has(ref.id)));
      return batch.map(({ ref }) => {
        const how = changed.has(ref.id) ? 'changed' : settled.find((s) => s.ref.id === ref.id)?.how;
        return { ref, how: how ?? 'failed' };
      });
    },
  };
}
