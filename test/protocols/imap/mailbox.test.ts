import { byExtension, LanceurError, Launcher, memoryLedger, nameFilter } from '@lanceur/core';
import { contentOf, memoryCold } from '@lanceur/core/testing';
import { flag, imap, keep, remove, seen, type ImapOptions } from '@lanceur/protocols/imap';
import { afterEach, describe, expect, test } from 'vitest';
import {
  FULL,
  startScriptedImap,
  type ScriptedImap,
  type ScriptedMail,
  type ScriptedOptions,
} from '../../servers/scripted-imap.js';
import { listed, live } from './life.js';

let server: ScriptedImap;

afterEach(async () => {
  await server.stop();
});

function mail(uid: number, more: Partial<ScriptedMail> = {}): ScriptedMail {
  const content = Buffer.from(`content ${String(uid)}`);
  return { uid, attachments: [{ name: `${String(uid)}.pdf`, content }], ...more };
}

async function start(mails: readonly ScriptedMail[], options: ScriptedOptions = {}) {
  server = await startScriptedImap({ mails, ...options });
  return (more: Partial<ImapOptions> = {}) =>
    imap({
      host: '127.0.0.1',
      port: server.port,
      tls: 'none',
      user: 'jean',
      password: 'secret',
      timeoutMs: 5000,
      ...more,
    });
}

async function refsOf(listener: ReturnType<typeof imap>) {
  const session = await listener.connect();
  const refs = await listed(session);
  await session.close();
  return refs;
}

function fetches(): readonly string[] {
  return server.lines.filter((line) => line.includes(' UID FETCH '));
}

describe('what is fetched', () => {
  test('is the structure first, then only the attachments that are wanted', async () => {
    const attachments = ['a.pdf', 'b.zip'].map((name) => ({ name, content: Buffer.from(name) }));
    const make = await start([{ uid: 1, attachments }]);
    const session = await make().connect();
    const [ref] = await listed(session);
    expect(ref?.documents?.map(({ name }) => name)).toEqual(['a.pdf', 'b.zip']);
    const { documents } = await session.open(ref!, ({ name }) => name.endsWith('.pdf'));
    expect(String(await contentOf(documents[0]!))).toBe('a.pdf');
    await session.close();
    expect(server.lines.join('\n')).toContain('BODY.PEEK[2]');
    expect(server.lines.join('\n')).not.toContain('BODY.PEEK[3]');
    expect(server.lines.join('\n')).not.toContain('BODY.PEEK[]');
  });

  test('is the small parts of many mails in one FETCH', async () => {
    const make = await start(Array.from({ length: 40 }, (_, i) => mail(i + 1)));
    const session = await make().connect();
    const refs = await listed(session);
    const before = fetches().length;
    const deliveries = await Promise.all(refs.map((ref) => session.open(ref)));
    expect(fetches().length - before).toBe(1);
    const contents = await Promise.all(deliveries.map(({ documents }) => contentOf(documents[0]!)));
    expect(contents.map(String)).toEqual(refs.map((_, i) => `content ${String(i + 1)}`));
    await session.close();
  });

  test('is not asked for again when a mail that stays is listed again', async () => {
    const make = await start([mail(1), mail(2)]);
    const listener = make({ after: keep() });
    await refsOf(listener);
    const before = fetches().length;
    expect(await refsOf(listener)).toHaveLength(2);
    expect(fetches().length).toBe(before);
    server.push(mail(3));
    expect(await refsOf(listener)).toHaveLength(3);
    expect(fetches().at(-1)).toMatch(/ UID FETCH 3 /u);
  });

  test('is asked for only of those past the first 20,000 in a mailbox with more, until others leave', async () => {
    const room = 20_000;
    const make = await start(Array.from({ length: room + 1200 }, (_, i) => mail(i + 1)));
    const listener = make({ after: keep() });
    await refsOf(listener);
    const asked = async (): Promise<readonly string[]> => {
      const before = fetches().length;
      await refsOf(listener);
      return fetches()
        .slice(before)
        .map((line) => / UID FETCH (\S+) /u.exec(line)?.[1] ?? line);
    };
    expect(await asked()).toEqual(
      [20_001, 20_201, 20_401, 20_601, 20_801, 21_001].map((uid) => `${String(uid)}:${String(uid + 199)}`),
    );
    const inbox = server.folders.get('INBOX')!;
    server.folders.set('INBOX', inbox.slice(1200));
    await asked();
    expect(await asked()).toEqual([]);
  });

  test('comes in pieces where it is large, decoded across them', async () => {
    const content = Buffer.from(Array.from({ length: 2_500_000 }, (_, i) => (i * 7) % 251));
    const make = await start([{ uid: 1, attachments: [{ name: 'big.pdf', content }] }]);
    const session = await make().connect();
    const [ref] = await listed(session);
    const { documents } = await session.open(ref!);
    const [one, other] = await Promise.all([contentOf(documents[0]!), contentOf(documents[0]!)]);
    expect(one.equals(content)).toBe(true);
    expect(other.equals(content)).toBe(true);
    await session.close();
  });

  test('is the mail itself, its text, or both where that is what is wanted', async () => {
    const make = await start([mail(1, { subject: 'Facture 12' })]);
    const session = await make({ documents: { attachments: false, message: true, body: true } }).connect();
    const [ref] = await listed(session);
    const { documents, attributes } = await session.open(ref!);
    expect(documents.map(({ name }) => name)).toEqual(['Facture 12.eml', 'body.txt']);
    expect(String(await contentOf(documents[0]!))).toMatch(
      /^From: marie@example\.org\r\nSubject: Facture 12\r\n/u,
    );
    expect(String(await contentOf(documents[1]!))).toBe('Bonjour.');
    expect(attributes).toMatchObject({
      subject: 'Facture 12',
      from: 'marie@example.org',
      messageId: '<1@example.org>',
      date: '2026-11-24T08:00:00.000Z',
      mailbox: 'INBOX',
    });
    await session.close();
  });
});

