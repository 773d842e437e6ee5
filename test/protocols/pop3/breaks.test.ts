import { byExtension, LanceurError, Launcher, memoryLedger } from '@lanceur/core';
import { memoryCold } from '@lanceur/core/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startProxy } from '../../servers/proxy.js';
import { mailbox, refs, texts, withSession } from './mailbox.js';
import { mailWith } from './mails.js';

const mails = (count: number, bytes = 10) =>
  Array.from({ length: count }, (_, i) => ({
    uidl: `u${String(i + 1)}`,
    content: mailWith(`mail ${String(i + 1)}`, [{ name: 'a.pdf', content: 'x'.repeat(bytes) }]),
  }));

const codeOf = (error: unknown): string => (LanceurError.is(error) ? error.code : String(error));

describe.each([{ capabilities: ['TOP', 'PIPELINING'] }, { capabilities: ['TOP'] }])(
  'a connection to a server with $capabilities that breaks',
  ({ capabilities }) => {
    test.each([
      ['at once', { cutAfter: '' }],
      ['in the middle', { cutAfter: '+OK\r\nSubject: x\r\n' }],
      ['by silence', { silence: true } as const],
    ] as const)('each time at one mail, %s, costs that mail alone', async (_, deviation) => {
      const silent = new Set<number>();
      const { listener } = await mailbox({
        capabilities,
        mails: mails(6),
        instead: (command, connection) => {
          if (silent.has(connection)) return { silence: true };
          if (command !== 'RETR 2') return undefined;
          if (typeof deviation === 'object' && 'silence' in deviation) silent.add(connection);
          return deviation;
        },
      });
      await withSession(listener({ timeoutMs: 300 }), async (session) => {
        const found = await refs(session);
        const opened = await Promise.allSettled(
          found.map(async (ref) => await texts(await session.open(ref))),
        );
        const codes = opened.map((one) => (one.status === 'fulfilled' ? 'came' : codeOf(one.reason)));
        expect(codes).toEqual(['came', 'MAIL_UNREADABLE', 'came', 'came', 'came', 'came']);
      });
    });

    test('each time at one header costs its mail the name, and nothing else', async () => {
      const { listener } = await mailbox({
        capabilities,
        mails: mails(4),
        instead: (command) => (command === 'TOP 3 0' ? { cutAfter: '' } : undefined),
      });
      await withSession(listener(), async (session) => {
        const found = await refs(session);
        expect(found.map(({ name }) => name)).toEqual(['mail 1', 'mail 2', 'mail u3', 'mail 4']);
        expect(await texts(await session.open(found[2]!))).toHaveLength(1);
      });
    });

    test('after some bytes, whatever it gives, is replaced as long as mails come', async () => {
      const { server, listener } = await mailbox({ capabilities, mails: mails(12, 4_000) });
      const proxy = await startProxy({ to: server.port, cutAfter: 20_000 });
      onTestFinished(() => proxy.stop());
      await withSession(listener({ port: proxy.port }), async (session) => {
        const found = await refs(session);
        const opened = await Promise.all(found.map(async (ref) => await texts(await session.open(ref))));
        expect(opened.map(([text]) => text)).toEqual(found.map(() => `a.pdf: ${'x'.repeat(4_000)}`));
      });
      expect(proxy.connections).toBeGreaterThan(2);
    });
  },
);

test('a server that breaks at every mail is itself to blame, after five of them, also in the next session', async () => {
  const { listener } = await mailbox({
    mails: mails(10),
    instead: (command) => (command.startsWith('RETR') ? { cutAfter: '' } : undefined),
  });
  const l = listener();
  const codes: string[] = [];
  for (let sessions = 0; sessions < 2; sessions++) {
    await withSession(l, async (session) => {
      for (const ref of await refs(session)) {
        codes.push(await session.open(ref).then(() => 'came', codeOf));
      }
    });
  }
  expect(codes.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => 'MAIL_UNREADABLE'));
  expect(new Set(codes.slice(5))).toEqual(new Set(['MAILBOX_FAILED']));
});

test('a run takes the other mails, deletes them, and tries the one at fault later', async () => {
  const { server, listener } = await mailbox({
    mails: mails(5),
    instead: (command) => (command === 'RETR 1' ? { cutAfter: '+OK\r\nSub' } : undefined),
  });
  const cold = memoryCold();
  const launcher = new Launcher({
    id: '16',
    listener: listener(),
    grouper: byExtension({ pdf: '87' }),
    submitter: cold,
    ledger: memoryLedger(),
    concurrency: 1,
  });
  const { counts, left } = await launcher.run();
  await launcher.close();
  expect(counts.accepted).toBe(4);
  expect(left.map(({ name, reason }) => [name, reason.code])).toEqual([['mail 1', 'MAIL_UNREADABLE']]);
  expect(server.mails.map(({ uidl }) => uidl)).toEqual(['u1']);
});
