// The listeners for mail as they are, in the same stories as the doubles: at servers in memory, where processes die and
// stand still before and after each command.
import { describe, expect, test } from 'vitest';
import type { ConnectOptions, ItemRef, Session } from '@lanceur/core';
import {
  lifeSuite,
  playStory,
  storyOf,
  tellHistory,
  type LifeOptions,
  type LifeProblem,
  type Story,
} from '@lanceur/core/testing';
import { but } from '../../core/life/but.js';
import { FULL } from '../../servers/scripted-imap.js';
import { asMailbox, mailWorld, type MailSetting } from './mail-world.js';

const without = (...names: readonly string[]) => FULL.filter((name) => !names.includes(name));

const settings: Readonly<Record<string, MailSetting>> = {
  IMAP: { protocol: 'imap', capabilities: FULL },
  'IMAP, mails with an id of the server': { protocol: 'imap', capabilities: [...FULL, 'OBJECTID'] },
  'IMAP without MOVE': { protocol: 'imap', capabilities: without('MOVE') },
  'IMAP with nothing beyond the standard': { protocol: 'imap', capabilities: without('MOVE', 'UIDPLUS') },
  POP3: { protocol: 'pop3', capabilities: ['TOP', 'UIDL', 'USER'] },
  'POP3 with pipelining': { protocol: 'pop3', capabilities: ['TOP', 'UIDL', 'USER', 'PIPELINING'] },
};

// More of them when there is time: LIFE_HISTORIES=1000 npm test -- test/scenarios/mail-life; and others: LIFE_FROM=1001
const HISTORIES = Number(process.env['LIFE_HISTORIES'] ?? 12);
const FROM = Number(process.env['LIFE_FROM'] ?? 1);
/** Fifty stories come in one case, over real sockets, on a machine that may be busy. */
const TIMEOUT_MS = 600_000;

for (const [n, [about, setting]] of Object.entries(settings).entries()) {
  describe(about, () => {
    const subject = {
      from: 3_000_000 + n * 100_000 + FROM,
      histories: HISTORIES,
      world: mailWorld(setting),
      shape: (story: Story) => asMailbox(story, setting),
    };
    for (const c of lifeSuite(subject)) test(c.name, { timeout: TIMEOUT_MS }, c.run);
  });
}

describe('a guard that is broken on purpose is found out', () => {
  const imap: MailSetting = { protocol: 'imap', capabilities: FULL };
  const pop3: MailSetting = { protocol: 'pop3', capabilities: ['TOP', 'UIDL', 'USER', 'PIPELINING'] };

  for (const setting of [imap, pop3]) {
    test(`by ${setting.protocol}, mails without a mark are sent twice when the mailbox is renumbered`, async () => {
      await expectHarm('twice', setting, renumbering(setting), (session) => ({
        async *list() {
          for await (const { same: _mark, ...ref } of session.list()) yield ref;
        },
      }));
    });
  }

  test('by imap, a UID without its UIDVALIDITY means another mail, which is then never sent', async () => {
    let validity = '';
    const bare = (ref: ItemRef): ItemRef => {
      const [, uid = ''] = ref.id.split('/');
      validity = ref.id.slice(0, ref.id.length - uid.length);
      const { same: _mark, ...rest } = ref;
      return { ...rest, id: uid };
    };
    const whole = (ref: ItemRef): ItemRef => ({ ...ref, id: `${validity}${ref.id}` });
    await expectHarm('lost', imap, renumbering(imap), (session) => ({
      async *list() {
        for await (const ref of session.list()) yield bare(ref);
      },
      open: (ref, wants, options) => session.open(whole(ref), wants, options),
      async settle(batch) {
        const settled = await session.settle(batch.map((each) => ({ ...each, ref: whole(each.ref) })));
        return settled.map((each) => ({ ...each, ref: bare(each.ref) }));
      },
    }));
  });

  test('by imap without MOVE, a copy that is forgotten with its process is made again', async () => {
    const setting: MailSetting = { protocol: 'imap', capabilities: without('MOVE') };
    await expectHarm(
      'copied',
      setting,
      dyingMidway(setting),
      () => ({}),
      ({ memory: _shared, ...options } = {}) => options,
    );
  });

  test('by pop3, a deletion that counts without an answer to QUIT leaves the mail for ever', async () => {
    const shape = (story: Story): Story => {
      const drawn = asMailbox(story, pop3);
      return {
        ...drawn,
        source: { ...drawn.source, after: 'remove' },
        events: [...drawn.events, ...every(30_000, { do: 'fault', on: 'settle', done: false })],
      };
    };
    await expectHarm('stuck', pop3, shape, (session) => ({
      settle: (batch) =>
        session.settle(batch).catch(() => batch.map(({ ref }) => ({ ref, how: 'removed' as const }))),
    }));
  });
});

/** Each mail is wanted, and is moved; the first process dies between two commands of a move. */
function dyingMidway(setting: MailSetting) {
  return (story: Story): Story => {
    const drawn = asMailbox(story, setting);
    return {
      ...drawn,
      source: { ...drawn.source, after: 'move' },
      items: drawn.items.map((item) => ({ ...item, documents: ['pdf'] })),
      events: drawn.events.filter((event) => event.do !== 'renumber'),
      processes: drawn.processes.map((process) => ({
        ...process,
        dies: [{ at: 'before settle (STORE)', nth: 1 }],
      })),
    };
  };
}

/** Each mail is wanted and has a mark, and the mailbox is renumbered all the time. */
function renumbering(setting: MailSetting) {
  return (story: Story): Story => {
    const drawn = asMailbox(story, setting);
    return {
      ...drawn,
      source: { ...drawn.source, same: true },
      items: drawn.items.map((item) => ({ ...item, documents: ['pdf'] })),
      events: [...drawn.events, ...every(20_000, { do: 'renumber' })],
    };
  };
}

type Happening = Story['events'][number] extends infer E
  ? E extends { at: number }
    ? Omit<E, 'at'>
    : never
  : never;

function every(ms: number, what: Happening): Story['events'] {
  return Array.from({ length: Math.floor(300_000 / ms) }, (_, i) => ({ at: (i + 1) * ms, ...what }));
}

const SEEDS = 60;

/** Some story comes to it when this is put before the session, and to nothing bad when it is not. */
async function expectHarm(
  kind: LifeProblem['kind'],
  setting: MailSetting,
  shape: (story: Story) => Story,
  instead: (session: Session) => Partial<Session>,
  withOptions: (options: ConnectOptions | undefined) => ConnectOptions | undefined = (options) => options,
): Promise<void> {
  const world = mailWorld(setting);
  const wrap: LifeOptions['wrap'] = ({ listener, ...blocks }) => ({
    ...blocks,
    listener: but(listener, {
      async connect(options) {
        const session = await listener.connect(withOptions(options));
        return but(session, instead(session));
      },
    }),
  });
  for (let seed = 1; seed <= SEEDS; seed++) {
    const story = shape(storyOf(seed));
    const { problems } = await playStory(story, { world, wrap });
    if (!problems.some((problem) => problem.kind === kind)) continue;
    const whole = await playStory(story, { world });
    expect(whole.problems, tellHistory(whole)).toEqual([]);
    return;
  }
  expect.fail(`none of ${String(SEEDS)} stories comes to it: ${kind}`);
}