describe('a mail is known again', () => {
  test('by its Message-ID, date and size when the mailbox has been renumbered', async () => {
    const make = await start([mail(1), mail(2)]);
    const before = await refsOf(make());
    server.uidValidity = 2;
    server.folders.set('INBOX', [mail(7, { messageId: '<1@example.org>', subject: 'mail 1' }), mail(8)]);
    const listener = make();
    const after = await refsOf(listener);
    expect(after.map(({ id }) => id)).toEqual(['2/7', '2/8']);
    expect(after[0]?.same).toBe(before[0]?.same);
    expect(after[1]?.same).not.toBe(before[1]?.same);
    const session = await listener.connect();
    await expect(session.open(before[0]!)).rejects.toMatchObject({ code: 'GONE' });
    expect(await session.settle([{ ref: before[0]!, end: 'accept' }])).toMatchObject([{ how: 'gone' }]);
    await session.close();
    expect(server.folders.get('INBOX')).toHaveLength(2);
  });

  test('by the server’s own id for it where there is one', async () => {
    const make = await start([mail(1, { emailId: 'M6d99' })], { capabilities: [...FULL, 'OBJECTID'] });
    expect((await refsOf(make()))[0]?.same).toBe('email:M6d99');
  });

  test('and is not sent again by a launcher after its mailbox has been renumbered, while two that share a mark are two', async () => {
    const twins = [1, 2].map((uid) => mail(uid, { messageId: '<same@example.org>', subject: 'twin' }));
    const make = await start(twins);
    const ledger = memoryLedger();
    const cold = memoryCold();
    const run = async () =>
      new Launcher({
        id: '1',
        listener: make({ after: keep() }),
        grouper: byExtension({ pdf: '87' }),
        submitter: cold,
        ledger,
      }).run();
    await run();
    expect(cold.arrivals.map(({ name }) => name).sort()).toEqual(['1.pdf', '2.pdf']);
    server.uidValidity = 2;
    const shared = { messageId: '<same@example.org>', subject: 'twin' };
    server.folders.set('INBOX', [
      { ...twins[0]!, uid: 11 },
      { ...twins[1]!, uid: 12 },
      mail(13, { ...shared, attachments: [{ name: 'new.pdf', content: Buffer.from('content 3') }] }),
    ]);
    await run();
    expect(cold.arrivals.map(({ name }) => name).sort()).toEqual(['1.pdf', '2.pdf', 'new.pdf']);
  });

  test.each([
    ['by its mark', '<1@example.org>'],
    ['by where it went, if it has none', ''],
  ])(
    'when it comes back from quarantine, twice: only what was not taken is sent, %s',
    async (_, messageId) => {
      const attachments = ['a.pdf', 'b.xml'].map((name) => ({ name, content: Buffer.from(name) }));
      const make = await start([{ uid: 1, attachments, messageId }]);
      const cold = memoryCold();
      let refuses = true;
      const launcher = new Launcher({
        id: '1',
        listener: make(),
        grouper: byExtension({ pdf: '87', xml: '12' }),
        submitter: {
          ...cold,
          async submit(group, o) {
            if (refuses && group.job === '12')
              throw new LanceurError('DOCUMENT_REFUSED', { name: 'b.xml', job: '12', why: 'no' });
            return await cold.submit(group, o);
          },
        },
        ledger: memoryLedger(),
        attempts: 1,
      });
      await launcher.run();
      for (const refusesAgain of [true, false]) {
        expect(server.folders.get('Lanceur/Rejected')).toHaveLength(1);
        expect(server.folders.get('INBOX')).toEqual([]);
        refuses = refusesAgain;
        expect(await launcher.retryRejected()).toEqual({ reopened: 1, restored: 1 });
        expect(server.folders.get('INBOX')).toHaveLength(1);
        await launcher.run();
      }
      await launcher.close();
      expect(cold.arrivals.map(({ name }) => name).sort()).toEqual(['a.pdf', 'b.xml']);
      expect(server.folders.get('Lanceur/Accepted')).toHaveLength(1);
    },
  );

  test('and put back although it has no mark at all, by where the server said that it went', async () => {
    const make = await start([mail(1, { messageId: '' })]);
    const listener = make();
    const [ref] = await refsOf(listener);
    expect(ref?.same).toBeUndefined();
    const session = await listener.connect();
    await session.settle([{ ref: ref!, end: 'reject' }]);
    expect(await session.restore!([ref!])).toHaveLength(1);
    await session.close();
    expect(server.folders.get('INBOX')).toHaveLength(1);
  });
});

