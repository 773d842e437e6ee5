import { inFrench, type ItemRef, LanceurError, Launcher, memoryLedger, toJob, whatToDo } from '@lanceur/core';
import { contentOf, memoryCold } from '@lanceur/core/testing';
import { createLauncher } from '@lanceur/core/scenario';
import { imap, imapProtocol } from '@lanceur/protocols/imap';
import { popProtocol } from '@lanceur/protocols/pop3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startScriptedImap } from '../../servers/scripted-imap.js';
import { list, mailbox, refs, withSession } from '../pop3/mailbox.js';
import { mailWith } from '../pop3/mails.js';

const LIMIT = 10_000;
const [small, large] = [Buffer.from('small'), Buffer.alloc(20_000, 'x')];

const errorOf = async (promise: Promise<unknown>): Promise<unknown> =>
  await promise.then(
    () => 'it did not fail',
    (error: unknown) => error,
  );

async function byImap() {
  const server = await startScriptedImap({
    mails: [small, large].map((content, i) => ({
      uid: i + 1,
      subject: ['small', 'large'][i] ?? '',
      attachments: [{ name: 'a.pdf', content }],
    })),
  });
  onTestFinished(() => server.stop());
  const at = { host: '127.0.0.1', port: server.port, tls: 'none', user: 'jean' } as const;
  return {
    listener: (largestMail: number) => imap({ ...at, password: 'secret', largestMail }),
    contentsFetched: () => server.lines.filter((line) => /PEEK\[(?!HEADER)/u.test(line)).length,
    row: { ...at, protocol: 'imap' as const },
  };
}

async function byPop3() {
  const contents = [
    ['small', small],
    ['large', large],
  ] as const;
  const { server, listener, folder } = await mailbox({
    mails: contents.map(([subject, content]) => ({
      uidl: subject,
      content: mailWith(subject, [{ name: 'a.pdf', content }]),
    })),
  });
  return {
    folder,
    listener: (largestMail: number) => listener({ largestMail }),
    contentsFetched: () => server.commands.filter((line) => line.startsWith('RETR')).length,
    row: {
      host: '127.0.0.1',
      port: server.port,
      tls: 'none' as const,
      user: 'jean',
      protocol: 'pop' as const,
    },
  };
}

describe.each([
  ['IMAP', byImap],
  ['POP3', byPop3],
])('a mail above `largestMail`, by %s', (_, start) => {
  test('is listed with its reason in two languages, and neither fetched nor moved nor deleted', async () => {
    const { listener, contentsFetched } = await start();
    const cold = memoryCold();
    const launcher = new Launcher({
      id: '1',
      listener: listener(LIMIT),
      grouper: toJob('87'),
      submitter: cold,
      ledger: memoryLedger(),
    });
    const { left } = await launcher.run();
    expect(left).toMatchObject([{ name: 'large', reason: { code: 'MAIL_TOO_LARGE' } }]);
    const why = left[0]!.reason;
    expect(why.message).toMatch(/^the mail large has 2\d{4} bytes, and none of more than 10000 is fetched$/u);
    expect(inFrench(why)).toMatch(/^le message large fait 2\d{4} octets/u);
    expect(whatToDo('MAIL_TOO_LARGE')).toContain('`largestMail`');
    expect(cold.arrivals.map(({ name }) => name)).toEqual(['a.pdf']);
    expect(contentsFetched()).toBe(1);
    expect((await list(listener(LIMIT))).map(({ name }) => name)).toEqual(['large']);

    const explained = [];
    for await (const each of launcher.explain()) explained.push(each);
    expect(explained).toMatchObject([{ name: 'large', takes: false, reason: { code: 'MAIL_TOO_LARGE' } }]);
  });

  test('is taken once the limit has been raised, since nothing was lost', async () => {
    const { listener } = await start();
    const ledger = memoryLedger();
    const cold = memoryCold();
    for (const limit of [LIMIT, 50_000]) {
      const blocks = { grouper: toJob('87'), submitter: cold, ledger };
      await new Launcher({ id: '1', listener: listener(limit), ...blocks }).run();
    }
    expect(cold.arrivals).toHaveLength(2);
    expect(await list(listener(LIMIT))).toEqual([]);
  });

  test('is refused when a queue brings it from before the limit was set', async () => {
    const { listener, contentsFetched } = await start();
    const [, ref] = await list(listener(Infinity));
    expect(ref?.notReady).toBeUndefined();
    const error = await withSession(listener(LIMIT), (session) => errorOf(session.open(ref!)));
    expect(error).toMatchObject({ code: 'MAIL_TOO_LARGE', scope: 'document' });
    expect(contentsFetched()).toBe(0);
  });

  test.each([0, -1, Number.NaN, '10'])('cannot be asked for as %s', async (limit) => {
    const { listener } = await start();
    expect(() => listener(limit as number)).toThrow(LanceurError);
  });

  test('is left by a row of a scenario that says so', async () => {
    const { row } = await start();
    const folder = (await mailbox()).folder;
    const ledger = memoryLedger();
    const launcher = createLauncher(
      {
        id: '1',
        description: 'Mairie',
        ...row,
        password: { env: 'MAIL_PASSWORD' },
        largestMail: LIMIT,
        filter: '*.*',
        jobs: [{ extension: 'pdf', job: '87' }],
        schedules: [{ seconds: 0 }],
      },
      {
        protocols: [imapProtocol, popProtocol],
        submitter: memoryCold(),
        ledger,
        spool: folder,
        env: { MAIL_PASSWORD: 'secret' },
      },
    );
    const { left } = await launcher.run();
    expect(left.map(({ name, reason }) => [name, reason.code])).toEqual([['large', 'MAIL_TOO_LARGE']]);
  });
});

test('a mail that comes larger by POP3 than LIST said keeps no more than the limit, and no other from coming', async () => {
  const content = mailWith('large', [{ name: 'a.pdf', content: Buffer.alloc(3_000_000, 'x') }]);
  const { listener } = await mailbox({
    mails: [
      { uidl: 'liar', content, size: 100 },
      { uidl: 'small', content: mailWith('small', [{ name: 'b.pdf', content: 'small' }]) },
    ],
  });
  await withSession(listener({ largestMail: LIMIT }), async (session) => {
    const [liar, other] = (await refs(session)) as [ItemRef, ItemRef];
    expect(await errorOf(session.open(liar))).toMatchObject({ code: 'MAIL_TOO_LARGE', scope: 'document' });
    const { documents } = await session.open(other);
    expect(String(await contentOf(documents[0]!))).toBe('small');
  });
});

test('a mail that comes by POP3 without end ends its connection, and the others come on the next', async () => {
  const { listener, server } = await mailbox({
    mails: [
      { uidl: 'endless', content: mailWith('endless', []) },
      { uidl: 'small', content: mailWith('small', [{ name: 'b.pdf', content: 'small' }]) },
    ],
    instead: (command) =>
      command === 'RETR 1' ? `+OK\r\n${`${'x'.repeat(76)}\r\n`.repeat(LIMIT / 20)}` : undefined,
  });
  await withSession(listener({ largestMail: LIMIT }), async (session) => {
    const [endless, other] = (await refs(session)) as [ItemRef, ItemRef];
    const [error, { documents }] = await Promise.all([errorOf(session.open(endless)), session.open(other)]);
    expect(error).toMatchObject({ code: 'MAIL_TOO_LARGE', scope: 'document' });
    expect(String(await contentOf(documents[0]!))).toBe('small');
    expect(server.connections).toBe(2);
  });
});

test('a part that comes by IMAP without end is given up at the limit', async () => {
  const endless = 'A'.repeat(4_000_000);
  const name = '("attachment" ("filename" "a.pdf"))';
  const structure = `(("application" "pdf" NIL NIL NIL "base64" 300000 NIL ${name} NIL NIL) "mixed" ("boundary" "b") NIL NIL NIL)`;
  const server = await startScriptedImap({
    mails: [{ uid: 1, bodyStructure: structure, sections: { '1': endless } }],
  });
  onTestFinished(() => server.stop());
  const at = { host: '127.0.0.1', port: server.port, tls: 'none', user: 'jean', password: 'secret' } as const;
  await withSession(imap({ ...at, largestMail: 1_500_000 }), async (session) => {
    const [ref] = await refs(session);
    const { documents } = await session.open(ref!);
    expect(await errorOf(contentOf(documents[0]!))).toMatchObject({ code: 'MAIL_TOO_LARGE' });
  });
});
