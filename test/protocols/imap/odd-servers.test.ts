import { LanceurError } from '@lanceur/core';
import { contentOf, virtualClock } from '@lanceur/core/testing';
import { imap, type ImapOptions } from '@lanceur/protocols/imap';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startScriptedImap, type ScriptedMail, type ScriptedOptions } from '../../servers/scripted-imap.js';
import { listed } from './life.js';

const mails = (count: number, bytes = 10): readonly ScriptedMail[] =>
  Array.from({ length: count }, (_, i) => ({
    uid: i + 1,
    attachments: [{ name: 'a.pdf', content: Buffer.alloc(bytes, 'q') }],
  }));

async function start(options: ScriptedOptions) {
  const server = await startScriptedImap(options);
  onTestFinished(() => server.stop());
  const listener = (more: Partial<ImapOptions> = {}) =>
    imap({
      ...{ host: '127.0.0.1', port: server.port, tls: 'none', user: 'jean', password: 'secret' },
      ...more,
    });
  return { server, listener };
}

function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

const codeOf = (error: unknown): string => (LanceurError.is(error) ? error.code : String(error));

describe('a connection that was ended while a document took its time', () => {
  test.each(['settle', 'open', 'list'] as const)(
    'is replaced where the session goes on with %s',
    async (step) => {
      const ended = gate();
      // Nothing is said for so long, and both ends may take the connection for dead.
      const { server, listener } = await start({ mails: mails(2), onClose: ended.open });
      const session = await listener({ timeoutMs: 300 }).connect();
      const [one, two] = await listed(session);
      await ended.opened;
      if (step === 'settle') {
        expect(await session.settle([{ ref: one!, end: 'accept' }])).toMatchObject([{ how: 'removed' }]);
        expect(server.folders.get('INBOX')).toHaveLength(1);
      } else if (step === 'open') expect((await session.open(two!)).documents).toHaveLength(1);
      else expect(await listed(session)).toEqual([one, two]);
      await session.close();
    },
  );
});

test('a session whose mailbox was renumbered behind a cut gives no other mail under an old number', async () => {
  const { server, listener } = await start({
    mails: mails(2, 400_000),
    meddle: ({ line }) => {
      if (!line.includes('BODY.PEEK[2]') || server.uidValidity !== 1) return undefined;
      server.uidValidity = 2;
      return 'cut';
    },
  });
  const session = await listener().connect();
  const codes: string[] = [];
  for (const ref of await listed(session)) {
    const reading = session.open(ref).then(async ({ documents }) => await contentOf(documents[0]!));
    codes.push(await reading.then(() => 'came', codeOf));
  }
  const [ref] = await listed(await listener().connect());
  await expect(session.settle([{ ref: ref!, end: 'accept' }])).rejects.toMatchObject({
    code: 'MAILBOX_FAILED',
  });
  await session.close();
  expect(codes).toEqual(['MAILBOX_FAILED', 'MAILBOX_FAILED']);
});

test('a mailbox without UIDVALIDITY is refused with its reason, instead of showing mails that are gone', async () => {
  const { listener } = await start({
    mails: mails(1),
    meddle: ({ name, tag }) =>
      name === 'SELECT' ? { send: `* 1 EXISTS\r\n${tag} OK [READ-WRITE] done\r\n` } : undefined,
  });
  const error = await listener()
    .connect()
    .catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'MAILBOX_FAILED', transient: false });
  expect((error as LanceurError).message).toContain('UIDVALIDITY');
});

test('a subject without end makes no name without end', async () => {
  const { listener } = await start({ mails: [{ uid: 1, subject: 'x'.repeat(900_000) }] });
  const session = await listener().connect();
  expect((await listed(session)).map(({ name }) => name)).toEqual(['x'.repeat(200)]);
  await session.close();
});

test.each([
  ['small', 900],
  ['large', 900_000],
])(
  'a %s document of which the server sends the beginning twice, instead of its end, is not taken',
  async (_, bytes) => {
    const sent = Buffer.alloc((bytes * 2) / 3, 'q').toString('base64');
    const { listener } = await start({
      mails: mails(1, bytes).map((mail) => ({ ...mail, sections: { '2': sent } })),
      meddle: ({ line, tag }) =>
        /BODY\.PEEK\[2\]<\d/u.test(line)
          ? { send: `* 1 FETCH (UID 1 BODY[2] {${String(sent.length)}}\r\n${sent})\r\n${tag} OK done\r\n` }
          : undefined,
    });
    const session = await listener().connect();
    const [ref] = await listed(session);
    const reading = session.open(ref!).then(async ({ documents }) => await contentOf(documents[0]!));
    await expect(reading).rejects.toMatchObject({ code: 'MAIL_UNREADABLE' });
    await session.close();
  },
);

test('the doctor leaves no folder behind where the server does not let it unsubscribe', async () => {
  const { server, listener } = await start({
    mails: mails(1),
    meddle: ({ name, tag }) =>
      name === 'UNSUBSCRIBE' ? { send: `${tag} NO not subscribed\r\n` } : undefined,
  });
  const checks = await listener().check();
  expect(checks.filter(({ result }) => result === 'failed')).toEqual([]);
  expect([...server.folders.keys()]).toEqual(['INBOX']);
});

describe('a server whose own folders begin with a prefix', () => {
  const prefixed = async () => {
    const started = await start({
      mails: mails(1),
      meddle: ({ name, tag }) =>
        name === 'NAMESPACE'
          ? { send: `* NAMESPACE (("INBOX." ".")) NIL (("shared." "."))\r\n${tag} OK done\r\n` }
          : undefined,
    });
    started.server.folders.set('shared.Factures', [...mails(1)]);
    started.server.folders.set('INBOX.Factures', [...mails(2)]);
    return started;
  };

  test.each([
    ['shared.Factures', 1],
    ['INBOX.Factures', 2],
    ['Factures', 2],
  ])('has those of others watched as well: %s', async (mailbox, count) => {
    const { listener } = await prefixed();
    const session = await listener({ mailbox }).connect();
    expect(await listed(session)).toHaveLength(count);
    await session.close();
  });

  test('has new ones made among its own', async () => {
    const { server, listener } = await prefixed();
    const session = await listener().connect();
    const [ref] = await listed(session);
    expect(await session.settle([{ ref: ref!, end: 'accept' }])).toMatchObject([{ how: 'removed' }]);
    await session.close();
    expect(server.folders.get('INBOX.Lanceur.Accepted')).toHaveLength(1);
  });
});

test('a server that ends IDLE as soon as it has begun is asked again after a pause', async () => {
  const clock = virtualClock();
  let asked = 0;
  const [first, second] = [gate(), gate()];
  const { listener } = await start({
    mails: mails(1),
    meddle: ({ name, tag }) => {
      if (name !== 'IDLE') return undefined;
      (++asked === 1 ? first : second).open();
      return { send: `${tag} OK done\r\n` };
    },
  });
  const watching = listener({ clock }).watch(() => undefined);
  await first.opened;
  // So many commands have a turn meanwhile.
  const session = await listener().connect();
  await listed(session);
  await session.close();
  expect(asked).toBe(1);
  await clock.advance(5000);
  await second.opened;
  await watching[Symbol.asyncDispose]();
});