describe('where taking begins', () => {
  const clock = { now: () => Date.parse('2026-11-24T10:00:00Z'), sleep: async () => {} };

  test('from now on: what is there is listed with its reason, never looked into; what comes after is taken', async () => {
    const make = await start([mail(1), mail(2)]);
    const listener = make({ from: 'now', clock });
    const before = await refsOf(listener);
    expect(before.map(({ notReady }) => notReady?.code)).toEqual(['BEFORE_START', 'BEFORE_START']);
    expect(fetches()).toEqual([]);
    // Received long ago, moved in now: it is new here.
    server.push(mail(3, { received: new Date('2020-01-01T00:00:00Z') }));
    const after = await refsOf(listener);
    expect(after.map(({ notReady }) => notReady?.code)).toEqual(['BEFORE_START', 'BEFORE_START', undefined]);
  });

  test('from now on, in a mailbox that has been renumbered since: its moment counts', async () => {
    const make = await start([mail(1)]);
    const listener = make({ from: 'now', clock });
    await refsOf(listener);
    server.uidValidity = 2;
    server.folders.set('INBOX', [mail(1), mail(2, { received: new Date('2026-11-24T10:00:01Z') })]);
    const refs = await refsOf(listener);
    expect(refs.map(({ notReady }) => notReady?.code)).toEqual(['BEFORE_START', undefined]);
  });

  test('from a date', async () => {
    const make = await start([
      mail(1, { received: new Date('2026-11-23T23:59:59Z') }),
      mail(2, { received: new Date('2026-11-24T00:00:00Z') }),
    ]);
    const refs = await refsOf(make({ from: new Date('2026-11-24T00:00:00Z') }));
    expect(refs.map(({ notReady }) => notReady?.code)).toEqual(['BEFORE_START', undefined]);
  });
});

