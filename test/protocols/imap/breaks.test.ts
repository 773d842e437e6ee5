import { byExtension, LanceurError, Launcher, memoryLedger } from '@lanceur/core';
import { contentOf, memoryCold } from '@lanceur/core/testing';
import { imap, keep, type ImapOptions } from '@lanceur/protocols/imap';
import { expect, onTestFinished, test } from 'vitest';
import { startProxy } from '../../servers/proxy.js';
import { startScriptedImap, type ScriptedMail, type ScriptedOptions } from '../../servers/scripted-imap.js';
import { listed } from './life.js';

const LARGE = 400_000;

const mails = (count: number, bytes = 10): readonly ScriptedMail[] =>
  Array.from({ length: count }, (_, i) => ({
    uid: i + 1,
    attachments: [{ name: 'a.pdf', content: Buffer.alloc(bytes, String(i + 1)) }],
  }));

async function start(options: ScriptedOptions) {
  const server = await startScriptedImap(options);
  onTestFinished(() => server.stop());
  const listener = (more: Partial<ImapOptions> = {}) =>
    imap({
      ...{ host: '127.0.0.1', port: server.port, tls: 'none', user: 'jean', password: 'secret' },
      ...{ timeoutMs: 2_000, ...more },
    });
  return { server, listener };
}

/** Opens all at once; what came of each. */
async function openAll(listener: ReturnType<typeof imap>): Promise<readonly string[]> {
  const session = await listener.connect();
  try {
    const refs = await listed(session);
    return await Promise.all(
      refs.map(async (ref) => {
        try {
          const { documents } = await session.open(ref);
          const contents = await Promise.all(documents.map(contentOf));
          return contents
            .map((content) => `${String(content.length)} × ${content.toString('latin1', 0, 1)}`)
            .join();
        } catch (error) {
          return LanceurError.is(error) ? error.code : String(error);
        }
      }),
    );
  } finally {
    await session.close();
  }
}

const isAbout = (uid: number, line: string): boolean => {
  const range = /UID FETCH ([\d,:]+) /u.exec(line)?.[1] ?? '';
  return range.split(',').some((each) => {
    const [from = 0, to = from] = each.split(':').map(Number);
    return uid >= from && uid <= to;
  });
};

test.each([
  ['content', 10, 'BODY.PEEK[2]'],
  ['large content', LARGE, 'BODY.PEEK[2]'],
])(
  'a server that cuts the connection at the %s of one mail loses that mail alone',
  async (_, bytes, what) => {
    const { listener } = await start({
      mails: mails(5, bytes),
      meddle: ({ line }) => (isAbout(3, line) && line.includes(what) ? 'cut' : undefined),
    });
    const came = (i: number): string => `${String(bytes)} × ${String(i)}`;
    expect(await openAll(listener())).toEqual([came(1), came(2), 'MAIL_UNREADABLE', came(4), came(5)]);
  },
);

test('a server that cuts the connection at the structure of one mail lists the others, and that one without it', async () => {
  const { listener } = await start({
    mails: mails(5),
    meddle: ({ line }) => (isAbout(3, line) && line.includes('BODYSTRUCTURE') ? 'cut' : undefined),
  });
  expect(await openAll(listener())).toEqual(['10 × 1', '10 × 2', 'MAIL_UNREADABLE', '10 × 4', '10 × 5']);
});

test('a connection that is cut after some bytes is replaced as long as mails come, also in the middle of one', async () => {
  const { server, listener } = await start({ mails: mails(6, 3 * LARGE) });
  const proxy = await startProxy({ to: server.port, cutAfter: 5 * LARGE });
  onTestFinished(() => proxy.stop());
  const session = await listener({ port: proxy.port }).connect();
  const lengths: number[] = [];
  for (const ref of await listed(session)) {
    const { documents } = await session.open(ref);
    for (const document of documents) lengths.push((await contentOf(document)).length);
  }
  await session.close();
  expect(lengths).toEqual(Array.from({ length: 6 }, () => 3 * LARGE));
  expect(proxy.connections).toBeGreaterThan(2);
});

test('a mailbox that was renumbered behind a cut is not read on', async () => {
  const { server, listener } = await start({
    mails: mails(2),
    meddle: ({ line }) => {
      if (!line.includes('BODY.PEEK[2]') || server.uidValidity !== 1) return undefined;
      server.uidValidity = 2;
      return 'cut';
    },
  });
  expect(await openAll(listener())).toEqual(['MAILBOX_FAILED', 'MAILBOX_FAILED']);
});

test('a server that cuts at every mail is itself to blame, after five of them', async () => {
  const { server, listener } = await start({
    mails: mails(9),
    meddle: ({ line }) => (line.includes('BODY.PEEK[2]') ? 'cut' : undefined),
  });
  const codes = await openAll(listener({ after: keep() }));
  expect(codes).toEqual([
    ...Array<string>(5).fill('MAIL_UNREADABLE'),
    ...Array<string>(4).fill('MAILBOX_FAILED'),
  ]);
  // The first, one after all were asked for at once, one after each break at five mails, and one for each that is left.
  expect(server.lines.filter((line) => line.includes('AUTHENTICATE'))).toHaveLength(1 + 1 + 5 * 3 + 4);
});

test('a run takes the other mails, and tries the one at fault later', async () => {
  const { server, listener } = await start({
    mails: mails(4),
    meddle: ({ line }) => (isAbout(1, line) && line.includes('BODY.PEEK[2]') ? 'cut' : undefined),
  });
  const launcher = new Launcher({
    id: '16',
    listener: listener(),
    grouper: byExtension({ pdf: '87' }),
    submitter: memoryCold(),
    ledger: memoryLedger(),
    concurrency: 1,
  });
  const { counts, left } = await launcher.run();
  await launcher.close();
  expect(counts.accepted).toBe(3);
  expect(left.map(({ name, reason }) => [name, reason.code])).toEqual([['mail 1', 'MAIL_UNREADABLE']]);
  expect(server.folders.get('INBOX')?.map(({ uid }) => uid)).toEqual([1]);
});
