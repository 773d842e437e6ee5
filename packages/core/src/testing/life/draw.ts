import { seededRandom, type SeededRandom } from '../random.js';
import type {
  FaultyCall,
  DocumentKind,
  Moment,
  Story,
  StoryEvent,
  StoryItem,
  StoryPolicy,
  StoryProcess,
  StorySource,
} from './story.js';

const SECOND = 1_000;
const BUSY_MS = 300 * SECOND;

/** The story with this number. Each part draws from a stream of its own, so that one more draw here changes nothing there. */
export function storyOf(seed: number): Story {
  const random = seededRandom(seed);
  const pop3 = random.fork('pop3').chance(0.25);
  const source = sourceOf(random.fork('source'), pop3);
  const items = itemsOf(random.fork('items'));
  const twoLaunchers = random.fork('launchers').chance(0.2);
  const policy = policyOf(random.fork('policy'));
  return {
    seed,
    source,
    cold: coldOf(random.fork('cold')),
    policy: twoLaunchers ? { ...policy, unwanted: 'leave' } : policy,
    items,
    processes: processesOf(random.fork('processes'), twoLaunchers, pop3),
    events: eventsOf(random.fork('events'), items, pop3),
    repair: random.fork('repair').chance(0.5) ? 'putBack' : 'retry',
    busyMs: BUSY_MS,
  };
}

function sourceOf(random: SeededRandom, pop3: boolean): StorySource {
  return {
    concurrentSessions: !pop3,
    settleEndsSession: pop3,
    after: random.pick(['remove', 'remove', 'move', 'keep']),
    rejects: random.chance(0.8) ? 'quarantine' : 'keep',
    listsDocuments: random.chance(0.7),
    same: random.chance(0.5),
  };
}

function coldOf(random: SeededRandom): Story['cold'] {
  return { find: random.chance(0.75), partial: random.chance(0.75), atomicGroup: random.chance(0.6) };
}

function policyOf(random: SeededRandom): StoryPolicy {
  return {
    inDoubt: random.chance(0.5) ? 'resubmit' : 'reject',
    unwanted: random.pick(['leave', 'leave', 'accept', 'reject']),
    discardUnwanted: random.chance(0.3),
    attempts: 1 + random.int(4),
    crashes: 2 + random.int(2),
    concurrency: random.pick([1, 2, 4, 8]),
    leaseMs: random.pick([20, 30, 60]) * SECOND,
    firstDelayMs: random.pick([1, 10]) * SECOND,
    maxDelayMs: 120 * SECOND,
  };
}

const CONTENTS: readonly (readonly DocumentKind[])[] = [
  ['pdf'],
  ['pdf'],
  ['xml'],
  ['pdf', 'xml'],
  ['pdf', 'pdf'],
  ['pdf', 'pdf', 'xml'],
  ['pdf', 'log'],
  ['xml', 'tmp'],
  ['log'],
  ['tmp'],
];

function itemsOf(random: SeededRandom): readonly StoryItem[] {
  return Array.from({ length: 1 + random.int(5) }, (_, index): StoryItem => {
    const failure = random.chance(0.2);
    return {
      name: `i${String(index + 1)}`,
      at: random.chance(0.5) ? 0 : random.int(BUSY_MS * 0.7),
      documents: random.pick(CONTENTS),
      ...(random.chance(0.06) && { poison: true }),
      ...(failure && {
        failures: {
          on: random.chance(0.5) ? 'open' : 'submit',
          times: 1 + random.int(6),
          final: random.chance(0.2),
        },
      }),
    };
  });
}