describe('an accepted mail', () => {
  const flagsOf = (): readonly string[] => server.folders.get('INBOX')?.[0]?.flags ?? [];

  test.each([
    ['seen', seen(), ['\\Seen']],
    ['flag', flag('\\Flagged', 'Lanceur'), ['\\Flagged', 'Lanceur']],
    ['keep', keep(), []],
  ] as const)('is kept as configured: %s', async (_, after, flags) => {
    const make = await start([mail(1)]);
    const life = await live(make({ after }));
    expect(life.settled.map(({ how }) => how)).toEqual(['kept']);
    expect(flagsOf()).toEqual(flags);
  });

  test('that a mailbox takes no keyword for is said to be not marked', async () => {
    const make = await start([mail(1)], { permanentFlags: '\\Seen' });
    const listener = make({ after: flag('Lanceur') });
    const life = await live(listener);
    expect(life.settled).toMatchObject([{ how: 'failed', reason: { code: 'MAIL_NOT_SETTLED' } }]);
    const checks = await listener.check();
    expect(checks.filter(({ result }) => result === 'warning').map(({ message }) => message)).toEqual([
      'The mailbox takes no such flag: Lanceur.',
    ]);
  });

  test('that a person has marked as deleted is not listed, and one that was being deleted by us is', async () => {
    const make = await start([mail(1, { flags: ['\\Deleted'] }), mail(2)]);
    expect((await refsOf(make())).map(({ id }) => id)).toEqual(['1/2']);
    const session = await make({ after: remove() }).connect();
    const ref = { id: '1/1', version: '', name: 'mail 1' };
    expect(await session.settle([{ ref, end: 'accept' }])).toMatchObject([{ how: 'removed' }]);
    await session.close();
  });
});

describe('IDLE', () => {
  test('wakes when a mail comes, and is over when it is disposed of', async () => {
    const make = await start([]);
    let woken: () => void = () => {};
    const waking = new Promise<void>((resolve) => (woken = resolve));
    const watch = make().watch(woken);
    await until(() => server.lines.some((line) => line.endsWith(' IDLE')));
    server.push(mail(1));
    await waking;
    await watch[Symbol.asyncDispose]();
    await until(() => server.connections === 0);
  });

  test('that cannot log in tries again later and later, and is no error', async () => {
    const make = await start([]);
    const sleeps: number[] = [];
    let stop: (() => Promise<void>) | undefined;
    const stopped = new Promise<void>((resolve) => {
      const clock = {
        now: () => 0,
        sleep: async (ms: number) => {
          sleeps.push(ms);
          if (sleeps.length === 4) void stop!().then(resolve);
        },
      };
      const watch = make({ password: 'wrong', clock }).watch(() => {});
      stop = () => Promise.resolve(watch[Symbol.asyncDispose]());
    });
    await stopped;
    expect(sleeps.slice(0, 4)).toEqual([30_000, 60_000, 120_000, 240_000]);
  });
});

test('a filter that takes nothing of a mail has nothing of it fetched, at this poll and the next', async () => {
  const make = await start([mail(1), mail(2)]);
  const ledger = memoryLedger();
  const listener = make();
  const run = async () =>
    new Launcher({
      id: '1',
      listener,
      filter: nameFilter('*.xml'),
      grouper: byExtension({ xml: '12' }),
      submitter: memoryCold(),
      ledger,
    }).run();
  await run();
  await run();
  expect(server.lines.join('\n')).not.toContain('BODY.PEEK[2]');
  expect(fetches()).toHaveLength(1);
});

/** Looks again at every turn of the loop; what never comes ends with the test's time. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