function processesOf(random: SeededRandom, twoLaunchers: boolean, pop3: boolean): readonly StoryProcess[] {
  const count = twoLaunchers ? 2 + random.int(2) : random.pick([1, 1, 2, 3]);
  const regroups = !twoLaunchers && random.chance(0.3);
  return Array.from({ length: count }, (_, index): StoryProcess => {
    const own = random.fork(`process ${String(index)}`);
    const restless = own.chance(0.75);
    const second = twoLaunchers && index % 2 === 1;
    return {
      name: `p${String(index + 1)}`,
      launcher: second ? '17' : '16',
      takes: twoLaunchers ? (second ? ['xml'] : ['pdf']) : ['pdf', 'xml'],
      drive: own.pick(['run', 'loop', 'queue']),
      at: own.int(5 * SECOND),
      everyMs: (pop3 ? 10 + own.int(40) : 5 + own.int(40)) * SECOND,
      slow: own.pick([
        { chance: 0.1, ms: 200 },
        { chance: 0.3, ms: 500 },
        { chance: 0.2, ms: 5_000 },
      ]),
      dies: restless ? Array.from({ length: own.int(5) }, () => momentOf(own)) : [],
      freezes: restless
        ? Array.from({ length: own.int(3) }, () => ({ when: momentOf(own), ms: 1 + own.int(150 * SECOND) }))
        : [],
      restartMs: 1 + own.int(60 * SECOND),
      regroups,
    };
  });
}

/** Where most is at stake: idle polls take most of the steps, and nothing happens there. */
const EFFECTS = [
  ...['claim', 'planned', 'submitting', 'submitted', 'notSubmitted', 'resubmit', 'failed', 'refused'],
  ...['ended', 'settled', 'released', 'voided', 'renewal', 'carry', 'unfinished'],
  ...['open', 'read', 'stage', 'place', 'find', 'settle', 'forget'],
];

function momentOf(random: SeededRandom): Moment {
  const number = 1 + random.int(300);
  const at = `${random.pick(['before', 'after'])} ${random.pick(EFFECTS)}`;
  const nth = 1 + random.int(random.pick([1, 3, 6]));
  return random.chance(0.4) ? number : { at, nth };
}

const FAULTY: readonly FaultyCall[] = ['connect', 'list', 'open', 'settle', 'submit', 'find', 'write'];

function eventsOf(random: SeededRandom, items: readonly StoryItem[], pop3: boolean): readonly StoryEvent[] {
  return Array.from({ length: random.int(9) }, (_, index): StoryEvent => {
    const own = random.fork(`event ${String(index)}`);
    const item = own.pick(items);
    const at = own.chance(0.5) ? item.at + own.int(20 * SECOND) : own.int(BUSY_MS);
    return { at, ...happening(own, item.name, pop3) };
  });
}

type Happening = StoryEvent extends infer E ? (E extends StoryEvent ? Omit<E, 'at'> : never) : never;

function happening(random: SeededRandom, item: string, pop3: boolean): Happening {
  const kinds = [
    'remove',
    'hide',
    'renumber',
    'putBack',
    'retry',
    'outage',
    'sourceOutage',
    'ledgerOutage',
    'fault',
    'fault',
    'jump',
    'eat',
  ] as const;
  const kind = random.pick(pop3 ? kinds : ([...kinds, 'rewrite', 'rewrite', 'rewrite'] as const));
  const ms = 1 + random.int(90 * SECOND);
  switch (kind) {
    case 'rewrite':
      return { do: kind, item, unnoticed: random.chance(0.4) };
    case 'remove':
      return { do: kind, item };
    case 'retry':
      return { do: kind, process: random.pick(['p1', 'p2', 'p3']) };
    case 'hide':
      return { do: kind, item, ms };
    case 'putBack':
      return { do: kind, item, anew: random.chance(0.5) };
    case 'outage':
      return { do: kind, ms, ...(random.chance(0.5) && { job: random.pick(['87', '88']) }) };
    case 'sourceOutage':
    case 'ledgerOutage':
      return { do: kind, ms: ms / 4 };
    case 'fault':
      return { do: kind, on: random.pick(FAULTY), done: random.chance(0.5) };
    case 'jump':
      return { do: kind, ms: random.int(2 * 3_600 * SECOND) - 3_600 * SECOND };
    case 'renumber':
    case 'eat':
      return { do: kind };
  }
}
